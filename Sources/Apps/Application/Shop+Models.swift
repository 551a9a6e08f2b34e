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
}

extension ModelRecord {
  var json: JSONValue {
    [
      "version": JSONValue(version), "kind": .string(header.kind), "trained_at": JSONValue(header.trainedAt),
      "state": .string(state.rawValue), "data_fingerprint": .string(header.dataFingerprint),
      "metrics": .object(header.metrics.mapValues { JSONValue($0) }),
      "intervals": header.report["intervals"] ?? nil, "gate": header.report["gate"] ?? nil,
      "baselines": header.report["baselines"] ?? [], "seconds": header.report["seconds"] ?? nil,
      "calibration": header.report["calibration"] ?? [], "notes": header.report["notes"] ?? nil,
      "payload_bytes": JSONValue(header.payloadBytes), "fault": JSONValue(fault),
    ]
  }
}
