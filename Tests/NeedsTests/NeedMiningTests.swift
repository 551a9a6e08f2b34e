import Commerce
import Features
import Foundation
import Learning
import Needs
import Testing

@Suite struct NeedMiningTests {
  static let asOf = TestShop.start.adding(days: 189.5)

  @Test func tellsWhoWillBuyWhat() async throws {
    let events = TestShop.events()
    let mined = try await TestShop.mining.mine(TestShop.dataset(events), context: FitContext(seed: 3))
    let learned = try #require(mined.evaluation.learned)
    #expect(try #require(learned.metrics["auc"]) > 0.85)
    #expect(try #require(learned.metrics["ece"]) < 0.05)
    #expect(mined.evaluation.table.count == 5)
    #expect((0.7...1.3).contains(mined.evaluation.spendRatio))
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: mined.model, catalogue: states.catalogue)
    // Customer 4 buys categories 0 and 4 every week or so, 2, 3, 6 and 7 hardly ever.
    let state = try #require(states.state(of: "customer4"))
    let needs = try predictor.needs(of: state, customerID: "customer4", asOf: Self.asOf)
    #expect(needs.count == TestShop.categories)
    #expect(Set(needs.prefix(2).map(\.subject.id)) == ["C0", "C4"])
    #expect(needs[0].strength > 0.9)
    #expect(try #require(needs.last).strength < 0.4)
    #expect(needs.map(\.strength) == needs.map(\.strength).sorted(by: >))
    #expect(needs[0].kind == .replenish)
    #expect(needs[0].subject.path == ["G0", needs[0].subject.id])
    #expect(try #require(needs[0].expectedInDays) < 14)
  }

  @Test func contributionsAddUpToTheStrength() async throws {
    let events = TestShop.events(seed: 2)
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext(seed: 3))
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    for customer in 0..<20 {
      let id = "customer\(customer)"
      let state = try #require(states.state(of: id))
      for need in try predictor.needs(of: state, customerID: id, asOf: Self.asOf) {
        let parts = need.explanation
        let sum = parts.contributions.reduce(parts.base) { $0 + $1.contribution }
        #expect(abs(sum + parts.calibration - parts.total) < 1e-9)
        #expect(abs(parts.total - log(need.strength / (1 - need.strength))) < 1e-9)
        // Calibration is a line on the margin; the trees' parts must add up to that margin by themselves.
        let stated = model.calibration.offset + (model.calibration.slope - 1) * sum
        #expect(abs(parts.calibration - stated) < 1e-4)
        #expect(parts.contributions.count == NeedFeature.allCases.count)
        #expect(parts.contributions.allSatisfy { !$0.label.en.isEmpty && !$0.label.zh.isEmpty })
      }
    }
  }

  @Test func sameSeedGivesTheSameModel() async throws {
    let data = TestShop.dataset(TestShop.events(seed: 3))
    let states = TestShop.states(TestShop.events(seed: 3))
    let first = try await TestShop.mining.fit(data, context: FitContext(seed: 5))
    let second = try await TestShop.mining.fit(data, context: FitContext(seed: 5))
    let other = try await TestShop.mining.fit(data, context: FitContext(seed: 6))
    func strengths(_ model: NeedModel) throws -> [Float] {
      try NeedPredictor(model: model, catalogue: states.catalogue).strengths(
        of: states.states, asOf: Self.asOf)
    }
    #expect(try strengths(first) == strengths(second))
    #expect(try strengths(first) != strengths(other))
  }

  @Test func savedAndReloadedPredictsTheSameEvenWithAnotherCatalogueOrder() async throws {
    let events = TestShop.events(seed: 4)
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    let envelope = try ModelEnvelope(
      model, trainedAt: TestShop.start, dataFingerprint: "", metrics: [:])
    let reloaded = try ModelEnvelope(encoded: envelope.encoded()).model(as: NeedModel.self)
    let states = TestShop.states(events)
    let before = try NeedPredictor(model: model, catalogue: states.catalogue)
      .strengths(of: states.states, asOf: Self.asOf)
    #expect(
      try NeedPredictor(model: reloaded, catalogue: states.catalogue).strengths(
        of: states.states, asOf: Self.asOf)
        == before)
    // After a restart the catalogue may number its categories otherwise, and hold more.
    var turned = CustomerStates(
      settings: .init(),
      catalogue: CatalogueIndex([Item(itemID: "new", category: "NEW")] + TestShop.items.reversed()),
      currency: .usd)
    for event in events { turned.update(event) }
    let after = try NeedPredictor(model: reloaded, catalogue: turned.catalogue)
      .strengths(of: turned.states, asOf: Self.asOf)
    for (a, b) in zip(before, after) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func aNewEventChangesTheNextNeeds() async throws {
    let events = TestShop.events(seed: 5)
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    var states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    func strength() throws -> Need {
      let state = try #require(states.state(of: "customer2"))
      return try predictor.need(of: state, customerID: "customer2", category: "C3", asOf: Self.asOf)
    }
    let before = try strength()
    for index in 0..<4 {
      states.update(
        StoredEvent(
          sequence: 100_000 + Int64(index),
          event: Event(
            eventID: "live\(index)", kind: .purchase, customerID: "customer2", itemID: "item3",
            timestamp: Self.asOf.adding(days: Double(index) * 0.01 - Double(index) * 2), quantity: 1)))
    }
    let after = try strength()
    #expect(after.strength > before.strength)
    #expect(after.evidenceCount == before.evidenceCount + 4)
    #expect(after.evidenceSequences.first == 100_003)
  }

  @Test func batchEqualsSingle() async throws {
    let events = TestShop.events(seed: 6)
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    let all = try predictor.strengths(of: states.states, asOf: Self.asOf)
    for customer in [0, 17, 89] {
      let one = try predictor.strengths(of: [states.states[customer]], asOf: Self.asOf)
      for (a, b) in zip(one, all[customer * TestShop.categories..<(customer + 1) * TestShop.categories]) {
        #expect(abs(a - b) < 1e-5)
      }
    }
    let stranger = try predictor.strengths(of: [CustomerState()], asOf: Self.asOf)
    #expect(stranger.count == TestShop.categories && stranger.allSatisfy { (0...1).contains($0) })
  }

  @Test func theNeedsJSONHasEveryKey() async throws {
    let events = TestShop.events(seed: 7)
    let model = try await TestShop.mining.fit(TestShop.dataset(events), context: FitContext())
    let states = TestShop.states(events)
    let predictor = NeedPredictor(model: model, catalogue: states.catalogue)
    let state = try #require(states.state(of: "customer4"))
    var need = try #require(predictor.needs(of: state, customerID: "customer4", asOf: Self.asOf).first)
    let stored = Dictionary(uniqueKeysWithValues: events.map { ($0.sequence, $0) })
    need.attach(stored, titles: ["item0": "Item nought"])
    #expect(!need.evidence.isEmpty)
    #expect(need.evidence.allSatisfy { $0.itemID == "item\(need.subject.id.dropFirst())" })
    let json = try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(need)) as? [String: Any])
    #expect(
      Set(json.keys) == [
        "need_id", "subject", "kind", "holder", "strength", "horizon_days", "expected_in_days", "overdue",
        "value",
        "value_if_bought", "trend", "evidence", "evidence_count", "explanation",
      ])
    #expect(
      (json["trend"] as? [String: Any])?.keys.sorted() == ["change", "direction", "p_value", "q_value"])
    #expect(
      (json["explanation"] as? [String: Any])?.keys.sorted() == [
        "base", "calibration", "contributions", "total", "unit",
      ])
    let back = try JSONDecoder().decode(Need.self, from: JSONEncoder().encode(need))
    #expect(back.needID == "customer:customer4:\(need.subject.id)")
  }

  @Test func cancellationStopsTheRun() async throws {
    let data = TestShop.dataset(TestShop.events(seed: 8))
    let task = Task {
      try await TestShop.mining.fit(
        data, context: FitContext(onProgress: { if $0.step == 3 { withUnsafeCurrentTask { $0?.cancel() } } }))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test(arguments: [0, 1, 300])
  func tooFewEventsAreNamed(count: Int) async throws {
    let data = TestShop.dataset(Array(TestShop.events(seed: 9).prefix(count)))
    await #expect(throws: NeedError.self) { try await TestShop.mining.fit(data, context: FitContext()) }
  }

  @Test func hostileIdsAndTimesDoNoHarm() async throws {
    var events = TestShop.events(seed: 10)
    for index in stride(from: 0, to: events.count, by: 50) {
      var event = events[index].event
      event.customerID = "\u{0}'\";--\u{1F4A5}\n,\(index % 3)"
      event.quantity = .nan
      events[index] = StoredEvent(sequence: events[index].sequence, event: event)
    }
    let mined = try await TestShop.mining.mine(TestShop.dataset(events), context: FitContext())
    #expect(mined.evaluation.learned?.metrics["auc"]?.isFinite == true)
  }

  @Test func badSettingsAreNamed() async throws {
    let data = TestShop.dataset(TestShop.events(days: 130))
    for (configuration, name) in [
      (NeedMining.Configuration(windows: 0), "windows"), (.init(stepDays: 5), "stepDays"),
      (.init(stoppingShare: 2), "stoppingShare"),
      (.init(features: FeatureSettings(affinityHalfLifeDays: -1)), "features.affinity_half_life_days"),
    ] {
      do {
        _ = try await NeedMining(configuration).fit(data, context: FitContext())
        Issue.record("\(name) was accepted")
      } catch NeedError.invalidParameter(let found, _, _) { #expect(found == name) }
    }
  }
}
