import Commerce
import Learning
import Storage

extension Shop {
  /// All versions of all models, by name, newest first.
  public nonisolated func models() async throws -> JSONValue {
    let records = try await store.modelRecords()
    let names = Set(records.map(\.name)).sorted()
    return [
      "items": .array(
        names.map { name in
          let versions = records.filter { $0.name == name }.sorted { $0.version > $1.version }
          return ["name": .string(name), "versions": .array(versions.map(\.json))]
        })
    ]
  }

  /// Makes a version the live one and takes it into use at once.
  public func promote(model name: String, version: Int) async throws -> JSONValue {
    try await store.promote(name: name, version: version)
    try await readModels()
    return ["name": .string(name), "version": JSONValue(version), "state": "live"]
  }

  /// Goes back to the version that was live before.
  public func rollBack(model name: String) async throws -> JSONValue {
    let version = try await store.rollBack(name: name)
    try await readModels()
    return ["name": .string(name), "version": JSONValue(version), "state": "live"]
  }
}

extension ModelRecord {
  var json: JSONValue {
    [
      "version": JSONValue(version), "kind": .string(header.kind), "trained_at": JSONValue(header.trainedAt),
      "state": .string(state.rawValue), "data_fingerprint": .string(header.dataFingerprint),
      "metrics": .object(header.metrics.mapValues { JSONValue($0) }),
      "baselines": header.report["baselines"] ?? [], "seconds": header.report["seconds"] ?? nil,
      "calibration": header.report["calibration"] ?? [], "notes": header.report["notes"] ?? nil,
      "payload_bytes": JSONValue(header.payloadBytes),
    ]
  }
}
