import Commerce
import MathKernels
import Synchronization

/// Which events an analysis looks at, and which of its selectors each of them meets: 16 bits an event.
struct EventMarks: Sendable {
  /// The bit of events that are looked at: in the span, and through the filter.
  static let looked: UInt16 = 1 << 15

  /// The bits of each row of the frame, or of each position of the index.
  private(set) var bits: [UInt16]
  /// How many events lie outside the span.
  let outside: Int
  /// How many of those inside do not pass the filter.
  let filtered: Int

  /// How many lines count as part of an order that another line stands for.
  private(set) var joined = 0

  /// How many events are looked at.
  var count: Int { bits.count - outside - filtered - joined }

  private enum Rules {
    /// The bits follow from the kind.
    case kinds([UInt16])
    case filters(CompiledFilter?, [CompiledFilter])

    /// The bits of each kind there is, where they follow from the kind.
    var kindTable: ArraySlice<UInt16>? {
      if case .kinds(let table) = self { table.prefix(EventKind.allCases.count) } else { nil }
    }
  }

  private static func rules(
    _ selectors: [EventSelector], _ definition: AnalysisDefinition, _ data: AnalyticsData
  )
    throws -> Rules
  {
    precondition(selectors.count <= 14, "a bit for each selector beside two of our own")
    let filter = try definition.filter?.compiled(data, field: "filter")
    let compiled = try selectors.map { try $0.compiled(data, field: definition.kind.rawValue) }
    let kinds = compiled.compactMap(\.byKind)
    let wanted = (filter ?? .constant(true)).byKind
    guard kinds.count == compiled.count, let wanted else { return .filters(filter, compiled) }
    return .kinds(
      (0..<256).map { kind in
        guard wanted[kind] else { return 0 }
        return kinds.enumerated().reduce(looked) { $0 | ($1.element[kind] ? 1 << UInt16($1.offset) : 0) }
      })
  }

  /// The bits of the frame's rows.
  static func ofRows(
    _ selectors: [EventSelector], _ definition: AnalysisDefinition, _ data: AnalyticsData,
    in range: Range<Int64>
  ) throws -> EventMarks {
    EventMarks(
      try rules(selectors, definition, data), data.frame.kind, data.frame.timestamp, range, rows: nil)
  }

  /// The bits of the index's positions; where an order counts as one event, those of its lines are joined in the first.
  static func ofPositions(
    _ selectors: [EventSelector], _ definition: AnalysisDefinition, _ data: AnalyticsData,
    in range: Range<Int64>
  ) throws -> EventMarks {
    let rules = try rules(selectors, definition, data)
    var marks: EventMarks
    if case .kinds = rules {
      marks = EventMarks(rules, data.index.kinds, data.index.times, range, rows: nil)
    } else {
      marks = EventMarks(rules, data.frame.kind, data.frame.timestamp, range, rows: data.index.rows)
    }
    if definition.unit == .order, definition.kind.takesUnit { marks.joinOrders(data) }
    return marks
  }

  /// - Parameter rows: the rows whose bits are kept, in the order of the positions; nil for all as they are.
  private init(_ rules: Rules, _ kind: [UInt8], _ times: [Int64], _ range: Range<Int64>, rows: [Int32]?) {
    let (wholeLog, table) = (Self.holds(range, times), rules.kindTable)
    let parts = Mutex((outside: 0, filtered: 0))
    let all: [UInt16] = filledInParallel(kind.count) { block, into in
      switch rules {
      case .kinds(let table): for row in block { into[row] = table[Int(kind[row])] }
      case .filters(let filter, let selectors): Self.fill(block, into, kind, filter, selectors)
      }
      if !wholeLog {
        for row in block where times[row] < range.lowerBound || times[row] >= range.upperBound {
          into[row] = Self.outsideBit
        }
      }
      // Nothing is left out of the whole log by kinds that are all wanted.
      if rows != nil || (wholeLog && !(table?.contains(0) ?? true)) { return }
      let found = Self.leftOut(block) { into[$0] }
      parts.withLock { $0 = ($0.outside + found.outside, $0.filtered + found.filtered) }
    }
    guard let rows else {
      bits = all
      (outside, filtered) = parts.withLock { $0 }
      return
    }
    bits = filledInParallel(rows.count) { block, into in
      for position in block { into[position] = all[Int(rows[position])] }
      let found = Self.leftOut(block) { into[$0] }
      parts.withLock { $0 = ($0.outside + found.outside, $0.filtered + found.filtered) }
    }
    (outside, filtered) = parts.withLock { $0 }
  }

