/// Why the effect of a campaign could not be learned or measured.
public enum MarketingError: Error, Equatable, CustomStringConvertible {
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// Columns, outcomes and treatments do not go together.
  case shapeMismatch(expected: String, found: String)
  /// There are too few customers to learn or to measure from.
  case notEnoughData(needed: String, found: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is \(value); expected \(expected)."
    case .shapeMismatch(let expected, let found):
      "The data do not go together: expected \(expected), found \(found)."
    case .notEnoughData(let needed, let found):
      "There is not enough data: needed \(needed), found \(found)."
    }
  }
}
