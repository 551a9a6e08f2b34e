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

  /// Whether at least nineteen in twenty values are numbers: a few broken rows do not make a column anything else.
  func isNumeric(_ column: String) -> Bool {
    let values = values(column)
    let numbers = values.lazy.filter { text in
      Array(text.utf8).withUnsafeBufferPointer { Decimals.parse($0) != nil }
    }
    return !values.isEmpty && numbers.count * 20 >= values.count * 19
  }
}

/// Takes columns for fields by their names, and checks that their values agree.
struct ColumnGuesser {
  typealias Remark = MappingGuess.Remark

  private let table: SampleTable
  private let currency: Currency?
  private let timeZone: String
  private let given: [String: String?]
  private(set) var mapping: Mapping?
  private(set) var problems: [Remark] = []
  private(set) var notes: [Remark] = []
  private(set) var fieldOfColumn: [String: String] = [:]

  /// - Parameters:
  ///   - timeZone: the zone of times that name none.
  ///   - given: the columns of fields that need no guess; nil for a field that has none.
  init(_ table: SampleTable, currency: Currency?, timeZone: String, given: [String: String?]) {
    self.table = table
    self.currency = currency
    self.timeZone = timeZone
    self.given = given
  }

  mutating func guess(kind given: Mapping.Kind?) {
    guard let kind = given ?? kindByNames() else {
      problems.append(
        Remark(
          "the columns do not show whether the rows are events, items or customers; say so with --kind",
          "从列名看不出这些行是事件、商品还是客户，请指明"))
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
      requireColumn("customer_id", "the customer's id", "客户编号", found)
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
    var found = given.compactMapValues { $0 }
    var taken = Set(found.values)
    for (field, names) in ColumnNames.known(for: kind) where given[field] == nil {
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

  private mutating func requireColumn(
    _ field: String, _ en: String, _ zh: String, _ found: [String: String]
  ) {
    guard found[field] == nil else { return }
    problems.append(
      Remark("no column is called like \(en) (\(field))", "没有哪一列的名称像\(zh)（\(field)）"))
  }

  private mutating func finishEvents(_ mapping: inout Mapping, _ found: [String: String]) {
    requireColumn("timestamp", "the time of the event", "事件时间", found)
    if let column = found["timestamp"] { setTime("timestamp", column, &mapping, isRequired: true) }
    if found["customer_id"] == nil, found["session_id"] == nil, found["order_id"] == nil {
      problems.append(
        Remark(
          "no column is called like the customer's id (customer_id), a session's or an order's",
          "没有哪一列的名称像客户编号（customer_id）、会话编号或订单号"))
    }
    setKind(&mapping, found)
    for field in ["quantity", "rating"] { requireNumbers(field, &mapping, found) }
    setAmount(&mapping, found)
    if let column = found["discount"], table.isNumeric(column) {
      mapping.properties["discount"] = Mapping.Source(.column(column), isNumber: true)
    }
    if mapping.fields["event_id"] == nil {
      notes.append(
        Remark(
          "the rows have no id of their own: one is made of their content, and equal rows are told apart by number",
          "各行没有自己的编号：将由内容生成，相同的行按序号区分"))
    }
  }

  private mutating func finishItems(_ mapping: inout Mapping, _ found: [String: String]) {
    requireColumn("item_id", "the item's id", "商品编号", found)
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
        let words = unknown.prefix(5).joined(separator: ", ")
        problems.append(
          Remark(
            "the column '\(column)' says what happened, but not in known words: \(words)",
            "“\(column)”列说明发生了什么，但其中有不认识的词：\(words)"))
      }
    } else if found["order_id"] != nil
      || (found["amount"] ?? found[ColumnNames.unitPrice]) != nil && found["quantity"] != nil
    {
      mapping.fields["kind"] = Mapping.Source(.constant("purchase"))
      notes.append(
        Remark(
          "no column says what happened; as there are orders or amounts, every row is taken for a purchase",
          "没有哪一列说明发生了什么；因为有订单或金额，每一行都按购买处理"))
    } else {
      problems.append(
        Remark(
          "no column says what happened (kind), and there are neither orders nor amounts",
          "没有哪一列说明发生了什么（kind），也没有订单或金额"))
    }
  }

  private mutating func requireNumbers(_ field: String, _ mapping: inout Mapping, _ found: [String: String]) {
    guard let column = found[field], !table.isNumeric(column) else { return }
    mapping.fields[field] = nil
    fieldOfColumn[column] = nil
    notes.append(
      Remark(
        "the column '\(column)' is called like \(field) but does not hold numbers; it is not used",
        "“\(column)”列像是 \(field)，但内容不是数字，因此不使用"))
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
        notes.append(
          Remark(
            "'\(column)' is taken for the price of one unit; the amount is that times the quantity",
            "“\(column)”按单价处理，金额为单价乘以数量"))
      }
      setCurrency("amount", column, &mapping, found)
    } else {
      for field in ["amount", ColumnNames.unitPrice] { requireNumbers(field, &mapping, found) }
      mapping.fields["amount"] = nil
    }
  }

  private mutating func setCurrency(
    _ field: String, _ column: String, _ mapping: inout Mapping, _ found: [String: String]
  ) {
    if found["currency"] != nil { return }
    let shown = ColumnNames.currency(
      shownBy: table.values(column).prefix(100).joined() + column, given: currency)
    mapping.currency = shown ?? currency
    if mapping.currency == nil {
      problems.append(
        Remark(
          "nothing says the currency of '\(column)'; say so with --currency", "看不出“\(column)”的币种，请指明"))
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
        mapping.timeZone = timeZone
        notes.append(
          Remark(
            "the times name no zone and are taken for \(timeZone); set time_zone if they are of another",
            "时间没有注明时区，按 \(timeZone) 处理；如属其他时区，请设置 time_zone"))
      }
      return
    }
    mapping.fields[field] = nil
    let example = table.values(column).first ?? ""
    let names = formats.map(\.name)
    let reason =
      formats.isEmpty
      ? Remark(
        "the column '\(column)' is called like a time, but '\(example)' is in no known format",
        "“\(column)”列像是时间，但“\(example)”不是已知的格式")
      : Remark(
        "the times in '\(column)' could be \(names.joined(separator: " or ")), as '\(example)' shows",
        "“\(column)”列的时间可能是 \(names.joined(separator: " 或 "))，例如“\(example)”")
    if isRequired {
      problems.append(reason)
    } else {
      notes.append(Remark("\(reason.en); it is not used", "\(reason.zh)，因此不使用"))
    }
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
    guard !rest.isEmpty else { return }
    notes.append(
      Remark(
        "not used: \(rest.joined(separator: ", ")); properties: can keep them",
        "未使用的列：\(rest.joined(separator: "、"))；可用 properties: 保留"))
  }
}
