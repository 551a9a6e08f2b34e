/// All events of a shop as columns in memory: what analytics and training read.
///
/// A struct of arrays with one entry per event, in order of arrival. Ids are dictionary-coded; an absent id is
/// `EventFrame.none`. A frame is a value: a snapshot handed to a training run does not change while events arrive.
public struct EventFrame: Sendable {
  /// The index that stands for "no id".
  public static let none: Int32 = -1

  /// The store's order of arrival of each event.
  public private(set) var sequence: [Int64] = []
  /// The kind's code of each event (`EventKind.code`).
  public private(set) var kind: [UInt8] = []
  /// The customer's index of each event, or `none`.
  public private(set) var customer: [Int32] = []
  /// The session's index of each event, or `none`.
  public private(set) var session: [Int32] = []
  /// The item's index of each event, or `none`.
  public private(set) var item: [Int32] = []
  /// The order's index of each event, or `none`.
  public private(set) var order: [Int32] = []
  /// The time of each event in UTC milliseconds.
  public private(set) var timestamp: [Int64] = []
  /// The quantity of each event; NaN where there is none.
  public private(set) var quantity: [Float] = []
  /// The amount of each event in minor units of `currency`; 0 where there is none.
  public private(set) var amount: [Int64] = []
  /// The money taken off each line, in minor units; 0 where there is none.
  public private(set) var discount: [Int64] = []
  /// The rating of each event; NaN where there is none.
  public private(set) var rating: [Float] = []
  /// The channel's index of each event, or `none`.
  public private(set) var channel: [Int32] = []
  /// The device's index of each event, or `none`.
  public private(set) var device: [Int32] = []
  /// The index of each event's search words, or `none`.
  public private(set) var query: [Int32] = []
  /// The campaign's index of each event, or `none`.
  public private(set) var campaign: [Int32] = []

  /// Customers by index.
  public private(set) var customers = Vocabulary()
  /// Sessions by index.
  public private(set) var sessions = Vocabulary()
  /// Items by index: those of the catalogue first when the frame was started with one.
  public private(set) var items = Vocabulary()
  /// Orders by index.
  public private(set) var orders = Vocabulary()
  /// Channels by index.
  public private(set) var channels = Vocabulary()
  /// Devices by index.
  public private(set) var devices = Vocabulary()
  /// Search words by index.
  public private(set) var queries = Vocabulary()
  /// Campaigns by index.
  public private(set) var campaigns = Vocabulary()
  /// The currency of the amounts. Amounts in other currencies count as absent and are tallied in `foreignAmounts`.
  public let currency: Currency
  /// How many events carried an amount in a currency other than the shop's.
  public private(set) var foreignAmounts = 0
  /// The time of the newest event, or nil when there is none.
  public private(set) var lastTimestamp: Timestamp?
  /// The time of the oldest event, or nil when there is none.
  public private(set) var firstTimestamp: Timestamp?

  /// An empty frame.
  public init(currency: Currency = .usd) { self.currency = currency }

  /// How many events there are.
  public var count: Int { sequence.count }

  /// Makes room for this many events in all.
  public mutating func reserveCapacity(_ capacity: Int) {
    sequence.reserveCapacity(capacity)
    kind.reserveCapacity(capacity)
    customer.reserveCapacity(capacity)
    session.reserveCapacity(capacity)
    item.reserveCapacity(capacity)
    order.reserveCapacity(capacity)
    timestamp.reserveCapacity(capacity)
    quantity.reserveCapacity(capacity)
    amount.reserveCapacity(capacity)
    discount.reserveCapacity(capacity)
    rating.reserveCapacity(capacity)
    channel.reserveCapacity(capacity)
    device.reserveCapacity(capacity)
    query.reserveCapacity(capacity)
    campaign.reserveCapacity(capacity)
  }

  /// Adds an event at the end.
  public mutating func append(_ stored: StoredEvent) {
    let event = stored.event
    append(
      Row(
        sequence: stored.sequence, kind: event.kind, customerID: event.customerID, sessionID: event.sessionID,
        itemID: event.itemID, orderID: event.orderID, timestamp: event.timestamp, quantity: event.quantity,
        amount: event.amount, discount: event.discount, rating: event.rating, channel: event.channel,
        device: event.device, query: event.query, campaign: event.campaign))
  }

