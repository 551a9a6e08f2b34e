import Commerce
import Dispatch
import ServerTesting

/// A client that sends batches of events one after another and knows which were acknowledged. A batch without an
/// answer is sent again, with the same ids, before any other.
struct Sender: Sendable {
  let name: String
  private(set) var acknowledged: [String] = []
  /// What the server answered that it should not have.
  private(set) var complaints: [String] = []
  private var pending: [String]?
  private var count = 0
  private var random: SplitMix

  init(name: String, seed: UInt64) {
    self.name = name
    random = SplitMix(state: seed)
  }

  /// Sends new batches until the server is gone or `limit` batches are acknowledged, on a thread of its own.
  func sending(port: Int, limit: Int, onAnswer: @escaping @Sendable () -> Void = {}) async -> Sender {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: name).async {
        var sender = self
        try? sender.send(port: port, limit: limit, onAnswer: onAnswer)
        continuation.resume(returning: sender)
      }
    }
  }

  /// Sends what is still without an answer.
  func finishing(port: Int) async -> Sender { await sending(port: port, limit: pending == nil ? 0 : 1) }

  private mutating func send(port: Int, limit: Int, onAnswer: () -> Void) throws {
    guard limit > 0 else { return }
    let connection = try LoopbackConnection(port: port)
    for _ in 0..<limit {
      let isRetry = pending != nil
      let ids = pending ?? newBatch()
      pending = ids
      let answer = try connection.request(
        "POST", "/v1/events", headers: ["Content-Type": "application/json"], body: Self.body(ids))
      guard answer.status == 200 else {
        complaints.append("\(name): status \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        return
      }
      note(answer.json, ids: ids, isRetry: isRetry)
      pending = nil
      onAnswer()
    }
  }

  private mutating func note(_ report: JSONValue, ids: [String], isRetry: Bool) {
    let accepted = report["accepted"]?.integer ?? -1
    let duplicates = report["duplicates"]?.integer ?? -1
    // A batch is one transaction: of one sent again either all is there or nothing.
    if accepted + duplicates != ids.count || (duplicates != 0 && (!isRetry || accepted != 0)) {
      complaints.append("\(name): \(ids.count) events, sent again: \(isRetry); answered \(report.json)")
    }
    acknowledged += ids
  }

  private mutating func newBatch() -> [String] {
    let size = Int(random.next() % 150) + 1
    defer { count += size }
    return (count..<(count + size)).map { "\(name)-\($0)" }
  }

  private static func body(_ ids: [String]) -> [UInt8] {
    let events = ids.enumerated().map { index, id in
      #"{"event_id":"\#(id)","kind":"purchase","customer_id":"c\#(index % 17)","item_id":"i\#(index % 29)","#
        + #""timestamp":"2024-05-01T10:00:\#(index % 50 + 10)Z","amount":1.25,"currency":"USD"}"#
    }
    return Array("[\(events.joined(separator: ","))]".utf8)
  }
}

/// A small generator of numbers that are the same for the same seed.
struct SplitMix: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
