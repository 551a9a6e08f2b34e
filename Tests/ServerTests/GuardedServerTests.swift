import Testing

struct GuardedServerTests {
  @Test func beyondLoopbackNothingIsAnsweredWithoutAKeyEvenWhenThereIsNone() async throws {
    let server = try await TestServer(configure: { $0.host = "0.0.0.0" })
    #expect(try await server.get("/v1/shop").status == 401)
    let key = try await server.key(.read)
    #expect(try await server.get("/v1/shop", headers: key).status == 200)
    let keys = try #require(try await server.workspace.keys(ofShop: "default"))
    for known in try await keys.list() { try await keys.revoke(known.keyID) }
    #expect(try await server.get("/v1/shop").status == 401)
  }
}
