import Application
import Commerce
import Foundation
import Storage
import Synchronization
import Testing

struct WorkspaceTests {
  @Test(arguments: [
    ("default", true), ("a", true), ("0-9", true), (String(repeating: "a", count: 40), true),
    ("", false), ("-a", false), ("A", false), ("a_b", false), ("a/b", false), ("..", false), ("a.b", false),
    ("é", false), ("茶", false), (String(repeating: "a", count: 41), false),
  ])
  func aShopsNameIsAPlainWord(name: String, isValid: Bool) async throws {
    #expect(Workspace.isValidShopName(name) == isValid)
    guard !isValid else { return }
    let workspace = TestWorkspace().workspace
    await #expect(throws: ApplicationError.self) { try await workspace.shop(name, create: true) }
  }

  @Test func aShopIsOpenedOnceHoweverManyAskAtTheSameTime() async throws {
    let workspace = TestWorkspace().workspace
    let shops = try await withThrowingTaskGroup(of: Shop.self) { group in
      for _ in 0..<20 { group.addTask { try await workspace.shop("default") } }
      var all: [Shop] = []
      for try await shop in group { all.append(shop) }
      return all
    }
    #expect(Set(shops.map { ObjectIdentifier($0) }).count == 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for shop in shops { group.addTask { try await shop.start() } }
      try await group.waitForAll()
    }
    #expect(await shops[0].isReady)
  }

  @Test func aStoreIsOpenedOnceHoweverManyAskAtTheSameTime() async throws {
    let openings = Mutex(0)
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("lode-none")
    let workspace = Workspace(dataDirectory: directory) { _, create in
      openings.withLock { $0 += 1 }
      try await Task.sleep(for: .milliseconds(20))
      return create ? InMemoryStore() : nil
    }
    let stores = try await withThrowingTaskGroup(of: (any ShopStore)?.self) { group in
      for _ in 0..<20 { group.addTask { try await workspace.store(ofShop: "default", create: true) } }
      var all: [any ShopStore] = []
      for try await store in group { all.append(try #require(store)) }
      return all
    }
    #expect(openings.withLock { $0 } == 1)
    #expect(Set(stores.compactMap { ($0 as? InMemoryStore).map { ObjectIdentifier($0) } }).count == 1)
    #expect(try await workspace.store(ofShop: "other") == nil)
    #expect(try await workspace.store(ofShop: "other", create: true) != nil)
  }

  @Test func whatHappensInOneShopDoesNotShowInAnother() async throws {
    let workspace = TestWorkspace(["north": InMemoryStore(), "south": InMemoryStore()]).workspace
    let (north, south) = (try await workspace.shop("north"), try await workspace.shop("south"))
    try await north.load()
    try await south.load()
    _ = try await north.ingest([.success(purchase("1"))], source: "test")
    _ = try await north.upsertItems([["item_id": "tea"]], source: "test")
    #expect(try await north.facts(roles: [])["events"] == 1)
    #expect(try await south.facts(roles: [])["events"] == 0)
    #expect(try await south.facts(roles: [])["items"] == 0)
    await #expect(throws: ApplicationError.notFound(what: "shop", id: "east")) {
      try await workspace.shop("east")
    }
  }

  @Test func settingsMustNameATimeZoneThatExists() async throws {
    let store = InMemoryStore()
    await #expect(throws: ApplicationError.self) {
      try await ShopSettings(name: "Shop", timeZone: "Mars/Olympus").save(to: store)
    }
    await #expect(throws: ApplicationError.self) { try await ShopSettings(name: "").save(to: store) }
    #expect(try await ShopSettings.load(from: store) == nil)
    let settings = ShopSettings(name: "茶馆", currency: .cny, timeZone: "Asia/Shanghai", categoryLabel: "类目")
    try await settings.save(to: store)
    #expect(try await ShopSettings.load(from: store) == settings)
  }
}
