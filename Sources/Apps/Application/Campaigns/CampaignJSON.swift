import Campaigns
import Commerce
import Foundation
import Marketing
import MathKernels

/// Campaigns as the API takes and shows them.
enum CampaignJSON {
  private static let members: Set<String> = [
    "name", "audience", "action", "holdout", "budget", "frequency_cap", "goal", "margin", "ends_at",
  ]

  /// A draft as a body describes it.
  ///
  /// - Throws: `ApplicationError.invalidParameter`, `CampaignError.invalidParameter`.
  static func draft(_ body: JSONValue, id: String, at moment: Timestamp) throws -> Campaign {
    if let wrong = (body.object ?? [:]).keys.sorted().first(where: { !members.contains($0) }) {
      throw ApplicationError.invalidParameter(
        name: wrong, value: "given", expected: members.sorted().joined(separator: ", "))
    }
    let audience = body["audience"] ?? .object([:])
    _ = try CampaignAudience(audience)
    var campaign = Campaign(
      id: id, name: try text(body, "name", 1...200), audience: audience,
      action: try action(body["action"] ?? .object([:])), createdAt: moment)
    campaign.holdout = try number(body, "holdout") ?? campaign.holdout
    campaign.budget = try number(body, "budget")
    campaign.margin = try number(body, "margin") ?? campaign.margin
    if let cap = body["frequency_cap"] {
      campaign.frequencyCap =
        cap == .null
        ? nil : .init(contacts: try whole(cap, "contacts") ?? 2, days: try whole(cap, "days") ?? 28)
    }
    if let goal = body["goal"], goal != .null {
      campaign.goal = .init(
        kind: try choice(goal, "kind") ?? .amount, days: try whole(goal, "days") ?? campaign.goal.days)
    }
    if let end = body["ends_at"], end != .null {
      guard let time = end.string.flatMap({ Timestamp(rfc3339: $0) }), time > moment else {
        throw ApplicationError.invalidParameter(
          name: "ends_at", value: end.string, expected: "a time to come such as 2030-12-31T10:00:00Z")
      }
      campaign.endsAt = time
    }
    try campaign.validate()
    return campaign
  }

  private static func action(_ json: JSONValue) throws -> Campaign.Action {
    Campaign.Action(
      kind: try choice(json, "kind") ?? .message, text: try text(json, "text", 0...2000),
      cost: try number(json, "cost") ?? 0, coupon: try text(json, "coupon", 0...100).nilWhenEmpty,
      couponCost: try number(json, "coupon_cost") ?? 0)
  }

  private static func text(_ json: JSONValue, _ name: String, _ length: ClosedRange<Int>) throws -> String {
    let value = json[name] ?? .null
    guard let text = value == .null ? "" : value.string, length.contains(text.count) else {
      throw ApplicationError.invalidParameter(
        name: name, value: value.string.map { String($0.prefix(40)) },
        expected: "a text of \(length.lowerBound) to \(length.upperBound) characters")
    }
    return text
  }

  private static func number(_ json: JSONValue, _ name: String) throws -> Double? {
    guard let value = json[name], value != .null else { return nil }
    guard let number = value.number, number.isFinite else {
      throw ApplicationError.invalidParameter(name: name, value: "another", expected: "a number")
    }
    return number
  }

