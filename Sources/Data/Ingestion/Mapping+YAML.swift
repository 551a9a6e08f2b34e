import Commerce
import Foundation
import Yams

extension Mapping {
  /// Reads a mapping from a file.
  ///
  /// - Throws: `IngestionError` with the line and column of the fault.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw IngestionError.unreadableFile(path: path, reason: "there is no such file, or it may not be read")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw IngestionError.malformedFile(path: path, line: nil, reason: "a mapping is UTF-8 text")
    }
    try self.init(yaml: text, source: path)
  }

  /// Reads a mapping from YAML; `source` names it in messages.
  ///
  /// - Throws: `IngestionError.invalidMapping` with the line and column of the fault.
  public init(yaml: String, source: String = "mapping") throws {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch let error as YamlError {
      throw Self.syntaxError(error, source)
    }
    guard let root else {
      throw IngestionError.invalidMapping(source: source, line: 1, column: 1, reason: "the mapping is empty")
    }
    self = try MappingReader(source: source).mapping(root)
  }

  private static func syntaxError(_ error: YamlError, _ source: String) -> IngestionError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      .invalidMapping(source: source, line: mark.line, column: mark.column, reason: problem)
    case .duplicatedKeysInMapping(let keys, let context):
      .invalidMapping(
        source: source, line: context.mark.line, column: context.mark.column,
        reason: "'\(keys.sorted().first ?? "")' is there twice")
    default: .invalidMapping(source: source, line: 1, column: 1, reason: "it is not YAML")
    }
  }
}

/// Reads the nodes of a mapping's YAML; every fault carries its place.
private struct MappingReader {
  let source: String

  func mapping(_ root: Node) throws -> Mapping {
    let top = try members(root, "a mapping")
    let known = [
      "kind", "format", "encoding", "separator", "currency", "time_zone", "fields", "properties",
      "attributes",
      "lines", "fill_down",
    ]
    for (key, node) in top where !known.contains(key.text) { throw unknown(key.text, node, "key", known) }
    func node(_ key: String) -> Node? { top.first { $0.0.text == key }?.1 }
    guard let kindNode = node("kind") else {
      throw fault(root, "'kind' is missing; expected events, items or customers")
    }
    let kind = try choice(
      kindNode, "kind", Mapping.Kind.init(rawValue:), Mapping.Kind.allCases.map(\.rawValue))
    var mapping = Mapping(kind: kind, fields: [:])
    mapping.format = try node("format").map {
      try choice($0, "format", FileFormat.init(rawValue:), FileFormat.allCases.map(\.rawValue))
    }
    mapping.encoding = try node("encoding").map {
      try choice($0, "encoding", TextEncoding.init(name:), TextEncoding.allCases.map(\.rawValue))
    }
    mapping.separator = try node("separator").map { try text($0, "separator") }
    if let separator = mapping.separator, separator.utf8.count != 1 {
      throw fault(
        node("separator") ?? root, "'separator' is one character of ASCII, such as ';' or a tab (\"\\t\")")
    }
    mapping.currency = try node("currency").map {
      try choice($0, "currency", Currency.known, ["a code such as USD"])
    }
    if let zone = node("time_zone") {
      mapping.timeZone = try text(zone, "time_zone")
      if LocalClock(mapping.timeZone) == nil {
        throw fault(zone, "'\(mapping.timeZone)' is not a time zone such as Asia/Shanghai")
      }
    }
    try readFields(node("fields") ?? root, isThere: node("fields") != nil, into: &mapping)
    for key in ["properties", "attributes"] {
      for (name, value) in try node(key).map({ try members($0, key) }) ?? [] {
        mapping.properties[name.text] = try source(value, name.text)
      }
    }
    mapping.lines = try node("lines").map(lines)
    if let fill = node("fill_down") { try readFillDown(fill, into: &mapping) }
    return mapping
  }

  private func readFields(_ node: Node, isThere: Bool, into mapping: inout Mapping) throws {
    guard isThere else { throw fault(node, "'fields' is missing; expected the fields and their columns") }
    let names = Mapping.fieldNames(of: mapping.kind)
    for (name, value) in try members(node, "fields") {
      guard names.contains(name.text) else { throw unknown(name.text, value, "field", names) }
      if name.text == "category_path" {
        guard let sequence = value.sequence else {
          throw fault(value, "'category_path' is a list of columns")
        }
        mapping.categoryPath = try sequence.map { try text($0, "category_path") }
      } else {
        mapping.fields[name.text] = try source(value, name.text)
      }
    }
    for name in Mapping.requiredFields(of: mapping.kind) where mapping.fields[name] == nil {
      throw fault(node, "the field '\(name)' is missing")
    }
    if mapping.kind == .events,
      ["customer_id", "session_id", "order_id"].allSatisfy({ mapping.fields[$0] == nil })
    {
      throw fault(node, "the field 'customer_id' is missing; expected it, session_id or order_id")
    }
  }

