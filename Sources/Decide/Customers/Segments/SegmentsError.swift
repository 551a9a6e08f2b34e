/// Why a shop's customers could not be segmented.
public enum SegmentsError: Error, Equatable, CustomStringConvertible {
  /// There are too few customers with purchases.
  case notEnoughCustomers(needed: Int, found: Int, days: Int)
  /// The purchases span too few days.
  case notEnoughDays(needed: Int, found: Int)
  /// A parameter is out of its range.
  case invalidParameter(name: String, value: String, expected: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .notEnoughCustomers(let needed, let found, let days):
      "Only \(found) customers bought anything in the last \(days) days; at least \(needed) are needed to tell groups apart."
    case .notEnoughDays(let needed, let found):
      "The purchases span \(found) days; at least \(needed) are needed to see how customers buy."
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is '\(value)'; expected \(expected)."
    }
  }
}