  private static func whole(_ json: JSONValue, _ name: String) throws -> Int? {
    guard let value = json[name], value != .null else { return nil }
    guard let number = value.integer else {
      throw ApplicationError.invalidParameter(name: name, value: "another", expected: "a whole number")
    }
    return number
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ json: JSONValue, _ name: String
  ) throws -> Choice? where Choice.RawValue == String {
    guard let value = json[name], value != .null else { return nil }
    guard let choice = value.string.flatMap({ Choice(rawValue: $0) }) else {
      throw ApplicationError.invalidParameter(
        name: name, value: value.string,
        expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  // MARK: What is shown

  static func campaign(_ campaign: Campaign, counts: JSONValue? = nil) -> JSONValue {
    [
      "campaign_id": .string(campaign.id), "name": .string(campaign.name),
      "state": .string(campaign.state.rawValue), "audience": campaign.audience,
      "action": [
        "kind": .string(campaign.action.kind.rawValue), "text": .string(campaign.action.text),
        "cost": JSONValue(campaign.action.cost), "coupon": JSONValue(campaign.action.coupon),
        "coupon_cost": JSONValue(campaign.action.couponCost),
      ], "holdout": JSONValue(campaign.holdout), "budget": JSONValue(campaign.budget),
      "frequency_cap": campaign.frequencyCap.map {
        ["contacts": JSONValue($0.contacts), "days": JSONValue($0.days)]
      } ?? .null,
      "goal": ["kind": .string(campaign.goal.kind.rawValue), "days": JSONValue(campaign.goal.days)],
      "margin": JSONValue(campaign.margin), "created_at": JSONValue(campaign.createdAt),
      "started_at": JSONValue(campaign.startedAt), "ended_at": JSONValue(campaign.endedAt),
      "ends_at": JSONValue(campaign.endsAt), "counted_until": JSONValue(campaign.isCountedAt),
      "counts": counts ?? .null,
    ]
  }

  /// How many customers each arm has.
  static func counts(_ entries: [CampaignAssignment.Entry]) -> JSONValue {
    var counts = Dictionary(
      uniqueKeysWithValues: CampaignAssignment.Arm.allCases.map { ($0.rawValue, 0) })
    for entry in entries { counts[entry.arm.rawValue, default: 0] += 1 }
    var json = JSONValue.object(counts.mapValues { JSONValue($0) })
    json["audience"] = JSONValue(entries.count)
    return json
  }

  static func customer(
    _ entry: CampaignAssignment.Entry, _ figures: CampaignFigures, _ campaign: Campaign
  ) -> JSONValue {
    let isContacted = entry.arm == .treated
    return [
      "customer_id": .string(entry.customer), "arm": .string(entry.arm.rawValue),
      "contacted_at": isContacted ? JSONValue(campaign.startedAt) : .null,
      "action": isContacted ? .string(campaign.action.kind.rawValue) : .null,
      "text": isContacted ? .string(campaign.action.text) : .null,
      "coupon": isContacted ? JSONValue(campaign.action.coupon) : .null,
      "spend_before": JSONValue(figures.before), "spend": JSONValue(figures.spend),
      "orders": JSONValue(figures.orders), "coupons_redeemed": JSONValue(figures.redeemed),
    ]
  }

  static func preview(
    _ campaign: Campaign, _ assignment: CampaignAssignment, _ figures: [CampaignFigures], currency: Currency
  ) -> JSONValue {
    let counts = assignment.counts
    let (treated, held) = (counts[.treated] ?? 0, counts[.holdout] ?? 0)
    let measured = zip(assignment.entries, figures).filter { $0.0.arm == .treated || $0.0.arm == .holdout }
    let outcomes = measured.map { campaign.goal.kind == .amount ? $0.1.spend : $0.1.orders > 0 ? 1.0 : 0 }
    let deviation = outcomes.count > 1 ? Statistics.standardDeviation(outcomes) : 0
    let mean = outcomes.isEmpty ? 0 : Statistics.mean(outcomes)
    let least =
      deviation > 0
      ? SamplePlan().detectableDifference(deviation: deviation, treated: treated, controls: held) : nil
    let spend = Dictionary(
      zip(assignment.entries.map(\.customer), figures.map(\.spend)), uniquingKeysWith: { first, _ in first })
    return [
      "counts": Self.counts(assignment.entries), "usual": JSONValue(mean),
      "detectable_difference": JSONValue(least),
      "detectable_relative": JSONValue(mean > 0 ? least.map { $0 / mean } : nil),
      "most_cost": JSONValue(Double(treated) * campaign.costOfContact),
      "imbalance": JSONValue(assignment.imbalance { spend[$0] ?? 0 }),
      "words": CampaignWords.preview(
        campaign, treated: treated, held: held, least: least, usual: mean, currency: currency),
    ]
  }

  static func result(
    _ campaign: Campaign, _ result: CampaignResult, counts: JSONValue, days: Double, currency: Currency
  ) -> JSONValue {
    [
      "campaign_id": .string(campaign.id), "state": .string(campaign.state.rawValue), "counts": counts,
      "days_counted": JSONValue(days), "days": JSONValue(campaign.goal.days),
      "goal": .string(campaign.goal.kind.rawValue), "difference": effect(result.difference),
      "effect": effect(result.effect), "spend": effect(result.spend),
      "sample_ratio_p": JSONValue(result.ratio.pValue), "verdict": .string(result.verdict.rawValue),
      "cost": JSONValue(result.cost), "profit": JSONValue(result.profit),
      "profit_interval": [
        "lower": JSONValue(result.profitInterval.lower), "upper": JSONValue(result.profitInterval.upper),
      ], "words": CampaignWords.result(campaign, result, days: days, currency: currency),
    ]
  }

  private static func effect(_ effect: EffectEstimate) -> JSONValue {
    [
      "difference": JSONValue(effect.difference), "lower": JSONValue(effect.interval.lower),
      "upper": JSONValue(effect.interval.upper), "level": JSONValue(effect.interval.level),
      "p_value": JSONValue(effect.pValue), "contacted": JSONValue(effect.treated),
      "held_out": JSONValue(effect.controls), "contacted_mean": JSONValue(effect.treatedMean),
      "held_out_mean": JSONValue(effect.controlMean),
      "variance_reduction": JSONValue(effect.varianceReduction),
    ]
  }
}

extension String {
  fileprivate var nilWhenEmpty: String? { isEmpty ? nil : self }
}
