import Commerce
import Foundation

/// A proposal of how a file's columns become fields, from their names and first values, with the first rows as they
/// would be read. It proposes nothing that the file does not show: what is missing or could be two things is said.
public struct MappingGuess: Sendable {
  /// A column of the file.
  public struct Column: Sendable, Codable, Equatable {
    /// Its name.
    public var name: String
    /// Its first values.
    public var sample: [String]
    /// The field that it was taken for, if any.
    public var field: String?
  }

  /// The file's name.
  public let file: String
  /// The file's format.
  public let format: FileFormat
  /// The file's encoding.
  public let encoding: TextEncoding
  /// Whether the file is NDJSON in Lode's own form, which needs no mapping.
  public let isNative: Bool
  /// The columns, each with what it was taken for.
  public let columns: [Column]
  /// The proposal; nil when something that it needs is missing.
  public let mapping: Mapping?
  /// What is missing or could be two things.
  public var problems: [String] { remarks.problems.map(\.en) }
  /// What was assumed and should be looked at.
  public var notes: [String] { remarks.notes.map(\.en) }
  /// The first rows as they would be stored.
  public let rows: [JSONValue]
  private let remarks: (problems: [Remark], notes: [Remark])

  /// Looks at the start of a file.
  ///
  /// - Parameters:
  ///   - kind: what the rows are; nil to find out.
  ///   - currency: the currency of amounts, when the file does not say.
  ///   - timeZone: the zone of times that name none.
  ///   - fields: the columns of fields that need no guess; nil for a field that no column is to be taken for.
  /// - Throws: `IngestionError` when the file cannot be read, or has no such column or field.
  public init(
    file path: String, kind: Mapping.Kind? = nil, currency: Currency? = nil, timeZone: String = "UTC",
    fields: [String: String?] = [:]
  ) throws {
    let input = try InputFile(path: path)
    try self.init(input, kind: kind, currency: currency, timeZone: timeZone, fields: fields, isPart: false)
  }

  /// Looks at the first bytes of a file that is elsewhere; `name` is the file's name.
  public init(
    sample: [UInt8], name: String, kind: Mapping.Kind? = nil, currency: Currency? = nil,
    timeZone: String = "UTC", fields: [String: String?] = [:]
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // A name from elsewhere is no path.
    let file = folder.appendingPathComponent((name as NSString).lastPathComponent)
    try Data(sample).write(to: file)
    try self.init(
      try InputFile(path: file.path), kind: kind, currency: currency, timeZone: timeZone, fields: fields,
      isPart: true)
  }

  private init(
    _ input: InputFile, kind: Mapping.Kind?, currency: Currency?, timeZone: String,
    fields: [String: String?], isPart: Bool
  ) throws {
    file = input.name
    format = input.format
    encoding = input.encoding
    let (names, records) = try Self.firstRows(input, isPart: isPart)
    let table = SampleTable(columns: names, rows: records)
    try Self.check(fields, kind: kind, columns: names, file: input.name)
    if input.format == .ndjson, fields.isEmpty, let native = Self.nativeKind(names, kind) {
      isNative = true
      mapping = nil
      remarks = ([], [])
      columns = names.map { Column(name: $0, sample: table.samples($0, 3), field: $0) }
      rows = Self.preview(records, NativeMaker(kind: native, currency: currency))
      return
    }
    isNative = false
    var guesser = ColumnGuesser(table, currency: currency, timeZone: timeZone, given: fields)
    guesser.guess(kind: kind)
    remarks = (guesser.problems, guesser.notes)
    var proposal = guesser.problems.isEmpty ? guesser.mapping : nil
    if proposal != nil, input.encoding != .utf8 { proposal?.encoding = input.encoding }
    mapping = proposal
    columns = names.map { Column(name: $0, sample: table.samples($0, 3), field: guesser.fieldOfColumn[$0]) }
    rows =
      try proposal.map { try Self.preview(records, MappedMaker($0, columns: names, path: input.path)) } ?? []
  }

  /// The mapping, or why there is none.
  ///
  /// - Throws: `IngestionError.cannotGuess`.
  public func requireMapping() throws -> Mapping {
    guard let mapping else { throw IngestionError.cannotGuess(path: file, missing: problems) }
    return mapping
  }

  /// What was said about fields must be about fields and columns that there are.
  private static func check(
    _ fields: [String: String?], kind: Mapping.Kind?, columns: [String], file: String
  ) throws {
    let known = ColumnNames.known(for: kind ?? .events).map(\.field).sorted()
    for (field, column) in fields {
      if !known.contains(field) {
        throw IngestionError.invalidMapping(
          source: "fields", line: 1, column: 1,
          reason: "'\(field)' is no field; expected one of \(known.joined(separator: ", "))")
      }
      if let column, !columns.contains(column) {
        throw IngestionError.unknownColumn(path: file, column: column, field: field, available: columns)
      }
    }
  }

  private static let rowsSampled = 1000
  private static let rowsShown = 5

  /// The header and the first rows.
  private static func firstRows(_ input: InputFile, isPart: Bool) throws -> ([String], RecordBatch) {
    let reader: any RecordReader
    if input.format == .ndjson {
      reader = NDJSONReader(input, columns: try jsonColumns(input))
    } else {
      reader = try DelimitedReader(input, separator: nil)
    }
    var records = try reader.next() ?? RecordBatch()
    // The last row of a part may be cut off.
    if isPart, records.rows.count > 1 { records.rows.removeLast() }
    records.rows = Array(records.rows.prefix(rowsSampled))
    return (reader.columns, records)
  }

