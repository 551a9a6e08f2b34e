import Commerce
import Foundation

/// Makes records of rows by a mapping.
struct MappedMaker {
  private enum Mapper {
    case events(EventMapper)
    case items(ItemMapper)
    case customers(CustomerMapper)
  }

  private let mapper: Mapper
  private let splitter: LineSplitter?
  private var filler: DownFiller?

  init(_ mapping: Mapping, columns: [String], path: String) throws {
    let compiler = try MappingCompiler(mapping, columns: columns, path: path)
    mapper =
      switch mapping.kind {
      case .events: .events(try EventMapper(compiler))
      case .items: .items(try ItemMapper(compiler))
      case .customers: .customers(try CustomerMapper(compiler))
      }
    splitter = try mapping.lines.map { lines in
      let idColumns = mapping.fields["event_id"]?.columns ?? []
      return LineSplitter(
        lines, column: try compiler.index(lines.column, "lines"), width: columns.count,
        needsNumbers: !idColumns.contains(where: lines.parts.contains))
    }
    filler = try mapping.fillDownWithin.map { within in
      DownFiller(
        columns: try mapping.fillDown.map { try compiler.index($0, "fill_down") },
        within: try compiler.index(within, "fill_down"))
    }
  }

  /// Fills columns down, which needs rows in order.
  mutating func prepare(_ records: inout RecordBatch) { filler?.fill(&records) }

  /// Makes the records of a batch's rows.
  func make(_ batch: inout ProducedBatch, _ monitor: inout QualityMonitor) {
    let records = batch.records
    records.bytes.withUnsafeBufferPointer { bytes in
      records.values.withUnsafeBufferPointer { values in
        reserve(records.rows.count, &batch)
        for (index, row) in records.rows.enumerated() {
          if let fault = row.fault {
            batch.rejections.append((index, RowRejection(stage: .parse, field: nil, reason: fault)))
            continue
          }
          let own = values[Int(row.values.lowerBound)..<Int(row.values.upperBound)]
          let view = RowView(bytes: bytes, values: UnsafeBufferPointer(rebasing: own))
          do throws(RowRejection) {
            try make(view, index, row.line, &batch, &monitor)
          } catch {
            batch.rejections.append((index, error))
          }
        }
      }
    }
  }

  private func reserve(_ count: Int, _ batch: inout ProducedBatch) {
    guard case .events = mapper else { return }
    batch.events.reserveCapacity(count)
    batch.rowOfEvent.reserveCapacity(count)
  }

  @inline(__always)
  private func make(
    _ view: RowView, _ index: Int, _ line: Int, _ batch: inout ProducedBatch, _ monitor: inout QualityMonitor
  ) throws(RowRejection) {
    switch mapper {
    case .events(let mapper):
      if let splitter {
        try makeLines(splitter, mapper, view, index, line, &batch, &monitor)
      } else {
        var event = try mapper.event(view, suffix: nil)
        monitor.observe(&event, line: line)
        batch.events.append(consume event)
        batch.rowOfEvent.append(Int32(index))
      }
    case .items(let mapper):
      var item = try mapper.item(view)
      monitor.observe(&item, line: line)
      batch.items.append(item)
    case .customers(let mapper):
      var customer = try mapper.customer(view)
      monitor.observe(&customer, line: line)
      batch.customers.append(customer)
    }
  }

  /// Makes the events of a row with several order lines: all of them or none.
  private func makeLines(
    _ splitter: LineSplitter, _ mapper: EventMapper, _ view: RowView, _ index: Int, _ line: Int,
    _ batch: inout ProducedBatch, _ monitor: inout QualityMonitor
  ) throws(RowRejection) {
    var events: [Event] = []
    for (number, values) in try splitter.lines(of: view).enumerated() {
      var result: Result<Event, RowRejection>?
      values.withUnsafeBufferPointer { values in
        let view = RowView(bytes: view.bytes, values: values)
        result = Result { () throws(RowRejection) in
          try mapper.event(view, suffix: splitter.needsNumbers ? number + 1 : nil)
        }
      }
      if let event = try result?.get() { events.append(event) }
    }
    for var event in events {
      monitor.observe(&event, line: line)
      batch.events.append(event)
      batch.rowOfEvent.append(Int32(index))
    }
  }
}

/// Makes records of Lode's own JSON.
struct NativeMaker {
  let kind: Mapping.Kind
  let currency: Currency?

