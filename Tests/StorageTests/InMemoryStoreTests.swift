import ConformanceTesting
import Storage
import Testing

@Suite struct InMemoryStoreTests {
  @Test(arguments: StorageConformance.cases)
  func conforms(_ conformance: StorageConformance) async throws { try await conformance.run(InMemoryStore()) }
}
