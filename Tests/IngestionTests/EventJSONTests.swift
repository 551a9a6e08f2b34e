import Commerce
import Foundation
import Ingestion
import Testing

@Suite struct EventJSONTests {
  private func decode(_ text: String) throws -> [Result<Event, RowRejection>] {
    try EventJSON.decode(batch: text.utf8)
  }

  private func rejection(_ members: String) throws -> RowRejection {
    let base = #""event_id":"1","kind":"view","customer_id":"c","timestamp":"2024-05-01T10:00:00Z""#
    let result = EventJSON.decode(event: "{\(base),\(members)}".utf8)
    return try #require({ if case .failure(let rejection) = result { rejection } else { nil } }())
  }

  @Test func readsEveryField() throws {
    let text = """
      {"event_id":"e1","kind":"purchase","customer_id":"c\\u00e9","session_id":"s","item_id":17,
       "timestamp":"2024-05-01T18:00:00.250+08:00","quantity":2.5,"amount":12.34,"currency":"CNY","rating":4,
       "text":"很好\\n👍","query":"咖啡","dwell_ms":1500,"order_id":"o","decision_id":"d","channel":"app",
       "device":"phone","properties":{"discount":0.1,"tags":["a",null,true]},"colour":"red"}
      """
    let expected = Event(
      eventID: "e1", kind: .purchase, customerID: "cé", sessionID: "s", itemID: "17",
      timestamp: Timestamp(rfc3339: "2024-05-01T10:00:00.250Z")!, quantity: 2.5,
      amount: Money(minorUnits: 1234, currency: .cny), rating: 4, text: "很好\n👍", query: "咖啡",
      dwellMilliseconds: 1500, orderID: "o", decisionID: "d", channel: "app", device: "phone",
      properties: [
        "discount": .number(0.1), "tags": .array([.string("a"), .null, .bool(true)]),
        "colour": .string("red"),
      ])
    #expect(try decode(text) == [.success(expected)])
    #expect(try decode("[\(text),\(text)]") == [.success(expected), .success(expected)])
    #expect(try decode(#"{"batch":7,"events":[\#(text)]}"#) == [.success(expected)])
    #expect(EventJSON.decode(ndjson: "\(text.filter { $0 != "\n" })\r\n\n".utf8) == [.success(expected)])
  }

  @Test func givesBackWhatAnEventWritesAsJSON() throws {
    let event = Event(
      eventID: "\"\\\u{1}é", kind: .review, customerID: "🛒",
      timestamp: Timestamp(milliseconds: 1_714_557_600_123),
      quantity: 1e-7, amount: Money(minorUnits: -5, currency: .usd), rating: 4.25, text: "a\tb",
      dwellMilliseconds: 3, properties: ["n": .object(["x": .number(1e300)])])
    let text = event.jsonValue.json
    // The id holds a control character, which is refused; everything else comes back.
    var plain = event
    plain.eventID = "e"
    #expect(EventJSON.decode(event: plain.jsonValue.json.utf8) == .success(plain))
    guard case .failure(let rejection) = EventJSON.decode(event: text.utf8) else {
      Issue.record("an id with a control character was accepted")
      return
    }
    #expect(rejection.field == "event_id")
  }

