import Commerce
import Foundation
import Storage

/// The shops of one data directory. Each shop has a store of its own: nothing of one shop can reach another.
public actor Workspace {
  /// Opens the store of a shop, making it when `create` says so; nil when there is none.
  public typealias StoreOpener = @Sendable (_ shop: String, _ create: Bool) async throws -> (any ShopStore)?

  /// Where the shops' data lie.
  public nonisolated let dataDirectory: URL
  private let textModels: TextModels?
  private let sending: WebhookSending
  private let open: StoreOpener
  private let clock: @Sendable () -> Timestamp
  private var stores: [String: any ShopStore] = [:]
  private var opening: [String: Task<(any ShopStore)?, any Error>] = [:]
  private var shops: [String: Shop] = [:]

  /// A workspace over a directory; `open` brings the storage adapter.
  ///
  /// - Parameters:
  ///   - textModels: the models that its shops' texts are read with.
  ///   - sending: how webhooks are sent; by default not at all.
  public init(
    dataDirectory: URL, textModels: TextModels? = nil, sending: WebhookSending = WebhookSending(),
    clock: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) },
    open: @escaping StoreOpener
  ) {
    self.dataDirectory = dataDirectory
    self.textModels = textModels
    self.sending = sending
    self.clock = clock
    self.open = open
  }

  /// Whether a name can be a shop's: 1 to 40 lower-case letters, digits and hyphens, starting with a letter or digit.
  public static func isValidShopName(_ name: String) -> Bool {
    (1...40).contains(name.utf8.count) && name.utf8.first != 0x2D
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }

  /// A shop with its live state, read from its store the first time it is asked for.
  public func shop(_ name: String, create: Bool = false) async throws -> Shop {
    if let shop = shops[name] { return shop }
    guard let store = try await store(ofShop: name, create: create) else {
      throw ApplicationError.notFound(what: "shop", id: name)
    }
    // Another caller may have opened the shop while this one waited for its store.
    if let shop = shops[name] { return shop }
    let shop = Shop(
      name: name, store: store, directory: directory(ofShop: name), textModels: textModels, sending: sending,
      clock: clock)
    shops[name] = shop
    return shop
  }

  /// The shop's store; nil when there is none and none is to be made.
  public func store(ofShop name: String, create: Bool = false) async throws -> (any ShopStore)? {
    guard Self.isValidShopName(name) else {
      throw ApplicationError.invalidParameter(
        name: "shop", value: name, expected: "1 to 40 lower-case letters, digits and hyphens")
    }
    if let store = stores[name] { return store }
    // Callers at the same time share one opening: two of them get in each other's way while a store recovers.
    while let task = opening[name] {
      if let store = try await task.value { return store }
      if !create { return nil }
    }
    let task = Task { try await openStore(ofShop: name, create: create) }
    opening[name] = task
    return try await task.value
  }

  private func openStore(ofShop name: String, create: Bool) async throws -> (any ShopStore)? {
    // Over before the task is, so that whoever waited for it finds it gone.
    defer { opening[name] = nil }
    let store = try await open(name, create)
    stores[name] = store
    return store
  }

  /// The API keys of a shop; nil when there is no such shop.
  public func keys(ofShop name: String) async throws -> APIKeys? {
    try await store(ofShop: name).map { APIKeys(store: $0, shop: name) }
  }

  /// Whether any shop has an API key.
  public func hasKeys() async throws -> Bool {
    for name in try shopNames() {
      if let keys = try await keys(ofShop: name), try await !keys.list().isEmpty { return true }
    }
    return false
  }

  /// The names of the shops that exist.
  public nonisolated func shopNames() throws -> [String] {
    guard FileManager.default.fileExists(atPath: dataDirectory.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: dataDirectory.path)
      .filter(Self.isValidShopName).sorted()
  }

  /// Lets running jobs stop and writes out what waits.
  public func close() async {
    for shop in shops.values { await shop.close() }
  }

  private func directory(ofShop name: String) -> URL {
    dataDirectory.appendingPathComponent(name, isDirectory: true)
  }
}
