import Commerce
import Features
import Foundation
import Testing

@Suite struct InterestTests {
  private static let end = TestShop.start.adding(days: 200)

  private func market(_ events: [StoredEvent]) -> (InterestMarket, EventFrame, [String: Item]) {
    let frame = TestShop.frame(events)
    let items = Dictionary(uniqueKeysWithValues: TestShop.items.map { ($0.itemID, $0) })
    return (InterestMarket(frame, items: items, weights: FeatureSettings()), frame, items)
  }

  private func rows(of customer: String, in frame: EventFrame) -> [Int32] {
    let index = frame.customers.index(of: customer)
    return (0..<Int32(frame.count)).filter { frame.customer[Int($0)] == index }
  }

  private func interests(
    of customer: String, _ events: [StoredEvent], limit: Int = 500
  ) -> CustomerInterests {
    let (market, frame, _) = market(events)
    return market.interests(of: rows(of: customer, in: frame), in: frame, asOf: Self.end, limit: limit)
  }

  private func purchase(
    _ sequence: Int, _ customer: String, day: Double, item: String, amount: Double = 2
  ) -> StoredEvent {
    StoredEvent(
      sequence: Int64(sequence),
      event: Event(
        eventID: "p\(sequence)", kind: .purchase, customerID: customer, itemID: item,
        timestamp: TestShop.start.adding(days: day), quantity: 1, amount: Money(amount, currency: .usd),
        orderID: "\(customer)\(day)"))
  }

  /// Forty customers who buy all categories alike; one of them buys C3 each second Saturday evening besides.
  private func planted(extra: Int = 20) -> [StoredEvent] {
    var events: [StoredEvent] = []
    for customer in 0..<40 {
      for visit in 0..<25 {
        events.append(
          purchase(
            events.count + 1, "k\(customer)", day: Double(visit * 7 + customer % 7) + 0.5,
            item: "item\((visit * 11 + customer * 3) % 28)"))
      }
    }
    for visit in 0..<extra {
      // 2017-01-07 was a Saturday.
      events.append(purchase(events.count + 1, "k0", day: 6 + 7 * Double(visit) + 0.8, item: "item3"))
    }
    return events
  }

  @Test func aPlantedInterestStandsOutAndNothingElseDoes() throws {
    let found = interests(of: "k0", planted())
    let above = found.points.filter { $0.standing == .above }
    #expect(above.filter { $0.point.kind == .category }.map(\.point.value) == ["C3"])
    #expect(above.contains { $0.point.value == "saturday-evening" })
    let category = try #require(above.first { $0.point.kind == .category })
    #expect(try #require(category.lift) > 2)
    #expect(try #require(category.liftInterval?.lowerBound) > 1)
    #expect(category.liftInterval!.contains(category.lift!))
    #expect(category.events >= 20 && category.days >= 20 && category.evidence.count == 3)
    let other = interests(of: "k7", planted()).points.filter { $0.point.kind == .category }
    #expect(other.allSatisfy { $0.standing != .above })
  }

  @Test func aFewPurchasesDoNotShout() throws {
    let found = interests(of: "new", planted() + [purchase(9_000, "new", day: 199, item: "item5")])
    #expect(!found.points.isEmpty && found.points.allSatisfy { $0.standing == .unknown })
    let point = try #require(found.points.first { $0.point.kind == .category })
    #expect(point.strength == 1 && point.events == 1 && point.trend == nil)
    // One day is worth one case, whatever was bought on it.
    #expect(try #require(point.liftInterval).lowerBound < 1.5)
  }

  @Test func tenLinesOfOneDaySayLessThanTenDays() throws {
    let base = planted(extra: 0)
    let together = base + (0..<12).map { purchase(5_000 + $0, "x", day: 190, item: "item3") }
    let apart = base + (0..<12).map { purchase(5_000 + $0, "x", day: 150 + 4 * Double($0), item: "item3") }
    func lower(_ events: [StoredEvent]) throws -> Double {
      let found = interests(of: "x", events).points.first { $0.point.value == "C3" }
      return try #require(found?.liftInterval?.lowerBound)
    }
    #expect(try lower(apart) > 2 * lower(together))
  }

  @Test func strengthHalvesByTheHalfLife() throws {
    // One purchase of each of two categories, one half-life apart: their weights are as 2 to 1.
    let found = interests(
      of: "x",
      planted(extra: 0) + [
        purchase(5_001, "x", day: 40, item: "item1"), purchase(5_002, "x", day: 160, item: "item2"),
      ])
    let shares = Dictionary(
      uniqueKeysWithValues: found.points.filter { $0.point.kind == .category }.map {
        ($0.point.value, $0.strength)
      })
    #expect(abs(try #require(shares["C2"]) - 2.0 / 3) < 1e-12)
    #expect(abs(try #require(shares["C1"]) - 1.0 / 3) < 1e-12)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func sharesOfADimensionAddUpAndArrivalOrderDoesNotMatter(seed: UInt64) throws {
    let events = TestShop.events(3000, seed: seed).filter { $0.event.kind != .refund }
    let one = interests(of: "customer3", events)
    var random = SeededOrder(seed)
    let other = interests(of: "customer3", events.shuffled(using: &random))
    for kind in [InterestPoint.Kind.category, .moment, .priceBand] {
      let shares = one.points.filter { $0.point.kind == kind }.map(\.strength)
      // Weights of what was taken out of carts count against; without them shares would add up to 1 exactly.
      #expect(abs(shares.reduce(0, +) - 1) < 0.2)
    }
    #expect(one.points.count == other.points.count && one.events == other.events)
    for (a, b) in zip(one.points, other.points) {
      #expect(a.point == b.point && abs(a.strength - b.strength) < 1e-9 && a.standing == b.standing)
    }
  }

