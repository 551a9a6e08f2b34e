import Foundation

/// The action that promises most profit for a customer: an offer, a message, a call, or nothing.
///
/// ```swift
/// let best = BestAction().choose(.init(value: 200, risk: 0.6))
/// best.kind; best.expectedProfit; best.isAssumed
/// ```
/// Expected profit is what the action adds less what it costs: added = learned effect on spend × margin, where campaigns have
/// taught one, else value at stake × risk × the share of those at risk whom such an action is assumed to keep × margin. Doing
/// nothing costs and adds nothing, and wins where no action pays.
public struct BestAction: Sendable, Codable, Equatable {
  /// What is assumed of one kind of action until a campaign has measured it.
  public struct Terms: Sendable, Codable, Equatable {
    /// What one contact costs.
    public var cost: Double
    /// The share of customers at risk whom it keeps, an assumption.
    public var keeps: Double
    /// What a coupon costs once it is redeemed; 0 without one.
    public var couponCost: Double

    /// Terms.
    public init(cost: Double, keeps: Double, couponCost: Double = 0) {
      (self.cost, self.keeps, self.couponCost) = (cost, keeps, couponCost)
    }

    private enum CodingKeys: String, CodingKey {
      case cost, keeps
      case couponCost = "coupon_cost"
    }
  }

  /// What is at stake with a customer.
  public struct Stake: Sendable, Equatable {
    /// Revenue expected from the customer in the horizon if they stay.
    public var value: Double
    /// The probability that they leave, 0 to 1.
    public var risk: Double
    /// The effect on spend that uplift models foretell for each kind of action; none where none was learned.
    public var learned: [Campaign.Action.Kind: Double]

    /// A stake.
    public init(value: Double, risk: Double, learned: [Campaign.Action.Kind: Double] = [:]) {
      (self.value, self.risk, self.learned) = (value, risk, learned)
    }
  }

  /// One choice.
  public struct Choice: Sendable, Codable, Equatable {
    /// What to do; nil for nothing.
    public var kind: Campaign.Action.Kind?
    /// What it promises after its cost.
    public var expectedProfit: Double
    /// Whether the figure rests on assumed terms instead of on a measured effect.
    public var isAssumed: Bool
  }

  /// The terms of each kind.
  public var terms: [Campaign.Action.Kind: Terms]
  /// The part of revenue that is profit.
  public var margin: Double

  /// A chooser; by default with cautious assumptions, to be replaced by the shop's own.
  public init(
    terms: [Campaign.Action.Kind: Terms] = [
      .message: Terms(cost: 0.05, keeps: 0.02), .offer: Terms(cost: 0.05, keeps: 0.06, couponCost: 3),
      .call: Terms(cost: 4, keeps: 0.1),
    ], margin: Double = 0.3
  ) {
    (self.terms, self.margin) = (terms, margin)
  }

  /// All choices for a customer, the most profitable first; nothing is among them.
  public func choices(_ stake: Stake) -> [Choice] {
    let actions = terms.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, terms -> Choice in
      // Those who would have come back anyway redeem a coupon too.
      let redeemed = 1 - stake.risk + stake.risk * terms.keeps
      let price = terms.cost + terms.couponCost * redeemed
      if let effect = stake.learned[kind] {
        return Choice(kind: kind, expectedProfit: effect * margin - price, isAssumed: false)
      }
      let kept = stake.value * stake.risk * terms.keeps
      return Choice(kind: kind, expectedProfit: kept * margin - price, isAssumed: true)
    }
    let nothing = Choice(kind: nil, expectedProfit: 0, isAssumed: false)
    return ([nothing] + actions).enumerated()
      .sorted { ($0.element.expectedProfit, $1.offset) > ($1.element.expectedProfit, $0.offset) }
      .map(\.element)
  }

  /// The best choice for a customer.
  public func choose(_ stake: Stake) -> Choice {
    choices(stake).first ?? Choice(kind: nil, expectedProfit: 0, isAssumed: false)
  }
}
