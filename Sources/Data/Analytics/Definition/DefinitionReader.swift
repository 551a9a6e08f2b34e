import Commerce

/// A part of a definition and its path, for readers that say where a fault lies.
struct DefinitionReader {
  let value: JSONValue
  let path: String

  init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  /// The error for this part.
  func fault(_ expected: String) -> AnalyticsError {
    .invalid(field: path.isEmpty ? "definition" : path, found: value.json, expected: expected)
  }

  /// Checks that this is an object with no members but these.
  func requireMembers(_ known: [String]) throws {
    guard let object = value.object else { throw fault("an object") }
    if let unknown = object.keys.filter({ !known.contains($0) }).min() {
      throw AnalyticsError.invalid(
        field: join(unknown), found: object[unknown]?.json,
        expected: "one of \(known.joined(separator: ", "))")
    }
  }

  private func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// A member; nil when it is absent or null.
  func member(_ name: String) -> DefinitionReader? {
    guard let found = value[name], found != .null else { return nil }
    return DefinitionReader(found, path: join(name))
  }

  /// A member that must be there.
  func required(_ name: String, _ expected: String) throws -> DefinitionReader {
    guard let found = member(name) else {
      throw AnalyticsError.invalid(field: join(name), found: nil, expected: expected)
    }
    return found
  }

  func elements(_ expected: String) throws -> [DefinitionReader] {
    guard let array = value.array else { throw fault(expected) }
    return array.enumerated().map { DefinitionReader($1, path: "\(path)[\($0)]") }
  }

  func text(_ expected: String = "a text") throws -> String {
    guard let text = value.string else { throw fault(expected) }
    return text
  }

  func number(in range: ClosedRange<Double>) throws -> Double {
    guard let number = value.number, range.contains(number) else {
      throw fault(
        "a number from \(JSONValue.number(range.lowerBound).json) to \(JSONValue.number(range.upperBound).json)"
      )
    }
    return number
  }

  func whole(in range: ClosedRange<Int>) throws -> Int {
    guard let number = value.integer, range.contains(number) else {
      throw fault("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag() throws -> Bool {
    guard let flag = value.bool else { throw fault("true or false") }
    return flag
  }

  func oneOf<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws -> Choice
  where Choice.RawValue == String {
    guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
      throw fault("one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return choice
  }
}

extension DefinitionReader {
  func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ standard: Choice) throws -> Choice
  where Choice.RawValue == String { try member(name)?.oneOf(Choice.self) ?? standard }

  func whole(_ name: String, _ standard: Int, in range: ClosedRange<Int>) throws -> Int {
    try member(name)?.whole(in: range) ?? standard
  }

  func number(_ name: String, _ standard: Double, in range: ClosedRange<Double>) throws -> Double {
    try member(name)?.number(in: range) ?? standard
  }

  func selector(_ name: String, _ standard: EventSelector) throws -> EventSelector {
    try member(name).map { try EventSelector($0) } ?? standard
  }
}
