import Application
import Commerce
import Foundation
import Testing
import TextTesting

/// What customers say, over HTTP: from the events that carry it to the board, and back by what people decide.
@Suite struct VoiceRouteTests {
  private static let complaint = "电池一点不耐用，坏了"
  private static let wish = "希望能有红色的外壳就好了"

  /// A server whose shop has texts of two needs and a board, with the models' folder to be removed.
  private func mined(_ more: [JSONValue] = []) async throws -> (TestServer, TextModels) {
    let models = try await SmallTextModels.make()
    let server = try await TestServer(textModels: models)
    let items =
      #"[{"item_id":"phone","title":"Phone","category":"PHONES"},{"item_id":"case","title":"红色 外壳","category":"CASES"}]"#
    _ = try await server.post("/v1/items", items)
    let reviews =
      (0..<12).map { Self.review($0, Self.complaint, rating: 1) }
      + (12..<24).map { Self.review($0, Self.wish, rating: 4) } + more
    #expect(
      try await server.post("/v1/events", JSONValue.array(reviews).json).json["accepted"]
        == JSONValue(reviews.count))
    try await mine(server)
    return (server, models)
  }

  private func mine(_ server: TestServer) async throws {
    let job = try await server.post("/v1/voice/mining")
    #expect(job.status == 202 && job.json["kind"] == "voice")
    let id = try #require(job.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    let ended = try await server.get("/v1/jobs/\(id)").json
    #expect(ended["status"] == "succeeded", "\(ended.json)")
  }

  private static func review(
    _ number: Int, _ text: String, item: String = "phone", rating: Double = 3, kind: String = "review"
  ) -> JSONValue {
    var event: JSONValue = [
      "event_id": .string("r\(number)"), "kind": .string(kind), "customer_id": .string("c\(number)"),
      "item_id": .string(item), "timestamp": "2024-05-20T10:00:00Z", "text": .string(text),
    ]
    if kind == "review" { event["rating"] = JSONValue(rating) }
    return event
  }

  private func need(_ server: TestServer, saying text: String) async throws -> JSONValue {
    let needs = try #require(try await server.get("/v1/voice").json["needs"]?.array)
    return try #require(
      needs.first { ($0["quotes"]?.array ?? []).contains { $0["text"]?.string?.contains(text) ?? false } })
  }

  @Test func aTextThatArrivesIsOnTheBoardAtOnce() async throws {
    let (server, models) = try await mined()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let before = try await need(server, saying: "电池")
    #expect(before["customers"] == 12 && before["kind"] == "solve")
    let message = Self.review(50, Self.complaint, kind: "message")
    #expect(try await server.post("/v1/events", message.json).json["accepted"] == 1)
    let after = try await need(server, saying: "电池")
    #expect(after["need_id"] == before["need_id"] && after["customers"] == 13)
    let id = try #require(after["need_id"]?.string)
    let statements = try await server.pages("/v1/voice/needs/\(id)/statements", limit: 5)
    #expect(statements.contains { $0["event_id"] == "r50" })
    #expect(try await server.pages("/v1/voice/needs/\(id)/customers", limit: 5).count == 13)
    let said = try await server.get("/v1/customers/c50/voice").json
    #expect(said["needs"]?[0]?["need_id"] == after["need_id"])
  }

  @Test func quotesMarkWhatSaysSoInTheirOwnText() async throws {
    let (server, models) = try await mined()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let found = try await server.get("/v1/voice/statements?query=%E7%BA%A2%E8%89%B2&limit=1").json
    #expect(found["total"] == 12)
    let quote = try #require(found["items"]?[0])
    let text = Array((quote["text"]?.string ?? "").utf16)
    let marks = (quote["highlight"]?.array ?? []).compactMap { range -> String? in
      guard let from = range[0]?.integer, let to = range[1]?.integer else { return nil }
      return String(decoding: text[from..<to], as: UTF16.self)
    }
    #expect(marks.contains { $0.contains("红色") }, "\(marks)")
    #expect(quote["need_id"]?.string != nil && quote["item_title"] == "Phone")
  }

  @Test func whatPeopleDecideHoldsAtOnceAndAfterTheNextMining() async throws {
    let (server, models) = try await mined()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let battery = try #require(try await need(server, saying: "电池")["need_id"]?.string)
    let colour = try #require(try await need(server, saying: "红色")["need_id"]?.string)
    let path = "/v1/voice/needs/\(battery)/decisions"
    let renamed = try await server.post(path, #"{"action":"rename","label":"续航"}"#)
    #expect(renamed.json["label"] == "续航" && renamed.json["status"] == "edited")
    #expect(try await server.post(path, #"{"action":"confirm"}"#).json["status"] == "confirmed")
    _ = try await server.post("/v1/voice/needs/\(colour)/decisions", #"{"action":"reject"}"#)
    for _ in 0..<2 {
      let board = try await server.get("/v1/voice").json
      #expect(board["needs"]?.array?.map { $0["label"] } == ["续航"] && board["rejected"] == 1)
      #expect(
        try await server.get("/v1/voice?status=rejected").json["needs"]?[0]?["need_id"] == .string(colour))
      try await mine(server)
    }
    _ = try await server.post("/v1/voice/needs/\(colour)/decisions", #"{"action":"reopen"}"#)
    let merge = try await server.post(path, #"{"action":"merge","others":["\#(colour)"]}"#)
    #expect(merge.json["customers"] == 24)
    // The id of a need that was merged still finds it.
    #expect(try await server.get("/v1/voice/needs/\(colour)").json["need_id"] == .string(battery))
    let keys = try await server.pages("/v1/voice/needs/\(battery)/statements?query=%E7%BA%A2", limit: 50)
      .map { ["event_id": $0["event_id"]!, "start": $0["start"]!] as JSONValue }
    let split: JSONValue = [
      "action": "split", "parts": [["label": "颜色", "statements": .array(keys)]],
    ]
    #expect(try await server.post(path, split.json).json["customers"] == 12)
    let labels = try await server.get("/v1/voice").json["needs"]?.array?.compactMap { $0["label"]?.string }
    #expect(Set(labels ?? []) == ["续航", "颜色"])
    #expect(try await server.get("/v1/voice/decisions").json["total"] == 6)
  }

  @Test func aDecisionThatCannotBeSaysWhy() async throws {
    let (server, models) = try await mined()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let id = try #require(try await need(server, saying: "电池")["need_id"]?.string)
    for (body, field) in [
      (#"{"action":"praise"}"#, "action"), ("{}", "action"), (#"{"action":"rename"}"#, "label"),
      (#"{"action":"rename","label":"  "}"#, "label"), (#"{"action":"merge"}"#, "others"),
      (#"{"action":"merge","others":["\#(id)"]}"#, "others"), (#"{"action":"split","parts":[]}"#, "parts"),
      (#"{"action":"split","parts":[{"label":"x","statements":[{"event_id":"no","start":0}]}]}"#, "parts"),
    ] {
      let answer = try await server.post("/v1/voice/needs/\(id)/decisions", body)
      #expect(answer.status == 400 && answer.json["field"] == .string(field), "\(body): \(answer.json.json)")
    }
    #expect(try await server.post("/v1/voice/needs/none/decisions", #"{"action":"confirm"}"#).status == 404)
    #expect(try await server.get("/v1/voice/decisions").json["total"] == 0)
  }

  @Test func whoMayOnlyReadDecidesNothing() async throws {
    let models = try await SmallTextModels.make()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let server = try await TestServer(textModels: models)
    let (reader, operating) = (try await server.key(.read), try await server.key(.operate))
    let reviews =
      (0..<12).map { Self.review($0, Self.complaint) } + (12..<24).map { Self.review($0, Self.wish) }
    _ = try await server.post("/v1/events", JSONValue.array(reviews).json, headers: operating)
    #expect(try await server.post("/v1/voice/mining", headers: reader).status == 403)
    let job = try await server.post("/v1/voice/mining", headers: operating).json["job_id"]?.string ?? ""
    _ = try await server.get("/v1/jobs/\(job)/events", headers: reader)
    let board = try await server.get("/v1/voice", headers: reader)
    let id = try #require(board.json["needs"]?[0]?["need_id"]?.string)
    let path = "/v1/voice/needs/\(id)/decisions"
    #expect(try await server.post(path, #"{"action":"confirm"}"#, headers: reader).status == 403)
    let decided = try await server.post(path, #"{"action":"confirm"}"#, headers: operating)
    #expect(decided.json["status"] == "confirmed")
    #expect(decided.json["decisions"]?[0]?["decided_by"]?.string?.isEmpty == false)
    #expect(try await server.get("/v1/voice").status == 401)
  }

  @Test func hostileTextsAreReadLikeAnyOther() async throws {
    let hostile = [
      "<script>alert(1)</script>电池坏了", "", "😀😀😀", "\u{0}\u{1}\u{1B}[31m电池坏了",
      String(repeating: "坏", count: 300_000),
      "\u{202E}电池坏了", "\u{FFFD}\u{FFFD}", "电池" + String(repeating: "\u{0301}", count: 5_000) + "坏了",
      "=cmd|' /C calc'!A0",
    ].enumerated().map { Self.review(100 + $0, $1) }
    let (server, models) = try await mined(hostile)
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let board = try await server.get("/v1/voice")
    #expect(board.status == 200)
    #expect(board.json["texts"] == JSONValue(24 + hostile.count))
    let found = try await server.get("/v1/voice/statements?query=alert").json
    #expect(found["items"]?[0]?["text"]?.string?.contains("<script>") == true || found["total"] == 0)
    for path in ["aspects", "words", "topics", "statements", "searches", "decisions"] {
      #expect(try await server.get("/v1/voice/\(path)").status == 200, "\(path)")
    }
    // Cells that a spreadsheet would take for a formula are not handed over as one.
    let csv = try await server.get("/v1/voice/statements?format=csv")
    #expect(csv[header: "Content-Type"]?.hasPrefix("text/csv") == true)
    #expect(!csv.text.split(separator: ",").contains { $0.hasPrefix("=cmd") })
  }

  @Test func searchesThatFindNothingAreNeedsToo() async throws {
    let (server, models) = try await mined()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let searches = (0..<6).map { number -> JSONValue in
      [
        "event_id": .string("s\(number)"), "kind": "search", "customer_id": .string("c\(number)"),
        "timestamp": "2024-05-21T10:00:00Z", "query": "折叠 水壶", "properties": ["results": 0],
      ]
    }
    _ = try await server.post("/v1/events", JSONValue.array(searches).json)
    let found = try await server.get("/v1/voice/searches").json
    #expect(found["items"]?[0]?["query"] == "折叠 水壶" && found["items"]?[0]?["reason"] == "no-results")
    #expect(found["items"]?[0]?["customers"] == 6)
  }

  @Test func itemsForANeedAreThosePraisedForItThenThoseNamedSo() async throws {
    let praise = (200..<206).map { Self.review($0, "红色的外壳很好，很清晰", item: "praised", rating: 5) }
    let (server, models) = try await mined(praise)
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let id = try #require(try await need(server, saying: "红色")["need_id"]?.string)
    let items = try await server.get("/v1/voice/needs/\(id)/items").json["items"]?.array ?? []
    #expect(!items.contains { $0["item_id"] == "phone" }, "\(items)")
    #expect(items.allSatisfy { $0["reason"]?["zh"]?.string?.isEmpty == false })
    #expect(items.contains { $0["item_id"] == "case" }, "\(items)")
  }

  @Test func withoutModelsOrTextsTheAnswerSaysWhatIsMissing() async throws {
    let bare = try await TestServer()
    #expect(try await bare.get("/v1/voice").status == 409)
    let missing = try await bare.post("/v1/text/segment", #"{"texts":["电池"]}"#)
    #expect(missing.status == 501 && missing.json["detail"]?.string?.contains("make text") == true)
    #expect(missing.json["detail"]?.string?.contains("/") == false)
    let job = try await bare.post("/v1/voice/mining").json["job_id"]?.string ?? ""
    _ = try await bare.get("/v1/jobs/\(job)/events")
    #expect(try await bare.get("/v1/jobs/\(job)").json["status"] == "failed")
  }

  @Test func questionsToTextsAreAnsweredInTheirOrder() async throws {
    let models = try await SmallTextModels.make()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let server = try await TestServer(textModels: models)
    let words = try await server.post("/v1/text/segment", #"{"texts":["电池很好","","屏幕清晰"]}"#).json["results"]
    #expect(words?.array?.count == 3 && words?[1] == [] && words?[0]?[0]?["text"] == "电池")
    let tags = try await server.post("/v1/text/tag", #"{"texts":["屏幕很好"]}"#).json["results"]
    #expect(tags?[0]?[0]?["tag"] == "n")
    let language = try await server.post("/v1/text/language", #"{"texts":["屏幕很好","The screen is good"]}"#)
    #expect(language.json["results"]?.array?.map { $0["language"] } == ["zh", "en"])
    #expect(try await server.post("/v1/text/nothing", #"{"texts":["a"]}"#).status == 404)
    for body in ["{}", #"{"texts":[]}"#, #"{"texts":[1]}"#, #"{"texts":"a"}"#] {
      #expect(try await server.post("/v1/text/segment", body).status == 400, "\(body)")
    }
    let many = JSONValue.object(["texts": .array(Array(repeating: "a", count: 101))])
    #expect(try await server.post("/v1/text/segment", many.json).json["field"] == "texts")
  }
}

extension JSONValue {
  /// A value of an array.
  fileprivate subscript(index: Int) -> JSONValue? {
    array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
  }
}
