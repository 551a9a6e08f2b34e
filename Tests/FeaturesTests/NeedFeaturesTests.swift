import Commerce
import Features
import Foundation
import Testing

@Suite struct NeedFeaturesTests {
  static let calendar = ShopCalendar.utc
  static let origin = calendar.day(of: TestShop.start)

  /// The rows of all customers as of a day, from the events before it, and the market they were read against.
  static func rows(_ events: [StoredEvent], day: Int32) throws -> (rows: [Float], space: CategorySpace) {
    let frame = TestShop.frame(events)
    let catalogue = CatalogueIndex(TestShop.items)
    let space = CategorySpace(categories: catalogue.categories.ids.sorted(), catalogue: catalogue)
    let outcomes = PurchaseOutcomes(frame, catalogue: catalogue, space: space, calendar: calendar)
    var replay = LogReplay(frame, catalogue: catalogue, settings: .init())
    var timeline = MarketTimeline(space: space, outcomes: outcomes)
    var snapshot: MarketSnapshot?
    for stop in stride(from: origin + 28, through: day, by: 14) {
      replay.advance(before: calendar.start(ofDay: stop))
      snapshot = try timeline.snapshot(of: replay.states, day: stop)
    }
    let market = try #require(snapshot)
    #expect(market.day == day)
    return (
      NeedFeatures(snapshot: market, space: space, settings: .init()).rows(for: replay.states, day: day),
      space
    )
  }

  @Test(arguments: [1, 2] as [UInt64])
  func nothingAfterTheCutOffChangesAFeature(seed: UInt64) throws {
    let day = Self.origin + 126
    let cut = Self.calendar.start(ofDay: day)
    // The customers come in the same order, as all of them appear before the cut-off.
    let events = TestShop.events(4000, seed: seed)
    let past = events.filter { $0.event.timestamp < cut }
    let future = TestShop.events(3000, seed: seed + 50).map { stored in
      var event = stored.event
      event.timestamp = Timestamp(milliseconds: cut.milliseconds + stored.sequence * 60_000)
      return StoredEvent(sequence: stored.sequence + 10_000, event: event)
    }
    let without = try Self.rows(past, day: day).rows
    #expect(try Self.rows(events, day: day).rows.map(\.bitPattern) == without.map(\.bitPattern))
    #expect(try Self.rows(past + future, day: day).rows.map(\.bitPattern) == without.map(\.bitPattern))
    #expect(Set(without.map(\.bitPattern)).count > 1000)
  }

  @Test func rowsOfManyEqualRowsOfOne() throws {
    let events = TestShop.events(3000, seed: 7)
    let frame = TestShop.frame(events)
    let catalogue = CatalogueIndex(TestShop.items)
    let space = CategorySpace(categories: catalogue.categories.ids.sorted(), catalogue: catalogue)
    let outcomes = PurchaseOutcomes(frame, catalogue: catalogue, space: space, calendar: Self.calendar)
    var replay = LogReplay(frame, catalogue: catalogue, settings: .init())
    var timeline = MarketTimeline(space: space, outcomes: outcomes)
    replay.advance(before: nil)
    let snapshot = try timeline.snapshot(of: replay.states, day: outcomes.endDay)
    let features = NeedFeatures(snapshot: snapshot, space: space, settings: .init())
    let all = features.rows(for: replay.states, day: outcomes.endDay)
    let size = space.count * NeedFeatures.width
    for customer in replay.states.indices {
      let one = features.rows(for: [replay.states[customer]], day: outcomes.endDay)
      for (a, b) in zip(one, all[customer * size..<(customer + 1) * size]) {
        #expect(a == b || (a.isNaN && b.isNaN) || abs(a - b) < 1e-5)
      }
    }
  }

  @Test func countsGapsAndDecaysOfOnePair() throws {
    var states = TestShop.states([])
    for (index, day) in [0, 10, 30].enumerated() {
      states.update(
        StoredEvent(
          sequence: Int64(index),
          event: Event(
            eventID: "\(index)", kind: .purchase, customerID: "a", itemID: "item1",
            timestamp: TestShop.start.adding(days: Double(day) + 0.3), quantity: 1,
            amount: Money(3, currency: .usd))))
    }
    let history = try #require(
      states.state(of: "a")?.history(ofCategory: states.catalogue.place(ofItem: "item1").category))
    let values = PairValues(history, before: Self.origin + 40)
    #expect(values.count == 3)
    #expect(values.counts.d28 == 1)
    #expect(values.counts.previous28 == 2)
    #expect(values.recency == 10)
    #expect(values.sinceFirst == 40)
    #expect(values.meanGap == 15)
    #expect(abs(try #require(values.gapVariation) - 1.0 / 3) < 1e-12)
    // Gaps of 10 and 20 days; the present pause is 10 days, only the second was longer and ended within 28 days of it.
    #expect(abs(values.resumption - 1.5 / 2.5) < 1e-12)
    #expect(abs(values.decayed.h20 - (0.25 + exp2(-1.5) + exp2(-0.5))) < 1e-12)
    #expect(PairValues(history, before: Self.origin + 30).count == 2)
    #expect(PairValues(history, before: Self.origin).count == 0)
  }
}
