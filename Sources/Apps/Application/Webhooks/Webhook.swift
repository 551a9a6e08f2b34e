import Commerce
import Crypto
import Foundation

/// An address of the shop's own systems that is told what was decided, such as whom a campaign contacts.
public struct Webhook: Sendable, Codable, Equatable {
  /// What it can be told.
  public enum Topic: String, Sendable, Codable, CaseIterable {
    /// A campaign began: whom to contact, and how.
    case campaignContacts = "campaign.contacts"
    /// Someone tried the webhook out.
    case test
  }

  /// Its id, chosen by the shop.
  public let id: String
  /// Where it is sent.
  public let url: String
  /// What it is told.
  public let topics: [Topic]
  /// What bodies are signed with; never shown.
  let secret: String
  /// When it was last changed.
  public let updatedAt: Timestamp

  private enum CodingKeys: String, CodingKey {
    case id, url, topics, secret
    case updatedAt = "updated_at"
  }

  /// The webhook as the API shows it: that it has a secret, not which.
  var json: JSONValue {
    [
      "id": .string(id), "url": .string(url), "topics": .array(topics.map { .string($0.rawValue) }),
      "has_secret": .bool(!secret.isEmpty), "updated_at": JSONValue(updatedAt),
    ]
  }

  /// The value of the header `Lode-Signature`: the moment and HMAC-SHA256 of the moment, a dot and the body, in hexadecimal.
  ///
  /// A receiver computes the same with the secret, compares, and refuses moments that lie far back.
  public static func signature(secret: String, body: [UInt8], at moment: Timestamp) -> String {
    let seconds = moment.milliseconds / 1000
    var code = HMAC<SHA256>(key: SymmetricKey(data: Data(secret.utf8)))
    code.update(data: Data("\(seconds).".utf8))
    code.update(data: Data(body))
    let text = code.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return "t=\(seconds),v1=\(text)"
  }
}

/// Where a webhook goes, taken apart.
public struct WebhookTarget: Sendable, Equatable {
  /// The host as the URL names it.
  public let host: String
  /// The port.
  public let port: Int
  /// Whether the connection is encrypted.
  public let isSecure: Bool
  /// The path with its query.
  public let path: String

  private static let expected =
    "an https address without user and password, such as https://example.com/hooks"

  /// Takes a URL apart.
  ///
  /// - Parameter allowsPrivate: whether unencrypted and private addresses may be named.
  /// - Throws: `ApplicationError.invalidParameter`; the value of a faulty URL is not repeated, it may hold a secret.
  public init(_ url: String, allowsPrivate: Bool) throws {
    guard url.utf8.count <= 2048, let parts = URLComponents(string: url),
      let scheme = parts.scheme?.lowercased(),
      scheme == "https" || (scheme == "http" && allowsPrivate), let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.password == nil, parts.fragment == nil,
      (1...65_535).contains(parts.port ?? 443)
    else {
      throw ApplicationError.invalidParameter(name: "url", value: nil, expected: Self.expected)
    }
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    isSecure = scheme == "https"
    port = parts.port ?? (isSecure ? 443 : 80)
    let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    self.path = parts.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
    guard !self.path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
      throw ApplicationError.invalidParameter(name: "url", value: nil, expected: Self.expected)
    }
  }

  /// What the header `Host` says.
  public var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }
}

/// Sends a body to an address. The server brings one that speaks HTTP.
public protocol WebhookTransport: Sendable {
  /// Posts a body; redirections are not followed.
  ///
  /// - Parameter allowsPrivate: whether the host may resolve to an address that is not public. The address that was judged is the
  ///   one that is connected to.
  /// - Returns: the status of the answer.
  /// - Throws: an error whose description may be shown: it holds neither body nor headers.
  func post(
    _ body: [UInt8], headers: [(name: String, value: String)], to target: WebhookTarget, allowsPrivate: Bool
  ) async throws -> Int
}

/// How webhooks are sent.
public struct WebhookSending: Sendable {
  /// What speaks HTTP; nil where nothing is sent.
  public var transport: (any WebhookTransport)?
  /// Whether they may go to addresses that are not public, and unencrypted.
  public var allowsPrivate: Bool

  /// A way; by default none.
  public init(transport: (any WebhookTransport)? = nil, allowsPrivate: Bool = false) {
    (self.transport, self.allowsPrivate) = (transport, allowsPrivate)
  }
}

/// Why a webhook could not be sent.
public enum WebhookError: Error, Equatable, CustomStringConvertible {
  /// The host has no address.
  case unresolved(host: String)
  /// The host's address is not a public one.
  case privateAddress(host: String)
  /// Nothing can be reached there, or not in time.
  case unreachable(host: String)
  /// This process sends nothing.
  case noTransport

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .unresolved(let host): "\(host) has no address."
    case .privateAddress(let host):
      "\(host) is not at a public address; 'lode serve --allow-private-webhooks' allows it."
    case .unreachable(let host): "\(host) does not answer, or not in time."
    case .noTransport: "Only a running server sends webhooks."
    }
  }
}
