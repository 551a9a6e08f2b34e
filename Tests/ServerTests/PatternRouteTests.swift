import Application
import Commerce
import Foundation
import Storage
import Testing

/// What is bought together, over HTTP: from orders to rules, relations, sequences and bundles.
@Suite struct PatternRouteTests {
  /// A server whose shop has sold for forty weeks: butter goes with bread, jam comes a week after bread, tea alone.
  private static func filled(weeks: Int = 40, withCosts: Bool = true) async throws -> TestServer {
    let store = InMemoryStore()
    let server = try await TestServer(makeStore: { store })
    let terms = withCosts ? #","attributes":{"unit_cost":1,"stock":40}"# : ""
    let names = ["bread", "butter", "tea", "jam", "soap", "pens", "salt"]
    let items = names.map {
      #"{"item_id":"\#($0)","title":"Fine \#($0)","category":"\#($0.uppercased())"\#(terms)}"#
    }
    _ = try await server.post("/v1/items", "[\(items.joined(separator: ","))]")
    var events: [JSONValue] = []
    for customer in 0..<60 {
      for week in 0..<weeks {
        // Draws that depend on customer and week alone.
        let draw = (customer * 7919 + week * 104_729 + customer * week * 31) % 100
        let luck = (customer * 31 + week * 57 + customer * week * 17) % 100
        var basket: [String] = []
        if draw < 40 { basket += luck < 75 ? ["bread", "butter"] : ["bread"] }
        if draw >= 40, luck < 10 { basket.append("butter") }
        if draw >= 60 { basket.append("tea") }
        let before = (customer * 7919 + (week - 1) * 104_729 + customer * (week - 1) * 31) % 100
        if week > 0, before < 40 ? luck % 10 < 7 : luck % 10 < 1 { basket.append("jam") }
        if luck % 7 == 0 { basket.append("soap") }
        if luck % 11 == 0 { basket.append("pens") }
        if draw % 6 == 0 { basket.append("salt") }
        let moment = Timestamp(rfc3339: "2023-08-21T10:00:00Z")!.adding(
          days: Double(7 * week + customer % 5))
        for item in basket {
          events.append([
            "event_id": .string("\(customer)-\(week)-\(item)"), "kind": "purchase",
            "customer_id": "c\(customer)", "order_id": "\(customer)-\(week)", "item_id": .string(item),
            "timestamp": JSONValue(moment), "quantity": 1, "amount": ["amount": 3, "currency": "USD"],
          ])
        }
      }
    }
    for part in stride(from: 0, to: events.count, by: 2000) {
      let batch = JSONValue.array(Array(events[part..<min(part + 2000, events.count)]))
      _ = try await server.post("/v1/events", batch.json)
    }
    return server
  }

  private static func mined(_ server: TestServer) async throws -> JSONValue {
    let job = try await server.post("/v1/patterns/mining")
    #expect(job.status == 202 && job.json["kind"] == "patterns")
    let id = try #require(job.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    return try await server.get("/v1/jobs/\(id)").json
  }

  @Test(
    arguments: ["", "/rules", "/relations", "/sequences", "/bundles", "/orders?id=BREAD"])
  func beforeTheFirstSearchThereAreNone(path: String) async throws {
    let server = try await Self.filled(weeks: 1)
    let answer = try await server.get("/v1/patterns\(path)")
    #expect(answer.status == 409 && answer.json["title"] == "Not trained yet")
  }

  @Test func tooFewOrdersAreSaid() async throws {
    let ended = try await Self.mined(try await Self.filled(weeks: 2))
    #expect(ended["status"] == "failed" && ended["error"]?.string?.contains("200 orders") == true)
  }

