import Commerce

/// The first rows of a file as text.
struct SampleTable {
  let columns: [String]
  private var values: [String: [String]] = [:]

  init(columns: [String], rows: RecordBatch) {
    self.columns = columns
    for (index, row) in rows.rows.enumerated() where row.fault == nil {
      for (name, text) in zip(columns, rows.texts(index)) {
        let text = text.trimmed
        if !text.isEmpty, text != "NULL", text != #"\N"# { values[name, default: []].append(text) }
      }
    }
  }

  /// The values of a column that are there.
  func values(_ column: String) -> [String] { values[column] ?? [] }

  /// Some different values of a column.
  func samples(_ column: String, _ count: Int) -> [String] {
    var seen: [String] = []
    for value in values(column) where seen.count < count && !seen.contains(value) {
      seen.append(String(value.prefix(60)))
    }
    return seen
  }

  func isNumeric(_ column: String) -> Bool {
    let values = values(column)
    return !values.isEmpty
      && values.allSatisfy { text in Array(text.utf8).withUnsafeBufferPointer { Decimals.parse($0) != nil } }
  }
}

/// Takes columns for fields by their names, and checks that their values agree.
struct ColumnGuesser {
  private let table: SampleTable
  private let currency: Currency?
  private(set) var mapping: Mapping?
  private(set) var problems: [String] = []
  private(set) var notes: [String] = []
  private(set) var fieldOfColumn: [String: String] = [:]

  init(_ table: SampleTable, currency: Currency?) {
    self.table = table
    self.currency = currency
  }

