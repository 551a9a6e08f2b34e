import Commerce
import Features
import Testing

@Suite struct CustomerStateTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func replayingALogGivesTheStatesThatLiveEventsLeft(seed: UInt64) throws {
    let settings = FeatureSettings(calendar: try ShopCalendar(timeZone: "Asia/Shanghai"))
    let events = TestShop.events(4000, seed: seed)
    var live = TestShop.states(events, settings: settings)
    for event in events { live.update(event) }
    var replayed = TestShop.states(events, settings: settings)
    replayed.replay(TestShop.frame(events))
    #expect(live.customers.count == 12)
    for id in live.customers.ids { #expect(live.state(of: id) == replayed.state(of: id)) }
    #expect(live.lastEventAt == replayed.lastEventAt)
  }

  @Test func aReplayInTwoPartsEqualsOneInOne() {
    let events = TestShop.events(3000, seed: 4)
    var whole = TestShop.states(events)
    whole.replay(TestShop.frame(events))
    var parts = TestShop.states(events)
    parts.replay(TestShop.frame(Array(events.prefix(1700))))
    parts.replay(TestShop.frame(Array(events.suffix(1300))))
    for id in whole.customers.ids { #expect(whole.state(of: id) == parts.state(of: id)) }
  }

  @Test func stoppingBeforeAMomentIgnoresWhatCameLater() {
    let events = TestShop.events(3000, seed: 5)
    let cut = TestShop.start.adding(days: 100)
    var stopped = TestShop.states(events)
    stopped.replay(TestShop.frame(events), before: cut)
    var short = TestShop.states(events)
    short.replay(TestShop.frame(events.filter { $0.event.timestamp < cut }))
    for id in short.customers.ids { #expect(stopped.state(of: id) == short.state(of: id)) }
  }

  private func purchase(
    _ sequence: Int64, day: Double, item: String = "item1", quantity: Double? = 1, amount: Double = 2,
    order: String? = nil, kind: EventKind = .purchase
  ) -> StoredEvent {
    StoredEvent(
      sequence: sequence,
      event: Event(
        eventID: "\(sequence)", kind: kind, customerID: "a", itemID: item,
        timestamp: TestShop.start.adding(days: day),
        quantity: quantity, amount: Money(amount, currency: .usd), orderID: order))
  }

  @Test func countsOrdersLinesDaysAndMoney() throws {
    var states = TestShop.states([])
    for event in [
      purchase(1, day: 0.5, order: "x"), purchase(2, day: 0.5, item: "item8", quantity: 3, order: "x"),
      purchase(3, day: 4, order: "y"), purchase(4, day: 4.1, item: "item2"),
    ] { states.update(event) }
    let state = try #require(states.state(of: "a"))
    #expect(state.orders == 3)
    #expect(state.lines == 4)
    #expect(state.spend == 800)
    #expect(state.quantity == 6)
    #expect(state.repeatedLines == 1)
    #expect(state.visits.map(\.categories) == [1, 2])
    let history = try #require(state.history(ofCategory: states.catalogue.place(ofItem: "item1").category))
    #expect(history.days.map(\.lines) == [2, 1])
    #expect(history.orders == 2)
    #expect(history.evidence == [1, 2, 3])
  }

  @Test func aRefundTakesBackTheNewestPurchase() throws {
    var states = TestShop.states([])
    states.update(purchase(1, day: 0, quantity: 2, amount: 4))
    states.update(purchase(2, day: 10, quantity: 1, amount: 2))
    states.update(purchase(3, day: 12, quantity: 2, amount: 4, kind: .refund))
    let state = try #require(states.state(of: "a"))
    let history = try #require(state.history(ofCategory: states.catalogue.place(ofItem: "item1").category))
    #expect(history.days.count == 1)
    #expect(history.days[0].quantity == 1)
    #expect(history.days[0].spend == 200)
    #expect(state.spend == 200)
    #expect(state.quantity == 1)
    #expect(state.visits.map(\.spend) == [200, 0])
  }

  @Test func aLateEventFindsItsDay() throws {
    var (late, ordered) = (TestShop.states([]), TestShop.states([]))
    for event in [purchase(1, day: 0), purchase(3, day: 9), purchase(2, day: 4)] { late.update(event) }
    for event in [purchase(1, day: 0), purchase(2, day: 4), purchase(3, day: 9)] { ordered.update(event) }
    let category = late.catalogue.place(ofItem: "item1").category
    let history = try #require(late.state(of: "a")?.history(ofCategory: category))
    #expect(history.days.count == 3)
    #expect(history.days == ordered.state(of: "a")?.history(ofCategory: category)?.days)
    #expect(late.state(of: "a")?.visits == ordered.state(of: "a")?.visits)
  }

  @Test func lookingWeighsByKindAndFades() throws {
    let settings = FeatureSettings(
      weights: [.view: 1, .cartAdd: 4], halfLivesDays: [.view: 7, .cartAdd: 14])
    var states = TestShop.states([], settings: settings)
    states.update(purchase(1, day: 0, kind: .view))
    states.update(purchase(2, day: 7, kind: .cartAdd))
    let history = try #require(
      states.state(of: "a")?.history(ofCategory: states.catalogue.place(ofItem: "item1").category))
    let moment = TestShop.start.adding(days: 21).milliseconds
    #expect(abs(history.interest(at: moment, settings: settings) - (0.125 + 2)) < 1e-9)
    #expect(history.days.isEmpty)
  }

  @Test func aSessionHoldsItsCartUntilAPause() throws {
    var states = TestShop.states([])
    states.update(purchase(1, day: 1, kind: .cartAdd))
    states.update(purchase(2, day: 1.01, item: "item2", kind: .cartAdd))
    states.update(purchase(3, day: 1.011, item: "item2", kind: .cartRemove))
    var session = try #require(states.state(of: "a")?.session)
    #expect(session.events == 3)
    #expect(session.cart.count == 1)
    states.update(purchase(4, day: 1.5, kind: .view))
    session = try #require(states.state(of: "a")?.session)
    #expect(session.events == 1)
    #expect(session.cart.isEmpty)
  }

  @Test func hostileEventsLeaveFiniteStates() throws {
    var states = TestShop.states([])
    let moments = [Int64.min + 1, -1, 0, Int64.max - 1]
    for (index, moment) in moments.enumerated() {
      states.update(
        StoredEvent(
          sequence: Int64(index),
          event: Event(
            eventID: "\(index)", kind: index == 2 ? .refund : .purchase,
            customerID: "'; DROP TABLE \u{0}\u{1F600}",
            itemID: "item1", timestamp: Timestamp(milliseconds: moment), quantity: .infinity,
            amount: Money(minorUnits: 5, currency: .cny))))
    }
    let state = try #require(states.state(of: "'; DROP TABLE \u{0}\u{1F600}"))
    #expect(state.quantity.isFinite)
    #expect(state.spend == 0)
    let profile = try #require(
      states.profile(
        of: "'; DROP TABLE \u{0}\u{1F600}", unitPrices: states.unitPrices(), asOf: TestShop.start))
    #expect(profile.spendByWeek.count < 200)
  }
}
