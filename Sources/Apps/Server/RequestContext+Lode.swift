import Application
import Hummingbird
import NIOCore

/// What the server knows of one request: who asks, and which shop is meant.
struct LodeRequestContext: RequestContext, RemoteAddressRequestContext {
  var coreContext: CoreRequestContextStorage
  let remoteAddress: SocketAddress?
  /// Who asks; set by `AuthenticationMiddleware` before any route runs.
  var caller = Caller(shop: "default", role: nil, keyID: nil)

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    remoteAddress = source.channel.remoteAddress
  }
}

/// Who asks.
struct Caller: Sendable, Equatable {
  /// The shop that the caller's key belongs to.
  var shop: String
  /// What the caller may do; nil for nothing.
  var role: Role?
  /// The key's public part; nil without keys.
  var keyID: String?
}

extension LodeRequestContext {
  /// Stops the request unless the caller's role covers a permission.
  func require(_ permission: Permission) throws {
    guard let role = caller.role else { throw ApplicationError.unauthenticated }
    guard role.allows(permission) else {
      throw ApplicationError.forbidden(
        reason: "A key of the role '\(role.rawValue)' does not allow this; use one with a role that may \(permission).")
    }
  }
}