  mutating func guess(kind given: Mapping.Kind?) {
    guard let kind = given ?? kindByNames() else {
      problems.append(
        "the columns do not show whether the rows are events, items or customers; say so with --kind")
      return
    }
    let found = columnsByField(kind)
    fieldOfColumn = Dictionary(found.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var mapping = Mapping(kind: kind, fields: [:])
    for (field, column) in found where Mapping.fieldNames(of: kind).contains(field) {
      mapping.fields[field] = Mapping.Source(.column(column))
    }
    switch kind {
    case .events: finishEvents(&mapping, found)
    case .items: finishItems(&mapping, found)
    case .customers:
      if let column = found["joined_at"] { setTime("joined_at", column, &mapping, isRequired: false) }
      requireColumn("customer_id", "the customer's id", found)
    }
    if kind != .events { keepRest(&mapping) } else { noteRest() }
    self.mapping = mapping
  }

  /// What the rows are, when the names leave no doubt.
  private func kindByNames() -> Mapping.Kind? {
    let events = columnsByField(.events)
    let items = columnsByField(.items)
    let hasTime = events["timestamp"] != nil
    if hasTime, events["customer_id"] != nil || events["session_id"] != nil || events["order_id"] != nil,
      events["item_id"] != nil || events["kind"] != nil || events["amount"] != nil
        || events["order_id"] != nil
    {
      return .events
    }
    if items["item_id"] != nil, events["customer_id"] == nil, events["order_id"] == nil,
      items["title"] != nil || items["category"] != nil || items["price"] != nil
    {
      return .items
    }
    if events["customer_id"] != nil, events["item_id"] == nil, events["order_id"] == nil,
      events["amount"] == nil,
      events["kind"] == nil
    {
      return .customers
    }
    return nil
  }

  /// The best column of each field: the one whose name stands first in the field's list.
  private func columnsByField(_ kind: Mapping.Kind) -> [String: String] {
    var plain: [String: String] = [:]
    for column in table.columns {
      let name = ColumnNames.plain(column)
      if plain[name] == nil { plain[name] = column }
    }
    var found: [String: String] = [:]
    var taken: Set<String> = []
    for (field, names) in ColumnNames.known(for: kind) {
      guard
        let column = names.lazy.compactMap({ plain[ColumnNames.plain($0)] }).first(where: {
          !taken.contains($0)
        })
      else { continue }
      found[field] = column
      taken.insert(column)
    }
    return found
  }

  private mutating func requireColumn(_ field: String, _ what: String, _ found: [String: String]) {
    if found[field] == nil { problems.append("no column is called like \(what) (\(field))") }
  }

  private mutating func finishEvents(_ mapping: inout Mapping, _ found: [String: String]) {
    if let column = found["timestamp"] {
      setTime("timestamp", column, &mapping, isRequired: true)
    } else {
      problems.append("no column is called like the time of the event (timestamp)")
    }
    if found["customer_id"] == nil, found["session_id"] == nil, found["order_id"] == nil {
      problems.append("no column is called like the customer's id (customer_id), a session's or an order's")
    }
    setKind(&mapping, found)
    for field in ["quantity", "rating"] { requireNumbers(field, &mapping, found) }
    setAmount(&mapping, found)
    if let column = found["discount"], table.isNumeric(column) {
      mapping.properties["discount"] = Mapping.Source(.column(column), isNumber: true)
    }
    if mapping.fields["event_id"] == nil {
      notes.append(
        "the rows have no id of their own: one is made of their content, and equal rows are told apart by number"
      )
    }
  }

  private mutating func finishItems(_ mapping: inout Mapping, _ found: [String: String]) {
    requireColumn("item_id", "the item's id", found)
    if let column = found["available_from"] { setTime("available_from", column, &mapping, isRequired: false) }
    guard let column = found["price"] else { return }
    requireNumbers("price", &mapping, found)
    if mapping.fields["price"] != nil { setCurrency("price", column, &mapping, found) }
  }

  private mutating func setKind(_ mapping: inout Mapping, _ found: [String: String]) {
    if let column = found["kind"] {
      var source = Mapping.Source(.column(column))
      var unknown: [String] = []
      for word in Set(table.values(column)).sorted() where EventKind(name: word) == nil {
        if let meaning = ColumnNames.kindWords[word] {
          source.values[word] = meaning
        } else {
          unknown.append(word)
        }
      }
      mapping.fields["kind"] = source
      if !unknown.isEmpty {
        problems.append(
          "the column '\(column)' says what happened, but not in known words: \(unknown.prefix(5).joined(separator: ", "))"
        )
      }
    } else if found["order_id"] != nil
      || (found["amount"] ?? found[ColumnNames.unitPrice]) != nil && found["quantity"] != nil
    {
      mapping.fields["kind"] = Mapping.Source(.constant("purchase"))
      notes.append(
        "no column says what happened; as there are orders or amounts, every row is taken for a purchase")
    } else {
      problems.append("no column says what happened (kind), and there are neither orders nor amounts")
    }
  }

  private mutating func requireNumbers(_ field: String, _ mapping: inout Mapping, _ found: [String: String]) {
    guard let column = found[field], !table.isNumeric(column) else { return }
    mapping.fields[field] = nil
    fieldOfColumn[column] = nil
    notes.append("the column '\(column)' is called like \(field) but does not hold numbers; it is not used")
  }

  private mutating func setAmount(_ mapping: inout Mapping, _ found: [String: String]) {
    if let column = found["amount"], table.isNumeric(column) {
      mapping.fields["amount"] = Mapping.Source(.column(column))
      setCurrency("amount", column, &mapping, found)
    } else if let column = found[ColumnNames.unitPrice], table.isNumeric(column) {
      mapping.fields["amount"] = Mapping.Source(
        .column(column), times: mapping.fields["quantity"] == nil ? nil : found["quantity"], isNumber: true)
      fieldOfColumn[column] = "amount"
      if mapping.fields["quantity"] != nil {
        notes.append("'\(column)' is taken for the price of one unit; the amount is that times the quantity")
      }
      setCurrency("amount", column, &mapping, found)
    } else {
      mapping.fields["amount"] = nil
    }
  }

  private mutating func setCurrency(
    _ field: String, _ column: String, _ mapping: inout Mapping, _ found: [String: String]
  ) {
    if found["currency"] != nil { return }
    let marks = table.values(column).prefix(100).joined() + column
    let shown: Currency? =
      marks.contains("¥") || marks.contains("￥") || marks.contains("元")
      ? .cny : marks.contains("$") ? .usd : nil
    mapping.currency = currency ?? shown
    if mapping.currency == nil {
      problems.append("nothing says the currency of '\(column)'; say so with --currency")
    }
  }

  private mutating func setTime(_ field: String, _ column: String, _ mapping: inout Mapping, isRequired: Bool)
  {
    let formats = TimeFormat.fitting(table.values(column))
    if formats.count == 1 {
      mapping.fields[field] = Mapping.Source(.column(column), timeFormat: formats[0])
      if field == "timestamp", !formats[0].name.hasPrefix("epoch"), !formats[0].name.hasSuffix("Z"),
        !table.values(column).allSatisfy({ $0.hasSuffix("Z") || $0.contains("+") })
      {
        notes.append("the times name no zone and are taken for UTC; set time_zone if they are local")
      }
      return
    }
    mapping.fields[field] = nil
    let example = table.values(column).first ?? ""
    let reason =
      formats.isEmpty
      ? "the column '\(column)' is called like a time, but '\(example)' is in no known format"
      : "the times in '\(column)' could be \(formats.map(\.name).joined(separator: " or ")), as '\(example)' shows"
    if isRequired { problems.append(reason) } else { notes.append("\(reason); it is not used") }
  }

  /// Columns without a field of their own are kept as attributes.
  private mutating func keepRest(_ mapping: inout Mapping) {
    for column in table.columns where fieldOfColumn[column] == nil && !column.isEmpty {
      mapping.properties[column] = Mapping.Source(.column(column))
      fieldOfColumn[column] = "attributes.\(column)"
    }
  }

  private mutating func noteRest() {
    let rest = table.columns.filter { fieldOfColumn[$0] == nil && !$0.isEmpty }
    if !rest.isEmpty { notes.append("not used: \(rest.joined(separator: ", ")); properties: can keep them") }
  }
}

extension TimeFormat {
  private static let candidates = [
    "iso8601", "yyyy/M/d H:mm:ss", "yyyy/M/d H:mm", "yyyy/M/d", "M/d/yyyy H:mm:ss", "M/d/yyyy H:mm",
    "M/d/yyyy",
    "d/M/yyyy H:mm:ss", "d/M/yyyy H:mm", "d/M/yyyy", "M/d/yyyy h:mm:ss a", "M/d/yyyy h:mm a",
    "d.M.yyyy H:mm:ss",
    "d.M.yyyy H:mm", "d.M.yyyy", "yyyy-M-d H:mm:ss", "yyyy-M-d H:mm", "yyyyMMddHHmmss", "yyyyMMdd",
    "yyyy年M月d日 H:mm:ss", "yyyy年M月d日 H:mm", "yyyy年M月d日",
  ].map { TimeFormat($0)! }

