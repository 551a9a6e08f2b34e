/// One thing that happened in the shop, as sent by the shop. One row is one event.
public struct Event: Sendable, Hashable {
  /// The sender's id of the event. Sending the same id again with the same content changes nothing.
  public var eventID: String
  /// What happened.
  public var kind: EventKind
  /// Who did it, when known.
  public var customerID: String?
  /// The visit it happened in, when known.
  public var sessionID: String?
  /// The item it is about, when it is about one.
  public var itemID: String?
  /// When it happened.
  public var timestamp: Timestamp
  /// How many units (or kilograms); for orders, of this line.
  public var quantity: Double?
  /// What was paid or refunded for the whole line.
  public var amount: Money?
  /// A rating on the shop's own scale.
  public var rating: Double?
  /// The words of a review or a message.
  public var text: String?
  /// The words of a search.
  public var query: String?
  /// How long the customer stayed, in milliseconds.
  public var dwellMilliseconds: Int64?
  /// The order that the line belongs to.
  public var orderID: String?
  /// The decision of Lode that led to the event, when there was one.
  public var decisionID: String?
  /// Where it happened: web, app, shop 42.
  public var channel: String?
  /// The device it happened on.
  public var device: String?
  /// Everything else, by the sender's own names. The properties `discount` (money off the line, in the event's
  /// currency), `list_price` (undiscounted price of one unit) and `campaign` have a meaning.
  public var properties: [String: JSONValue]

  /// An event; only the id, kind and time are required.
  @inlinable public init(
    eventID: String, kind: EventKind, customerID: String? = nil, sessionID: String? = nil,
    itemID: String? = nil,
    timestamp: Timestamp, quantity: Double? = nil, amount: Money? = nil, rating: Double? = nil,
    text: String? = nil,
    query: String? = nil, dwellMilliseconds: Int64? = nil, orderID: String? = nil, decisionID: String? = nil,
    channel: String? = nil, device: String? = nil, properties: [String: JSONValue] = [:]
  ) {
    self.eventID = eventID
    self.kind = kind
    self.customerID = customerID
    self.sessionID = sessionID
    self.itemID = itemID
    self.timestamp = timestamp
    self.quantity = quantity
    self.amount = amount
    self.rating = rating
    self.text = text
    self.query = query
    self.dwellMilliseconds = dwellMilliseconds
    self.orderID = orderID
    self.decisionID = decisionID
    self.channel = channel
    self.device = device
    self.properties = properties
  }

  /// Money off the line, in major units of the event's currency, from the property `discount`.
  public var discount: Double? { properties["discount"]?.number }

  /// The campaign that the event belongs to, from the property `campaign` when that is a text.
  public var campaign: String? { properties["campaign"]?.string }
}

/// An event with its place in the store's order of arrival.
public struct StoredEvent: Sendable, Hashable {
  /// The place in order of arrival: 1, 2, 3 … without reuse.
  public var sequence: Int64
  /// The event itself.
  public var event: Event

  /// An event at a place.
  public init(sequence: Int64, event: Event) {
    self.sequence = sequence
    self.event = event
  }
}
