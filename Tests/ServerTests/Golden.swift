import Commerce
import Foundation
import Testing

/// Files that hold what an answer or a help text was when it was last looked at, in `Tests/ServerTests/Golden`.
///
/// With `LODE_UPDATE_GOLDEN=1` the files are written instead of compared; what has changed is then seen in the diff.
enum Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")
  static let isUpdating = ProcessInfo.processInfo.environment["LODE_UPDATE_GOLDEN"] == "1"
  private static let hint: Comment =
    "if this is meant, run the tests with LODE_UPDATE_GOLDEN=1 and look at the diff"

  /// Compares an answer's members and their types, whatever the values and the order of keys.
  static func expect(_ answer: Answer, hasShape name: String) throws {
    let (file, found) = (folder.appendingPathComponent("api/\(name).json"), shape(answer.json))
    if isUpdating { return try write(Data(found.serialized), to: file, isJSON: true) }
    let expected = try JSONValue(json: try Data(contentsOf: file))
    let differences = differences(found, expected, at: name)
    #expect(differences.isEmpty, hint)
  }

  /// Compares an answer with every value in it.
  static func expect(_ answer: Answer, equals name: String) throws {
    let file = folder.appendingPathComponent("api/\(name).json")
    if isUpdating { return try write(Data(answer.json.serialized), to: file, isJSON: true) }
    let expected = try JSONValue(json: try Data(contentsOf: file))
    #expect(answer.json == expected, hint)
  }

  /// Compares a text.
  static func expect(_ text: String, equalsText name: String) throws {
    let file = folder.appendingPathComponent(name)
    if isUpdating { return try write(Data(text.utf8), to: file, isJSON: false) }
    #expect(text == (try String(contentsOf: file, encoding: .utf8)), hint)
  }

  private static func write(_ data: Data, to file: URL, isJSON: Bool) throws {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard isJSON else { return try data.write(to: file) }
    let object = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    let pretty = try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    try (pretty + Data("\n".utf8)).write(to: file)
  }

  /// A value with every leaf replaced by its type, and every array by what its elements have in common.
  private static func shape(_ value: JSONValue) -> JSONValue {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .number: "number"
    case .string: "string"
    case .array(let elements):
      elements.isEmpty ? [] : [elements.dropFirst().reduce(shape(elements[0])) { merge($0, shape($1)) }]
    case .object(let members): .object(members.mapValues(shape))
    }
  }

  /// The shape that two shapes fit: where one is null, the other or null.
  private static func merge(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
    switch (first, second) {
    case _ where first == second: first
    case (.object(let one), .object(let two)): .object(one.merging(two) { merge($0, $1) })
    case (.array(let one), .array(let two)):
      one.isEmpty ? second : two.isEmpty ? first : [merge(one[0], two[0])]
    case (.string(let one), .string(let two)):
      .string(
        Set([one, two].flatMap { $0.split(separator: " or ").map(String.init) }).sorted().joined(
          separator: " or "))
    // Of an object or array and null the other side says all.
    case ("null", let other), (let other, "null"): ["null or": other["null or"] ?? other]
    default: first
    }
  }

  private static func differences(_ found: JSONValue, _ expected: JSONValue, at path: String) -> [String] {
    switch (found, expected) {
    case (.object(let one), .object(let two)):
      Set(one.keys).union(two.keys).sorted().flatMap { key in
        guard let found = one[key] else { return ["\(path).\(key) is missing"] }
        guard let expected = two[key] else { return ["\(path).\(key) is new"] }
        return differences(found, expected, at: "\(path).\(key)")
      }
    case (.array(let one), .array(let two)):
      one.count == two.count
        ? zip(one, two).flatMap { differences($0, $1, at: path + "[]") }
        : ["\(path) has \(one.count) elements"]
    default: found == expected ? [] : ["\(path) is \(found.json), was \(expected.json)"]
    }
  }
}
