import Commerce

extension Mapping {
  /// The mapping as YAML; reading it gives the same mapping.
  public var yaml: String {
    var lines = ["kind: \(kind.rawValue)"]
    if let format { lines.append("format: \(format.rawValue)") }
    if let encoding { lines.append("encoding: \(encoding.rawValue)") }
    if let separator { lines.append("separator: \(Self.quoted(separator))") }
    if let currency { lines.append("currency: \(currency.code)") }
    if timeZone != "UTC" { lines.append("time_zone: \(Self.quoted(timeZone))") }
    lines.append("fields:")
    for name in Self.fieldNames(of: kind) {
      if name == "category_path", !categoryPath.isEmpty {
        lines.append("  category_path: \(Self.list(categoryPath))")
      }
      if let source = fields[name] { lines.append("  \(name): \(source.yaml)") }
    }
    if !properties.isEmpty {
      lines.append(kind == .events ? "properties:" : "attributes:")
      for (name, source) in properties.sorted(by: { $0.key < $1.key }) {
        lines.append("  \(Self.quoted(name)): \(source.yaml)")
      }
    }
    if let split = self.lines {
      lines += [
        "lines:", "  column: \(Self.quoted(split.column))", "  separator: \(Self.quoted(split.separator))",
        "  part_separator: \(Self.quoted(split.partSeparator))", "  parts: \(Self.list(split.parts))",
      ]
    }
    if let within = fillDownWithin {
      lines += ["fill_down:", "  columns: \(Self.list(fillDown))", "  within: \(Self.quoted(within))"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  static func list(_ names: [String]) -> String { "[\(names.map(quoted).joined(separator: ", "))]" }

  /// Text as a YAML scalar: JSON's strings are YAML's, and plain names need no quotes.
  static func quoted(_ text: String) -> String {
    let isPlain =
      text.utf8.allSatisfy {
        (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95
      }
      && text.utf8.first.map { $0 > 57 } ?? false
    let reserved: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    return isPlain && !reserved.contains(text.lowercased()) ? text : JSONValue.string(text).json
  }
}

extension Mapping.Source {
  fileprivate var yaml: String {
    var options: [String] = []
    switch value {
    case .column(let name): options.append("column: \(Mapping.quoted(name))")
    case .constant(let text): options.append("constant: \(Mapping.quoted(text))")
    case .sum(let names): options.append("sum: \(Mapping.list(names))")
    case .template(let pieces):
      let text = pieces.map { piece in
        switch piece {
        case .text(let text): text
        case .column(let name, let isTitle): "{\(name)\(isTitle ? ":title" : "")}"
        }
      }.joined()
      options.append("template: \(JSONValue.string(text).json)")
    }
    if let scale { options.append("scale: \(scale)") }
    if let times { options.append("times: \(Mapping.quoted(times))") }
    if isAbsolute { options.append("absolute: true") }
    let saysNumber: Bool = if case .sum = value { true } else { scale != nil || times != nil }
    if isNumber, !saysNumber { options.append("number: true") }
    if let timeFormat { options.append("format: \(JSONValue.string(timeFormat.name).json)") }
    if !values.isEmpty {
      let words = values.sorted { $0.key < $1.key }.map { "\(Mapping.quoted($0)): \(Mapping.quoted($1))" }
      options.append("values: {\(words.joined(separator: ", "))}")
    }
    // A bare name is a column unless it has braces, which would make it a template.
    if options.count == 1, case .column(let name) = value, !name.contains("{"), !name.contains("}") {
      return Mapping.quoted(name)
    }
    return "{\(options.joined(separator: ", "))}"
  }
}
