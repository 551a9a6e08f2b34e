/// Why a series could not be learned or continued.
public enum ForecastError: Error, Equatable, CustomStringConvertible {
  /// The series is too short for the method.
  case notEnoughData(series: String, needed: Int, found: Int)
  /// A setting is out of its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// A value cannot be used, such as an infinite one, or one below 0 where none may be.
  case invalidValue(series: String, index: Int, value: Double, expected: String)
  /// The values of a regressor are missing or of the wrong number.
  case missingRegressor(name: String, needed: Int, found: Int)
  /// A series of this name was not learned.
  case unknownSeries(String)
  /// The search for the best parameters found none that are admissible.
  case noSolution(series: String, method: String)

  /// The case as a sentence.
  public var description: String {
    switch self {
    case .notEnoughData(let series, let needed, let found):
      "The series '\(series)' has \(found) values; at least \(needed) are needed."
    case .invalidParameter(let name, let value, let expected):
      "The setting '\(name)' is \(value); expected \(expected)."
    case .invalidValue(let series, let index, let value, let expected):
      "The series '\(series)' has the value \(value) at step \(index + 1); expected \(expected)."
    case .missingRegressor(let name, let needed, let found):
      "The regressor '\(name)' has \(found) values for the \(needed) steps; one is needed for each."
    case .unknownSeries(let name):
      "There is no series '\(name)' among those learned."
    case .noSolution(let series, let method):
      "\(method) finds no admissible parameters for the series '\(series)'."
    }
  }
}
