import Commerce
import Features
import Foundation
import Hummingbird
import Learning
import Needs
import Recommendation
import Storage
import Testing

/// The form of every main answer. A member that goes or changes its type breaks programs that rely on it.
struct GoldenAnswerTests {
  /// What a shop sold in the half year before the requests: customers who buy some categories at a steady pace.
  private static func events() -> [Event] {
    var random = UInt64(1)
    func uniform() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 11) / Double(1 << 53)
    }
    var events: [Event] = []
    for day in 1...190 {
      for (customer, category) in (0..<40).flatMap({ customer in (0..<6).map { (customer, $0) } }) {
        let likes = (customer + category) % 4
        guard uniform() < (likes == 0 ? 0.15 : likes == 1 ? 0.03 : 0.004) else { continue }
        events.append(
          Event(
            eventID: "e\(events.count)", kind: .purchase, customerID: "customer\(customer)",
            itemID: "item\(category)", timestamp: TestServer.now.adding(days: Double(day - 191)), quantity: 1,
            amount: Money(Double(category) + 1, currency: .usd), orderID: "o\(day)-\(customer)"))
      }
    }
    return events
  }

  private static let items: [Item] = (0..<6).map { index in
    Item(
      itemID: "item\(index)", title: "Item \(index)", category: "C\(index)",
      categoryPath: ["G\(index % 2)", "C\(index)"], brand: "B", price: Money(2, currency: .usd),
      attributes: ["size": "L"])
  }

  /// A server whose shop has both models live, an import, a dead letter and a job.
  private func filled() async throws -> TestServer {
    let server = try await TestServer()
    let events = Self.events()
    let rows = try JSONValue(encoding: Self.items)
    #expect(try await server.post("/v1/items", rows.json).json["accepted"] == 6)
    let lines = events.map { $0.jsonValue.json }.joined(separator: "\n")
    let sent = try await server.post(
      "/v1/events", lines, headers: ["Content-Type": "application/x-ndjson"])
    #expect(sent.json["accepted"] == JSONValue(events.count))
    _ = try await server.post("/v1/events", #"{"event_id":"bad","kind":"view"}"#)
    let file = "event_id,kind,customer_id,item_id,timestamp\nf1,view,customer0,item0,2024-05-31T10:00:00Z\n"
    let job = try await server.post("/v1/imports?kind=events&filename=a.csv", file)
    _ = try await server.get("/v1/jobs/\(job.json["job_id"]?.string ?? "")/events")
    try await train(events, server)
    return server
  }

  private func train(_ events: [Event], _ server: TestServer) async throws {
    let store = try #require(try await server.workspace.store(ofShop: "default"))
    var frame = EventFrame(currency: .usd)
    for (place, event) in events.enumerated() {
      frame.append(StoredEvent(sequence: Int64(place + 1), event: event))
    }
    let mining = NeedMining(
      .init(
        windows: 4, sampleShares: .init(bought: 1, never: 1),
        boosting: .init(rounds: 10, maxDepth: 2, minChildWeight: 5, earlyStoppingRounds: 5, threads: 1),
        stoppingShare: 1))
    let mined = try await mining.mine(
      NeedDataset(frame: frame, catalogue: CatalogueIndex(Self.items)), context: FitContext())
    let report: JSONValue = [
      "baselines": [["name": "x", "metrics": ["auc": 0.5]]], "seconds": 1, "notes": "y",
      "calibration": [["predicted": 0.1, "observed": 0.1, "count": 7]],
    ]
    let needs = try ModelEnvelope(
      mined.model, trainedAt: TestServer.now, dataFingerprint: "f", metrics: ["auc": 0.9], report: report)
    let model = try await ItemKNN().fit(Interactions(frame), context: FitContext())
    let recommender = try ModelEnvelope(
      model, trainedAt: TestServer.now, dataFingerprint: "f", metrics: ["ndcg@10": 0.5], report: report)
    for (name, envelope) in [("needs", needs), ("recommendation", recommender)] {
      _ = try await store.save(envelope, name: name)
      #expect(try await server.post("/v1/models/\(name)/versions/1/promote").status == 200)
    }
  }

  @Test func answersHaveTheFormThatTheyHad() async throws {
    let server = try await filled()
    let job = try #require(try await server.get("/v1/jobs").json["items"]?.array?.first?["job_id"]?.string)
    let shown = try await server.get("/v1/customers/customer0/recommendations?repeat=allow&limit=3")
    let decision = try #require(shown.json["decision_id"]?.string)
    let item = try #require(shown.json["items"]?.array?.first?["item_id"]?.string)
    let body = #"{"kind":"click","item_id":"\#(item)","event_id":"click1"}"#
    try Golden.expect(shown, hasShape: "recommendations")
    try Golden.expect(
      try await server.post("/v1/decisions/\(decision)/feedback", body), equals: "feedback")
    let paths = [
      "shop": "/v1/shop", "overview": "/v1/overview", "search": "/v1/search?q=1",
      "events": "/v1/events?limit=3",
      "items": "/v1/items?limit=3", "similar-items": "/v1/items/item0/similar",
      "customers": "/v1/customers?limit=3",
      "customer": "/v1/customers/customer0", "customer-needs": "/v1/customers/customer0/needs",
      "needs": "/v1/needs",
      "need": "/v1/needs/C0", "need-customers": "/v1/needs/C0/customers?limit=3",
      "data-quality": "/v1/data-quality",
      "imports": "/v1/imports", "jobs": "/v1/jobs", "job": "/v1/jobs/\(job)", "models": "/v1/models",
      "decision": "/v1/decisions/\(decision)",
    ]
    for (name, path) in paths {
      let answer = try await server.get(path)
      #expect(answer.status == 200, "\(path): \(answer.text)")
      try Golden.expect(answer, hasShape: name)
    }
    for path in ["/v1/needs", "/v1/needs/C0/customers", "/v1/customers/customer0/needs"] {
      try await server.expectColumnsForAllMembers(of: path)
    }
  }

  @Test func answersThatDependOnNothingElseAreTheSame() async throws {
    let server = try await TestServer()
    let report = try await server.post(
      "/v1/events",
      "[\(eventJSON("1")),\(eventJSON("1")),\(eventJSON("1", amount: 3)),{\"event_id\":\"2\"},7]")
    try Golden.expect(report, equals: "ingest-report")
    let upsert = try await server.post(
      "/v1/items", #"[{"item_id":"tea","title":"Tea","price":{"amount":2,"currency":"USD"}},{"title":"?"}]"#)
    try Golden.expect(upsert, equals: "upsert-report")
    try Golden.expect(
      try await server.post("/v1/imports/preview?filename=a.csv", "id,when\n1,2024-05-01\n"),
      equals: "preview")
    let paths = [
      "event": "/v1/events/1", "item": "/v1/items/tea", "dead-letters": "/v1/dead-letters",
      "health": "/health",
      "ready": "/ready", "problem-parameter": "/v1/events?limit=0",
      "problem-not-found": "/v1/customers/nobody",
      "problem-not-trained": "/v1/needs",
    ]
    for (name, path) in paths { try Golden.expect(try await server.get(path), equals: name) }
  }
}
