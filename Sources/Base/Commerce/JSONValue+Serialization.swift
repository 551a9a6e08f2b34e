import Foundation

extension JSONValue {
  /// The value as compact UTF-8 JSON, keys in order: the same value always gives the same bytes.
  public var serialized: [UInt8] {
    var writer = JSONWriter()
    writer.write(self)
    return writer.bytes
  }

  /// Reads JSON text.
  ///
  /// - Throws: `DecodingError` when the bytes are not JSON.
  public init(json bytes: some Collection<UInt8>) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
  }

  /// Any encodable value as JSON.
  public init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }
}

/// Writes JSON bytes by hand, for answers on hot paths.
public struct JSONWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8] = []

  /// An empty writer.
  public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// Appends text that is JSON already: punctuation and known keys.
  public mutating func raw(_ json: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
  }

  /// Appends bytes that are JSON already.
  public mutating func raw(_ json: [UInt8]) { bytes.append(contentsOf: json) }

  /// Appends a value.
  public mutating func write(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let value): value ? raw("true") : raw("false")
    case .number(let value): write(value)
    case .string(let value): write(value)
    case .array(let values):
      bytes.append(0x5B)
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(0x2C) }
        write(value)
      }
      bytes.append(0x5D)
    case .object(let members):
      bytes.append(0x7B)
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { bytes.append(0x2C) }
        write(member.key)
        bytes.append(0x3A)
        write(member.value)
      }
      bytes.append(0x7D)
    }
  }

  /// Appends a number; one that is not finite becomes `null`.
  public mutating func write(_ number: Double) {
    if let whole = Int64(exactly: number), abs(whole) < 1 << 53 {
      bytes.append(contentsOf: String(whole).utf8)
    } else if number.isFinite {
      bytes.append(contentsOf: number.description.utf8)
    } else {
      raw("null")
    }
  }

  /// Appends a string with its quotes, escaping what JSON requires and `<`, `>` and `&`, which are unsafe where JSON
  /// is embedded in a page.
  public mutating func write(_ string: String) {
    bytes.append(0x22)
    var string = string
    string.withUTF8 { utf8 in
      for byte in utf8 {
        switch byte {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20, 0x3C, 0x3E, 0x26:
          raw("\\u00")
          bytes.append(Self.digits[Int(byte >> 4)])
          bytes.append(Self.digits[Int(byte & 15)])
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(0x22)
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
