import Application
import Campaigns
import Commerce
import Foundation
import Storage
import Synchronization
import Testing

@Suite struct WebhookTests {
  /// What was sent, and what the receiver is to answer.
  private final class Receiver: WebhookTransport, Sendable {
    struct Sent: Sendable {
      var body: [UInt8]
      var headers: [String: String]
      var host: String
    }
    let sent = Mutex<[Sent]>([])
    let answer = Mutex<Result<Int, WebhookError>>(.success(204))

    func post(
      _ body: [UInt8], headers: [(name: String, value: String)], to target: WebhookTarget, allowsPrivate: Bool
    ) async throws -> Int {
      sent.withLock {
        $0.append(
          Sent(
            body: body, headers: Dictionary(headers.map { ($0.name, $0.value) }) { first, _ in first },
            host: target.host))
      }
      return try answer.withLock { try $0.get() }
    }
  }

  private final class Clock: Sendable {
    private let time = Mutex(Timestamp(rfc3339: "2026-03-01T10:00:00Z")!)
    var now: Timestamp { time.withLock { $0 } }
    func advance(seconds: Double) { time.withLock { $0 = $0.adding(days: seconds / 86_400) } }
  }

  private static let secret = "0123456789abcdef0123"
  private let receiver = Receiver()
  private let clock = Clock()
  private let store = InMemoryStore()

  private func desk(allowsPrivate: Bool = false) -> WebhookDesk {
    let clock = clock
    return WebhookDesk(
      store: store, sending: WebhookSending(transport: receiver, allowsPrivate: allowsPrivate),
      clock: { clock.now })
  }

  private func put(_ desk: WebhookDesk) async throws {
    _ = try await desk.replace(by: [
      "webhooks": [["id": "crm", "url": "https://crm.example.com/in?x=1", "secret": .string(Self.secret)]]
    ])
  }

  private var campaign: Campaign {
    Campaign(
      id: "c_1", name: "Spring", audience: .null, action: .init(kind: .offer, text: "Hi", coupon: "TEN"),
      createdAt: clock.now)
  }

  private func contacts(_ count: Int) -> [CampaignAssignment.Entry] {
    (0..<count).map { .init(customer: "u\($0)", arm: $0 % 10 == 0 ? .holdout : .treated) }
  }