  @Test(arguments: [
    (#""2024-05-01T10:00:00Z""#, 1_714_557_600_000), (#""2024-05-01 10:00""#, 1_714_557_600_000),
    ("1714557600", 1_714_557_600_000), ("1714557600000", 1_714_557_600_000),
    (#""1714557600""#, 1_714_557_600_000),
    ("1714557600.5", 1_714_557_600_500), (#""2024-05-01""#, 1_714_521_600_000),
  ])
  func readsTimesInEveryForm(_ text: String, _ milliseconds: Int) throws {
    let result = EventJSON.decode(
      event: #"{"event_id":"1","kind":"view","customer_id":"c","timestamp":\#(text)}"#.utf8)
    #expect(try result.get().timestamp.milliseconds == Int64(milliseconds))
  }

  @Test(arguments: [
    (#""timestamp":"yesterday""#, "timestamp"), (#""timestamp":true"#, "timestamp"),
    (#""timestamp":"0001-01-01""#, "timestamp"), (#""timestamp":1e300"#, "timestamp"),
    (#""kind":"teleport""#, "kind"), (#""kind":7"#, "kind"), (#""event_id":"""#, "event_id"),
    (#""event_id":1.5"#, "event_id"), (#""event_id":null"#, "event_id"), (#""quantity":"2""#, "quantity"),
    (#""amount":3"#, "currency"), (#""amount":3,"currency":"dollar""#, "currency"),
    (#""amount":{"currency":"USD"}"#, "amount"), (#""amount":1e300,"currency":"USD""#, "amount"),
    (#""dwell_ms":-1"#, "dwell_ms"), (#""properties":[]"#, "properties"),
    (#""customer_id":"""#, "customer_id"),
    (#""customer_id":null"#, "customer_id"), (#""item_id":"a\u0000b""#, "item_id"), (#""text":{}"#, "text"),
  ])
  func namesTheFieldAtFault(_ members: String, _ field: String) throws {
    let rejection = try rejection(members)
    #expect(rejection.field == field)
    #expect(rejection.stage == .validate)
    #expect(rejection.raw.contains(members))
  }

  @Test func refusesAnIDThatIsTooLong() throws {
    #expect(try rejection(#""item_id":"\#(String(repeating: "x", count: 513))""#).field == "item_id")
  }

  @Test func rejectsOneEventAndKeepsItsNeighbours() throws {
    let good = #"{"event_id":"1","kind":"view","customer_id":"c","timestamp":1714557600}"#
    let results = try decode("[\(good),{\"event_id\":\"2\"},7,\(good)]")
    #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
    guard case .failure(let rejection) = results[1] else { return }
    #expect(rejection.eventID == "2")
    #expect(rejection.raw == #"{"event_id":"2"}"#)
  }

  @Test func understandsTheSegmentSpecification() throws {
    let text = """
      {"type":"track","event":"Product Added","messageId":"m1","userId":"u1","anonymousId":"a1",
       "timestamp":"2024-05-01T10:00:00Z","properties":{"product_id":"p1","quantity":2,"currency":"USD"}}
      """
    let event = try #require(try decode(text).first?.get())
    #expect(
      event.kind == .cartAdd && event.eventID == "m1" && event.customerID == "u1" && event.sessionID == "a1")
    #expect(event.itemID == "p1" && event.quantity == 2)
  }

  @Test(arguments: [
    "", "{", "[", "nul", "[1,]", "{\"a\" 1}", "{\"a\":1,}", "[01]", "[1.]", "[1e]", "[+1]", "[\"a]",
    "[\"\\x\"]",
    "[\"\\ud800\"]", "[\"\\udc00\"]", "[\"\\ud800\\u0041\"]", "[1] 2", "\u{FEFF}[]", "[\"a\nb\"]",
    "[truefalse]",
    "{\"events\":[],\"events\":[]}", "[1e999]", String(repeating: "[", count: 100_000),
  ])
  func refusesWhatIsNotJSON(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try decode(text) }
  }

  @Test func refusesTextThatIsNotUTF8() {
    let bytes = Array(#"[{"event_id":""#.utf8) + [0xC3, 0x28] + Array(#""}]"#.utf8)
    #expect(throws: JSONSyntaxError.self) { try EventJSON.decode(batch: bytes) }
  }

  /// Foundation's parser is the reference: where it reads a text, so does the scanner, and to the same value.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func agreesWithFoundationOnRandomJSON(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let value = randomValue(depth: 0, &generator)
      let text = value.json
      #expect(try JSONValue(json: text.utf8) == value)
      let foundation = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
      #expect(foundation == value)
    }
  }

  /// Damaged texts never crash, and never read as something else than Foundation reads them as.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func survivesDamagedJSON(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      var bytes = Array(randomValue(depth: 0, &generator).json.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: index)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        }
      }
      _ = try? EventJSON.decode(batch: bytes)
      _ = EventJSON.decode(ndjson: bytes)
      if let ours = try? JSONValue(json: bytes),
        let theirs = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
      {
        #expect(ours == theirs)
      }
    }
  }

  private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .number(Double(Int.random(in: -1000...1000, using: &generator)) / 8)
    case 3: return .number(Double.random(in: -1e-3...1e18, using: &generator))
    case 4: return .string(randomText(&generator))
    case 5:
      return .array(
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in randomValue(depth: depth + 1, &generator) })
    default:
      var members: [String: JSONValue] = [:]
      for _ in 0..<Int.random(in: 0..<4, using: &generator) {
        members[randomText(&generator)] = randomValue(depth: depth + 1, &generator)
      }
      return .object(members)
    }
  }

  private func randomText(_ generator: inout SeededGenerator) -> String {
    let pieces = ["a", "Z", "\"", "\\", "\n", "\u{1}", "/", "é", "商", "👍", " ", "{", "\u{0}", "0"]
    return (0..<Int.random(in: 0..<20, using: &generator)).map { _ in pieces.randomElement(using: &generator)!
    }.joined()
  }
}
