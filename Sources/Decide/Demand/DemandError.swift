/// Why demand could not be forecast.
public enum DemandError: Error, Equatable, CustomStringConvertible {
  /// A parameter is out of its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// There is too little to learn from.
  case notEnoughData(needed: String, found: String)
  /// The shop's history is too short to plan a launch from.
  case notEnoughWeeks(needed: Int, found: Int)
  /// There are too few earlier launches to measure a plan against.
  case notEnoughLaunches(needed: Int, found: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is '\(value)'; expected \(expected)."
    case .notEnoughData(let needed, let found):
      "There is not enough to forecast demand from: \(needed) needed, \(found) found."
    case .notEnoughWeeks(let needed, let found):
      "The shop has \(found) full weeks of purchases; at least \(needed) are needed for this."
    case .notEnoughLaunches(let needed, let found):
      "The shop has \(found) earlier launches; at least \(needed) are needed to measure plans against them."
    }
  }
}
