import Application
import Commerce
import Storage
import Testing

struct APIKeysTests {
  private let now = Timestamp(milliseconds: 1_700_000_000_000)

  @Test func onlyAHashOfTheSecretIsStored() async throws {
    let store = InMemoryStore()
    let (text, key) = try await APIKeys(store: store, shop: "north").create(
      role: .read, label: "report", now: now)
    let parts = try #require(APIKeys.parse(text))
    #expect(parts.shop == "north")
    #expect(parts.keyID == key.keyID)
    #expect(parts.secret.count == 64)
    #expect(APIKeys.matches(key, secret: parts.secret))
    for (_, document) in await store.documents(collection: "api_keys") {
      #expect(!document.json.contains(parts.secret))
    }
    #expect(await store.documents(collection: "api_keys").count == 1)
  }

  @Test func everyKeyIsAnother() async throws {
    let keys = APIKeys(store: InMemoryStore(), shop: "default")
    var texts = Set<String>()
    for _ in 0..<20 { texts.insert(try await keys.create(role: .read, label: "", now: now).text) }
    #expect(texts.count == 20)
    #expect(try await keys.list().count == 20)
  }

  @Test func anotherSecretDoesNotMatch() async throws {
    let (text, key) = try await APIKeys(store: InMemoryStore(), shop: "default").create(
      role: .admin, label: "", now: now)
    let secret = try #require(APIKeys.parse(text)).secret
    #expect(!APIKeys.matches(key, secret: ""))
    #expect(!APIKeys.matches(key, secret: String(secret.dropLast())))
    #expect(!APIKeys.matches(key, secret: secret + "0"))
    #expect(!APIKeys.matches(key, secret: String(secret.reversed()) + ""))
  }

  @Test(arguments: [
    "", "lode", "lode_a_b", "lode_a_b_c_d", "other_a_b_c", "lode__b_c", "lode_A_b_c", "lode_../x_b_c",
  ])
  func whatHasNotTheFormOfAKeyIsNone(text: String) { #expect(APIKeys.parse(text) == nil) }

  @Test func aRevokedKeyIsGoneAndOthersStay() async throws {
    let keys = APIKeys(store: InMemoryStore(), shop: "default")
    let one = try await keys.create(role: .ingest, label: "one", now: now).key
    let two = try await keys.create(
      role: .read, label: "two", now: Timestamp(milliseconds: 1_800_000_000_000)
    ).key
    #expect(try await keys.list().map(\.label) == ["one", "two"])
    try await keys.revoke(one.keyID)
    #expect(try await keys.list() == [two])
    await #expect(throws: ApplicationError.notFound(what: "API key", id: one.keyID)) {
      try await keys.revoke(one.keyID)
    }
  }
}
