import Commerce
import Hummingbird
import Testing

struct CatalogueRouteTests {
  @Test func itemsAreAddedAndReplacedAndBadRowsRejectedAlone() async throws {
    let server = try await TestServer()
    let rows = """
      [{"item_id":"tea","title":"Tea","category":"DRINKS","price":{"amount":3.5,"currency":"USD"}},
       {"title":"no id"}, {"item_id":7}, {"item_id":"pen","price":"cheap"}, "text", {"item_id":""}]
      """
    let answer = try await server.post("/v1/items", rows)
    #expect(answer.status == 200)
    #expect(answer.json["accepted"] == 1)
    let rejected = try #require(answer.json["rejected"]?.array)
    #expect(rejected.map { $0["index"] } == [1, 2, 3, 4, 5])
    #expect(rejected.map { $0["field"] } == ["item_id", "item_id", "price", .null, "item_id"])
    #expect(try await server.get("/v1/dead-letters").json["total"] == 5)
    _ = try await server.post("/v1/items", "{\"items\":[{\"item_id\":\"tea\",\"title\":\"Green tea\"}]}")
    let tea = try await server.get("/v1/items/tea").json
    #expect(tea["title"] == "Green tea")
    #expect(tea["price"] == .null)
    #expect(try await server.get("/v1/shop").json["items"] == 1)
  }

  @Test func itemsAreFoundByTextAndCategory() async throws {
    let server = try await TestServer()
    _ = try await server.post(
      "/v1/items",
      #"[{"item_id":"1","title":"Green Tea","category":"A"},{"item_id":"2","title":"50% off","category":"A"},{"item_id":"3","brand":"绿茶","category":"B"}]"#
    )
    func ids(_ query: String) async throws -> [String] {
      try await server.get("/v1/items?\(query)").json["items"]?.array?.compactMap { $0["item_id"]?.string }
        ?? []
    }
    #expect(try await ids("query=tea") == ["1"])
    #expect(try await ids("query=%25") == ["2"])
    #expect(try await ids("query=green+tea") == ["1"])
    #expect(try await ids("query=green%20tea") == ["1"])
    #expect(try await ids("query=green%2Btea") == [])
    #expect(try await ids("query=\(encoded("绿茶"))") == ["3"])
    #expect(try await ids("category=A") == ["1", "2"])
    #expect(try await ids("category=A&query=nothing") == [])
  }

  @Test func customersAreDescribedAndKeepWhatTheyDid() async throws {
    let server = try await TestServer()
    _ = try await server.post("/v1/events", eventJSON("1", customer: "ann"))
    let answer = try await server.post(
      "/v1/customers", #"[{"customer_id":"ann","attributes":{"city":"上海"}},{"customer_id":true}]"#)
    #expect(answer.json["accepted"] == 1)
    #expect(answer.json["rejected"]?.array?.first?["field"] == "customer_id")
    let row = try #require(try await server.get("/v1/customers").json["items"]?.array?.first)
    #expect(row["attributes"] == ["city": "上海"])
    #expect(row["orders"] == 1)
  }

  @Test func moreRowsThanARequestMayHoldAreRefusedWhole() async throws {
    let server = try await TestServer()
    let rows = [String](repeating: "{\"item_id\":\"1\"}", count: 50_001).joined(separator: ",")
    #expect(try await server.post("/v1/items", "[\(rows)]").status == 400)
    #expect(try await server.get("/v1/shop").json["items"] == 0)
  }

  /// Ids that break careless code: slashes, dots, quotes, wildcards, percent signs, scripts, and the greatest length.
  static let hostileIDs = [
    "a/b", "../../etc/passwd", "..", "%2e%2e", "%", "a%2Fb", "a b+c", "a?b#c", "'; DROP TABLE events; --",
    "\"", "\\",
    "null", "商品 🛒", "caf\u{E9}", "\u{202E}abc", "{id}", ":id", "*", String(repeating: "x", count: 512),
    String(repeating: "茶", count: 170),
  ]

  @Test(arguments: hostileIDs)
  func anyIDOfAnItemIsFoundAgain(id: String) async throws {
    let server = try await TestServer()
    let item: JSONValue = ["item_id": .string(id), "category": .string(id)]
    #expect(try await server.post("/v1/items", item.json).json["accepted"] == 1)
    let found = try await server.get("/v1/items/\(encoded(id))")
    #expect(found.status == 200)
    #expect(found.json["item_id"]?.string == id)
    #expect(try await server.get("/v1/items?category=\(encoded(id))").json["items"]?.array?.count == 1)
  }

  @Test(arguments: hostileIDs)
  func anyIDOfAnEventAndItsCustomerIsFoundAgain(id: String) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/events", eventJSON(id, customer: id, item: id))
    #expect(answer.json["accepted"] == 1, "\(answer.text)")
    #expect(try await server.get("/v1/events/\(encoded(id))").json["event_id"]?.string == id)
    #expect(try await server.get("/v1/events?customer_id=\(encoded(id))").json["items"]?.array?.count == 1)
    #expect(try await server.get("/v1/customers?query=\(encoded(id))").json["total"] == 1)
    #expect(try await server.get("/v1/search?q=\(encoded(String(id.prefix(200))))").status == 200)
  }

