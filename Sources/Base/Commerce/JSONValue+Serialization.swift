import Foundation

extension JSONValue {
  /// The value as compact UTF-8 JSON, keys in order: the same value always gives the same bytes.
  public var serialized: [UInt8] {
    var bytes: [UInt8] = []
    appendJSON(to: &bytes)
    return bytes
  }

  /// Any encodable value as JSON.
  public init(encoding value: some Encodable) throws {
    self = try JSONValue(json: JSONEncoder().encode(value))
  }
}