  @Test func contactsAreSentOnceSignedAndInParts() async throws {
    let desk = desk()
    try await put(desk)
    try await desk.enqueue(contacts: contacts(1000), of: campaign)
    try await desk.enqueue(contacts: contacts(1000), of: campaign)
    try await desk.sendDue()
    try await desk.sendDue()
    let sent = receiver.sent.withLock { $0 }
    #expect(sent.count == 2 && Set(sent.compactMap { $0.headers["Lode-Delivery"] }).count == 2)
    let first = try #require(sent.first)
    let body = try JSONValue(json: first.body)
    #expect(body["customers"]?.array?.count == 500 && body["parts"] == 2 && body["coupon"] == "TEN")
    #expect(body["customers"]?.array?.contains("u0") == false)
    let seconds = clock.now.milliseconds / 1000
    #expect(
      first.headers["Lode-Signature"]
        == Webhook.signature(secret: Self.secret, body: first.body, at: clock.now))
    #expect(first.headers["Lode-Signature"]?.hasPrefix("t=\(seconds),v1=") == true)
    let page = try await desk.deliveries(page: PageRequest())
    #expect(page.items.allSatisfy { $0["status"] == "delivered" && $0["last_status"] == 204 })
  }

  @Test func theSignatureIsTheStandardOne() {
    // HMAC-SHA256 of "1000000000.{}" under the key, by Python's hmac.
    #expect(
      Webhook.signature(
        secret: "0123456789abcdef", body: Array("{}".utf8), at: Timestamp(milliseconds: 1_000_000_000_000))
        == "t=1000000000,v1=ca397860b216929fe878c217b22adc0f0c14f0c2ac5926b74188edd82321427b")
  }

  @Test func aFailureIsTriedAgainLaterAndAtLastGivenUp() async throws {
    let desk = desk()
    try await put(desk)
    receiver.answer.withLock { $0 = .success(500) }
    try await desk.enqueue(contacts: contacts(10), of: campaign)
    try await desk.sendDue()
    try await desk.sendDue()
    #expect(receiver.sent.withLock { $0.count } == 1)
    for _ in 0..<20 {
      clock.advance(seconds: 301)
      try await desk.sendDue()
    }
    #expect(receiver.sent.withLock { $0.count } == 8)
    let dead = try #require(try await desk.deliveries(status: "dead", page: PageRequest()).items.first)
    #expect(dead["attempts"] == 8 && dead["last_status"] == 500)
    receiver.answer.withLock { $0 = .success(200) }
    _ = try await desk.retry(try #require(dead["delivery_id"]?.string))
    try await desk.sendDue()
    #expect(try await desk.deliveries(status: "delivered", page: PageRequest()).items.count == 1)
  }

  @Test func whatWaitsOutlivesARestart() async throws {
    let desk = desk()
    try await put(desk)
    receiver.answer.withLock { $0 = .failure(.unreachable(host: "crm.example.com")) }
    try await desk.enqueue(contacts: contacts(10), of: campaign)
    try await desk.sendDue()
    receiver.answer.withLock { $0 = .success(200) }
    clock.advance(seconds: 5)
    let next = self.desk()
    try await next.sendDue()
    #expect(try await next.deliveries(status: "delivered", page: PageRequest()).items.count == 1)
  }

  @Test func secretsAreNeverShownAndKeptWhenNotGivenAgain() async throws {
    let desk = desk()
    try await put(desk)
    receiver.answer.withLock { $0 = .failure(.unreachable(host: "crm.example.com")) }
    let tried = try await desk.test("crm")
    #expect(tried["last_error"] == "crm.example.com does not answer, or not in time.")
    let list = try await desk.list()
    #expect(!list.json.contains(Self.secret) && list["webhooks"]?.array?.first?["has_secret"] == true)
    let kept = try await desk.replace(by: [
      "webhooks": [["id": "crm", "url": "https://other.example.com/"]]
    ])
    #expect(kept["webhooks"]?.array?.first?["url"] == "https://other.example.com/")
    await #expect(throws: ApplicationError.self) {
      try await desk.replace(by: ["webhooks": [["id": "new", "url": "https://example.com/"]]])
    }
  }

  @Test(arguments: [
    "http://example.com/", "ftp://example.com/", "https://user:pass@example.com/", "https:///x",
    "example.com",
    "https://example.com/#part", "https://example.com:0/",
  ]) func faultyAddressesAreRefused(url: String) async throws {
    #expect(throws: ApplicationError.self) { try WebhookTarget(url, allowsPrivate: false) }
  }

  @Test func unencryptedAddressesNeedThePermission() throws {
    let target = try WebhookTarget("http://localhost:9000/a?b=c", allowsPrivate: true)
    #expect(target.port == 9000 && !target.isSecure && target.path == "/a?b=c")
    #expect(target.authority == "localhost:9000")
  }

  @Test(arguments: [
    "127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.7",
  ]) func privateAddressesOfIPv4AreTold(text: String) {
    let bytes = text.split(separator: ".").compactMap { UInt8($0) }
    #expect(!PublicAddress.isPublic(bytes))
    #expect(!PublicAddress.isPublic([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes))
    #expect(!PublicAddress.isPublic([0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8) + bytes))
    #expect(!PublicAddress.isPublic([0x20, 0x02] + bytes + [UInt8](repeating: 0, count: 10)))
  }

  @Test func publicAddressesAreTold() {
    for bytes in [[93, 184, 216, 34], [8, 8, 8, 8], [172, 32, 0, 1], [100, 128, 0, 1]] as [[UInt8]] {
      #expect(PublicAddress.isPublic(bytes))
    }
    #expect(PublicAddress.isPublic([0x26, 0x06, 0x47, 0] + [UInt8](repeating: 0, count: 11) + [1]))
    let loopback = [UInt8](repeating: 0, count: 15) + [1]
    for bytes in [
      loopback, [0xFE, 0x80] + loopback[2...], [0xFC, 0] + loopback[2...], [0xFF, 2] + loopback[2...],
      [0x20, 1, 0x0D, 0xB8] + loopback[4...], [1, 2, 3],
    ] as [[UInt8]] {
      #expect(!PublicAddress.isPublic(bytes))
    }
  }
}