  @Test func listsOfTheLongestIDsHaveCursorsThatWork() async throws {
    let server = try await TestServer()
    let ids = (0..<5).map { String(repeating: "\($0)", count: 512) }
    let rows = ids.map { "{\"item_id\":\"\($0)\"}" }.joined(separator: ",")
    _ = try await server.post("/v1/items", "[\(rows)]")
    #expect(try await server.pages("/v1/items", limit: 2).compactMap { $0["item_id"]?.string } == ids)
  }

  @Test func idsThatAreTooLongOrHoldControlCharactersAreRejected() async throws {
    let server = try await TestServer()
    for id in [String(repeating: "x", count: 513), "", "a\u{0}b", "a\nb"] {
      let answer = try await server.post("/v1/events", eventJSON(id))
      #expect(answer.json["accepted"] == 0)
      #expect(answer.json["rejected"]?.array?.first?["field"] == "event_id")
    }
    #expect(try await server.get("/v1/items/\(String(repeating: "x", count: 513))").status == 400)
    for route in ["items", "customers"] {
      let key = route == "items" ? "item_id" : "customer_id"
      let rows: JSONValue = [[key: .string("a\u{1}b")], [key: .string(String(repeating: "x", count: 513))]]
      let answer = try await server.post("/v1/\(route)", rows.json)
      #expect(answer.json["accepted"] == 0)
      #expect(answer.json["rejected"]?.array?.map { $0["field"]?.string } == [key, key])
      #expect(try await server.post("/v1/\(route)", "{\"\(route)\": {}}").status == 400)
    }
  }

  @Test func idsThatLookAlikeAreOneEvenWhenTheirBytesDiffer() async throws {
    let server = try await TestServer()
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    let rows = [one, two].map { "{\"customer_id\":\"\($0)\",\"item_id\":\"\($0)\"}" }.joined(separator: ",")
    _ = try await server.post("/v1/items", "[\(rows)]")
    _ = try await server.post("/v1/customers", "[\(rows)]")
    let events = [eventJSON("1", customer: one), eventJSON("2", customer: two)]
    _ = try await server.post("/v1/events", "[\(events.joined(separator: ","))]")
    for id in [one, two] {
      #expect(try await server.get("/v1/events?customer_id=\(encoded(id))").json["items"]?.array?.count == 2)
      #expect(try await server.get("/v1/customers/\(encoded(id))").status == 200)
    }
    #expect(try await server.get("/v1/items").json["items"]?.array?.count == 1)
    #expect(try await server.get("/v1/customers").json["total"] == 1)
  }
}
