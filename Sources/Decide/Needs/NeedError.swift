/// What can go wrong when needs are mined.
public enum NeedError: Error, Equatable, CustomStringConvertible {
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// The log is too short or too thin.
  case notEnoughData(needed: String, found: String)
  /// There is no such category among those the model knows.
  case unknownSubject(String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter \(name) is \(value); expected \(expected)."
    case .notEnoughData(let needed, let found):
      "There is not enough data to mine needs: needed \(needed), found \(found)."
    case .unknownSubject(let id): "The model knows no category '\(id)'."
    }
  }
}
