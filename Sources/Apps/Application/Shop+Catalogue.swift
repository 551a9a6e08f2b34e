import Commerce
import Foundation
import Ingestion
import Storage

extension Shop {
  /// Adds or replaces items; rows that cannot be read are answered with their reason and kept as dead letters.
  public nonisolated func upsertItems(_ rows: [JSONValue], source: String) async throws -> JSONValue {
    try await backlog.admitting(rows.count) { [self] in
      let (items, rejected) = Self.decode(rows, as: Item.self, id: \.itemID, idField: "item_id")
      // One after another, so that memory ends with what the store ends with.
      try await recordChanges.run { [self] in
        try await store.upsert(items: items)
        await put(items)
      }
      return try await answerUpsert(accepted: items.count, rejected, kind: "items", source: source)
    }
  }

  /// Adds or replaces customers, likewise.
  public nonisolated func upsertCustomers(_ rows: [JSONValue], source: String) async throws -> JSONValue {
    try await backlog.admitting(rows.count) { [self] in
      let (found, rejected) = Self.decode(rows, as: Customer.self, id: \.customerID, idField: "customer_id")
      try await recordChanges.run { [self] in
        try await store.upsert(customers: found)
        await put(found)
      }
      return try await answerUpsert(accepted: found.count, rejected, kind: "customers", source: source)
    }
  }

  private typealias Rejected = (rejection: IngestReport.Rejection, raw: String)

  private nonisolated static func decode<Row: Decodable>(
    _ rows: [JSONValue], as type: Row.Type, id: WritableKeyPath<Row, String>, idField: String
  ) -> ([Row], [Rejected]) {
    var decoded: [Row] = []
    var rejected: [Rejected] = []
    for (index, row) in rows.enumerated() {
      let raw = row.serialized
      var field: String?
      var reason: String
      do {
        var value = try JSONDecoder().decode(Row.self, from: Data(raw))
        CanonicalIDs.compose(&value[keyPath: id])
        let bytes = value[keyPath: id].utf8
        if (1...512).contains(bytes.count), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
          decoded.append(value)
          continue
        }
        (field, reason) = (idField, "expected 1 to 512 bytes of printable text")
      } catch let error as DecodingError {
        (field, reason) = describe(error)
      } catch {
        (field, reason) = (nil, "not a JSON object")
      }
      rejected.append(
        (
          .init(index: index, eventID: row[idField]?.string, field: field, reason: reason),
          String(decoding: raw, as: UTF8.self)
        ))
    }
    return (decoded, rejected)
  }

  private nonisolated static func describe(_ error: DecodingError) -> (field: String?, reason: String) {
    func path(_ keys: [any CodingKey]) -> String? {
      keys.isEmpty ? nil : keys.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return (path(context.codingPath + [key]), "it is missing")
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return (path(context.codingPath), "expected \(type)")
    case .dataCorrupted(let context): return (path(context.codingPath), context.debugDescription)
    @unknown default: return (nil, "it cannot be read")
    }
  }

  private nonisolated func answerUpsert(
    accepted: Int, _ rejected: [Rejected], kind: String, source: String
  ) async throws -> JSONValue {
    if !rejected.isEmpty {
      try await store.add(
        deadLetters: rejected.map {
          DeadLetter(
            stage: .validate, source: "\(source):\($0.rejection.index + 1)", kind: kind,
            field: $0.rejection.field,
            reason: $0.rejection.reason, raw: $0.raw, receivedAt: clock())
        })
    }
    return ["accepted": JSONValue(accepted), "rejected": .array(rejected.map(\.rejection.json))]
  }

  /// One page of items in order of id.
  public func items(containing text: String?, category: String?, page: PageRequest) async throws -> Page {
    let found = try await store.items(
      containing: text, category: category, afterID: page.cursor, limit: page.limit + 1)
    let shown = found.prefix(page.limit)
    return Page(
      name: "items", items: shown.map(\.json),
      nextCursor: found.count > page.limit ? shown.last?.itemID : nil,
      total: text == nil && category == nil ? catalogue.items.count : nil)
  }

  /// The item with an id.
  public func item(_ id: String) throws -> JSONValue {
    guard let item = catalogue[id] else { throw ApplicationError.notFound(what: "item", id: id) }
    return item.json
  }
}