  /// A field's source: a column's name, a template, or an object with options.
  private func source(_ node: Node, _ field: String) throws -> Mapping.Source {
    let line = node.mark?.line ?? 0
    if let scalar = node.scalar?.string {
      return Mapping.Source(try value(scalar, node), line: line)
    }
    let options = try members(node, "'\(field)'")
    let known = [
      "column", "constant", "template", "sum", "scale", "times", "absolute", "values", "format", "number",
    ]
    var values: [Mapping.Source.Value] = []
    var source = Mapping.Source(.constant(""), line: line)
    for (key, option) in options {
      switch key.text {
      case "column": values.append(.column(try text(option, "column")))
      case "constant": values.append(.constant(try text(option, "constant")))
      case "template": values.append(try value(try text(option, "template"), option))
      case "sum":
        guard let names = option.sequence else { throw fault(option, "'sum' is a list of columns") }
        values.append(.sum(try names.map { try text($0, "sum") }))
        source.isNumber = true
      case "scale":
        guard let scale = Double(try text(option, "scale")), scale.isFinite else {
          throw fault(option, "'scale' is a number such as 0.01")
        }
        source.scale = scale
        source.isNumber = true
      case "times":
        source.times = try text(option, "times")
        source.isNumber = true
      case "absolute": source.isAbsolute = try flag(option, "absolute")
      case "number": source.isNumber = try flag(option, "number")
      case "format":
        let name = try text(option, "format")
        guard let format = TimeFormat(name) else {
          throw fault(option, "'\(name)' is not a format of times; \(TimeFormat.expectation)")
        }
        source.timeFormat = format
      case "values":
        for (word, meaning) in try members(option, "'values'") {
          source.values[word.text] = try text(meaning, word.text)
        }
      default: throw unknown(key.text, option, "option of '\(field)'", known)
      }
    }
    guard values.count == 1 else {
      throw fault(node, "'\(field)' needs exactly one of column, constant, template, sum")
    }
    source.value = values[0]
    if field == "kind" { try checkKinds(source, node) }
    return source
  }

  private func checkKinds(_ source: Mapping.Source, _ node: Node) throws {
    var names = Array(source.values.values)
    if case .constant(let name) = source.value { names.append(name) }
    for name in names where EventKind(name: name) == nil { throw fault(node, EventRules.unknownKind(name)) }
  }

  /// A bare text: a template when it has braces, else a column's name.
  private func value(_ text: String, _ node: Node) throws -> Mapping.Source.Value {
    guard text.contains("{") || text.contains("}") else { return .column(text) }
    var pieces: [Mapping.Source.Piece] = []
    var rest = Substring(text)
    while !rest.isEmpty {
      if rest.first == "{" {
        guard let end = rest.firstIndex(of: "}") else {
          throw fault(node, "'\(text)' has a brace that is not closed")
        }
        let name = rest[rest.index(after: rest.startIndex)..<end]
        let isTitle = name.hasSuffix(":title")
        pieces.append(.column(String(isTitle ? name.dropLast(6) : name), isTitle: isTitle))
        rest = rest[rest.index(after: end)...]
      } else {
        let plain = rest.prefix { $0 != "{" }
        if plain.contains("}") { throw fault(node, "'\(text)' has a closing brace without an opening one") }
        pieces.append(.text(String(plain)))
        rest = rest.dropFirst(plain.count)
      }
    }
    return .template(pieces)
  }

  private func lines(_ node: Node) throws -> Mapping.Lines {
    var lines = Mapping.Lines(column: "", separator: "|", partSeparator: ":", parts: [])
    for (key, option) in try members(node, "'lines'") {
      switch key.text {
      case "column": lines.column = try text(option, "column")
      case "separator": lines.separator = try text(option, "separator")
      case "part_separator": lines.partSeparator = try text(option, "part_separator")
      case "parts": lines.parts = try (option.sequence.map(Array.init) ?? []).map { try text($0, "parts") }
      default:
        throw unknown(
          key.text, option, "option of 'lines'", ["column", "separator", "part_separator", "parts"])
      }
    }
    guard !lines.column.isEmpty, !lines.parts.isEmpty, !lines.separator.isEmpty, !lines.partSeparator.isEmpty
    else {
      throw fault(node, "'lines' needs a column, the names of its parts, and separators that are not empty")
    }
    return lines
  }

  private func readFillDown(_ node: Node, into mapping: inout Mapping) throws {
    for (key, option) in try members(node, "'fill_down'") {
      switch key.text {
      case "columns":
        mapping.fillDown = try (option.sequence.map(Array.init) ?? []).map { try text($0, "columns") }
      case "within": mapping.fillDownWithin = try text(option, "within")
      default: throw unknown(key.text, option, "option of 'fill_down'", ["columns", "within"])
      }
    }
    guard !mapping.fillDown.isEmpty, mapping.fillDownWithin != nil else {
      throw fault(node, "'fill_down' needs a list of columns and the column 'within' whose value they hold")
    }
  }

  // MARK: Nodes

  private func members(_ node: Node, _ what: String) throws -> [(Key, Node)] {
    guard let mapping = node.mapping else {
      throw fault(node, "\(what) must be an object of keys and values")
    }
    var seen: Set<String> = []
    return try mapping.map { key, value in
      guard let name = key.scalar?.string else { throw fault(key, "a key must be text") }
      guard seen.insert(name).inserted else { throw fault(key, "'\(name)' is there twice") }
      return (Key(text: name), value)
    }
  }

  private struct Key { var text: String }

  private func text(_ node: Node, _ what: String) throws -> String {
    guard let text = node.scalar?.string else { throw fault(node, "'\(what)' must be text") }
    return text
  }

  private func flag(_ node: Node, _ what: String) throws -> Bool {
    guard let flag = node.bool else { throw fault(node, "'\(what)' must be true or false") }
    return flag
  }

  private func choice<Value>(
    _ node: Node, _ what: String, _ make: (String) -> Value?, _ expected: [String]
  ) throws -> Value {
    let name = try text(node, what)
    guard let value = make(name) else {
      throw fault(node, "'\(name)' is not a known \(what); expected \(expected.joined(separator: ", "))")
    }
    return value
  }

  private func unknown(_ name: String, _ node: Node, _ what: String, _ known: [String]) -> IngestionError {
    fault(node, "'\(name)' is not a \(what); expected one of \(known.joined(separator: ", "))")
  }

  private func fault(_ node: Node, _ reason: String) -> IngestionError {
    .invalidMapping(
      source: source, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, reason: reason)
  }
}
