/// Why a launch cannot be planned.
public enum LaunchError: Error, Equatable, CustomStringConvertible {
  /// The shop's history is too short.
  case notEnoughWeeks(needed: Int, found: Int)
  /// There are too few earlier launches to measure the plan against.
  case notEnoughLaunches(needed: Int, found: Int)

  /// The case as a sentence.
  public var description: String {
    switch self {
    case .notEnoughWeeks(let needed, let found):
      "The shop has \(found) full weeks of purchases; at least \(needed) are needed to plan a launch."
    case .notEnoughLaunches(let needed, let found):
      "The shop has \(found) earlier launches; at least \(needed) are needed to measure plans against them."
    }
  }
}
