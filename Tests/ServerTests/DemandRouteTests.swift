import Application
import Commerce
import Foundation
import Storage
import Testing

/// What the shop will sell and what to order, over HTTP: from events to forecasts to orders.
@Suite struct DemandRouteTests {
  private static let weeks = 40

  /// A server whose shop has sold three items for forty weeks, the last one on the Sunday before now.
  private static func filled(_ store: InMemoryStore = InMemoryStore()) async throws -> TestServer {
    let server = try await TestServer(makeStore: { store })
    let items = #"""
      [{"item_id":"tea","title":"Green tea","category":"TEA","category_path":["DRINKS","TEA"],
        "attributes":{"stock":10,"unit_cost":2,"pack_size":4,"on_order":0}},
       {"item_id":"milk","title":"Milk","category":"MILK","category_path":["DRINKS","MILK"],"attributes":{"stock":"500"}},
       {"item_id":"skis","title":"Skis","category":"SKIS"}]
      """#
    _ = try await server.post("/v1/items", items)
    var events: [JSONValue] = []
    for week in 0..<weeks {
      for (item, units) in [
        ("tea", 20 + 3 * (week % 4)), ("milk", 40 + 5 * (week % 3)), ("skis", week == 3 ? 1 : 0),
      ]
      where units > 0 {
        // 2023-08-21 is a Monday, forty weeks before the Monday of this week.
        let moment = Timestamp(rfc3339: "2023-08-21T10:00:00Z")!.adding(days: Double(7 * week + 3))
        events.append([
          "event_id": .string("\(item)-\(week)"), "kind": "purchase", "customer_id": "c\(week % 5)",
          "item_id": .string(item), "timestamp": JSONValue(moment), "quantity": JSONValue(units),
          "amount": ["amount": JSONValue(Double(units) * 3), "currency": "USD"],
        ])
      }
    }
    // The shop opened on a Monday, so that its first week is a full one.
    events.append([
      "event_id": "opening", "kind": "search", "customer_id": "c1", "query": "tea",
      "timestamp": "2023-08-21T00:00:00Z",
    ])
    // Someone looked yesterday: the shop is alive, and the last full week ended on Sunday.
    events.append([
      "event_id": "look", "kind": "view", "customer_id": "c1", "item_id": "tea",
      "timestamp": "2024-05-31T10:00:00Z",
    ])
    #expect(
      try await server.post("/v1/events", JSONValue.array(events).json).json["accepted"]
        == JSONValue(events.count))
    return server
  }

  private static func forecast(_ server: TestServer) async throws {
    let job = try await server.post("/v1/demand/forecasting")
    #expect(job.status == 202 && job.json["kind"] == "demand")
    let id = try #require(job.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    let ended = try await server.get("/v1/jobs/\(id)").json
    #expect(ended["status"] == "succeeded", "\(ended.json)")
  }

  @Test(arguments: ["/v1/demand", "/v1/demand/subjects/shop", "/v1/demand/anomalies", "/v1/restock"])
  func beforeTheFirstForecastingThereIsNone(path: String) async throws {
    let server = try await Self.filled()
    let answer = try await server.get(path)
    #expect(answer.status == 409 && answer.json["detail"]?.string?.contains("demand forecast") == true)
  }

  @Test func listsWhatIsExpected() async throws {
    let server = try await Self.filled()
    try await Self.forecast(server)
    let list = try await server.get("/v1/demand").json
    #expect(list["history_weeks"] == 40 && list["first_week"] == "2024-05-27" && list["horizon"] == 8)
    #expect(list["summary"]?["zh"]?.string?.isEmpty == false)
    let rows = try await server.pages("/v1/demand", limit: 2)
    #expect(rows.count == list["total"]?.integer && rows.first?["subject"] == "shop")
    let tea = try #require(rows.first { $0["subject"] == "item:tea" })
    let next = try #require(tea["units_next_4"]?.number)
    #expect((85...113).contains(next) && tea["label"] == "Green tea" && tea["category"] == "TEA")
    let (lower, upper) = (tea["range_next_4"]?["lower"]?.number, tea["range_next_4"]?["upper"]?.number)
    #expect((lower ?? 0) > 0 && (lower ?? 0) <= next && next <= upper ?? 0)
    #expect(tea["recent"]?.array?.count == 26 && tea["needs"] == .null && tea["problem"] == .null)
    let skis = try #require(rows.first { $0["subject"] == "item:skis" })
    #expect(skis["units_next_4"] == .null && skis["sufficiency"] == "insufficient")
    #expect(skis["problem"]?["en"]?.string?.contains("too few") == true)
    let filtered = try await server.get("/v1/demand?level=item&category=MILK").json["items"]?.array
    #expect(filtered?.map { $0["id"] } == ["milk"])
    #expect(try await server.get("/v1/demand?query=green").json["total"] == 1)
    #expect(try await server.get("/v1/demand?sort=sideways").status == 400)
  }

  @Test func tellsOneSubjectInFull() async throws {
    let server = try await Self.filled()
    try await Self.forecast(server)
    let tea = try await server.get("/v1/demand/subjects/item%3Atea").json
    #expect(tea["history"]?.array?.count == 40 && tea["forecast"]?.array?.count == 8)
    #expect(
      tea["history"]?.array?.first?["price"] == 3 && tea["history"]?.array?.first?["week"] == "2023-08-21")
    let step = try #require(tea["forecast"]?.array?.first)
    let ends = (step["intervals"]?.array ?? []).map { ($0["lower"]?.number ?? 0, $0["upper"]?.number ?? 0) }
    #expect(
      step["week"] == "2024-05-27" && ends.count == 2 && ends[1].0 <= ends[0].0 && ends[0].1 <= ends[1].1)
    #expect(
      tea["backtest"]?["origins"]?.integer ?? 0 > 5 && tea["backtest"]?["models"]?.array?.count ?? 0 > 3)
    #expect(tea["decomposition"] == .null && tea["words"]?["en"]?.string?.contains("units expected") == true)
    #expect(tea["sufficiency_detail"]?["missing"]?.array?.isEmpty == false)
    #expect(try await server.get("/v1/demand/subjects/item%3Anone").status == 404)
    #expect(try await server.get("/v1/demand/subjects/planet").status == 400)
    #expect(try await server.get("/v1/demand/subjects/category%3ATEA").json["level"] == "category")
  }

  @Test func plansOrdersAnewForEachQuestion() async throws {
    let server = try await Self.filled()
    try await Self.forecast(server)
    var last = 0.0
    for level in ["0.5", "0.8", "0.95", "0.99"] {
      let plan = try await server.get("/v1/restock?service_level=\(level)").json
      let tea = try #require(plan["items"]?.array?.first { $0["item_id"] == "tea" })
      let order = try #require(tea["order"]?.number)
      #expect(order >= last && order.truncatingRemainder(dividingBy: 4) == 0)
      #expect(tea["cost"]?.number == 2 * order && tea["order_by"] == .string("2024-06-01"))
      last = order
    }
    #expect(last > 30)
    let plan = try await server.get("/v1/restock").json
    // A stock that a file wrote as text counts; plenty of it needs no order.
    let milk = try #require(plan["items"]?.array?.first { $0["item_id"] == "milk" })
    #expect(milk["stock"] == 500 && milk["order"] == 0 && milk["unit_cost"] == .null && milk["cost"] == .null)
    #expect(plan["summary"]?["to_order"] == 1 && plan["settings"]?["lead_time_days"] == 7)
    let poor = try await server.get("/v1/restock?budget=20").json
    #expect(poor["summary"]?["cost"]?.number ?? 0 <= 20 && poor["settings"]?["budget"] == 20)
    // Stock that arrives counts at once.
    let item = #"[{"item_id":"tea","title":"Green tea","category":"TEA","attributes":{"stock":400}}]"#
    _ = try await server.post("/v1/items", item)
    let now = try await server.get("/v1/restock?query=tea").json
    #expect(now["items"]?.array?.first?["stock"] == 400 && now["items"]?.array?.first?["order"] == 0)
    for bad in ["service_level=1", "lead_time_days=-1", "review_days=0", "budget=lots"] {
      #expect(try await server.get("/v1/restock?\(bad)").status == 400)
    }
  }

  @Test func exportsCSV() async throws {
    let server = try await Self.filled()
    try await Self.forecast(server)
    for (path, column) in [
      ("/v1/demand", "units_next_4"), ("/v1/restock", "order_up_to"), ("/v1/demand/anomalies", "expected"),
    ] {
      let answer = try await server.get(path, headers: ["Accept": "text/csv"])
      #expect(answer.status == 200 && answer.text.prefix(while: { $0 != "\r\n" }).contains(column))
    }
  }

  @Test func onlyThoseWhoMayCanForecast() async throws {
    let server = try await Self.filled()
    let (reader, operating) = (try await server.key(.read), try await server.key(.operate))
    #expect(try await server.post("/v1/demand/forecasting", headers: reader).status == 403)
    #expect(try await server.post("/v1/demand/forecasting", headers: operating).status == 202)
    #expect(try await server.get("/v1/demand").status == 401)
  }

  @Test func aRestartChangesNothing() async throws {
    let store = InMemoryStore()
    let server = try await Self.filled(store)
    try await Self.forecast(server)
    let paths = ["/v1/demand", "/v1/demand/subjects/item%3Atea", "/v1/restock?service_level=0.9"]
    var before: [JSONValue] = []
    for path in paths { before.append(try await server.get(path).json) }
    let again = try await TestServer(makeStore: { store })
    var after: [JSONValue] = []
    for path in paths {
      var answer = try await again.get(path)
      for _ in 0..<200 where answer.status == 503 {
        try await Task.sleep(for: .milliseconds(20))
        answer = try await again.get(path)
      }
      after.append(answer.json)
    }
    #expect(after == before)
  }

  @Test func aShopWithoutPurchasesSaysSo() async throws {
    let server = try await TestServer()
    let job = try await server.post("/v1/demand/forecasting")
    let id = try #require(job.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    let ended = try await server.get("/v1/jobs/\(id)").json
    #expect(ended["status"] == "failed" && ended["error"]?.string?.contains("full week") == true)
  }
}
