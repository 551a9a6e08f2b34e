import Application
import Foundation
import Hummingbird
import NIOCore

/// What the server knows of one request: who asks, and which shop is meant.
public struct LodeRequestContext: RequestContext, RemoteAddressRequestContext {
  /// What Hummingbird keeps of a request.
  public var coreContext: CoreRequestContextStorage
  /// Where the request comes from.
  public let remoteAddress: SocketAddress?
  /// Who asks; set by `AuthenticationMiddleware` before any route runs.
  var caller = Caller(shop: "default", role: nil, keyID: nil)

  /// The context of a request that has just come in.
  public init(source: ApplicationRequestContextSource) {
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
        reason:
          "A key of the role '\(role.rawValue)' does not allow this; use one with a role that may \(permission)."
      )
    }
  }
}

extension LodeRequestContext {
  /// The text of a parameter in the path, percent-decoded: ids may hold any characters.
  func parameter(_ name: String) throws -> String {
    let raw = try parameters.require(name)
    guard let text = raw.percentDecoded, (1...512).contains(text.utf8.count) else {
      throw ApplicationError.invalidParameter(
        name: name, value: String(raw.prefix(40)), expected: "1 to 512 bytes of percent-encoded UTF-8")
    }
    return text
  }
}
