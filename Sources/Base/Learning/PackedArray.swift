import Foundation
import Synchronization

/// A number whose little-endian bytes are its saved form.
public protocol PackableNumber: Sendable, Equatable {
  /// The number as little-endian bytes lie in memory.
  var littleEndianForm: Self { get }
}

extension Float: PackableNumber {
  /// See `PackableNumber`.
  public var littleEndianForm: Float { Float(bitPattern: bitPattern.littleEndian) }
}

extension Double: PackableNumber {
  /// See `PackableNumber`.
  public var littleEndianForm: Double { Double(bitPattern: bitPattern.littleEndian) }
}

extension Int32: PackableNumber {
  /// See `PackableNumber`.
  public var littleEndianForm: Int32 { littleEndian }
}

extension Int64: PackableNumber {
  /// See `PackableNumber`.
  public var littleEndianForm: Int64 { littleEndian }
}

/// An array of numbers that a model saves as little-endian binary instead of as JSON numbers.
///
/// Inside a `PackedPayload` the bytes lie beside the JSON; in any other encoding they are a string in base 64.
///
/// ```swift
/// struct FactorModel: Codable { @Packed var factors: [Float] }
/// ```
@propertyWrapper
public struct Packed<Number: PackableNumber>: Sendable, Equatable {
  /// The numbers.
  public var wrappedValue: [Number]

  /// An array to be saved as binary.
  public init(wrappedValue: [Number]) { self.wrappedValue = wrappedValue }
}

extension Packed: Codable {
  private struct Reference: Codable {
    var offset: Int
    var bytes: Int
  }

  /// Decodes from the payload's binary part, or from base 64 outside one.
  public init(from decoder: any Decoder) throws {
    let data: Data
    if let blobs = decoder.userInfo[PackedPayload.sourceKey] as? Data {
      let reference = try Reference(from: decoder)
      guard reference.offset >= 0, reference.bytes >= 0, reference.bytes <= blobs.count - reference.offset
      else {
        throw LearningError.corruptModel(reason: "an array reaches beyond the end of the payload")
      }
      let start = blobs.startIndex + reference.offset
      data = blobs[start..<start + reference.bytes]
    } else {
      data = try decoder.singleValueContainer().decode(Data.self)
    }
    guard data.count % MemoryLayout<Number>.stride == 0 else {
      throw LearningError.corruptModel(
        reason: "an array has \(data.count) bytes, which is no whole number of entries")
    }
    let count = data.count / MemoryLayout<Number>.stride
    let stored = [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
    // Large models load several times as fast when nothing is done where nothing need be.
    #if _endian(little)
      wrappedValue = stored
    #else
      wrappedValue = stored.map(\.littleEndianForm)
    #endif
  }

  /// Encodes to the payload's binary part, or as base 64 outside one.
  public func encode(to encoder: any Encoder) throws {
    var data = Data()
    #if _endian(little)
      wrappedValue.withUnsafeBytes { data.append(contentsOf: $0) }
    #else
      wrappedValue.map(\.littleEndianForm).withUnsafeBytes { data.append(contentsOf: $0) }
    #endif
    if let blobs = encoder.userInfo[PackedPayload.sinkKey] as? PackedPayload.Sink {
      try Reference(offset: blobs.append(data), bytes: data.count).encode(to: encoder)
    } else {
      var container = encoder.singleValueContainer()
      try container.encode(data)
    }
  }
}

/// The bytes of a saved model: JSON, and beside it the arrays marked `@Packed` as little-endian binary.
///
/// The layout is `LODE1`, a newline, the length of the JSON in decimal, a newline, the JSON, the arrays one after the
/// other. A model without packed arrays is plain JSON.
public enum PackedPayload {
  static let sinkKey = key("lode.packed.sink")
  static let sourceKey = key("lode.packed.source")
  private static let magic = Data("LODE1\n".utf8)

  private static func key(_ name: String) -> CodingUserInfoKey {
    guard let key = CodingUserInfoKey(rawValue: name) else { preconditionFailure("every string is a key") }
    return key
  }

  /// Collects arrays while their model is encoded.
  final class Sink: Sendable {
    // nil until the first array, which may be an empty one.
    private let blobs = Mutex<Data?>(nil)

    /// Adds bytes and says where they start.
    func append(_ data: Data) -> Int {
      blobs.withLock { blobs in
        let start = blobs?.count ?? 0
        blobs = (blobs ?? Data()) + data
        return start
      }
    }

    /// Whether any array was added.
    var isUsed: Bool { blobs.withLock { $0 != nil } }

    /// All bytes.
    var data: Data { blobs.withLock { $0 ?? Data() } }
  }

  /// The bytes of a model.
  public static func encode(_ model: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let sink = Sink()
    encoder.userInfo[sinkKey] = sink
    let json = try encoder.encode(model)
    return sink.isUsed ? wrapped(json, sink.data) : json
  }

  /// The model of these bytes.
  ///
  /// - Throws: `LearningError.corruptModel` when the bytes are not whole, `DecodingError` when the JSON does not fit.
  public static func decode<Model: Decodable>(_ type: Model.Type, from data: Data) throws -> Model {
    let decoder = JSONDecoder()
    guard data.starts(with: magic) else { return try decoder.decode(type, from: data) }
    let body = data.dropFirst(magic.count)
    guard let newline = body.firstIndex(of: 0x0A), newline - body.startIndex < 20,
      let length = Int(String(decoding: body[body.startIndex..<newline], as: UTF8.self)), length >= 0,
      length <= body.endIndex - newline - 1
    else { throw LearningError.corruptModel(reason: "its payload does not say how long its JSON is") }
    let start = newline + 1
    decoder.userInfo[sourceKey] = Data(body[(start + length)...])
    return try decoder.decode(type, from: Data(body[start..<start + length]))
  }

  private static func wrapped(_ json: Data, _ blobs: Data) -> Data {
    magic + Data("\(json.count)\n".utf8) + json + blobs
  }
}
