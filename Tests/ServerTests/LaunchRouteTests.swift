import Application
import Commerce
import Foundation
import Testing

/// Trends and plans of launches, over HTTP.
@Suite struct LaunchRouteTests {
  private static let start = Timestamp(rfc3339: "2023-09-04T10:00:00Z")!

  /// A server whose shop has sold tea more and more, coffee less and less and milk as ever, for thirty weeks; a new tea came in
  /// week 20.
  private func shop(weeks: Int = 30) async throws -> TestServer {
    let server = try await TestServer()
    let items = ["tea": "TEA", "coffee": "COFFEE", "milk": "MILK", "newtea": "TEA"].sorted { $0.key < $1.key }
      .map { id, category -> JSONValue in
        [
          "item_id": .string(id), "title": .string("\(id) 500 g"), "category": .string(category),
          "category_path": ["DRINKS", .string(category)], "brand": "Leaf", "attributes": ["size": "500 g"],
        ]
      }
    #expect(try await server.post("/v1/items", JSONValue.array(items).json).status < 300)
    var events: [JSONValue] = []
    for week in 0..<weeks {
      let sold = ["tea": 6 + week, "coffee": 36 - week, "milk": 20, "newtea": week < 20 ? 0 : 12]
      for (item, units) in sold.sorted(by: { $0.key < $1.key }) {
        for unit in 0..<units {
          events.append([
            "event_id": .string("\(item)-\(week)-\(unit)"), "kind": "purchase",
            "customer_id": .string("c\((week + unit) % 25)"), "item_id": .string(item),
            "timestamp": JSONValue(Self.start.adding(days: Double(7 * week + unit % 6))), "amount": 2.5,
            "currency": "USD", "quantity": 1, "properties": ["discount": JSONValue(unit % 4 == 0 ? 0.5 : 0)],
          ])
        }
      }
    }
    for first in Swift.stride(from: 0, to: events.count, by: 1000) {
      let batch = Array(events[first..<min(first + 1000, events.count)])
      let answer = try await server.post("/v1/events", JSONValue.array(batch).json)
      #expect(answer.json["accepted"] == JSONValue(batch.count))
    }
    return server
  }

  private static let plan = #"{"title":"Green tea 500 g","category":"TEA","price":2.75,"weeks":8}"#

