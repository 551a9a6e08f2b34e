import Commerce

/// Everything that features need to know of one customer, kept current event by event.
///
/// ```swift
/// var state = CustomerState()
/// state.update(observation, settings: settings)   // once for each event, the newest last
/// state.visits.count                              // days on which the customer bought something
/// ```
/// Replaying a customer's log up to a moment and taking in the same events as they happen give the same state, so what
/// is learned offline holds online. Purchases that arrive late find their day; a refund takes back the newest purchases
/// of its category first.
public struct CustomerState: Sendable, Equatable {
  /// A day on which the customer bought something.
  public struct Visit: Sendable, Equatable {
    /// The shop's local day since 1970-01-01.
    public var day: Int32
    /// How many order lines.
    public var lines: Int32
    /// How many of them at a discount.
    public var discountedLines: Int32
    /// How many different categories.
    public var categories: Int32
    /// What was paid, in minor units, net of what was given back later.
    public var spend: Int64
  }

  /// What the customer is doing in the present visit to the shop.
  public struct Session: Sendable, Equatable {
    /// When its first event happened, in UTC milliseconds.
    public internal(set) var startedAt: Int64
    /// When its newest event happened.
    public internal(set) var lastEventAt: Int64
    /// How many events it has.
    public internal(set) var events: Int32
    /// How much interest it showed in each category.
    public internal(set) var interest: [Int32: Double]
    /// The items put in the cart and not taken out or bought, by hash of their ids, with how often.
    public internal(set) var cart: [UInt64: Int32]
    var key: UInt64
  }

  /// An affinity to a brand.
  public struct BrandHistory: Sendable, Equatable {
    /// The brand in the catalogue index.
    public var brand: Int32
    /// How many orders it was part of.
    public var orders: Int32
    /// Its decayed purchases.
    public var affinity: DecayedSum
    var lastOrderKey: UInt64
  }

  /// The categories the customer had anything to do with, in order of first appearance.
  public internal(set) var categories: [Int32] = []
  /// What is remembered of each of `categories`.
  public internal(set) var histories: [CategoryHistory] = []
  /// The days on which the customer bought something, ascending.
  public internal(set) var visits: [Visit] = []
  /// What is remembered of each brand, in order of first appearance.
  public internal(set) var brands: [BrandHistory] = []
  /// How many orders began in each hour of the shop's day.
  public internal(set) var hours = [Int32](repeating: 0, count: 24)
  /// How many orders began on each day of the week, Monday first.
  public internal(set) var weekdays = [Int32](repeating: 0, count: 7)
  /// How many order lines of items that the customer had bought before.
  public internal(set) var repeatedLines: Int32 = 0
  /// How many order lines in all, refunds not taken off.
  public internal(set) var lines: Int32 = 0
  /// How many of them at a discount.
  public internal(set) var discountedLines: Int32 = 0
  /// How many units were bought, net of those given back.
  public internal(set) var quantity = 0.0
  /// What was paid in all, net of what was given back, in minor units.
  public internal(set) var spend: Int64 = 0
  /// How many lines were given back.
  public internal(set) var refunds: Int32 = 0
  /// When the oldest event happened, in UTC milliseconds; nil before the first.
  public internal(set) var firstEventAt: Int64?
  /// When the newest event happened.
  public internal(set) var lastEventAt: Int64?
  /// The visit in progress, or the last one.
  public internal(set) var session: Session?
  var slots: [Int32: Int32] = [:]
  var orderKeys: Set<UInt64> = []
  var itemKeys: Set<UInt64> = []

  /// A customer of whom nothing is known.
  public init() {}

  /// How many orders there were.
  public var orders: Int { orderKeys.count }

  /// What is remembered of a category, or nil.
  public func history(ofCategory category: Int32) -> CategoryHistory? {
    slots[category].map { histories[Int($0)] }
  }

  /// Takes in one event.
  ///
  /// - Complexity: O(1) on average when events come in order.
  public mutating func update(_ observation: Observation, settings: FeatureSettings) {
    firstEventAt = min(firstEventAt ?? .max, observation.milliseconds)
    lastEventAt = max(lastEventAt ?? .min, observation.milliseconds)
    updateSession(observation, settings: settings)
    if observation.category != EventFrame.none {
      histories[slot(ofCategory: observation.category)].remember(
        observation.sequence, limit: settings.evidenceCount)
    }
    switch observation.kind {
    case .purchase: addPurchase(observation, settings: settings)
    case .refund: addRefund(observation, settings: settings)
    default:
      guard observation.category != EventFrame.none, let weight = settings.weights[observation.kind] else {
        return
      }
      histories[slot(ofCategory: observation.category)].addInterest(
        weight, kind: observation.kind, at: observation.milliseconds,
        halfLifeDays: settings.halfLivesDays[observation.kind] ?? FeatureSettings.defaultHalfLifeDays)
    }
  }

  private mutating func slot(ofCategory category: Int32) -> Int {
    if let slot = slots[category] { return Int(slot) }
    slots[category] = Int32(categories.count)
    categories.append(category)
    histories.append(CategoryHistory())
    return categories.count - 1
  }

