/// Why demand could not be forecast.
public enum DemandError: Error, Equatable, CustomStringConvertible {
  /// A parameter is out of its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// There is too little to learn from.
  case notEnoughData(needed: String, found: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is '\(value)'; expected \(expected)."
    case .notEnoughData(let needed, let found):
      "There is not enough to forecast demand from: \(needed) needed, \(found) found."
    }
  }
}