  /// Whether all times lie in a range.
  private static func holds(_ range: Range<Int64>, _ times: [Int64]) -> Bool {
    parallelBlocks(times.count, blockSize: 1 << 18) { block in
      times.withUnsafeBufferPointer { times in
        var (low, high) = (Int64.max, Int64.min)
        for place in block {
          low = min(low, times[place])
          high = max(high, times[place])
        }
        return low >= range.lowerBound && high < range.upperBound
      }
    }.allSatisfy { $0 }
  }

  private static func leftOut(_ block: Range<Int>, _ bits: (Int) -> UInt16) -> (outside: Int, filtered: Int) {
    var (outside, filtered) = (0, 0)
    for place in block {
      outside += bits(place) == outsideBit ? 1 : 0
      filtered += bits(place) == 0 ? 1 : 0
    }
    return (outside, filtered)
  }

  // No selector has this bit, and a row that is looked at has the one above it too.
  static let outsideBit: UInt16 = 1 << 14

  private static func fill(
    _ block: Range<Int>, _ into: UnsafeMutablePointer<UInt16>, _ kind: [UInt8], _ filter: CompiledFilter?,
    _ selectors: [CompiledFilter]
  ) {
    var flags = [UInt8](repeating: 1, count: block.count)
    for row in block { into[row] = looked }
    for (place, selector) in selectors.enumerated() {
      selector.evaluate(block, kind: kind, into: &flags)
      for row in block { into[row] |= UInt16(flags[row - block.lowerBound]) << UInt16(place) }
    }
    guard let filter else { return }
    filter.evaluate(block, kind: kind, into: &flags)
    for row in block where flags[row - block.lowerBound] == 0 { into[row] = 0 }
  }
}

extension EventMarks {
  /// The marks of no events.
  static let empty = EventMarks(bits: [], outside: 0, filtered: 0)

  private init(bits: [UInt16], outside: Int, filtered: Int) {
    self.bits = bits
    self.outside = outside
    self.filtered = filtered
  }

  /// Joins the lines of one order and kind that follow one another: the first that is looked at has the bits of all.
  ///
  /// - Complexity: O(n); only kinds with orders look at the orders' column.
  fileprivate mutating func joinOrders(_ data: AnalyticsData) {
    let (index, order) = (data.index, data.frame.order)
    let hasOrders = (0..<256).map { code in
      [EventKind.purchase, .refund, .checkout].contains { $0.code == UInt8(code) }
    }
    joined = bits.withUnsafeMutableBufferPointer { buffer in
      // Customers have positions of their own, and all blocks have ended before the array is read.
      nonisolated(unsafe) let bits = buffer
      let parts = parallelBlocks(index.customerCount, blockSize: data.customerBlock) { customers in
        var joined = 0
        for customer in customers {
          var (head, current, kind) = (-1, EventFrame.none, UInt8.max)
          for position in index.positions(of: customer) {
            guard hasOrders[Int(index.kinds[position])] else {
              current = EventFrame.none
              continue
            }
            let own = order[Int(index.rows[position])]
            if own < 0 || own != current || index.kinds[position] != kind {
              (head, current, kind) = (-1, own, index.kinds[position])
            }
            guard bits[position] & Self.looked != 0 else { continue }
            if head < 0 || own < 0 {
              head = position
            } else {
              bits[head] |= bits[position]
              // Like one outside: not looked at, and without the bits of selectors.
              bits[position] = Self.outsideBit
              joined += 1
            }
          }
        }
        return joined
      }
      return parts.reduce(0, +)
    }
  }
}