  /// The names in the first objects of an NDJSON file, nested ones dotted.
  private static func jsonColumns(_ input: InputFile) throws -> [String] {
    var names: [String] = []
    func add(_ members: [String: JSONValue], _ prefix: String, _ depth: Int) {
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        if case .object(let inner) = value, depth < 8, prefix + key != "properties",
          prefix + key != "attributes"
        {
          add(inner, prefix + key + ".", depth + 1)
        } else if !names.contains(prefix + key) {
          names.append(prefix + key)
        }
      }
    }
    for line in try input.sample().split(separator: 0x0A).prefix(50) {
      if case .object(let members)? = try? JSONValue(json: line) { add(members, "", 0) }
    }
    return names
  }

  /// The kind of Lode's own form that names of members are of, if any.
  private static func nativeKind(_ names: [String], _ kind: Mapping.Kind?) -> Mapping.Kind? {
    let names = Set(names)
    let found: Mapping.Kind? =
      if names.isSuperset(of: ["event_id", "kind", "timestamp"])
        || names.isSuperset(of: ["event", "messageId"])
      {
        .events
      } else if names.contains("item_id"), names.isDisjoint(with: ["customer_id", "timestamp"]) {
        .items
      } else if names.contains("customer_id"), names.isDisjoint(with: ["item_id", "timestamp"]) {
        .customers
      } else {
        nil
      }
    return kind == nil || kind == found ? found : nil
  }

  private static func preview(_ records: RecordBatch, _ maker: MappedMaker) -> [JSONValue] {
    var maker = maker
    var records = records
    maker.prepare(&records)
    records.rows = Array(records.rows.prefix(rowsShown))
    var batch = ProducedBatch(records: records)
    var monitor = QualityMonitor(file: "", now: Timestamp(milliseconds: .max))
    maker.make(&batch, &monitor)
    return shown(batch)
  }

  private static func preview(_ records: RecordBatch, _ maker: NativeMaker) -> [JSONValue] {
    var records = records
    records.rows = Array(records.rows.prefix(rowsShown))
    var batch = ProducedBatch(records: records)
    var monitor = QualityMonitor(file: "", now: Timestamp(milliseconds: .max))
    maker.make(&batch, &monitor)
    return shown(batch)
  }

  private static func shown(_ batch: ProducedBatch) -> [JSONValue] {
    let records =
      batch.events.map(\.jsonValue) + batch.items.compactMap { try? $0.document() }
      + batch.customers.compactMap { try? $0.document() }
    let faults = batch.rejections.map { row, rejection in
      JSONValue.object([
        "error": .string(rejection.description), "line": .number(Double(batch.records.rows[row].line)),
      ])
    }
    return records + faults
  }
}

extension MappingGuess: CustomStringConvertible {
  /// The proposal for people: what each column is, the mapping, the first rows, what is missing.
  public var description: String {
    var lines = ["\(file): \(format.rawValue), \(encoding.rawValue)", "", "Columns:"]
    for column in columns {
      lines.append(
        "  \(column.name) → \(column.field ?? "not used")   \(column.sample.joined(separator: " · "))")
    }
    if let mapping { lines += ["", "Mapping, to be saved and used with --mapping:", "", mapping.yaml] }
    if isNative { lines += ["", "This is Lode's own form; it needs no mapping."] }
    if !rows.isEmpty { lines += ["First rows as they would be stored:"] + rows.map { "  \($0.json)" } }
    if !notes.isEmpty { lines += ["", "Please look at:"] + notes.map { "  - \($0)" } }
    if !problems.isEmpty { lines += ["", "No mapping can be proposed:"] + problems.map { "  - \($0)" } }
    return lines.joined(separator: "\n")
  }

  /// The proposal for machines.
  public struct Preview: Sendable, Codable {
    /// The file's format.
    public var format: FileFormat
    /// The file's encoding.
    public var encoding: TextEncoding
    /// The mapping as YAML; nil when there is none.
    public var mapping: String?
    /// The columns.
    public var columns: [Column]
    /// The first rows.
    public var rows: [JSONValue]
    /// What is missing.
    public var problems: [Remark]
    /// What was assumed.
    public var notes: [Remark]
    /// Whether the file is in the form of the API and needs no mapping.
    public var native: Bool
  }

  /// What a proposal lacks or assumes.
  public struct Remark: Sendable, Codable {
    /// In English.
    public var en: String
    /// In Chinese.
    public var zh: String

    init(_ en: String, _ zh: String) {
      self.en = en
      self.zh = zh
    }
  }

  /// The proposal for machines.
  public var preview: Preview {
    Preview(
      format: format, encoding: encoding, mapping: mapping?.yaml, columns: columns, rows: rows,
      problems: remarks.problems, notes: remarks.notes, native: isNative)
  }
}

extension Event {
  /// The event in the form of the API; fields that it does not have are left out.
  public var jsonValue: JSONValue {
    var members: [String: JSONValue] = [
      "event_id": .string(eventID), "kind": .string(kind.rawValue),
      "timestamp": .string(timestamp.description),
    ]
    func set(_ key: String, _ value: String?) { if let value { members[key] = .string(value) } }
    func set(_ key: String, _ value: Double?) { if let value { members[key] = .number(value) } }
    set("customer_id", customerID)
    set("session_id", sessionID)
    set("item_id", itemID)
    set("order_id", orderID)
    set("decision_id", decisionID)
    set("text", text)
    set("query", query)
    set("channel", channel)
    set("device", device)
    set("quantity", quantity)
    set("rating", rating)
    set("dwell_ms", dwellMilliseconds.map(Double.init))
    if let amount {
      members["amount"] = .object([
        "amount": .number(amount.amount), "currency": .string(amount.currency.code),
      ])
    }
    if !properties.isEmpty { members["properties"] = .object(properties) }
    return .object(members)
  }
}
