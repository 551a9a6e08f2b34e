import Application
import Commerce
import Foundation
import Learning
import Storage
import Testing

struct HousekeepingTests {
  private func decision(_ id: String, daysAgo: Double) -> DecisionRecord {
    DecisionRecord(
      decisionID: id, kind: "recommendation", customerID: "ann",
      madeAt: TestWorkspace.now.adding(days: -daysAgo), model: "PopularityModel@1", choices: [])
  }

  private func saveVersions(_ count: Int, in store: InMemoryStore) async {
    for number in 0..<count {
      let envelope = ModelEnvelope(
        kind: "TestModel", formatVersion: 1, configuration: .null, trainedAt: TestWorkspace.now,
        dataFingerprint: "", metrics: [:], payload: Data([UInt8(number)]))
      _ = await store.save(envelope, name: "other")
    }
  }

  @Test func decisionsAreForgottenAfterTheShopsTimeHoweverManyThereAre() async throws {
    let store = InMemoryStore()
    try await ShopSettings(name: "Shop", decisionRetentionDays: 30).save(to: store)
    await store.record(decisions: (0..<1200).map { decision("old-\($0)", daysAgo: 31 + Double($0)) })
    await store.record(decisions: [decision("young", daysAgo: 29)])
    let shop = try await TestWorkspace.shop(store)
    #expect(try await shop.sweep().decisions == 1200)
    #expect(await store.decision("old-0") == nil)
    #expect(await store.decision("young") != nil)
    #expect(try await shop.sweep().decisions == 0)
  }

  @Test func decisionsAreKeptForNinetyDaysAndTenVersionsOfAModelUnlessTheShopSaysOtherwise() async throws {
    let store = InMemoryStore()
    await store.record(decisions: [decision("old", daysAgo: 91), decision("young", daysAgo: 89)])
    await saveVersions(14, in: store)
    try await store.promote(name: "other", version: 1)
    try await store.promote(name: "other", version: 2)
    let shop = try await TestWorkspace.shop(store)
    let swept = try await shop.sweep()
    #expect(swept.decisions == 1)
    #expect(swept.modelVersions == 2)
    #expect(await store.decision("young") != nil)
    #expect(await store.modelRecords().map(\.version).sorted() == [1, 2] + Array(5...14))
  }

  @Test func aShopKeepsTheVersionsItIsToldTo() async throws {
    let store = InMemoryStore()
    try await ShopSettings(name: "Shop", modelVersionsKept: 1).save(to: store)
    await saveVersions(3, in: store)
    let shop = try await TestWorkspace.shop(store)
    #expect(try await shop.sweep().modelVersions == 2)
    #expect(await store.modelRecords().map(\.version) == [3])
  }

  @Test(arguments: [0, -1, 40_000])
  func aTimeOutOfRangeIsRefused(days: Int) async throws {
    await #expect(throws: ApplicationError.self) {
      try await ShopSettings(name: "Shop", decisionRetentionDays: days).save(to: InMemoryStore())
    }
  }

  @Test func settingsOfAnEarlierVersionHaveTheUsualTimes() async throws {
    let store = InMemoryStore()
    await store.put(
      ["name": "Tea house", "currency": "CNY", "time_zone": "Asia/Shanghai", "category_label": "类目"],
      collection: "settings", key: "shop")
    let settings = try #require(try await ShopSettings.load(from: store))
    #expect(settings.decisionRetentionDays == 90)
    #expect(settings.modelVersionsKept == 10)
    #expect(settings.currency == .cny)
  }

  @Test func anUploadGoesWithItsImportAndOneThatNoImportWaitsForGoesToo() async throws {
    let test = TestWorkspace()
    defer { try? FileManager.default.removeItem(at: test.workspace.dataDirectory) }
    let shop = try await test.workspace.shop("default")
    try await shop.load()
    let uploads = test.workspace.dataDirectory.appendingPathComponent("default/uploads")
    func folders() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: uploads.path).count
    }
    // One whose import waits, one that is still coming in, and one that an earlier process left.
    let waiting = try shop.newUpload(named: "orders.csv")
    try "a,b\n1,2\n".write(to: waiting, atomically: true, encoding: .utf8)
    let job = try await shop.submitImport(of: waiting, kind: .events, mapping: nil)
    let coming = try shop.newUpload(named: "later.csv")
    try FileManager.default.createDirectory(
      at: uploads.appendingPathComponent("left"), withIntermediateDirectories: true)
    #expect(try folders() == 3)
    #expect(try await shop.sweep().uploads == 1)
    #expect(FileManager.default.fileExists(atPath: waiting.path))
    #expect(FileManager.default.fileExists(atPath: coming.deletingLastPathComponent().path))
    // The file has no times, so the import fails, and its file goes.
    try await shop.start()
    await shop.jobs.drain()
    #expect(try await shop.jobs.job(job.jobID).status == .failed)
    #expect(try folders() == 1)
    await test.workspace.close()
  }
}
