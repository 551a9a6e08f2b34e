import Commerce

/// The members of one JSON event as they are read, before it is known whether they make an event.
struct EventJSONFields {
  private(set) var eventID: String?
  private var kindName: String?
  private var customerID: String?
  private var sessionID: String?
  private var itemID: String?
  private var orderID: String?
  private var decisionID: String?
  private var timestamp: Timestamp?
  private var quantity: Double?
  private var amount: Double?
  private var currencyCode: String?
  private var rating: Double?
  private var text: String?
  private var query: String?
  private var dwell: Int64?
  private var channel: String?
  private var device: String?
  private var properties: [String: JSONValue] = [:]
  private var isSegment = false
  // The first fault of a field; reading goes on to the end of the object all the same.
  private var fault: RowRejection?

  /// Takes one member.
  mutating func take(_ key: String, from scanner: inout JSONScanner) throws(JSONSyntaxError) {
    switch key {
    case "event_id": eventID = try identifier(key, &scanner)
    case "kind": kindName = try string(key, &scanner)
    case "customer_id": customerID = try identifier(key, &scanner)
    case "session_id": sessionID = try identifier(key, &scanner)
    case "item_id": itemID = try identifier(key, &scanner)
    case "timestamp": timestamp = try time(key, &scanner)
    case "quantity": quantity = try number(key, &scanner)
    case "amount": try takeAmount(&scanner)
    case "currency": currencyCode = try string(key, &scanner)
    case "order_id": orderID = try identifier(key, &scanner)
    case "properties": try takeProperties(&scanner)
    case "rating": rating = try number(key, &scanner)
    case "text": text = try string(key, &scanner)
    case "query": query = try string(key, &scanner)
    case "dwell_ms": try takeDwell(&scanner)
    case "decision_id": decisionID = try identifier(key, &scanner)
    case "channel": channel = try identifier(key, &scanner)
    case "device": device = try string(key, &scanner)
    default: try takeOther(key, &scanner)
    }
  }

  /// Fields of the Segment specification's calls; anything else is a property.
  private mutating func takeOther(_ key: String, _ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    switch key {
    case "messageId" where eventID == nil: eventID = try identifier(key, &scanner)
    case "userId" where customerID == nil: customerID = try identifier(key, &scanner)
    case "anonymousId" where sessionID == nil: sessionID = try identifier(key, &scanner)
    case "event" where kindName == nil:
      kindName = try string(key, &scanner)
      isSegment = true
    default: properties[key] = try scanner.value(depth: 1)
    }
  }

  /// The event, when the members make one.
  mutating func event(_ defaults: EventJSON.Defaults) throws(RowRejection) -> Event {
    if isSegment { liftSegmentProperties() }
    if let fault { throw fault }
    guard let eventID, !eventID.isEmpty else { throw missing("event_id", "the sender's id of the event") }
    guard let kindName else { throw missing("kind", "what happened, such as 'view' or 'purchase'") }
    guard let kind = EventKind(name: kindName) else {
      throw RowRejection(field: "kind", reason: EventRules.unknownKind(kindName))
    }
    guard let timestamp else { throw missing("timestamp", "when it happened") }
    // The prices of an order's lines are in this currency; see `OrderLines`.
    if amount == nil, let currencyCode, properties["products"] != nil {
      properties["currency"] = .string(currencyCode)
    }
    let event = Event(
      eventID: eventID, kind: kind, customerID: customerID, sessionID: sessionID, itemID: itemID,
      timestamp: timestamp, quantity: quantity, amount: try money(defaults), rating: rating, text: text,
      query: query, dwellMilliseconds: dwell, orderID: orderID, decisionID: decisionID, channel: channel,
      device: device, properties: properties)
    try EventRules.check(event)
    return event
  }

  private func money(_ defaults: EventJSON.Defaults) throws(RowRejection) -> Money? {
    guard let amount else { return nil }
    var currency = defaults.currency
    if let currencyCode {
      currency = Currency.known(currencyCode)
      if currency == nil {
        throw RowRejection(
          field: "currency",
          reason: "'\(currencyCode.prefix(64))' is not an ISO 4217 currency code such as USD")
      }
    }
    guard let currency else { throw missing("currency", "the currency of the amount, such as USD") }
    guard let money = Money(amount, currency: currency) else {
      throw RowRejection(field: "amount", reason: "the amount \(amount) is too large")
    }
    return money
  }

