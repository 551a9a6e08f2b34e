/// What can go wrong when features are computed.
public enum FeatureError: Error, Equatable, CustomStringConvertible {
  /// The system knows no time zone of this name.
  case unknownTimeZone(String)
  /// A setting is outside its range.
  case invalidSetting(name: String, value: String, expected: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .unknownTimeZone(let name):
      "There is no time zone '\(name)'; expected an IANA name such as Asia/Shanghai or America/New_York."
    case .invalidSetting(let name, let value, let expected):
      "The setting \(name) is \(value); expected \(expected)."
    }
  }
}
