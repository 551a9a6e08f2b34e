import Campaigns
import Commerce
import Foundation
import MathKernels
import Testing

@Suite struct CampaignTests {
  private func draft(holdout: Double = 0.1, budget: Double? = nil, cost: Double = 0) -> Campaign {
    Campaign(
      id: "c1", name: "Win back", audience: nil, action: .init(kind: .message, cost: cost), holdout: holdout,
      budget: budget, createdAt: Timestamp(milliseconds: 0))
  }
  private let people = (0..<5000).map { "customer-\($0)" }

  @Test func aCampaignGoesFromDraftToRunningToEnded() throws {
    var campaign = draft()
    #expect(throws: CampaignError.wrongState(state: "draft", expected: "running")) {
      try campaign.end(at: Timestamp(milliseconds: 1))
    }
    try campaign.start(at: Timestamp(milliseconds: 5))
    #expect(throws: CampaignError.wrongState(state: "running", expected: "draft")) {
      try campaign.start(at: Timestamp(milliseconds: 6))
    }
    #expect(!campaign.isOver(at: Timestamp(milliseconds: 28 * Timestamp.day)))
    #expect(campaign.isOver(at: Timestamp(milliseconds: 28 * Timestamp.day + 5)))
    try campaign.end(at: Timestamp(milliseconds: 7))
    #expect(campaign.state == .ended && campaign.startedAt == Timestamp(milliseconds: 5))
    let saved = try JSONDecoder().decode(Campaign.self, from: JSONEncoder().encode(campaign))
    #expect(saved == campaign)
  }

  @Test func aCampaignWithoutHoldoutIsRefused() {
    #expect(throws: CampaignError.self) { try draft(holdout: 0).validate() }
    #expect(throws: Never.self) { try draft().validate() }
  }

  @Test func theArmsAreTheSameWhoeverAsksAndInWhateverOrder() {
    let first = CampaignAssignment(draft(), audience: people, recentContacts: [:]) { _ in 0 }
    let second = CampaignAssignment(draft(), audience: people.reversed(), recentContacts: [:]) { _ in 0 }
    #expect(first.entries == second.entries.reversed())
    var other = draft()
    other.id = "c2"
    let third = CampaignAssignment(other, audience: people, recentContacts: [:]) { _ in 0 }
    // In another campaign other customers are held out: of one in ten, one in a hundred in both.
    let both = zip(first.entries, third.entries).count { $0.arm == .holdout && $1.arm == .holdout }
    #expect((25...80).contains(both))
  }

  @Test func chanceDealsTheSharesAndBalancesTheArms() {
    let found = CampaignAssignment(draft(holdout: 0.2), audience: people, recentContacts: [:]) { _ in 0 }
    #expect(found.ratioCheck(holdout: 0.2).pValue > 0.001)
    #expect((found.counts[.treated] ?? 0) + (found.counts[.holdout] ?? 0) == 5000)
    #expect(abs(found.imbalance { Double($0.count) }) < 0.12)
    #expect(abs(found.imbalance { Double($0.hasSuffix("7") ? 1 : 0) }) < 0.12)
  }

  @Test func whoWasContactedTooOftenIsLeftOutOfBothArms() {
    let recent = Dictionary(uniqueKeysWithValues: people.prefix(1000).map { ($0, 2) })
    let found = CampaignAssignment(draft(), audience: people, recentContacts: recent) { _ in 0 }
    #expect(found.counts[.frequency] == 1000)
    #expect(found.entries.prefix(1000).allSatisfy { $0.arm == .frequency })
  }

  @Test func theBudgetGoesToTheMostPromisingAndIsNeverExceeded() {
    let campaign = draft(holdout: 0.25, budget: 100, cost: 0.5)
    let found = CampaignAssignment(campaign, audience: people, recentContacts: [:]) {
      Double($0.dropFirst(9)) ?? 0
    }
    #expect(found.counts[.treated] == 200)
    // The arms are drawn from the same customers: the highest numbers, some 267 of them.
    let reached = found.entries.indices.filter { [.treated, .holdout].contains(found.entries[$0].arm) }
    #expect(reached == Array((5000 - reached.count)..<5000))
    #expect((230...310).contains(reached.count))
    #expect(found.ratioCheck(holdout: 0.25).pValue > 0.001)
  }
}

