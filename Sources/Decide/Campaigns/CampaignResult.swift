import Foundation
import Marketing
import MathKernels

/// What a campaign changed: contacted customers against those held out.
///
/// ```swift
/// let result = try CampaignResult(campaign, customers: figures)
/// result.effect.interval   // for each contacted customer
/// result.profit            // after what contacts and coupons cost
/// ```
public struct CampaignResult: Sendable, Equatable {
  /// One customer's figures.
  public struct Customer: Sendable, Equatable {
    /// Whether contacted; held out otherwise.
    public var isTreated: Bool
    /// Spend in as many days before the start.
    public var before: Double
    /// Spend since the start, within the goal's days.
    public var spend: Double
    /// Whether there was a purchase within the goal's days.
    public var hasBought: Bool
    /// Whether a coupon was redeemed within the goal's days.
    public var hasRedeemed: Bool

    /// Figures.
    public init(isTreated: Bool, before: Double, spend: Double, hasBought: Bool, hasRedeemed: Bool = false) {
      (self.isTreated, self.before, self.spend) = (isTreated, before, spend)
      (self.hasBought, self.hasRedeemed) = (hasBought, hasRedeemed)
    }
  }

  /// The plain difference of the goal, for each customer.
  public let difference: EffectEstimate
  /// The difference with earlier spend taken off (CUPED): the narrower of the two, and the one to read.
  public let effect: EffectEstimate
  /// The difference of money spent, for each customer, with earlier spend taken off.
  public let spend: EffectEstimate
  /// The check that chance dealt the arms.
  public let ratio: TestResult
  /// What contacts and redeemed coupons cost.
  public let cost: Double
  /// Profit on what the campaign added, less its cost, over all contacted customers.
  public let profit: Double
  /// Where the profit lies.
  public let profitInterval: ConfidenceInterval

  /// Measures a campaign.
  ///
  /// - Complexity: O(customers).
  /// - Throws: `CampaignError.notEnoughCustomers` with fewer than two customers in an arm.
  public init(_ campaign: Campaign, customers: [Customer], level: Double = 0.95) throws {
    let treated = customers.map(\.isTreated)
    let contacted = treated.count { $0 }
    guard contacted >= 2, customers.count - contacted >= 2 else {
      throw CampaignError.notEnoughCustomers(
        needed: "two contacted and two held out",
        found: "\(contacted) and \(customers.count - contacted)")
    }
    let amounts = customers.map(\.spend)
    let outcomes = campaign.goal.kind == .amount ? amounts : customers.map { $0.hasBought ? 1 : 0 }
    let before = customers.map(\.before)
    difference = try TreatmentEffect.difference(outcomes: outcomes, treated: treated, level: level)
    effect = try TreatmentEffect.cuped(outcomes: outcomes, before: before, treated: treated, level: level)
    spend = try TreatmentEffect.cuped(outcomes: amounts, before: before, treated: treated, level: level)
    ratio = SampleRatio.check(
      treated: contacted, controls: customers.count - contacted, treatedShare: 1 - campaign.holdout)
    let redeemed = customers.count { $0.isTreated && $0.hasRedeemed }
    cost = Double(contacted) * campaign.action.cost + Double(redeemed) * campaign.action.couponCost
    let scale = campaign.margin * Double(contacted)
    profit = scale * spend.difference - cost
    profitInterval = ConfidenceInterval(
      lower: scale * spend.interval.lower - cost, upper: scale * spend.interval.upper - cost, level: level)
  }

  /// What can be said of the effect.
  public enum Verdict: String, Sendable, Codable {
    /// The interval is above 0.
    case more
    /// The interval is below 0.
    case less
    /// The interval holds 0.
    case unclear
    /// The arms were not dealt by chance: nothing can be said.
    case broken
  }

  /// What can be said of the effect.
  public var verdict: Verdict {
    if ratio.pValue < 0.001 { return .broken }
    if effect.interval.lower > 0 { return .more }
    return effect.interval.upper < 0 ? .less : .unclear
  }
}
