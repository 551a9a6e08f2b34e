/// Why a campaign cannot be made, changed, started or measured.
public enum CampaignError: Error, Equatable, CustomStringConvertible {
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// The campaign's state does not allow it.
  case wrongState(state: String, expected: String)
  /// There are too few customers.
  case notEnoughCustomers(needed: String, found: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The campaign's '\(name)' is \(value); expected \(expected)."
    case .wrongState(let state, let expected): "The campaign is \(state); expected one that is \(expected)."
    case .notEnoughCustomers(let needed, let found):
      "There are not enough customers: needed \(needed), found \(found)."
    }
  }
}