@Suite struct CampaignResultTests {
  private func customers(_ seed: UInt64, effect: Double, count: Int = 2000) -> [CampaignResult.Customer] {
    var random = RandomSource(seed: seed)
    return (0..<count).map { _ in
      let (habit, isTreated) = (50 + 20 * random.normal(), random.uniform() < 0.9)
      return .init(
        isTreated: isTreated, before: habit + 5 * random.normal(),
        spend: habit + 5 * random.normal() + (isTreated ? effect : 0), hasBought: habit > 40,
        hasRedeemed: isTreated && random.uniform() < 0.1)
    }
  }

  private func campaign(_ kind: Campaign.Goal.Kind = .amount) -> Campaign {
    Campaign(
      id: "c", name: "c", audience: nil,
      action: .init(kind: .offer, cost: 0.1, coupon: "TEN", couponCost: 2), holdout: 0.1,
      goal: .init(kind: kind, days: 28), margin: 0.5, createdAt: Timestamp(milliseconds: 0))
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func aKnownEffectIsFoundWithItsCostAndProfit(seed: UInt64) throws {
    let people = customers(seed, effect: 3)
    let result = try CampaignResult(campaign(), customers: people)
    #expect(result.verdict == .more)
    #expect(abs(result.effect.difference - 3) < 4 * result.effect.standardError)
    #expect(result.effect.standardError < 0.5 * result.difference.standardError)
    let (contacted, redeemed) = (people.count { $0.isTreated }, people.count { $0.hasRedeemed })
    #expect(abs(result.cost - (0.1 * Double(contacted) + 2 * Double(redeemed))) < 1e-9)
    #expect(
      abs(result.profit - (0.5 * result.spend.difference * Double(contacted) - result.cost)) < 1e-9)
    #expect(result.profitInterval.lower < result.profit && result.profit < result.profitInterval.upper)
  }

  @Test func nothingIsClaimedWithoutAnEffect() throws {
    let verdicts = try (1...40 as ClosedRange<UInt64>).map {
      try CampaignResult(campaign(), customers: customers($0, effect: 0, count: 600)).verdict
    }
    #expect(verdicts.count { $0 == .unclear } >= 34)
  }

  @Test func armsThatChanceCannotHaveDealtSayNothing() throws {
    let people = customers(1, effect: 3).enumerated().filter { $0.offset % 2 == 0 || !$0.element.isTreated }
    #expect(try CampaignResult(campaign(), customers: people.map(\.element)).verdict == .broken)
  }

  @Test func aSingleCustomerHeldOutIsTooFew() {
    #expect(
      throws: CampaignError.notEnoughCustomers(needed: "two contacted and two held out", found: "2 and 1")
    ) {
      try CampaignResult(
        campaign(.purchase),
        customers: [true, true, false].map { .init(isTreated: $0, before: 0, spend: 0, hasBought: false) })
    }
  }
}

@Suite struct BestActionTests {
  @Test func nothingIsDoneWhereNoActionPays() {
    let best = BestAction().choose(.init(value: 1, risk: 0.1))
    #expect(best.kind == nil && best.expectedProfit == 0)
  }

  @Test func aMeasuredEffectComesBeforeAnAssumption() throws {
    let best = BestAction(margin: 0.5)
    let stake = BestAction.Stake(value: 100, risk: 0.5, learned: [.offer: 20])
    let offer = try #require(best.choices(stake).first { $0.kind == .offer })
    // 20 × 0.5 − 0.05 − 3 × (0.5 + 0.5 × 0.06)
    #expect(!offer.isAssumed && abs(offer.expectedProfit - (10 - 0.05 - 1.59)) < 1e-9)
    #expect(best.choose(stake) == offer)
    let message = try #require(best.choices(stake).first { $0.kind == .message })
    #expect(message.isAssumed && abs(message.expectedProfit - (100 * 0.5 * 0.02 * 0.5 - 0.05)) < 1e-9)
  }
}
