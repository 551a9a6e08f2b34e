import Commerce

/// What every event must meet, however it comes in.
enum EventRules {
  /// The greatest length of an id in bytes.
  static let longestID = 512
  /// Times outside these years are taken for faults of the sender, not for times.
  static let years = 1900..<2200
  private static let earliest = Int64(CivilDate.day(year: 1900, month: 1, day: 1)!) * Timestamp.day
  private static let latest = Int64(CivilDate.day(year: 2200, month: 1, day: 1)!) * Timestamp.day

  /// Throws why an event cannot be taken in.
  static func check(_ event: Event) throws(RowRejection) {
    try check(event.eventID, "event_id")
    try check(event.customerID, "customer_id")
    try check(event.sessionID, "session_id")
    try check(event.itemID, "item_id")
    try check(event.orderID, "order_id")
    try check(event.decisionID, "decision_id")
    guard event.customerID != nil || event.sessionID != nil || event.orderID != nil else {
      throw RowRejection(
        field: "customer_id",
        reason: "is missing; expected customer_id or session_id, or the order's order_id")
    }
    try check(event.quantity, "quantity", upTo: 1e9)
    try check(event.amount?.amount, "amount", upTo: 1e12)
    try check(event.rating, "rating", upTo: 1e6)
    guard (earliest..<latest).contains(event.timestamp.milliseconds) else {
      throw RowRejection(
        field: "timestamp",
        reason: "\(event.timestamp) is outside the years \(years.lowerBound) to \(years.upperBound - 1)")
    }
  }

  /// Throws why an id is none.
  static func check(_ id: String?, _ field: String) throws(RowRejection) {
    guard var id else { return }
    // One pass over the bytes in place: this runs on every id of every event.
    let isPlain = id.withUTF8 { bytes in
      var controls = false
      for byte in bytes { controls = controls || byte < 0x20 || byte == 0x7F }
      return !controls && !bytes.isEmpty && bytes.count <= longestID
    }
    if isPlain { return }
    let utf8 = id.utf8
    if utf8.isEmpty { throw RowRejection(field: field, reason: "is empty; leave it out when there is none") }
    if utf8.count > longestID {
      throw RowRejection(field: field, reason: "is \(utf8.count) bytes long; an id has at most \(longestID)")
    }
    throw RowRejection(field: field, reason: "holds a control character; an id is printable text")
  }

  /// Throws why a number is none that a shop could mean; sums of such numbers stay exact.
  static func check(_ number: Double?, _ field: String, upTo limit: Double) throws(RowRejection) {
    guard let number, !(abs(number) <= limit) else { return }
    throw RowRejection(
      field: field, reason: "\(number) is out of range; expected a number from -\(limit) to \(limit)")
  }

  /// A time from a number of seconds or, from 100 billion on, milliseconds since 1970.
  static func epoch(_ value: Double) -> Timestamp? {
    let millis = abs(value) < 1e11 ? value * 1000 : value
    guard millis.isFinite, abs(millis) < 1e16 else { return nil }
    return Timestamp(milliseconds: Int64(millis.rounded()))
  }

  /// Why a name is no kind of event.
  static func unknownKind(_ name: String) -> String {
    let kinds = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
    return "'\(name.prefix(64))' is not a kind of event; expected one of \(kinds)"
  }
}

extension Currency {
  /// A currency from its code; the most frequent without the general check.
  static func known(_ code: String) -> Currency? {
    switch code {
    case "USD": .usd
    case "CNY", "RMB", "¥": .cny
    default: Currency(code)
    }
  }
}
