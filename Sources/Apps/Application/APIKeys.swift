import Commerce
import Crypto
import Foundation
import Storage

/// What a caller may do.
public enum Role: String, Sendable, Codable, CaseIterable {
  /// Send events, items, customers and feedback; read nothing.
  case ingest
  /// Read everything; change nothing.
  case read
  /// Read, send, import, train and promote.
  case operate
  /// Everything.
  case admin

  /// Whether the role covers a permission.
  public func allows(_ permission: Permission) -> Bool {
    switch permission {
    case .ingest: self != .read
    case .read: self != .ingest
    case .operate: self == .operate || self == .admin
    }
  }
}

/// What a route asks for.
public enum Permission: Sendable {
  /// To send data.
  case ingest
  /// To read.
  case read
  /// To change how the shop runs.
  case operate
}

/// A key as listed: without its secret, which is shown once and stored only as a hash.
public struct APIKey: Sendable, Equatable, Codable {
  /// The key's public part.
  public let keyID: String
  /// What it allows.
  public let role: Role
  /// What it is for, in the operator's words.
  public let label: String
  /// SHA-256 of the secret in hexadecimal. The secret has 256 random bits, so a fast hash is enough.
  let secretHash: String
  /// When it was made.
  public let createdAt: Timestamp
}

/// A shop's API keys: `lode_<shop>_<id>_<secret>`.
public struct APIKeys: Sendable {
  private static let collection = "api_keys"
  private let store: any ShopStore
  private let shop: String

  /// The keys of one shop.
  public init(store: any ShopStore, shop: String) {
    self.store = store
    self.shop = shop
  }

  /// Makes a key and returns its full text, which cannot be shown again.
  public func create(role: Role, label: String, now: Timestamp) async throws -> (text: String, key: APIKey) {
    let id = Self.randomHexadecimal(bytes: 6)
    let secret = Self.randomHexadecimal(bytes: 32)
    let key = APIKey(keyID: id, role: role, label: label, secretHash: Self.hash(secret), createdAt: now)
    try await store.put(try JSONValue(encoding: key), collection: Self.collection, key: id)
    return ("lode_\(shop)_\(id)_\(secret)", key)
  }

  /// All keys, oldest first.
  public func list() async throws -> [APIKey] {
    try await store.documents(collection: Self.collection)
      .map { try JSONDecoder().decode(APIKey.self, from: Data($0.document.serialized)) }
      .sorted { $0.createdAt < $1.createdAt }
  }

  /// Makes a key worthless.
  public func revoke(_ keyID: String) async throws {
    guard try await store.document(collection: Self.collection, key: keyID) != nil else {
      throw ApplicationError.notFound(what: "API key", id: keyID)
    }
    try await store.remove(collection: Self.collection, key: keyID)
  }

  /// Whether a secret is that of a key, in time that does not depend on where they differ.
  public static func matches(_ key: APIKey, secret: String) -> Bool {
    let expected = Array(key.secretHash.utf8)
    let found = Array(hash(secret).utf8)
    guard expected.count == found.count else { return false }
    return zip(expected, found).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// The parts of a key's text; nil when it does not have the form of a key.
  public static func parse(_ text: String) -> (shop: String, keyID: String, secret: String)? {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[0] == "lode", Workspace.isValidShopName(parts[1]) else { return nil }
    return (parts[1], parts[2], parts[3])
  }

  private static func hash(_ secret: String) -> String {
    SHA256.hash(data: Data(secret.utf8)).map { hexadecimal($0) }.joined()
  }

  private static func randomHexadecimal(bytes: Int) -> String {
    SymmetricKey(size: SymmetricKeySize(bitCount: bytes * 8)).withUnsafeBytes {
      $0.map { hexadecimal($0) }.joined()
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