  private mutating func addPurchase(_ observation: Observation, settings: FeatureSettings) {
    let day = settings.calendar.day(ofMilliseconds: observation.milliseconds)
    let units = observation.quantity.isFinite ? observation.quantity : 1
    let discounted: Int32 = observation.discount > 0 ? 1 : 0
    // A purchase without an order's id belongs to the order of its session, else of its day.
    let order =
      observation.orderKey != 0
      ? observation.orderKey
      : observation.sessionKey != 0 ? observation.sessionKey : UInt64(bitPattern: Int64(day)) | 1 << 63
    if orderKeys.insert(order).inserted {
      hours[settings.calendar.hour(ofMilliseconds: observation.milliseconds)] += 1
      weekdays[CivilDate.weekday(ofDay: Int64(day))] += 1
    }
    lines += 1
    discountedLines += discounted
    quantity += Double(units)
    spend &+= observation.amount
    if observation.itemKey != 0, !itemKeys.insert(observation.itemKey).inserted { repeatedLines += 1 }
    let visit = visit(ofDay: day)
    visits[visit].lines += 1
    visits[visit].discountedLines += discounted
    visits[visit].spend &+= observation.amount
    if observation.brand != EventFrame.none { addBrand(observation, order: order, settings: settings) }
    guard observation.category != EventFrame.none else { return }
    let slot = slot(ofCategory: observation.category)
    let (entry, isNew) = histories[slot].entry(ofDay: day)
    if isNew { visits[visit].categories += 1 }
    histories[slot].days[entry].lines += 1
    histories[slot].days[entry].discountedLines += discounted
    histories[slot].days[entry].quantity += units
    histories[slot].days[entry].spend &+= observation.amount
    if histories[slot].lastOrderKey != order {
      histories[slot].lastOrderKey = order
      histories[slot].orders += 1
    }
  }

  private mutating func addRefund(_ observation: Observation, settings: FeatureSettings) {
    refunds += 1
    let units = observation.quantity.isFinite ? abs(observation.quantity) : 1
    let amount = Int64(clamping: observation.amount.magnitude)
    quantity -= Double(units)
    spend &-= amount
    guard observation.category != EventFrame.none else { return }
    let day = settings.calendar.day(ofMilliseconds: observation.milliseconds)
    let slot = slot(ofCategory: observation.category)
    for taken in histories[slot].takeBack(quantity: units, amount: amount, upTo: day) {
      let visit = visit(ofDay: taken.day)
      visits[visit].spend &-= taken.amount
      if taken.gone { visits[visit].categories -= 1 }
    }
    if let brand = brands.firstIndex(where: { $0.brand == observation.brand }) {
      brands[brand].affinity.add(
        settings.weights[.refund] ?? 0, at: observation.milliseconds,
        halfLifeDays: settings.affinityHalfLifeDays)
    }
  }

  private mutating func addBrand(_ observation: Observation, order: UInt64, settings: FeatureSettings) {
    let index: Int
    if let known = brands.firstIndex(where: { $0.brand == observation.brand }) {
      index = known
    } else {
      index = brands.count
      brands.append(
        BrandHistory(brand: observation.brand, orders: 0, affinity: DecayedSum(), lastOrderKey: 0))
    }
    brands[index].affinity.add(
      settings.weights[.purchase] ?? 1, at: observation.milliseconds,
      halfLifeDays: settings.affinityHalfLifeDays)
    if brands[index].lastOrderKey != order {
      brands[index].lastOrderKey = order
      brands[index].orders += 1
    }
  }

  private mutating func visit(ofDay day: Int32) -> Int {
    var index = visits.count
    while index > 0, visits[index - 1].day > day { index -= 1 }
    if index > 0, visits[index - 1].day == day { return index - 1 }
    visits.insert(Visit(day: day, lines: 0, discountedLines: 0, categories: 0, spend: 0), at: index)
    return index
  }

  private mutating func updateSession(_ observation: Observation, settings: FeatureSettings) {
    let timeout = UInt64(min(settings.sessionTimeoutMinutes, 1e9) * 60_000)
    let moment = observation.milliseconds
    let continues =
      session.map { open in
        observation.sessionKey != 0 || open.key != 0
          ? open.key == observation.sessionKey : (moment &- open.lastEventAt).magnitude <= timeout
      } ?? false
    // An event that arrives late from an earlier visit does not end the present one.
    if !continues, let session, moment < session.startedAt { return }
    if !continues {
      session = Session(
        startedAt: moment, lastEventAt: moment, events: 0, interest: [:], cart: [:],
        key: observation.sessionKey)
    }
    session?.take(observation, weight: settings.weights[observation.kind])
  }
}

extension CustomerState.Session {
  fileprivate mutating func take(_ observation: Observation, weight: Double?) {
    events += 1
    lastEventAt = max(lastEventAt, observation.milliseconds)
    if observation.category != EventFrame.none, let weight {
      interest[observation.category, default: 0] += weight
    }
    switch observation.kind {
    case .cartAdd: cart[observation.itemKey, default: 0] += 1
    case .cartRemove, .purchase: cart[observation.itemKey] = nil
    default: break
    }
  }
}
