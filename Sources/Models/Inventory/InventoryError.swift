/// Why an inventory policy could not be found.
public enum InventoryError: Error, Equatable, CustomStringConvertible {
  /// A parameter is out of its range.
  case invalidParameter(name: String, value: Double, expected: String)
  /// A list that must have entries has none.
  case empty(name: String)
  /// Two lists that belong together differ in length.
  case differentLengths(first: String, firstCount: Int, second: String, secondCount: Int)
  /// The search did not settle.
  case didNotConverge(method: String, steps: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is \(value); expected \(expected)."
    case .empty(let name):
      "The list '\(name)' is empty; at least one entry is needed."
    case .differentLengths(let first, let firstCount, let second, let secondCount):
      "'\(first)' has \(firstCount) entries and '\(second)' \(secondCount); they belong together one by one."
    case .didNotConverge(let method, let steps):
      "\(method) did not settle in \(steps) steps."
    }
  }

  static func requirePositive(_ parameters: KeyValuePairs<String, Double>) throws {
    for (name, value) in parameters where !(value > 0 && value.isFinite) {
      throw InventoryError.invalidParameter(name: name, value: value, expected: "a number above 0")
    }
  }

  static func requireNonnegative(_ parameters: KeyValuePairs<String, Double>) throws {
    for (name, value) in parameters where !(value >= 0 && value.isFinite) {
      throw InventoryError.invalidParameter(name: name, value: value, expected: "a number of at least 0")
    }
  }
}
