import Commerce
import Features
import Foundation
import Learning
import MathKernels
import Needs
import Testing

@Suite struct NeedBoardTests {
  /// Category 7 takes off in the last 28 days and category 0 stops.
  static func turningEvents() -> [StoredEvent] {
    var events = TestShop.events(seed: 11).filter { stored in
      stored.event.itemID != "item0" || stored.event.timestamp < TestShop.start.adding(days: 162)
    }
    for customer in 0..<60 {
      let sequence = 500_000 + Int64(customer)
      events.append(
        StoredEvent(
          sequence: sequence,
          event: Event(
            eventID: "t\(sequence)", kind: .purchase, customerID: "customer\(customer)", itemID: "item7",
            timestamp: TestShop.start.adding(days: 165 + Double(customer % 20)), quantity: 1,
            amount: Money(8, currency: .usd))))
    }
    return events
  }

  @Test func addsUpTheNeedsOfAllCustomersAndFindsWhatTurns() async throws {
    let events = Self.turningEvents()
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    let asOf = TestShop.start.adding(days: 189.5)
    let board = try NeedBoard(predictor: predictor, states: states.states, asOf: asOf)
    #expect(board.rows.count == TestShop.categories)
    let strengths = try predictor.strengths(of: states.states, asOf: asOf)
    for row in board.rows {
      let column = try #require(model.categories.firstIndex(of: row.subject.id))
      let sum = stride(from: column, to: strengths.count, by: TestShop.categories).reduce(0.0) {
        $0 + Double(strengths[$1])
      }
      #expect(abs(row.expectedCustomers - sum) < 1e-3)
      #expect(abs(row.replenishCustomers + row.exploreCustomers - Int(sum.rounded())) <= 1)
      #expect(row.strengthHistogram.reduce(0) { $0 + $1.customers } == TestShop.customers)
      #expect(row.dueWithin7Days <= Int(sum.rounded()))
    }
    #expect(board.row(ofSubject: "C7")?.trend.base.direction == .rising)
    #expect(board.row(ofSubject: "C0")?.trend.base.direction == .falling)
    #expect(board.findings.en.contains("C7") && board.findings.zh.contains("C0"))
    let week = try #require(board.row(ofSubject: "C7")?.series.first { $0.week == "2017-06-19" })
    let monday = try #require(Timestamp(rfc3339: "2017-06-19"))
    let buyers = Set(
      events.filter {
        $0.event.itemID == "item7" && $0.event.timestamp >= monday
          && $0.event.timestamp < monday.adding(days: 7)
      }.map(\.event.customerID))
    #expect(week.customers == buyers.count)
    let listed = try predictor.customers(
      needing: "C7", states: states.states, customers: states.customers, asOf: asOf,
      filter: NeedCustomerFilter(kind: .replenish, minStrength: 0.2))
    #expect(listed.allSatisfy { $0.strength >= 0.2 && $0.kind == .replenish && $0.timesBought > 0 })
    #expect(listed.map(\.strength) == listed.map(\.strength).sorted(by: >))
    #expect(throws: NeedError.unknownSubject("nothing")) {
      try predictor.customers(
        needing: "nothing", states: states.states, customers: states.customers, asOf: asOf)
    }
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(board)) as? [String: Any]
    let first = try #require((json?["items"] as? [[String: Any]])?.first)
    #expect(
      (first["trend"] as? [String: Any])?.keys.sorted()
        == ["change", "direction", "p_value", "previous_share", "q_value", "recent_share"])
    #expect(try JSONDecoder().decode(NeedBoard.self, from: JSONEncoder().encode(board)) == board)
  }

  @Test func eachNumberOfTheBoardIsThatOfTheCustomersBehindIt() async throws {
    let events = Self.turningEvents()
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    let asOf = TestShop.start.adding(days: 189.5)
    let board = try NeedBoard(predictor: predictor, states: states.states, asOf: asOf)
    #expect(board.rows.contains { $0.overdue > 0 } && board.rows.contains { $0.dueWithin7Days > 0 })
    for row in board.rows {
      func list(_ filter: NeedCustomerFilter) throws -> [NeedCustomer] {
        try predictor.customers(
          needing: row.subject.id, states: states.states, customers: states.customers, asOf: asOf,
          filter: filter)
      }
      func expected(_ filter: NeedCustomerFilter) throws -> Double {
        try list(filter).reduce(0) { $0 + $1.strength }
      }
      #expect(abs(try expected(NeedCustomerFilter()) - row.expectedCustomers) < 1e-6)
      #expect(Int(try expected(NeedCustomerFilter(kind: .replenish)).rounded()) == row.replenishCustomers)
      #expect(Int(try expected(NeedCustomerFilter(kind: .explore)).rounded()) == row.exploreCustomers)
      #expect(Int(try expected(NeedCustomerFilter(days: 7)).rounded()) == row.dueWithin7Days)
      #expect(try list(NeedCustomerFilter(isOverdue: true)).count == row.overdue)
      for bin in row.strengthHistogram {
        #expect(
          try list(NeedCustomerFilter(minStrength: bin.from, maxStrength: bin.to)).count == bin.customers)
      }
      let value = try list(NeedCustomerFilter()).reduce(0) { $0 + $1.value.minorUnits }
      let weekly = try list(NeedCustomerFilter(days: 7)).reduce(0) { $0 + $1.value.minorUnits }
      // Each customer's amount is rounded to a cent.
      #expect(abs(Double(value - row.atStake.minorUnits)) <= Double(TestShop.customers))
      #expect(abs(Double(4 * weekly - value)) <= 4 * Double(TestShop.customers))
    }
  }

  @Test func theStrongestNeedsKnowHowManyThereAre() async throws {
    let events = Self.turningEvents()
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    let asOf = TestShop.start.adding(days: 189.5)
    let id = states.customers[0]
    let state = try #require(states.state(of: id))
    let found = try predictor.strongest(3, of: state, customerID: id, asOf: asOf)
    #expect(found.needs.count == 3)
    #expect(found.total == TestShop.categories)
    let all = try predictor.needs(of: state, customerID: id, asOf: asOf, limit: 500)
    let bought = all.filter { $0.kind == .replenish && $0.strength >= 0.1 }.count
    #expect(
      try predictor.strongest(1, of: state, customerID: id, asOf: asOf, kind: .replenish, minStrength: 0.1)
        .total
        == bought)
  }

  @Test func theTrendTestAgreesWithScipy() {
    // 2 * binom.cdf(k, n, 0.5) - binom.pmf(k, n, 0.5) in scipy.stats
    for (first, second, expected) in [
      (5, 15, 0.026603698730468753), (0, 6, 0.015624999999999879), (120, 180, 0.0005224207099608604),
      (1, 0, 0.4999999999999999), (700, 650, 0.17370488781559065),
    ] {
      #expect(
        abs(HypothesisTests.mcNemarMidP(onlyFirst: first, onlySecond: second).pValue - expected) < 1e-10)
    }
    #expect(HypothesisTests.mcNemarMidP(onlyFirst: 0, onlySecond: 0).pValue == 1)
  }
}
