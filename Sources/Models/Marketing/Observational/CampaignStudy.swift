import Foundation
import Learning
import MathKernels

/// What campaigns of the past changed, from purchases and the lists of who got each campaign.
///
/// ```swift
/// let study = try CampaignStudy(purchases: purchases, campaigns: campaigns)
/// let found = try await study.measure("18", context: FitContext(seed: 42))
/// found.adjusted.effect     // spend a week that the campaign added for those who got it
/// found.placebo.effect      // the same in the weeks before it began: 0, where the adjustment holds
/// ```
/// Days are counted in whole numbers from any origin. Those who got the campaign are compared with customers of the same days who
/// did not, by `PropensityAdjustment` on what each bought before the campaign began.
public struct CampaignStudy: Sendable {
  /// One purchase.
  public struct Purchase: Sendable, Equatable {
    /// Who.
    public var customer: String
    /// The day.
    public var day: Int
    /// What was paid.
    public var amount: Double

    /// A purchase.
    public init(customer: String, day: Int, amount: Double) {
      (self.customer, self.day, self.amount) = (customer, day, amount)
    }
  }

  /// One campaign of the past.
  public struct Campaign: Sendable, Equatable {
    /// Its id.
    public var id: String
    /// Its first day.
    public var start: Int
    /// Its last day.
    public var end: Int
    /// Who got it.
    public var customers: Set<String>

    /// A campaign.
    public init(id: String, start: Int, end: Int, customers: Set<String>) {
      (self.id, self.start, self.end, self.customers) = (id, start, end, customers)
    }
  }

  /// What was found of one campaign.
  public struct Finding: Sendable, Equatable, Codable {
    /// The campaign.
    public var campaign: String
    /// How many days were measured.
    public var days: Int
    /// The effect on spend a week, adjusted.
    public var adjusted: PropensityAdjustment.Estimate
    /// The plain difference with the spend of the weeks before taken off.
    public var cuped: EffectEstimate
    /// The same adjustment for as many days before the campaign, where there can be no effect.
    public var placebo: PropensityAdjustment.Estimate
    /// Whether the placebo's interval holds 0; where it does not, the adjustment misses something.
    public var placeboHolds: Bool { placebo.effect.interval.lower <= 0 && placebo.effect.interval.upper >= 0 }
  }

  private struct Bought {
    var days: [Int] = []
    var amounts: [Double] = []
  }

  private let customers: [String]
  private let bought: [Bought]
  private let campaigns: [Campaign]
  private let first: Int
  private let last: Int
  private let adjustment: PropensityAdjustment

  /// The features that customers are made comparable by.
  public static let features = [
    "log_spend_4_weeks", "log_spend_5_to_8_weeks", "log_spend_9_to_16_weeks", "days_with_purchase_8_weeks",
    "log_days_since_purchase", "mean_purchase_day", "campaigns_before", "campaigns_running",
  ]
  private static let leastHistory = 56

  /// A study of these purchases and campaigns.
  ///
  /// - Throws: `MarketingError` where there is no purchase, or one that cannot be.
  public init(
    purchases: [Purchase], campaigns: [Campaign], adjustment: PropensityAdjustment = PropensityAdjustment()
  ) throws {
    guard let first = purchases.map(\.day).min(), let last = purchases.map(\.day).max() else {
      throw MarketingError.notEnoughData(needed: "purchases", found: "none")
    }
    guard purchases.allSatisfy(\.amount.isFinite) else {
      throw MarketingError.shapeMismatch(expected: "finite amounts", found: "others")
    }
    var places: [String: Int] = [:]
    var (ids, bought) = ([String](), [Bought]())
    for purchase in purchases.sorted(by: { $0.day < $1.day }) {
      let place = places[purchase.customer] ?? ids.count
      if place == ids.count {
        places[purchase.customer] = place
        ids.append(purchase.customer)
        bought.append(Bought())
      }
      bought[place].days.append(purchase.day)
      bought[place].amounts.append(purchase.amount)
    }
    (customers, self.bought, self.campaigns, self.first, self.last) = (ids, bought, campaigns, first, last)
    self.adjustment = adjustment
  }