  @Test func rulesAreFoundTriedOnLaterWeeksAndLeadToTheirOrders() async throws {
    let server = try await Self.filled()
    #expect(try await Self.mined(server)["status"] == "succeeded")
    let summary = try await server.get("/v1/patterns").json
    #expect((summary["rules"]?["validated"]?.integer ?? 0) > 0 && summary["window_days"] == 28)
    let rows =
      try await server.get("/v1/patterns/rules?level=category&validated=true").json["items"]?.array ?? []
    let rule = try #require(
      rows.first {
        $0["if"]?.array?.map { $0["id"] } == ["BREAD"] && $0["then"]?.array?.first?["id"] == "BUTTER"
      })
    #expect((0.68...0.82).contains(rule["confidence"]?.number ?? 0))
    #expect((rule["lift"]?.number ?? 0) > 1.5 && (rule["q_value"]?.number ?? 1) < 0.01)
    let bounds = try #require(rule["later"]?["confidence_range"])
    let later = try #require(rule["later"]?["confidence"]?.number)
    #expect((bounds["lower"]?.number ?? 1) < later && later < (bounds["upper"]?.number ?? 0))
    // As many orders as the rule says, earlier and later.
    let count = (rule["orders"]?.integer ?? 0) + (rule["later"]?["orders"]?.integer ?? 0)
    let orders = try await server.get("/v1/patterns/orders?id=BREAD&id=BUTTER&limit=5").json
    #expect(orders["total"]?.integer == count && orders["items"]?.array?.count == 5)
    // Nothing that has nothing to do with each other.
    #expect(
      !rows.contains { $0["if"]?.array?.first?["id"] == "TEA" && $0["then"]?.array?.first?["id"] == "BREAD" })
    let narrow = try await server.get("/v1/patterns/rules?level=item&item=butter&min_confidence=0.7").json
    #expect(narrow["items"]?.array?.allSatisfy { ($0["confidence"]?.number ?? 0) >= 0.7 } == true)
    #expect((narrow["total"]?.integer ?? 0) > 0)
    let csv = try await server.get("/v1/patterns/rules?format=csv").text
    #expect(csv.hasPrefix("level,if,then,support,confidence,lift"))
  }

  @Test func complementsSequencesAndWhatComesNextAreTold() async throws {
    let server = try await Self.filled()
    _ = try await Self.mined(server)
    let pairs = try await server.get("/v1/patterns/relations?level=category&kind=complements").json
    let first = try #require(pairs["items"]?.array?.first)
    #expect(Set(first["things"]?.array?.compactMap { $0["id"]?.string } ?? []) == ["BREAD", "BUTTER"])
    #expect((first["ratio"]?.number ?? 0) > 1.2)
    let next = try await server.get("/v1/patterns/sequences?validated=true").json
    let jam = try #require(
      next["items"]?.array?.first { $0["first"]?["id"] == "BREAD" && $0["next"]?["id"] == "JAM" })
    #expect((jam["share"]?.number ?? 0) > (jam["usual_share"]?.number ?? 1))
    #expect(jam["median_days"]?.integer == 7)
    #expect((jam["difference_range"]?["lower"]?.number ?? 0) > 0)
    #expect(jam["words"]?["zh"]?.string?.contains("JAM") == true)
  }

  @Test func bundlesNameAPriceAMarginAndADiscountThatLosesNoMoney() async throws {
    let server = try await Self.filled()
    _ = try await Self.mined(server)
    let list = try await server.get("/v1/patterns/bundles").json
    let bundle = try #require(
      list["items"]?.array?.first { row in
        Set(row["items"]?.array?.compactMap { $0["item_id"]?.string } ?? []) == ["bread", "butter"]
      })
    #expect(bundle["price"]?["amount"] == 6 && bundle["cost"]?["amount"] == 2)
    #expect(bundle["cost_basis"] == "catalogue" && bundle["stock"] == 40)
    let suggested = try #require(bundle["discount"]?["suggested"]?.number)
    let largest = try #require(bundle["discount"]?["largest"]?.number)
    #expect(suggested > 0 && suggested <= min(0.3, largest) && suggested * 100 == (suggested * 100).rounded())
    // At the lower end of what goes along beyond chance it does not lose.
    #expect((bundle["gain"]?["lower"]?["amount"]?.number ?? -1) >= 0)
    let dear = try await server.post(
      "/v1/patterns/bundles/price", #"{"items":["bread","butter"],"price":3}"#
    ).json
    #expect(dear["discount"]?["chosen"] == 0.5 && (dear["gain"]?["lower"]?["amount"]?.number ?? 0) < 0)
    #expect(dear["orders_together"] == bundle["orders_together"])
    let unrelated = try await server.post("/v1/patterns/bundles/price", #"{"items":["tea","bread"]}"#).json
    #expect(unrelated["discount"]?["suggested"] == 0)
  }

  @Test func withoutCostsNoDiscountIsSuggestedUnlessAMarginIsAssumed() async throws {
    let server = try await Self.filled(withCosts: false)
    _ = try await Self.mined(server)
    let body = #"{"items":["bread","butter"]"#
    let bare = try await server.post("/v1/patterns/bundles/price", body + "}").json
    #expect(bare["discount"]?["suggested"] == .null && bare["margin"] == .null && bare["stock"] == .null)
    #expect((bare["missing"]?.array?.count ?? 0) == 2)
    let assumed = try await server.post("/v1/patterns/bundles/price", body + #","margin":0.4}"#).json
    #expect(assumed["cost_basis"] == "assumed" && abs((assumed["margin"]?.number ?? 0) - 0.4) < 1e-9)
    #expect((assumed["discount"]?["largest"]?.number ?? 0) > 0)
  }

  @Test func refusesWhatCannotBeABundleOrAFilter() async throws {
    let server = try await Self.filled()
    _ = try await Self.mined(server)
    let path = "/v1/patterns/bundles/price"
    #expect(try await server.post(path, #"{"items":["bread"]}"#).status == 400)
    #expect(try await server.post(path, #"{"items":["bread","bread"]}"#).status == 400)
    #expect(try await server.post(path, #"{"items":["bread",7]}"#).status == 400)
    #expect(try await server.post(path, #"{"items":["bread","gold"]}"#).status == 404)
    #expect(try await server.post(path, #"{"items":["bread","tea"],"margin":2}"#).status == 400)
    #expect(try await server.get("/v1/patterns/rules?min_support=2").status == 400)
    #expect(try await server.get("/v1/patterns/rules?level=brand").status == 400)
    #expect(try await server.get("/v1/patterns/orders").status == 400)
  }
}
