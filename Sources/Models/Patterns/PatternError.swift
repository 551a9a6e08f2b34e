/// Why patterns could not be mined.
public enum PatternError: Error, Equatable, CustomStringConvertible {
  /// A parameter is out of its range.
  case invalidParameter(name: String, value: Double, expected: String)
  /// There is too little to find patterns in.
  case notEnoughData(needed: String, found: String)
  /// More patterns were found than asked for at most.
  case tooManyPatterns(limit: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is \(value); expected \(expected)."
    case .notEnoughData(let needed, let found):
      "There is not enough to find patterns in: needed \(needed), found \(found)."
    case .tooManyPatterns(let limit):
      "There are more than \(limit) patterns; ask for a higher support, for shorter ones, or for a higher limit."
    }
  }
}
