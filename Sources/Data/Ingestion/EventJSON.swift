import Commerce
import Storage

/// Reads events in the form of the API: JSON objects with the fields of `Event` in snake case.
///
/// ```swift
/// let results = try EventJSON.decode(batch: Array(#"[{"event_id":"1","kind":"view","customer_id":"c",\#
///   "item_id":"i","timestamp":"2024-05-01T10:00:00Z"}]"#.utf8))
/// ```
///
/// - `timestamp` is ISO 8601 (UTC unless it names an offset) or a number of seconds or milliseconds since 1970.
/// - `amount` is a number with `currency` beside it, or `{"amount": 12.34, "currency": "USD"}`.
/// - Ids may be strings or whole numbers.
/// - `kind` may be one of Lode's or the name of an event of the Segment e-commerce specification; of that
///   specification's fields, `event`, `messageId`, `userId`, `anonymousId` are understood, and in `properties`
///   `product_id`, `order_id`, `query`, `quantity`, `currency`, `rating`, `session_id` where the event itself
///   has no such field.
/// - Fields that are none of the event's own are kept among its `properties`. A purchase or refund with an array
///   `products` there is an order of several lines, which `OrderLines` makes events of.
public enum EventJSON {
  /// What holds when an event does not say.
  public struct Defaults: Sendable, Equatable {
    /// The currency of amounts without one; nil makes them an error.
    public var currency: Currency?

    /// Defaults; without arguments there are none.
    public init(currency: Currency? = nil) { self.currency = currency }
  }

  /// Reads the body of a request: one event, an array of events, or `{"events": […]}`.
  ///
  /// - Returns: for each event in order, the event or why it is rejected.
  /// - Throws: `JSONSyntaxError` when the body as a whole is not JSON of one of these forms; nothing of it can be
  ///   trusted then.
  public static func decode(
    batch bytes: some Sequence<UInt8>, defaults: Defaults = Defaults()
  ) throws(JSONSyntaxError) -> [Result<Event, RowRejection>] {
    try withBytes(bytes) { (buffer) throws(JSONSyntaxError) in try decode(batch: buffer, defaults: defaults) }
  }

  /// Reads newline-delimited JSON: one event on each line that is not blank. A malformed line is one rejection.
  public static func decode(
    ndjson bytes: some Sequence<UInt8>, defaults: Defaults = Defaults()
  ) -> [Result<Event, RowRejection>] {
    withBytes(bytes) { buffer in
      var results: [Result<Event, RowRejection>] = []
      var start = 0
      while start < buffer.count {
        let end = buffer[start...].firstIndex(of: 0x0A) ?? buffer.count
        let line = UnsafeBufferPointer(rebasing: buffer[start..<end])
        if line.contains(where: { $0 > 0x20 }) { results.append(decode(line: line, defaults: defaults)) }
        start = end + 1
      }
      return results
    }
  }

  /// Reads one event that is the whole of the bytes.
  public static func decode(
    event bytes: some Sequence<UInt8>, defaults: Defaults = Defaults()
  ) -> Result<Event, RowRejection> {
    withBytes(bytes) { decode(line: $0, defaults: defaults) }
  }

  static func decode(line: UnsafeBufferPointer<UInt8>, defaults: Defaults) -> Result<Event, RowRejection> {
    var scanner = JSONScanner(line)
    do throws(JSONSyntaxError) {
      let result = try decodeEvent(&scanner, defaults: defaults)
      guard scanner.isAtEnd() else { throw scanner.fault("there is more after the event") }
      return result
    } catch {
      let raw = String(decoding: line, as: UTF8.self)
      return .failure(RowRejection(stage: .parse, field: nil, reason: error.description, raw: raw))
    }
  }

  private static func decode(
    batch buffer: UnsafeBufferPointer<UInt8>, defaults: Defaults
  ) throws(JSONSyntaxError) -> [Result<Event, RowRejection>] {
    var scanner = JSONScanner(buffer)
    var results: [Result<Event, RowRejection>] = []
    switch scanner.peek() {
    case 0x5B: try decodeArray(&scanner, defaults, into: &results)
    case 0x7B:
      if try !decodeWrapped(&scanner, defaults, into: &results) {
        scanner.position = 0
        results.append(try decodeEvent(&scanner, defaults: defaults))
      }
    default: throw scanner.fault("expected an event, an array of events, or {\"events\": […]}")
    }
    guard scanner.isAtEnd() else { throw scanner.fault("there is more after the events") }
    return results
  }

  private static func decodeArray(
    _ scanner: inout JSONScanner, _ defaults: Defaults, into results: inout [Result<Event, RowRejection>]
  ) throws(JSONSyntaxError) {
    try scanner.array { scanner throws(JSONSyntaxError) in
      results.append(try decodeEvent(&scanner, defaults: defaults))
    }
  }

  /// Reads `{"events": […]}`; false when the object has no such member.
  private static func decodeWrapped(
    _ scanner: inout JSONScanner, _ defaults: Defaults, into results: inout [Result<Event, RowRejection>]
  ) throws(JSONSyntaxError) -> Bool {
    var found = false
    try scanner.object { (scanner, key) throws(JSONSyntaxError) in
      if key == "events", scanner.peek() == 0x5B {
        guard !found else { throw scanner.fault("'events' is there twice") }
        found = true
        try decodeArray(&scanner, defaults, into: &results)
      } else {
        try scanner.skipValue()
      }
    }
    return found
  }

  /// Reads the next event. Faults of syntax are thrown; faults of a field reject the event alone.
  static func decodeEvent(
    _ scanner: inout JSONScanner, defaults: Defaults
  ) throws(JSONSyntaxError) -> Result<Event, RowRejection> {
    _ = scanner.peek()
    let start = scanner.position
    guard scanner.peek() == 0x7B else {
      let range = try scanner.skipValue()
      return .failure(
        RowRejection(
          field: nil, reason: "expected an object with the fields of an event", raw: scanner.text(range)))
    }
    var fields = EventJSONFields()
    try scanner.object { (scanner, key) throws(JSONSyntaxError) in try fields.take(key, from: &scanner) }
    do throws(RowRejection) {
      return .success(try fields.event(defaults))
    } catch {
      var rejection = error
      rejection.eventID = fields.eventID
      rejection.raw = scanner.text(start..<scanner.position)
      return .failure(rejection)
    }
  }

  private static func withBytes<Outcome, Failure: Error>(
    _ bytes: some Sequence<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    let run = { (buffer: UnsafeBufferPointer<UInt8>) in
      Result { () throws(Failure) in try body(buffer) }
    }
    if let result = bytes.withContiguousStorageIfAvailable(run) { return try result.get() }
    return try Array(bytes).withUnsafeBufferPointer(run).get()
  }
}

extension JSONScanner {
  /// The bytes of a range as text.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