  /// Measures one campaign.
  ///
  /// - Parameter mostDays: at most so many days from its first are counted.
  /// - Complexity: O(customers × their purchases), and that of the adjustment.
  /// - Throws: `MarketingError` for an unknown campaign, one with less than eight weeks of purchases before the days of its
  ///   placebo, or one without enough comparable customers.
  public func measure(_ id: String, mostDays: Int = 56, context: FitContext) async throws -> Finding {
    guard let campaign = campaigns.first(where: { $0.id == id }) else {
      throw MarketingError.invalidParameter(
        name: "campaign", value: id,
        expected: "one of \(campaigns.map(\.id).joined(separator: ", "))")
    }
    let days = min(min(campaign.end, last) - campaign.start + 1, mostDays)
    guard days >= 7, campaign.start - days - first >= Self.leastHistory else {
      throw MarketingError.notEnoughData(
        needed: "a week of purchases in the campaign and \(Self.leastHistory + max(7, days)) days before it",
        found: "\(max(0, days)) and \(max(0, campaign.start - first))")
    }
    // Who had bought before the days of the placebo: the same customers are in both.
    let known = customers.indices.filter { (bought[$0].days.first ?? .max) < campaign.start - days }
    let table = dataset(campaign, known, from: campaign.start, days: days)
    let earlier = dataset(campaign, known, from: campaign.start - days, days: days)
    return Finding(
      campaign: id, days: days, adjusted: try await adjustment.estimate(table, context: context),
      cuped: try TreatmentEffect.cuped(
        outcomes: table.outcomes, before: earlier.outcomes, treated: table.treated,
        level: adjustment.configuration.level),
      placebo: try await adjustment.estimate(earlier, context: context))
  }

  /// What uplift models learn of a campaign: features before it, who got it, spend a week in it.
  ///
  /// - Throws: `MarketingError` for an unknown campaign.
  public func dataset(of id: String, mostDays: Int = 56) throws -> (data: UpliftDataset, customers: [String])
  {
    guard let campaign = campaigns.first(where: { $0.id == id }) else {
      throw MarketingError.invalidParameter(
        name: "campaign", value: id, expected: "one of \(campaigns.map(\.id).joined(separator: ", "))")
    }
    let days = min(min(campaign.end, last) - campaign.start + 1, mostDays)
    let known = customers.indices.filter { (bought[$0].days.first ?? .max) < campaign.start - days }
    return (
      dataset(campaign, known, from: campaign.start, days: max(1, days)), known.map { customers[$0] }
    )
  }

  private func dataset(_ campaign: Campaign, _ known: [Int], from day: Int, days: Int) -> UpliftDataset {
    var table = FeatureMatrix(names: Self.features)
    table.reserveRows(known.count)
    for customer in known { table.append(features(of: customer, before: day).map(Float.init)) }
    return UpliftDataset(
      features: table, treated: known.map { campaign.customers.contains(customers[$0]) },
      outcomes: known.map { spend(of: $0, from: day, to: day + days) * 7 / Double(days) })
  }

  private func spend(of customer: Int, from start: Int, to end: Int) -> Double {
    let own = bought[customer]
    var sum = 0.0
    for (day, amount) in zip(own.days, own.amounts) where day >= start && day < end { sum += amount }
    return sum
  }

  /// In the order of `features`; nothing on or after the day enters.
  private func features(of customer: Int, before day: Int) -> [Double] {
    let own = bought[customer]
    let past = own.days.indices.filter { own.days[$0] < day }
    let total = past.reduce(0.0) { $0 + own.amounts[$1] }
    let purchaseDays = Set(past.map { own.days[$0] })
    let recent = purchaseDays.count { $0 >= day - 56 }
    let since = day - (past.last.map { own.days[$0] } ?? first)
    let got = campaigns.filter { $0.start < day && $0.customers.contains(customers[customer]) }
    func level(_ from: Int, _ to: Int) -> Double {
      log1p(max(0, spend(of: customer, from: day - from, to: day - to)))
    }
    return [
      level(28, 0), level(56, 28), level(112, 56), Double(recent), log1p(Double(since)),
      purchaseDays.isEmpty ? 0 : total / Double(purchaseDays.count), Double(got.count),
      Double(got.count { $0.end >= day }),
    ]
  }
}