  @Test func trendsSayWhatRisesAndFalls() async throws {
    let server = try await shop()
    let page = try await server.get("/v1/trends").json
    let rows = try #require(page["items"]?.array)
    let directions = Dictionary(
      uniqueKeysWithValues: rows.map { ($0["id"]?.string ?? "", $0["direction"]?.string ?? "") })
    #expect(directions == ["TEA": "rising", "COFFEE": "falling", "MILK": "steady"])
    #expect(page["rising"] == 1 && page["falling"] == 1 && page["summary"]?["zh"]?.string?.isEmpty == false)
    let tea = try #require(rows.first { $0["id"] == "TEA" })
    let (change, low, high) = (
      try #require(tea["change"]?.number), try #require(tea["interval"]?["lower"]?.number),
      try #require(tea["interval"]?["upper"]?.number)
    )
    #expect(low <= change && change <= high && low > 0.2)
    #expect(tea["subject"] == "category:TEA" && tea["spend"]?["currency"] == "USD")
    #expect(tea["series"]?.array?.first?["week"] == "2023-09-04")
    #expect(try await server.get("/v1/trends?direction=falling").json["total"] == 1)
    #expect(try await server.get("/v1/trends?query=cof").json["items"]?.array?.first?["id"] == "COFFEE")
    let attributes = try await server.get("/v1/trends?level=attribute").json
    #expect(attributes["items"]?.array?.first?["id"] == "size=500 g")
    #expect(try await server.get("/v1/trends?level=brand").json["items"]?.array?.first?["id"] == "Leaf")
    #expect(try await server.pages("/v1/trends", limit: 2).count == 3)
    #expect(try await server.get("/v1/trends?level=shelf").json["field"] == "level")
    let csv = try await server.get("/v1/trends", headers: ["Accept": "text/csv"])
    #expect(
      csv.text.hasPrefix("subject,level,id,label,units,spend.amount") && csv.text.contains("category:COFFEE"))
  }

  @Test func correlationsSayWhatIsMissing() async throws {
    let server = try await shop()
    let rows = try #require(try await server.get("/v1/trends/correlations").json["items"]?.array)
    #expect(rows.map { $0["factor"] } == ["price", "promotion", "stock", "delivery"])
    let stock = rows[2]
    #expect(stock["estimate"] == .null && stock["warning"]?["en"]?.string?.contains("'stock'") == true)
    #expect(try await server.get("/v1/trends/correlations?category=NONE").status == 404)
    #expect(try await server.get("/v1/trends/correlations?category=TEA").status == 200)
  }

  @Test func aPlanHasAllThatTheContractNames() async throws {
    let server = try await shop()
    let answer = try await server.post("/v1/launches/plan", Self.plan)
    #expect(answer.status == 200, "\(answer.text)")
    let plan = answer.json
    // One earlier launch is too few to learn from.
    #expect(plan["basis"] == "category" && plan["backtest"] == .null && plan["bass"] == .null)
    #expect(plan["curve"]?.array?.count == 8)
    let total = try #require(plan["total"])
    let (low, mean, high) = (
      try #require(total["lower"]?.number), try #require(total["mean"]?.number),
      try #require(total["upper"]?.number)
    )
    #expect(low < mean && mean < high)
    let analogues = try #require(plan["analogues"]?.array)
    #expect(analogues.first?["item_id"] == "newtea" && analogues.first?["first_week"] == "2024-01-22")
    #expect(analogues.contains { $0["item_id"] == "tea" && $0["first_week"] == .null })
    #expect(analogues.first?["reasons"]?.array?.isEmpty == false)
    #expect(plan["price_band"]?["currency"] == "USD")
    let audience = try #require(plan["audience"]?.array)
    #expect(plan["audience_total"] == 25 && audience.count == 25 && plan["audience_basis"] == "purchases")
    let scores = audience.compactMap { $0["score"]?.number }
    #expect(scores == scores.sorted(by: >))
    #expect(abs(audience.compactMap { $0["expected_units"]?.number }.reduce(0, +) - mean) < 1e-6)
    #expect(plan["unmet_needs"] == [] && plan["words"]?["zh"]?.string?.isEmpty == false)
  }

  @Test func whatWasLaunchedLatelyIsHeldAgainstWhatWasExpected() async throws {
    let server = try await shop()
    let page = try await server.get("/v1/launches").json
    #expect(page["total"] == 1 && page["items"]?.array?.first?["item_id"] == "newtea", "\(page.json)")
    #expect(page["items"]?.array?.first?["first_week"] == "2024-01-22")
    #expect(["above", "as_expected", "below"].contains(page["items"]?.array?.first?["verdict"]?.string))
    #expect(page["definition"]?["en"]?.string?.contains("12 full weeks") == true)
    let csv = try await server.get("/v1/launches?format=csv")
    #expect(csv.text.hasPrefix("item_id,title,category,first_week") && csv.text.contains("newtea"))
  }

  @Test(arguments: [
    (#"{"category":"TEA"}"#, "title"), (#"{"title":"Green"}"#, "category"),
    (#"{"title":" ","category":"TEA"}"#, "title"), (#"{"title":"x","category":"TEA","price":-1}"#, "price"),
    (#"{"title":"x","category":"TEA","price":"dear"}"#, "price"),
    (#"{"title":"x","category":"TEA","weeks":3}"#, "weeks"),
    (#"{"title":"x","category":"TEA","weeks":60}"#, "weeks"),
    (#"{"title":"x","category":"TEA","attributes":[1]}"#, "attributes"),
    (#"{"title":"x","category":"TEA","attributes":{"a":{"b":1}}}"#, "attributes"), ("[]", "body"),
  ])
  func aPlanThatCannotBeSaysWhichMemberIsAtFault(_ body: String, _ field: String) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/launches/plan", body)
    #expect(answer.status == 400 && answer.json["field"]?.string == field, "\(answer.text)")
  }

  @Test func bodiesAndTextsHaveLimits() async throws {
    let server = try await TestServer()
    let long = String(repeating: "x", count: 501)
    let answer = try await server.post("/v1/launches/plan", #"{"title":"\#(long)","category":"TEA"}"#)
    #expect(answer.status == 400 && answer.json["field"] == "title")
    let huge = String(repeating: "x", count: 70_000)
    #expect(
      try await server.post("/v1/launches/plan", #"{"title":"\#(huge)","category":"TEA"}"#).status == 413)
  }

  @Test func aShopWithoutHistoryIsToldSo() async throws {
    let server = try await shop(weeks: 5)
    let trends = try await server.get("/v1/trends")
    #expect(trends.status == 409 && trends.json["detail"]?.string?.contains("trends need 12") == true)
    let plan = try await server.post("/v1/launches/plan", Self.plan)
    #expect(plan.status == 422 && plan.json["detail"]?.string?.contains("at least 8") == true)
    #expect(try await server.get("/v1/launches").status == 422)
  }

  @Test func readingTakesTheRoleToRead() async throws {
    let server = try await TestServer()
    let (reader, sender) = (try await server.key(.read), try await server.key(.ingest))
    for path in ["/v1/trends", "/v1/trends/correlations", "/v1/launches"] {
      #expect(try await server.get(path, headers: sender).status == 403)
      #expect(try await server.get(path, headers: reader).status != 403)
    }
    #expect(try await server.send(.post, "/v1/launches/plan", Self.plan, headers: sender).status == 403)
    #expect(try await server.send(.post, "/v1/launches/plan", Self.plan, headers: reader).status == 422)
  }

  @Test func newSalesChangeTheAnswer() async throws {
    let server = try await shop()
    #expect(try await server.get("/v1/trends?query=tea").json["items"]?.array?.first?["units"]?.number == 688)
    // Items put anew are seen at once. The last week is not over, so 29 of them count.
    let moved = #"[{"item_id":"newtea","title":"newtea","category":"INFUSIONS"}]"#
    _ = try await server.post("/v1/items", moved)
    #expect(try await server.get("/v1/trends?query=tea").json["items"]?.array?.first?["units"]?.number == 580)
  }
}