  func make(_ batch: inout ProducedBatch, _ monitor: inout QualityMonitor) {
    let records = batch.records
    let decoder = JSONDecoder()
    records.bytes.withUnsafeBufferPointer { bytes in
      for (index, row) in records.rows.enumerated() {
        let text = UnsafeBufferPointer(rebasing: bytes[Int(row.raw.lowerBound)..<Int(row.raw.upperBound)])
        do throws(RowRejection) {
          switch kind {
          case .events:
            let event = try EventJSON.decode(line: text, defaults: .init(currency: currency)).get()
            for var line in try OrderLines.events(of: event, currency: currency) ?? [event] {
              monitor.observe(&line, line: row.line)
              batch.events.append(line)
              batch.rowOfEvent.append(Int32(index))
            }
          case .items:
            var item = try Self.decode(Item.self, text, decoder)
            try EventRules.check(item.itemID, "item_id")
            monitor.observe(&item, line: row.line)
            batch.items.append(item)
          case .customers:
            var customer = try Self.decode(Customer.self, text, decoder)
            try EventRules.check(customer.customerID, "customer_id")
            monitor.observe(&customer, line: row.line)
            batch.customers.append(customer)
          }
        } catch {
          batch.rejections.append((index, error))
        }
      }
    }
  }

  private static func decode<Record: Decodable>(
    _ type: Record.Type, _ text: UnsafeBufferPointer<UInt8>, _ decoder: JSONDecoder
  ) throws(RowRejection) -> Record {
    do {
      return try decoder.decode(type, from: Data(text))
    } catch let DecodingError.keyNotFound(key, _) {
      throw RowRejection(field: key.stringValue, reason: "is missing")
    } catch let DecodingError.typeMismatch(_, context), let DecodingError.valueNotFound(_, context) {
      throw RowRejection(field: context.codingPath.first?.stringValue, reason: context.debugDescription)
    } catch let DecodingError.dataCorrupted(context) {
      throw RowRejection(
        stage: context.codingPath.isEmpty ? .parse : .validate, field: context.codingPath.first?.stringValue,
        reason: context.debugDescription)
    } catch {
      throw RowRejection(stage: .parse, field: nil, reason: "\(error)")
    }
  }
}

/// Splits a column that holds several order lines.
struct LineSplitter {
  /// Whether the lines need a number in their events' ids, as nothing of a line is in them.
  let needsNumbers: Bool
  private let column: Int
  private let width: Int
  private let separator: [UInt8]
  private let partSeparator: [UInt8]
  private let parts: Int

  init(_ lines: Mapping.Lines, column: Int, width: Int, needsNumbers: Bool) {
    self.column = column
    self.width = width
    self.needsNumbers = needsNumbers
    separator = Array(lines.separator.utf8)
    partSeparator = Array(lines.partSeparator.utf8)
    parts = lines.parts.count
  }

  /// The row's values once per line, with those of the line's parts behind them.
  func lines(of row: RowView) throws(RowRejection) -> [[Range<Int32>]] {
    guard row.value(column) != nil else {
      throw RowRejection(field: "lines", reason: "is empty; expected the lines of the order")
    }
    let own =
      Array(row.values.prefix(width))
      + Array(repeating: RecordBatch.absent, count: max(0, width - row.values.count))
    var lines: [[Range<Int32>]] = []
    for line in split(row.bytes, row.values[column], separator) where !line.isEmpty {
      let pieces = split(row.bytes, line, partSeparator)
      guard pieces.count <= parts else {
        throw RowRejection(field: "lines", reason: "a line has \(pieces.count) parts; expected \(parts)")
      }
      lines.append(own + pieces + Array(repeating: RecordBatch.absent, count: parts - pieces.count))
    }
    return lines
  }

  private func split(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int32>, _ separator: [UInt8]
  ) -> [Range<Int32>] {
    var pieces: [Range<Int32>] = []
    var start = Int(range.lowerBound)
    var position = start
    let end = Int(range.upperBound)
    while position < end {
      if position + separator.count <= end,
        bytes[position..<position + separator.count].elementsEqual(separator)
      {
        pieces.append(Int32(start)..<Int32(position))
        position += separator.count
        start = position
      } else {
        position += 1
      }
    }
    return pieces + [Int32(start)..<Int32(end)]
  }
}

/// Gives empty columns the value of the row before, as long as they belong to the same order.
struct DownFiller {
  let columns: [Int]
  let within: Int
  private var lastKey: [UInt8]?
  private var lastValues: [[UInt8]]

  init(columns: [Int], within: Int) {
    self.columns = columns
    self.within = within
    lastValues = Array(repeating: [], count: columns.count)
  }

  mutating func fill(_ records: inout RecordBatch) {
    for row in records.rows where row.fault == nil {
      let first = Int(row.values.lowerBound)
      func bytes(_ column: Int) -> [UInt8] {
        let range = records.values[first + column]
        return Array(records.bytes[Int(range.lowerBound)..<Int(range.upperBound)])
      }
      let key = bytes(within)
      let continues = key == lastKey
      lastKey = key
      for (index, column) in columns.enumerated() {
        let value = bytes(column)
        if continues, value.isEmpty, !lastValues[index].isEmpty {
          let start = Int32(records.bytes.count)
          records.bytes += lastValues[index]
          records.values[first + column] = start..<Int32(records.bytes.count)
        } else {
          lastValues[index] = value
        }
      }
    }
  }
}