  /// The formats in which the values are times of the years 1990 to 2100: those that read the most of them, and at least
  /// nineteen in twenty, since a few broken rows do not make a column anything else. The first that fits unless two
  /// formats read them as different times.
  static func fitting(_ values: [String]) -> [TimeFormat] {
    guard !values.isEmpty, var clock = LocalClock("UTC") else { return [] }
    let years = Timestamp(rfc3339: "1990-01-01")!..<Timestamp(rfc3339: "2100-01-01")!
    func read(_ format: TimeFormat) -> [Timestamp?] {
      values.map { value in
        let time = Array(value.utf8).withUnsafeBufferPointer { format.parse($0, &clock) }
        return time.flatMap { years.contains($0) ? $0 : nil }
      }
    }
    var fitting: [(format: TimeFormat, times: [Timestamp?], readable: Int)] = []
    let isCompactDate = values.allSatisfy { $0.utf8.count == 8 || $0.utf8.count == 14 }
    let numeric = isCompactDate ? [] : [TimeFormat("epoch_s")!, TimeFormat("epoch_ms")!]
    for format in candidates + numeric {
      let times = read(format)
      let readable = times.lazy.filter { $0 != nil }.count
      guard readable * 20 >= values.count * 19, !fitting.contains(where: { $0.times == times }) else {
        continue
      }
      fitting.append((format, times, readable))
    }
    let most = fitting.map(\.readable).max() ?? 0
    return fitting.filter { $0.readable == most }.map(\.format)
  }
}
