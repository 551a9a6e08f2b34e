import Commerce
import Foundation

/// A saved model with all that is needed to trust it: what it is, how and on what it was trained, how good it was.
///
/// The form on disk is one line of JSON (everything but the payload), a newline, and the payload's bytes.
public struct ModelEnvelope: Sendable, Equatable {
  /// Everything about the model but its bytes.
  public struct Header: Sendable, Codable, Equatable {
    /// The model's type, such as `NeedModel`.
    public var kind: String
    /// The version of the payload's layout.
    public var formatVersion: Int
    /// The algorithm's settings.
    public var configuration: JSONValue
    /// When it was trained.
    public var trainedAt: Timestamp
    /// A fingerprint of the training data: the same data give the same fingerprint.
    public var dataFingerprint: String
    /// Its figures on held-out data, by name.
    public var metrics: [String: Double]
    /// Further facts for people: baselines, calibration curves, seconds.
    public var report: JSONValue
    /// The payload's length in bytes.
    public var payloadBytes: Int
    /// The payload's checksum, FNV-1a in hexadecimal.
    public var checksum: String
  }

  /// Everything but the bytes.
  public let header: Header
  /// The model's bytes.
  public let payload: Data

  /// Wraps a model's bytes.
  public init(
    kind: String, formatVersion: Int, configuration: JSONValue, trainedAt: Timestamp, dataFingerprint: String,
    metrics: [String: Double], report: JSONValue = .null, payload: Data
  ) {
    var sum = Checksum()
    sum.update(payload)
    self.payload = payload
    header = Header(
      kind: kind, formatVersion: formatVersion, configuration: configuration, trainedAt: trainedAt,
      dataFingerprint: dataFingerprint, metrics: metrics, report: report, payloadBytes: payload.count,
      checksum: sum.hexadecimal)
  }

  /// Wraps a model: as JSON, its `@Packed` arrays as binary.
  public init<Model: FittedModel>(
    _ model: Model, configuration: JSONValue = .null, trainedAt: Timestamp, dataFingerprint: String,
    metrics: [String: Double], report: JSONValue = .null
  ) throws {
    self.init(
      kind: String(describing: Model.self), formatVersion: Model.formatVersion, configuration: configuration,
      trainedAt: trainedAt, dataFingerprint: dataFingerprint, metrics: metrics, report: report,
      payload: try PackedPayload.encode(model))
  }

  /// The model in the envelope.
  ///
  /// - Throws: `LearningError.unsupportedFormat` when it is of another type or version than asked for.
  public func model<Model: FittedModel>(as type: Model.Type = Model.self) throws -> Model {
    guard header.kind == String(describing: type), header.formatVersion == Model.formatVersion else {
      throw LearningError.unsupportedFormat(
        kind: header.kind, version: header.formatVersion, supported: Model.formatVersion)
    }
    return try PackedPayload.decode(type, from: payload)
  }

  /// The envelope as it goes to disk.
  public func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var data = try encoder.encode(header)
    data.append(0x0A)
    data.append(payload)
    return data
  }

  /// Reads an envelope back.
  ///
  /// - Throws: `LearningError.corruptModel` when the bytes are not whole or not those that were written.
  public init(encoded data: Data) throws {
    guard let newline = data.firstIndex(of: 0x0A) else {
      throw LearningError.corruptModel(reason: "it has no header line")
    }
    do {
      header = try JSONDecoder().decode(Header.self, from: data[data.startIndex..<newline])
    } catch {
      throw LearningError.corruptModel(reason: "its header cannot be read (\(error))")
    }
    payload = Data(data[(newline + 1)...])
    guard payload.count == header.payloadBytes else {
      throw LearningError.corruptModel(
        reason: "it holds \(payload.count) bytes where its header says \(header.payloadBytes)")
    }
    var sum = Checksum()
    sum.update(payload)
    guard sum.hexadecimal == header.checksum else {
      throw LearningError.corruptModel(reason: "its checksum does not match")
    }
  }
}