  private mutating func liftSegmentProperties() {
    func lifted(_ key: String) -> String? {
      switch properties[key] {
      case .string(let value): value
      case .number(let value): Int64(exactly: value).map(String.init)
      default: nil
      }
    }
    itemID = itemID ?? lifted("product_id")
    orderID = orderID ?? lifted("order_id")
    query = query ?? lifted("query")
    sessionID = sessionID ?? lifted("session_id")
    currencyCode = currencyCode ?? lifted("currency")
    quantity = quantity ?? properties["quantity"]?.number
    rating = rating ?? properties["rating"]?.number
  }

  private func missing(_ field: String, _ what: String) -> RowRejection {
    RowRejection(field: field, reason: "is missing; expected \(what)")
  }
}

extension EventJSONFields {
  private mutating func reject(_ field: String, _ reason: String) {
    if fault == nil { fault = RowRejection(field: field, reason: reason) }
  }

  /// A string or a whole number, as text; nil for null.
  private mutating func identifier(_ field: String, _ scanner: inout JSONScanner) throws(JSONSyntaxError)
    -> String?
  {
    let first = scanner.peek()
    if first == 0x22 { return try scanner.string() }
    if try scanner.takeNull() { return nil }
    if let first, first == 0x2D || (0x30...0x39).contains(first) {
      let start = scanner.position
      _ = try scanner.number()
      let digits = scanner.bytes[start..<scanner.position]
      if digits.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }) {
        return scanner.text(start..<scanner.position)
      }
    } else {
      try scanner.skipValue()
    }
    reject(field, "expected a string")
    return nil
  }

  private mutating func string(_ field: String, _ scanner: inout JSONScanner) throws(JSONSyntaxError)
    -> String?
  {
    if scanner.peek() == 0x22 { return try scanner.string() }
    if try scanner.takeNull() { return nil }
    try scanner.skipValue()
    reject(field, "expected a string")
    return nil
  }

  private mutating func number(_ field: String, _ scanner: inout JSONScanner) throws(JSONSyntaxError)
    -> Double?
  {
    if let first = scanner.peek(), first == 0x2D || (0x30...0x39).contains(first) {
      return try scanner.number()
    }
    if try scanner.takeNull() { return nil }
    try scanner.skipValue()
    reject(field, "expected a number")
    return nil
  }

  private mutating func time(_ field: String, _ scanner: inout JSONScanner) throws(JSONSyntaxError)
    -> Timestamp?
  {
    switch scanner.peek() {
    case 0x22:
      var text = try scanner.string()
      if let time = text.withUTF8({ Timestamp.parse($0, defaultOffsetMinutes: 0) }) { return time }
      if let number = Double(text), let time = EventRules.epoch(number) { return time }
      reject(field, "'\(text.prefix(64))' is not a time; expected ISO 8601 such as 2024-05-01T10:00:00Z")
    case .some(0x2D), .some(0x30...0x39):
      let value = try scanner.number()
      if let time = EventRules.epoch(value) { return time }
      reject(field, "\(value) is not a number of seconds or milliseconds since 1970")
    default:
      if try scanner.takeNull() { return nil }
      try scanner.skipValue()
      reject(field, "expected ISO 8601 such as 2024-05-01T10:00:00Z, or seconds or milliseconds since 1970")
    }
    return nil
  }

  private mutating func takeAmount(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    guard scanner.peek() == 0x7B else {
      amount = try number("amount", &scanner)
      return
    }
    guard case .object(let members) = try scanner.value(depth: 1), let value = members["amount"]?.number
    else {
      reject("amount", "expected a number or {\"amount\": 12.34, \"currency\": \"USD\"}")
      return
    }
    amount = value
    if let code = members["currency"]?.string { currencyCode = code }
  }

  private mutating func takeDwell(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    guard let value = try number("dwell_ms", &scanner) else { return }
    if let whole = Int64(exactly: value.rounded()), whole >= 0 {
      dwell = whole
    } else {
      reject("dwell_ms", "expected a number of milliseconds")
    }
  }

  private mutating func takeProperties(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    if try scanner.takeNull() { return }
    guard scanner.peek() == 0x7B else {
      try scanner.skipValue()
      reject("properties", "expected an object")
      return
    }
    try scanner.object { (scanner, key) throws(JSONSyntaxError) in
      properties[key] = try scanner.value(depth: 2)
    }
  }
}
