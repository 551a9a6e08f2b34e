import Application
import Commerce
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Server
import Storage
import Synchronization
import Testing

/// The server without a socket: requests go straight to its router.
final class TestServer: Sendable {
  /// The moment at which every request arrives.
  static let now = Timestamp(rfc3339: "2024-06-01T12:00:00Z")!

  let server: LodeServer
  let workspace: Workspace
  private let responder: RouterResponder<LodeRequestContext>
  private let directory: URL

  /// A server over the shops named, each with a store of its own.
  init(
    shops: [String] = ["default"], textModels: TextModels? = nil,
    configure: (inout LodeServer.Configuration) -> Void = { _ in },
    makeStore: @escaping @Sendable () -> any ShopStore = { InMemoryStore() }
  ) async throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-server-\(UUID().uuidString)")
    let stores = Stores(directory: directory, make: makeStore)
    workspace = Workspace(
      dataDirectory: directory, textModels: textModels, clock: { Self.now }
    ) { shop, create in
      try await stores.store(ofShop: shop, create: create)
    }
    for shop in shops { _ = try await workspace.store(ofShop: shop, create: true) }
    var configuration = LodeServer.Configuration()
    configure(&configuration)
    server = LodeServer(workspace, configuration: configuration, logger: Self.silent)
    responder = server.router().buildResponder()
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  /// The answer to a request that came in under a name of the host.
  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String = "", headers: [String: String] = [:],
    host: String = "127.0.0.1:8080", onWrite: @escaping @Sendable () -> Void = {}
  ) async throws -> Answer {
    try await send(
      method, path, body: RequestBody(buffer: ByteBuffer(string: body)), headers: headers, host: host,
      onWrite: onWrite)
  }

  /// The answer to a request whose body is of unknown length.
  func send(
    _ method: HTTPRequest.Method, _ path: String, body: RequestBody, headers: [String: String] = [:],
    host: String = "127.0.0.1:8080", onWrite: @escaping @Sendable () -> Void = {}
  ) async throws -> Answer {
    var fields = HTTPFields()
    for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
    let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: fields)
    let context = LodeRequestContext(
      source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: Self.silent))
    let response = try await responder.respond(to: Request(head: head, body: body), context: context)
    let written = CollectedBody(onWrite: onWrite)
    try await response.body.write(written)
    return Answer(status: Int(response.status.code), headers: response.headers, body: written.bytes)
  }

  func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
    try await send(.get, path, headers: headers)
  }

  func post(_ path: String, _ body: String = "", headers: [String: String] = [:]) async throws -> Answer {
    try await send(.post, path, body, headers: headers)
  }

  /// The headers that show a new key.
  func key(_ role: Role, shop: String = "default") async throws -> [String: String] {
    let keys = try #require(try await workspace.keys(ofShop: shop))
    let key = try await keys.create(role: role, label: "test", now: Self.now)
    return ["Authorization": "Bearer \(key.text)"]
  }

  /// All rows of a list, page by page.
  func pages(_ path: String, limit: Int) async throws -> [JSONValue] {
    var rows: [JSONValue] = []
    var cursor = ""
    for _ in 0..<1000 {
      let separator = path.contains("?") ? "&" : "?"
      let page = try await get("\(path)\(separator)limit=\(limit)\(cursor)").json
      let items = try #require(page["items"]?.array)
      #expect(items.count <= limit)
      rows += items
      guard let next = page["next_cursor"]?.string else { return rows }
      cursor = "&cursor=\(next.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)"
    }
    Issue.record("the list at \(path) does not end")
    return rows
  }
}

/// What came back.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSONValue { (try? JSONValue(json: body)) ?? .null }

  subscript(header header: String) -> String? { headers[HTTPField.Name(header)!] }
}

/// Gathers a response's body.
private final class CollectedBody: ResponseBodyWriter, Sendable {
  private let collected = Mutex<[UInt8]>([])
  private let onWrite: @Sendable () -> Void

  init(onWrite: @escaping @Sendable () -> Void) { self.onWrite = onWrite }

  var bytes: [UInt8] { collected.withLock { $0 } }

  func write(_ buffer: ByteBuffer) async throws {
    collected.withLock { $0.append(contentsOf: buffer.readableBytesView) }
    onWrite()
  }

  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// The stores behind a test's workspace; each has a folder, as a shop on disk does.
private actor Stores {
  private let directory: URL
  private let make: @Sendable () -> any ShopStore
  private var stores: [String: any ShopStore] = [:]

  init(directory: URL, make: @escaping @Sendable () -> any ShopStore) {
    self.directory = directory
    self.make = make
  }

  func store(ofShop name: String, create: Bool) throws -> (any ShopStore)? {
    if let store = stores[name] { return store }
    guard create else { return nil }
    try FileManager.default.createDirectory(
      at: directory.appendingPathComponent(name), withIntermediateDirectories: true)
    let store = make()
    stores[name] = store
    return store
  }
}

/// One event as JSON text.
func eventJSON(
  _ id: String, customer: String = "ann", item: String = "tea", time: String = "2024-05-01T10:00:00Z",
  amount: Double = 2.5, kind: String = "purchase"
) -> String {
  let event: JSONValue = [
    "event_id": .string(id), "kind": .string(kind), "customer_id": .string(customer),
    "item_id": .string(item),
    "timestamp": .string(time), "amount": .number(amount), "currency": "USD", "quantity": 1,
  ]
  return event.json
}

/// An id as it stands in a path.
func encoded(_ id: String) -> String { id.addingPercentEncoding(withAllowedCharacters: .alphanumerics)! }