  @Test(arguments: [4, 5] as [UInt64])
  func eventsTakenUpOneByOneGiveWhatTheWholeLogGives(seed: UInt64) throws {
    let events = TestShop.events(2000, seed: seed)
    let items = Dictionary(
      uniqueKeysWithValues: TestShop.items.map { item in
        var priced = item
        priced.price = Money(1 + Double(item.itemID.utf8.count & 7), currency: .usd)
        return (item.itemID, priced)
      })
    var frame = TestShop.frame(Array(events.prefix(1500)))
    var market = InterestMarket(frame, items: items, weights: FeatureSettings())
    for event in events.dropFirst(1500) {
      frame.append(event)
      market.takeUp(frame, items: items)
    }
    let anew = InterestMarket(frame, items: items, weights: FeatureSettings())
    #expect(market.events == anew.events)
    for customer in 0..<12 {
      let own = rows(of: "customer\(customer)", in: frame)
      let (one, other) = (
        market.interests(of: own, in: frame, asOf: Self.end, limit: 500),
        anew.interests(of: own, in: frame, asOf: Self.end, limit: 500)
      )
      for point in one.points where point.point.kind != .priceBand {
        let same = try #require(other.points.first { $0.point == point.point })
        #expect(abs(point.strength - same.strength) < 1e-9 && point.standing == same.standing)
        #expect(abs((point.lift ?? 0) - (same.lift ?? 0)) < 1e-6)
      }
    }
  }

  @Test func nothingAfterTheMomentCounts() {
    let (market, frame, _) = market(planted())
    let own = rows(of: "k0", in: frame)
    let early = market.interests(of: own, in: frame, asOf: TestShop.start.adding(days: 20))
    #expect(early.points.allSatisfy { $0.lastAt <= TestShop.start.adding(days: 20) })
    #expect(market.interests(of: [], in: frame, asOf: Self.end).points.isEmpty)
    #expect(market.interests(of: own, in: frame, asOf: TestShop.start.adding(days: -5)).events == 0)
  }

  @Test func attributesThatNameItemsAreLeftOut() {
    let items = (0..<12).map {
      Item(
        itemID: "i\($0)", category: "C",
        attributes: ["sku": .string("n\($0)"), "colour": .string($0 % 2 == 0 ? "red" : "blue")])
    }
    let frame = TestShop.frame((0..<12).map { purchase($0 + 1, "a", day: Double($0), item: "i\($0)") })
    let market = InterestMarket(
      frame, items: Dictionary(uniqueKeysWithValues: items.map { ($0.itemID, $0) }),
      weights: FeatureSettings())
    let found = market.interests(of: Array(0..<12), in: frame, asOf: Self.end)
    #expect(Set(found.points.compactMap(\.point.name)) == ["colour"])
    // With nobody else there is nothing to hold it against.
    #expect(found.points.allSatisfy { $0.lift == nil && $0.standing == .unknown })
  }

  @Test func whatCustomersOfPureChanceStandOutByIsRare() {
    // 300 customers who draw categories and days from the same urn: whoever stands out does so by chance alone.
    var state: UInt64 = 11
    func next(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    var events: [StoredEvent] = []
    for customer in 0..<300 {
      for _ in 0..<20 {
        let day = Double(next(180)) + 0.25 * Double(next(4))
        for _ in 0...next(5) {
          events.append(purchase(events.count + 1, "c\(customer)", day: day, item: "item\(next(28))"))
        }
      }
    }
    let (market, frame, _) = market(events)
    let (own, starts) = frame.rowsByCustomer()
    let claimed = (0..<300).filter { customer in
      market.interests(
        of: Array(own[starts[customer]..<starts[customer + 1]]), in: frame, asOf: Self.end, limit: 500
      ).points.contains { $0.standing == .above || $0.standing == .below }
    }
    #expect(claimed.count <= 24, "\(claimed.count) of 300 customers of pure chance stand out")
  }

  @Test func wordsAreThereInBothLanguages() {
    let words = interests(of: "k0", planted()).words
    #expect(words.en.count == words.zh.count && words.en[0].contains("C3") && words.zh[0].contains("C3"))
    #expect(
      words.en.contains { $0.contains("Saturday evening") } && words.zh.contains { $0.contains("周六晚上") })
    #expect(interests(of: "nobody", planted()).words.en.count == 1)
  }
}

/// A generator that gives the same numbers on every run.
private struct SeededOrder: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
