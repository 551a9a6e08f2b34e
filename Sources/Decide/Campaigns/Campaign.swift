import Commerce
import Foundation

/// A campaign: whom it is for, what is done, what it may cost, and how it is measured.
///
/// A random part of the audience is held out, so that what happens anyway is known. Drafts can be changed; what has begun is only
/// stopped.
public struct Campaign: Sendable, Codable, Equatable {
  /// Where a campaign stands.
  public enum State: String, Sendable, Codable, CaseIterable {
    /// It can be changed; nobody was assigned.
    case draft
    /// Customers are assigned and contacted.
    case running
    /// It is over; its outcomes may still come in.
    case ended
  }

  /// What is done to a customer.
  public struct Action: Sendable, Codable, Equatable {
    /// The means.
    public enum Kind: String, Sendable, Codable, CaseIterable {
      /// Something off the price.
      case offer
      /// Words.
      case message
      /// Someone calls.
      case call
    }

    /// The means.
    public var kind: Kind
    /// What is said.
    public var text: String
    /// What each contact costs, in the shop's currency.
    public var cost: Double
    /// The code of a coupon, when there is one.
    public var coupon: String?
    /// What a redeemed coupon costs, in the shop's currency.
    public var couponCost: Double

    /// An action.
    public init(
      kind: Kind, text: String = "", cost: Double = 0, coupon: String? = nil, couponCost: Double = 0
    ) {
      (self.kind, self.text, self.cost) = (kind, text, cost)
      (self.coupon, self.couponCost) = (coupon, couponCost)
    }

    private enum CodingKeys: String, CodingKey {
      case kind, text, cost, coupon
      case couponCost = "coupon_cost"
    }
  }

  /// What shall change.
  public struct Goal: Sendable, Codable, Equatable {
    /// The figure.
    public enum Kind: String, Sendable, Codable, CaseIterable {
      /// Whether a customer buys.
      case purchase
      /// How much money a customer spends.
      case amount
    }

    /// The figure.
    public var kind: Kind
    /// For how many days from the start it is counted.
    public var days: Int

    /// A goal.
    public init(kind: Kind = .amount, days: Int = 28) { (self.kind, self.days) = (kind, days) }
  }

  /// How often one customer may be contacted, over all campaigns.
  public struct FrequencyCap: Sendable, Codable, Equatable {
    /// At most so many contacts …
    public var contacts: Int
    /// … in so many days.
    public var days: Int

    /// A cap.
    public init(contacts: Int, days: Int) { (self.contacts, self.days) = (contacts, days) }
  }

  /// Its id.
  public var id: String
  /// What people call it.
  public var name: String
  /// Whom it is for, in the application's words.
  public var audience: JSONValue
  /// What is done.
  public var action: Action
  /// The share of the audience that is held out at random.
  public var holdout: Double
  /// What contacts and coupons may cost at most, in the shop's currency; nil for no limit.
  public var budget: Double?
  /// How often a customer may be contacted; nil for no limit.
  public var frequencyCap: FrequencyCap?
  /// What shall change.
  public var goal: Goal
  /// The part of revenue that is profit.
  public var margin: Double
  /// Where it stands.
  public var state: State
  /// When it was made.
  public var createdAt: Timestamp
  /// When it began.
  public var startedAt: Timestamp?
  /// When it ended.
  public var endedAt: Timestamp?
  /// When it shall end of itself; nil for when its goal has been counted.
  public var endsAt: Timestamp?

  private enum CodingKeys: String, CodingKey {
    case id = "campaign_id"
    case name, audience, action, holdout, budget, goal, margin, state
    case frequencyCap = "frequency_cap"
    case createdAt = "created_at"
    case startedAt = "started_at"
    case endedAt = "ended_at"
    case endsAt = "ends_at"
  }

  /// A draft.
  public init(
    id: String, name: String, audience: JSONValue, action: Action, holdout: Double = 0.1,
    budget: Double? = nil, frequencyCap: FrequencyCap? = FrequencyCap(contacts: 2, days: 28),
    goal: Goal = Goal(), margin: Double = 0.3, createdAt: Timestamp, endsAt: Timestamp? = nil
  ) {
    (self.id, self.name, self.audience, self.action) = (id, name, audience, action)
    (self.holdout, self.budget, self.frequencyCap) = (holdout, budget, frequencyCap)
    (self.goal, self.margin, self.createdAt, self.endsAt) = (goal, margin, createdAt, endsAt)
    state = .draft
  }

  /// Whether everything is in range.
  ///
  /// - Throws: `CampaignError.invalidParameter` for the first that is not.
  public func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: Any, _ expected: String) throws {
      guard holds else {
        throw CampaignError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    try require((1...200).contains(name.count), "name", "'\(name.prefix(40))'", "1 to 200 characters")
    try require(
      (0.01...0.9).contains(holdout), "holdout", holdout,
      "0.01 to 0.9: without customers held out nobody can tell what the campaign changed")
    try require(budget.map { (0...1e12).contains($0) } ?? true, "budget", budget ?? 0, "0 to 10^12")
    try require((0...1e9).contains(action.cost), "action.cost", action.cost, "0 to 10^9")
    try require((0...1e9).contains(action.couponCost), "action.coupon_cost", action.couponCost, "0 to 10^9")
    try require(action.text.count <= 2000, "action.text", "too long", "at most 2,000 characters")
    try require((1...365).contains(goal.days), "goal.days", goal.days, "1 to 365")
    try require((0...1).contains(margin), "margin", margin, "0 to 1")
    if let cap = frequencyCap {
      try require(
        (1...100).contains(cap.contacts) && (1...365).contains(cap.days), "frequency_cap",
        "\(cap.contacts) in \(cap.days) days", "1 to 100 contacts in 1 to 365 days")
    }
  }

  // MARK: States

  /// Begins it.
  ///
  /// - Throws: `CampaignError.wrongState` for one that is not a draft.
  public mutating func start(at moment: Timestamp) throws {
    guard state == .draft else {
      throw CampaignError.wrongState(state: state.rawValue, expected: State.draft.rawValue)
    }
    (state, startedAt) = (.running, moment)
  }

  /// Ends it.
  ///
  /// - Throws: `CampaignError.wrongState` for one that does not run.
  public mutating func end(at moment: Timestamp) throws {
    guard state == .running else {
      throw CampaignError.wrongState(state: state.rawValue, expected: State.running.rawValue)
    }
    (state, endedAt) = (.ended, moment)
  }

  /// When its goal has been counted; nil before it began.
  public var isCountedAt: Timestamp? { startedAt?.adding(days: Double(goal.days)) }

  /// Whether it runs and its time is over.
  public func isOver(at moment: Timestamp) -> Bool {
    guard state == .running, let end = endsAt ?? isCountedAt else { return false }
    return moment >= end
  }

  /// The most that one contact can cost.
  public var costOfContact: Double { action.cost + action.couponCost }
}
