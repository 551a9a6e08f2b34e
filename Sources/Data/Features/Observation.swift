import Commerce
import Learning

/// One event as features see it: its item's category and brand in place of the item.
///
/// Replaying a frame and taking in live events both go through this one form.
public struct Observation: Sendable, Equatable {
  /// The event's place in the store's order of arrival.
  public var sequence: Int64
  /// What happened.
  public var kind: EventKind
  /// When, in UTC milliseconds.
  public var milliseconds: Int64
  /// The item's category in the catalogue index, or `EventFrame.none`.
  public var category: Int32
  /// The item's brand in the catalogue index, or `EventFrame.none`.
  public var brand: Int32
  /// A hash of the item's id; 0 without one.
  public var itemKey: UInt64
  /// A hash of the order's id; 0 without one.
  public var orderKey: UInt64
  /// A hash of the session's id; 0 without one.
  public var sessionKey: UInt64
  /// How many units; NaN when the event does not say.
  public var quantity: Float
  /// What was paid or given back, in minor units of the shop's currency.
  public var amount: Int64
  /// The money taken off, in minor units.
  public var discount: Int64

  /// The observation of one stored event. Amounts in other currencies than the shop's count as absent, as in a frame.
  public init(_ stored: StoredEvent, catalogue: CatalogueIndex, currency: Currency) {
    let event = stored.event
    sequence = stored.sequence
    kind = event.kind
    milliseconds = event.timestamp.milliseconds
    (category, brand) = event.itemID.map(catalogue.place) ?? (EventFrame.none, EventFrame.none)
    itemKey = event.itemID.map(Self.key) ?? 0
    orderKey = event.orderID.map(Self.key) ?? 0
    sessionKey = event.sessionID.map(Self.key) ?? 0
    quantity = event.quantity.map(Float.init) ?? .nan
    let foreign = event.amount.map { $0.currency != currency } ?? false
    amount = foreign ? 0 : event.amount?.minorUnits ?? 0
    discount = foreign ? 0 : event.discount.flatMap { Money($0, currency: currency)?.minorUnits } ?? 0
  }

  init(
    sequence: Int64, kind: EventKind, milliseconds: Int64, category: Int32, brand: Int32, itemKey: UInt64,
    orderKey: UInt64, sessionKey: UInt64, quantity: Float, amount: Int64, discount: Int64
  ) {
    self.sequence = sequence
    self.kind = kind
    self.milliseconds = milliseconds
    self.category = category
    self.brand = brand
    self.itemKey = itemKey
    self.orderKey = orderKey
    self.sessionKey = sessionKey
    self.quantity = quantity
    self.amount = amount
    self.discount = discount
  }

  /// A 64-bit hash of an id, the same on every run; never 0.
  static func key(_ id: String) -> UInt64 {
    var sum = Checksum()
    sum.update(id.utf8)
    return max(1, sum.value)
  }
}

/// The rows of a frame as observations.
public struct ObservationColumns: Sendable {
  private let frame: EventFrame
  private let category: [Int32]
  private let brand: [Int32]
  private let itemKeys: [UInt64]
  private let orderKeys: [UInt64]
  private let sessionKeys: [UInt64]
  private let kinds: [EventKind]

  /// Prepares a frame's rows; ids are hashed once each.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex) {
    self.frame = frame
    (category, brand) = catalogue.columns(for: frame.items)
    itemKeys = frame.items.ids.map(Observation.key)
    orderKeys = frame.orders.ids.map(Observation.key)
    sessionKeys = frame.sessions.ids.map(Observation.key)
    kinds = EventKind.allCases
  }

  /// The category of a row, or `EventFrame.none`.
  @inline(__always)
  public func category(ofRow row: Int) -> Int32 {
    let item = frame.item[row]
    return item == EventFrame.none ? EventFrame.none : category[Int(item)]
  }

  /// The observation of a row.
  @inline(__always)
  public func observation(_ row: Int) -> Observation {
    let (item, order, session) = (frame.item[row], frame.order[row], frame.session[row])
    let known = item != EventFrame.none
    return Observation(
      sequence: frame.sequence[row], kind: kinds[Int(frame.kind[row])], milliseconds: frame.timestamp[row],
      category: known ? category[Int(item)] : EventFrame.none,
      brand: known ? brand[Int(item)] : EventFrame.none,
      itemKey: known ? itemKeys[Int(item)] : 0,
      orderKey: order == EventFrame.none ? 0 : orderKeys[Int(order)],
      sessionKey: session == EventFrame.none ? 0 : sessionKeys[Int(session)], quantity: frame.quantity[row],
      amount: frame.amount[row], discount: frame.discount[row])
  }
}