  /// Adds a row at the end.
  public mutating func append(_ row: Row) {
    sequence.append(row.sequence)
    kind.append(row.kind.code)
    customer.append(row.customerID.map { customers.insert($0) } ?? EventFrame.none)
    session.append(row.sessionID.map { sessions.insert($0) } ?? EventFrame.none)
    item.append(row.itemID.map { items.insert($0) } ?? EventFrame.none)
    order.append(row.orderID.map { orders.insert($0) } ?? EventFrame.none)
    timestamp.append(row.timestamp.milliseconds)
    if lastTimestamp.map({ row.timestamp > $0 }) ?? true { lastTimestamp = row.timestamp }
    if firstTimestamp.map({ row.timestamp < $0 }) ?? true { firstTimestamp = row.timestamp }
    quantity.append(row.quantity.map(Float.init) ?? .nan)
    rating.append(row.rating.map(Float.init) ?? .nan)
    channel.append(row.channel.map { channels.insert($0) } ?? EventFrame.none)
    device.append(row.device.map { devices.insert($0) } ?? EventFrame.none)
    query.append(row.query.map { queries.insert($0) } ?? EventFrame.none)
    campaign.append(row.campaign.map { campaigns.insert($0) } ?? EventFrame.none)
    if let paid = row.amount, paid.currency != currency {
      foreignAmounts += 1
      amount.append(0)
      discount.append(0)
    } else {
      amount.append(row.amount?.minorUnits ?? 0)
      discount.append(row.discount.flatMap { Money($0, currency: currency)?.minorUnits } ?? 0)
    }
  }

  /// The columns of one event, before its ids are coded: what a store's scan delivers.
  public struct Row: Sendable {
    /// The store's order of arrival.
    public var sequence: Int64
    /// What happened.
    public var kind: EventKind
    /// Who did it.
    public var customerID: String?
    /// The visit.
    public var sessionID: String?
    /// The item.
    public var itemID: String?
    /// The order.
    public var orderID: String?
    /// When.
    public var timestamp: Timestamp
    /// How many units.
    public var quantity: Double?
    /// What was paid for the line.
    public var amount: Money?
    /// Money off the line, in major units.
    public var discount: Double?
    /// The rating.
    public var rating: Double?
    /// Where it happened.
    public var channel: String?
    /// The device it happened on.
    public var device: String?
    /// The words of a search.
    public var query: String?
    /// The campaign it belongs to.
    public var campaign: String?

    /// One row.
    public init(
      sequence: Int64, kind: EventKind, customerID: String?, sessionID: String?, itemID: String?,
      orderID: String?, timestamp: Timestamp, quantity: Double?, amount: Money?, discount: Double?,
      rating: Double?, channel: String? = nil, device: String? = nil, query: String? = nil,
      campaign: String? = nil
    ) {
      self.sequence = sequence
      self.kind = kind
      self.customerID = customerID
      self.sessionID = sessionID
      self.itemID = itemID
      self.orderID = orderID
      self.timestamp = timestamp
      self.quantity = quantity
      self.amount = amount
      self.discount = discount
      self.rating = rating
      self.channel = channel
      self.device = device
      self.query = query
      self.campaign = campaign
    }
  }
}

extension EventFrame {
  /// The rows of each customer in time order (ties in order of arrival), as one array and where each customer's part
  /// starts: the rows of customer `c` are `rows[starts[c]..<starts[c + 1]]`.
  ///
  /// - Complexity: O(n log n) at worst, O(n) when events arrived in time order.
  public func rowsByCustomer() -> (rows: [Int32], starts: [Int]) {
    var starts = [Int](repeating: 0, count: customers.count + 1)
    for index in customer where index != EventFrame.none { starts[Int(index) + 1] += 1 }
    for index in 0..<customers.count { starts[index + 1] += starts[index] }
    var next = starts
    var rows = [Int32](repeating: 0, count: starts[customers.count])
    for (row, index) in customer.enumerated() where index != EventFrame.none {
      rows[next[Int(index)]] = Int32(row)
      next[Int(index)] += 1
    }
    for index in 0..<customers.count {
      let part = starts[index]..<starts[index + 1]
      if zip(part.dropLast(), part.dropFirst()).contains(where: {
        timestamp[Int(rows[$0])] > timestamp[Int(rows[$1])]
      }
      ) {
        rows[part].sort {
          (timestamp[Int($0)], $0) < (timestamp[Int($1)], $1)
        }
      }
    }
    return (rows, starts)
  }
}
