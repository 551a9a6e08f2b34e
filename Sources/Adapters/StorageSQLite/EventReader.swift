import Commerce
import Storage

/// Reads events off statements, column by column, without GRDB's rows in between.
enum EventReader {
  static let columns = """
    sequence, event_id, kind, (SELECT name FROM names WHERE name_id = customer), session_id,
    (SELECT name FROM names WHERE name_id = item), order_id, timestamp, quantity, amount, currency, rating, channel,
    device, decision_id, dwell_ms, query, text, properties, discount
    """

  static let rowColumns = """
    sequence, kind, customer, session_id, item, order_id, timestamp, quantity, amount, currency, discount,
    rating, channel, device, query, CASE WHEN json_type(properties, '$.campaign') = 'text'
    THEN json_extract(properties, '$.campaign') END
    """

  /// All events of a query for `columns`.
  static func events(_ cursor: StatementCursor) throws -> [StoredEvent] {
    var events: [StoredEvent] = []
    while try cursor.next() { events.append(try event(cursor)) }
    return events
  }

  /// All rows of a query for `rowColumns`; `names` are those of the table in order of their codes.
  static func rows(_ cursor: StatementCursor, names: [String], capacity: Int) throws -> [EventFrame.Row] {
    func name(_ code: Int64?) -> String? { code.map { names[Int($0) - 1] } }
    var rows: [EventFrame.Row] = []
    rows.reserveCapacity(capacity)
    while try cursor.next() {
      rows.append(
        EventFrame.Row(
          sequence: cursor.integer(0), kind: try cursor.kind(1), customerID: name(cursor.optionalInteger(2)),
          sessionID: cursor.text(3), itemID: name(cursor.optionalInteger(4)), orderID: cursor.text(5),
          timestamp: Timestamp(milliseconds: cursor.integer(6)), quantity: cursor.optionalReal(7),
          amount: cursor.money(8, currency: 9), discount: cursor.optionalReal(10),
          rating: cursor.optionalReal(11), channel: cursor.text(12), device: cursor.text(13),
          query: cursor.text(14), campaign: cursor.text(15)))
    }
    return rows
  }

  private static func event(_ cursor: StatementCursor) throws -> StoredEvent {
    var properties = try cursor.object(18)
    if let discount = cursor.optionalReal(19) { properties["discount"] = .number(discount) }
    let event = Event(
      eventID: cursor.text(1) ?? "", kind: try cursor.kind(2), customerID: cursor.text(3),
      sessionID: cursor.text(4), itemID: cursor.text(5),
      timestamp: Timestamp(milliseconds: cursor.integer(7)),
      quantity: cursor.optionalReal(8), amount: cursor.money(9, currency: 10),
      rating: cursor.optionalReal(11),
      text: cursor.text(17), query: cursor.text(16), dwellMilliseconds: cursor.optionalInteger(15),
      orderID: cursor.text(6), decisionID: cursor.text(14), channel: cursor.text(12), device: cursor.text(13),
      properties: properties)
    return StoredEvent(sequence: cursor.integer(0), event: event)
  }
}
