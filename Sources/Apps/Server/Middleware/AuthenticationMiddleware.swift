import Application
import HTTPTypes
import Hummingbird

/// Finds out who asks.
///
/// With keys, a request must show one. Without keys the server listens on loopback only and the caller is the
/// machine's own user; then a web page of another site must not reach the server through the user's browser, so
/// requests whose `Host` is not a loopback name (DNS rebinding) or whose `Origin` is another site are refused.
struct AuthenticationMiddleware: RouterMiddleware {
  let keyring: Keyring

  func handle(
    _ request: Request, context: LodeRequestContext,
    next: (Request, LodeRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    if try await keyring.requiresKeys() {
      context.caller = try await caller(presenting: request.headers[.authorization])
    } else {
      try refuseOtherSites(request)
      context.caller = Caller(shop: "default", role: .admin, keyID: nil)
    }
    return try await next(request, context)
  }

  private func caller(presenting authorization: String?) async throws -> Caller {
    guard let authorization, authorization.lowercased().hasPrefix("bearer "),
      let (shop, key) = try await keyring.verify(String(authorization.dropFirst("bearer ".count)))
    else { return Caller(shop: "default", role: nil, keyID: nil) }
    return Caller(shop: shop, role: key.role, keyID: key.keyID)
  }

  private func refuseOtherSites(_ request: Request) throws {
    if let host = request.head.authority, !Self.isLoopback(host: host) {
      throw ApplicationError.forbidden(
        reason: "Without API keys only requests to a loopback name are answered.")
    }
    if let origin = request.headers[.origin], origin != "null" || request.method != .get {
      let host = origin.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(
        String.init)
      guard let host, host == request.head.authority else {
        throw ApplicationError.forbidden(reason: "Requests from pages of other sites are refused.")
      }
    }
  }

  static func isLoopback(host: String) -> Bool {
    let name =
      host.hasPrefix("[")
      ? String(host.prefix { $0 != "]" }) + "]" : String(host.split(separator: ":").first ?? "")
    return ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
  }
}

/// The keys of all shops, remembered for a few seconds so that a request costs no read of the store.
actor Keyring {
  private let workspace: Workspace
  private let isAlwaysGuarded: Bool
  private let clock = ContinuousClock()
  private var verified: [String: (result: (String, APIKey)?, at: ContinuousClock.Instant)] = [:]
  private var required: (value: Bool, at: ContinuousClock.Instant)?
  private static let freshness = Duration.seconds(5)
  private static let remembered = 10_000
  private static let longestKey = 200

  /// The keys of a workspace; `isAlwaysGuarded` when requests without a key are refused even when there is none.
  init(workspace: Workspace, isAlwaysGuarded: Bool) {
    self.workspace = workspace
    self.isAlwaysGuarded = isAlwaysGuarded
  }

  /// Whether any shop has a key, or had one since the server started: revoking the last key opens no door.
  func requiresKeys() async throws -> Bool {
    if isAlwaysGuarded { return true }
    if let required, clock.now - required.at < Self.freshness { return required.value }
    do {
      let hasKeys = try await workspace.hasKeys()
      let value = hasKeys || required?.value ?? false
      required = (value, clock.now)
      return value
    } catch {
      // A store that cannot be read just now, say because the server is stopping, leaves things as they were.
      guard let required else { throw error }
      return required.value
    }
  }

  /// The shop and key of a key's text; nil when it is not valid.
  func verify(_ text: String) async throws -> (String, APIKey)? {
    // Nothing that cannot be a key is remembered: headers may be long, and callers many.
    guard text.utf8.count <= Self.longestKey else { return nil }
    if let known = verified[text], clock.now - known.at < Self.freshness { return known.result }
    var result: (String, APIKey)?
    if let (shop, id, secret) = APIKeys.parse(text),
      let key = try await workspace.keys(ofShop: shop)?.list().first(where: { $0.keyID == id }),
      APIKeys.matches(key, secret: secret)
    {
      result = (shop, key)
    }
    if verified.count >= Self.remembered { verified.removeAll(keepingCapacity: true) }
    verified[text] = (result, clock.now)
    return result
  }
}
