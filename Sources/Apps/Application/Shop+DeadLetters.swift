import Commerce
import Storage

extension Shop {
  /// One page of the rows that could not be taken in, oldest first.
  public nonisolated func deadLetters(
    status: DeadLetter.Status?, stage: DeadLetter.Stage?, page: PageRequest
  ) async throws -> Page {
    let after = try page.cursor.map { cursor in
      guard let number = Int64(cursor) else {
        throw ApplicationError.invalidParameter(
          name: "cursor", value: cursor, expected: "the next_cursor of the page before")
      }
      return number
    }
    let found = try await store.deadLetters(
      status: status, stage: stage, after: after ?? 0, limit: page.limit + 1)
    let shown = found.prefix(page.limit)
    let counts = try await store.deadLetterCounts()
    return Page(
      name: "dead-letters", items: shown.map(\.json),
      nextCursor: found.count > page.limit ? shown.last.map { String($0.deadLetterID) } : nil,
      total: stage == nil ? (status.map { counts[$0] ?? 0 } ?? counts.values.reduce(0, +)) : nil,
      extra: [
        "counts": .object(
          Dictionary(
            uniqueKeysWithValues: DeadLetter.Status.allCases.map { ($0.rawValue, JSONValue(counts[$0] ?? 0)) }
          ))
      ])
  }

  /// Gives a row up.
  public nonisolated func discardDeadLetter(_ id: Int64) async throws -> JSONValue {
    guard try await store.deadLetter(id) != nil else {
      throw ApplicationError.notFound(what: "dead letter", id: String(id))
    }
    try await store.setStatus(.discarded, ofDeadLetter: id)
    return ["status": "discarded"]
  }
}

extension DeadLetter {
  var json: JSONValue {
    [
      "dead_letter_id": JSONValue(deadLetterID), "stage": .string(stage.rawValue), "source": .string(source),
      "kind": .string(kind), "field": JSONValue(field), "reason": .string(reason), "raw": .string(raw),
      "received_at": JSONValue(receivedAt), "status": .string(status.rawValue),
    ]
  }
}
