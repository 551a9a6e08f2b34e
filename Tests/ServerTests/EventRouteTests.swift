import Commerce
import Hummingbird
import NIOCore
import Testing

struct EventRouteTests {
  @Test(arguments: [
    (eventJSON("1"), 1), ("[\(eventJSON("1")),\(eventJSON("2"))]", 2),
    ("{\"events\":[\(eventJSON("1")),\(eventJSON("2")),\(eventJSON("3"))]}", 3), ("[]", 0),
  ])
  func takesOneEventAnArrayOrAWrappedArray(body: String, count: Int) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/events", body)
    #expect(answer.status == 200)
    #expect(answer.json == ["accepted": JSONValue(count), "duplicates": 0, "rejected": []])
    #expect(try await server.get("/v1/events").json["items"]?.array?.count == count)
  }

  @Test func takesLinesAndRejectsTheMalformedOnesAlone() async throws {
    let server = try await TestServer()
    let lines = [eventJSON("1"), "", "{\"event_id\":", eventJSON("2"), "{\"event_id\":\"3\"}"]
    let answer = try await server.post(
      "/v1/events", lines.joined(separator: "\n"),
      headers: ["Content-Type": "application/x-ndjson; charset=utf-8"])
    #expect(answer.status == 200)
    #expect(answer.json["accepted"] == 2)
    let rejected = try #require(answer.json["rejected"]?.array)
    #expect(rejected.map { $0["index"] } == [1, 3])
    #expect(rejected[1]["event_id"] == "3")
    #expect(rejected[1]["field"] == "kind")
    let letters = try #require(try await server.get("/v1/dead-letters").json["items"]?.array)
    #expect(letters.map { $0["stage"] } == ["parse", "validate"])
    #expect(letters.map { $0["raw"] } == ["{\"event_id\":", "{\"event_id\":\"3\"}"])
    #expect(letters.map { $0["status"] } == ["open", "open"])
  }

  @Test func theSameEventAgainIsADuplicateAndAnotherUnderItsIDAConflict() async throws {
    let server = try await TestServer()
    _ = try await server.post("/v1/events", eventJSON("1"))
    let again = try await server.post("/v1/events", "[\(eventJSON("1")),\(eventJSON("1"))]")
    #expect(again.json == ["accepted": 0, "duplicates": 2, "rejected": []])
    let other = try await server.post("/v1/events", eventJSON("1", amount: 99))
    #expect(other.status == 200)
    #expect(other.json["accepted"] == 0)
    #expect(other.json["rejected"]?.array?.first?["event_id"] == "1")
    #expect(try await server.get("/v1/events/1").json["amount"]?["amount"] == 2.5)
    let letter = try #require(try await server.get("/v1/dead-letters").json["items"]?.array?.first)
    #expect(letter["stage"] == "conflict")
    #expect(try await server.get("/v1/shop").json["events"] == 1)
  }

  @Test(arguments: ["", "nothing", "[", "{\"events\":[{}", "7", "\"text\"", "[{}] x"])
  func aBodyThatIsNoJSONOfEventsIsRefusedWhole(body: String) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/events", body)
    #expect(answer.status == 400)
    #expect(answer.json["field"] == "body")
    #expect(try await server.get("/v1/dead-letters").json["total"] == 0)
  }

  @Test func aBodyOverTheLimitIsRefusedWhetherItsLengthIsSaidOrNot() async throws {
    let server = try await TestServer { $0.bodyLimit = 1000 }
    let body = "[" + (0..<20).map { eventJSON("\($0)") }.joined(separator: ",") + "]"
    let said = try await server.post("/v1/events", body, headers: ["Content-Length": "\(body.utf8.count)"])
    #expect(said.status == 413)
    let (stream, source) = RequestBody.makeStream()
    let feeding = Task {
      await source.yield(ByteBuffer(string: body))
      source.finish()
    }
    let unsaid = try await server.send(.post, "/v1/events", body: stream)
    await feeding.value
    #expect(unsaid.status == 413)
    #expect(unsaid.json["status"] == 413)
    #expect(try await server.get("/v1/shop").json["events"] == 0)
  }

  @Test func aBatchOfMoreEventsThanARequestMayHoldIsRefusedWhole() async throws {
    let server = try await TestServer()
    let line = eventJSON("1") + "\n"
    let answer = try await server.post(
      "/v1/events", String(repeating: line, count: 50_001), headers: ["Content-Type": "application/x-ndjson"])
    #expect(answer.status == 400)
    #expect(answer.json["detail"]?.string?.contains("50000") == true)
    #expect(try await server.get("/v1/shop").json["events"] == 0)
  }

  @Test func anAcceptedEventShowsAtOnceEverywhere() async throws {
    let server = try await TestServer()
    _ = try await server.post("/v1/items", #"{"item_id":"tea","title":"Green tea","category":"TEA"}"#)
    #expect(try await server.get("/v1/customers").json["total"] == 0)
    _ = try await server.post("/v1/events", eventJSON("1", time: "2024-05-31T10:00:00Z"))
    let customers = try await server.get("/v1/customers").json
    let row = try #require(customers["items"]?.array?.first)
    #expect(row["customer_id"] == "ann")
    #expect(row["orders"] == 1)
    #expect(row["spend"] == ["amount": 2.5, "currency": "USD"])
    #expect(row["top_categories"] == ["TEA"])
    let event = try await server.get("/v1/events/1").json
    #expect(event["item_title"] == "Green tea")
    #expect(event["category"] == "TEA")
    let tiles = try #require(try await server.get("/v1/overview").json["tiles"]?.array)
    #expect(tiles.first { $0["id"] == "spend" }?["value"] == 2.5)
    _ = try await server.post("/v1/events", eventJSON("2", time: "2024-05-31T11:00:00Z"))
    let later = try #require(try await server.get("/v1/overview").json["tiles"]?.array)
    #expect(later.first { $0["id"] == "spend" }?["value"] == 5)
    #expect(later.first { $0["id"] == "orders" }?["value"] == 2)
  }

  @Test func eventsAreFoundByEveryFilter() async throws {
    let server = try await TestServer()
    _ = try await server.post("/v1/items", #"[{"item_id":"tea","category":"DRINKS"},{"item_id":"pen"}]"#)
    let events = [
      eventJSON("1", customer: "ann", item: "tea", time: "2024-05-01T00:00:00Z"),
      eventJSON("2", customer: "bob", item: "tea", time: "2024-05-02T00:00:00Z", kind: "view"),
      eventJSON("3", customer: "ann", item: "pen", time: "2024-05-03T00:00:00Z"),
    ]
    _ = try await server.post("/v1/events", "[\(events.joined(separator: ","))]")
    func ids(_ query: String) async throws -> [String] {
      try await server.get("/v1/events?\(query)").json["items"]?.array?.compactMap { $0["event_id"]?.string }
        ?? []
    }
    #expect(try await ids("") == ["3", "2", "1"])
    #expect(try await ids("customer_id=ann") == ["3", "1"])
    #expect(try await ids("item_id=tea") == ["2", "1"])
    #expect(try await ids("category=DRINKS") == ["2", "1"])
    #expect(try await ids("kind=view") == ["2"])
    #expect(try await ids("from=2024-05-02T00:00:00Z&to=2024-05-03T00:00:00Z") == ["2"])
    #expect(try await ids("from=2024-05-02T08:00:00+08:00&to=2024-05-03T08:00:00%2B08:00") == ["2"])
    #expect(try await ids("customer_id=nobody") == [])
  }

  @Test(arguments: ["customer_id=%ff", "item_id=%", "category=%zz"])
  func parametersThatAreNoTextAreNamed(query: String) async throws {
    let server = try await TestServer()
    let answer = try await server.get("/v1/events?\(query)")
    #expect(answer.status == 400)
    #expect(answer.json["field"]?.string == query.split(separator: "=").first.map(String.init))
  }

  @Test(arguments: [
    "kind=bought", "from=yesterday", "limit=0", "limit=501", "limit=ten", "cursor=nonsense", "format=xml",
  ])
  func parametersOutOfRangeAreNamed(query: String) async throws {
    let server = try await TestServer()
    let answer = try await server.get("/v1/events?\(query)")
    #expect(answer.status == 400)
    #expect(answer.json["field"]?.string == query.split(separator: "=").first.map(String.init))
  }

  @Test(arguments: ["amount", "quantity", "rating"])
  func numbersThatNoShopCouldMeanAreRejected(field: String) async throws {
    let server = try await TestServer()
    for number in ["9e16", "-9e16", "1e308"] {
      let body = eventJSON("1").replacing("\"quantity\":1,", with: "").replacing(
        "\"amount\":2.5", with: "\"x\":1"
      )
      .replacing("\"currency\"", with: "\"\(field)\":\(number),\"currency\"")
      let answer = try await server.post("/v1/events", body)
      #expect(answer.json["rejected"]?.array?.first?["field"]?.string == field, "\(answer.text)")
    }
  }

  @Test func sumsOfTheLargestAmountsDoNotStopTheServer() async throws {
    let server = try await TestServer()
    let events = (0..<100).map { eventJSON("\($0)", time: "2024-05-31T10:00:00Z", amount: 1e12) }
    #expect(try await server.post("/v1/events", "[\(events.joined(separator: ","))]").json["accepted"] == 100)
    _ = try await server.post("/v1/events", eventJSON("old", time: "2024-04-20T10:00:00Z", amount: 0.01))
    #expect(try await server.get("/v1/overview").status == 200)
    #expect(try await server.get("/v1/customers").status == 200)
  }
}
