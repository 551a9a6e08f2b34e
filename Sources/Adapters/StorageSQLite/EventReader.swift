import Commerce
import Storage

/// Reads events off statements, column by column, without GRDB's rows in between.
enum EventReader {
  static let columns = """
    sequence, event_id, kind, customer_id, session_id, item_id, order_id, timestamp, quantity, amount, currency,
    rating, channel, device, decision_id, dwell_ms, query, text, properties
    """

  static let rowColumns = """
    sequence, kind, customer_id, session_id, item_id, order_id, timestamp, quantity, amount, currency, discount,
    rating
    """

  /// All events of a query for `columns`.
  static func events(_ cursor: StatementCursor) throws -> [StoredEvent] {
    var events: [StoredEvent] = []
    while try cursor.next() { events.append(try event(cursor)) }
    return events
  }

  /// All rows of a query for `rowColumns`.
  static func rows(_ cursor: StatementCursor, capacity: Int) throws -> [EventFrame.Row] {
    var rows: [EventFrame.Row] = []
    rows.reserveCapacity(capacity)
    while try cursor.next() {
      rows.append(
        EventFrame.Row(
          sequence: cursor.integer(0), kind: try cursor.kind(1), customerID: cursor.text(2),
          sessionID: cursor.text(3), itemID: cursor.text(4), orderID: cursor.text(5),
          timestamp: Timestamp(milliseconds: cursor.integer(6)), quantity: cursor.optionalReal(7),
          amount: cursor.money(8, currency: 9), discount: cursor.optionalReal(10),
          rating: cursor.optionalReal(11)))
    }
    return rows
  }

  private static func event(_ cursor: StatementCursor) throws -> StoredEvent {
    let event = Event(
      eventID: cursor.text(1) ?? "", kind: try cursor.kind(2), customerID: cursor.text(3),
      sessionID: cursor.text(4), itemID: cursor.text(5),
      timestamp: Timestamp(milliseconds: cursor.integer(7)),
      quantity: cursor.optionalReal(8), amount: cursor.money(9, currency: 10),
      rating: cursor.optionalReal(11),
      text: cursor.text(17), query: cursor.text(16), dwellMilliseconds: cursor.optionalInteger(15),
      orderID: cursor.text(6), decisionID: cursor.text(14), channel: cursor.text(12), device: cursor.text(13),
      properties: try cursor.object(18))
    return StoredEvent(sequence: cursor.integer(0), event: event)
  }
}
