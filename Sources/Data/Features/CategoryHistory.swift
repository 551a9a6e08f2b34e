import Commerce

/// What one customer bought of one category on one day, net of what was given back.
public struct PurchaseDay: Sendable, Equatable {
  /// The shop's local day since 1970-01-01.
  public var day: Int32
  /// How many order lines.
  public var lines: Int32
  /// How many of them at a discount.
  public var discountedLines: Int32
  /// How many units.
  public var quantity: Float
  /// What was paid, in minor units.
  public var spend: Int64
}

/// Everything that is remembered of one customer and one category.
public struct CategoryHistory: Sendable, Equatable {
  /// The days on which it was bought, ascending.
  public internal(set) var days: [PurchaseDay] = []
  /// How many orders it was part of.
  public internal(set) var orders: Int32 = 0
  /// The newest events of any kind, oldest first: their places in the store's order of arrival.
  public internal(set) var evidence: [Int64] = []
  /// How many events of any kind there were.
  public internal(set) var eventCount: Int32 = 0
  var lastOrderKey: UInt64 = 0
  /// Interest shown other than by buying: one decayed sum for each kind of event that occurred.
  var interest: [(kind: UInt8, sum: DecayedSum)] = []

  /// How strongly the customer showed interest other than by buying, as of a moment.
  public func interest(at milliseconds: Int64, settings: FeatureSettings) -> Double {
    interest.reduce(0) { total, entry in
      let kind = EventKind(code: entry.kind) ?? .view
      let halfLife = settings.halfLivesDays[kind] ?? FeatureSettings.defaultHalfLifeDays
      return total + entry.sum.value(at: milliseconds, halfLifeDays: halfLife)
    }
  }

  /// How many of the days lie before a day.
  @inline(__always)
  func count(before day: Int32) -> Int {
    var count = days.count
    // Events from the future are rare, so the search from the end is short.
    while count > 0, days[count - 1].day >= day { count -= 1 }
    return count
  }

  /// The day's entry, made when there is none; the flag tells whether it is new.
  mutating func entry(ofDay day: Int32) -> (index: Int, isNew: Bool) {
    var index = days.count
    while index > 0, days[index - 1].day > day { index -= 1 }
    if index > 0, days[index - 1].day == day { return (index - 1, false) }
    days.insert(PurchaseDay(day: day, lines: 0, discountedLines: 0, quantity: 0, spend: 0), at: index)
    return (index, true)
  }

  /// Takes back units from the newest purchases up to a day. A day of which nothing is left no longer counts as a
  /// purchase.
  ///
  /// - Returns: the days that lost something: what they lost in money, and whether nothing is left of them.
  mutating func takeBack(quantity: Float, amount: Int64, upTo day: Int32) -> [(
    day: Int32, amount: Int64, gone: Bool
  )] {
    var (quantityLeft, amountLeft) = (quantity, amount)
    var taken: [(day: Int32, amount: Int64, gone: Bool)] = []
    var index = days.count - 1
    while index >= 0, quantityLeft > 0 {
      defer { index -= 1 }
      guard days[index].day <= day else { continue }
      let units = min(quantityLeft, max(0, days[index].quantity))
      let whole = units >= days[index].quantity
      let money = whole && quantityLeft > units ? min(amountLeft, days[index].spend) : amountLeft
      quantityLeft -= units
      amountLeft &-= money
      taken.append((days[index].day, money, whole))
      if whole {
        days.remove(at: index)
      } else {
        days[index].quantity -= units
        days[index].spend &-= money
      }
    }
    return taken
  }

  mutating func remember(_ sequence: Int64, limit: Int) {
    eventCount += 1
    guard limit > 0 else { return }
    if evidence.count == limit { evidence.removeFirst() }
    evidence.append(sequence)
  }

  mutating func addInterest(_ weight: Double, kind: EventKind, at milliseconds: Int64, halfLifeDays: Double) {
    let code = kind.code
    if let index = interest.firstIndex(where: { $0.kind == code }) {
      interest[index].sum.add(weight, at: milliseconds, halfLifeDays: halfLifeDays)
    } else {
      var sum = DecayedSum()
      sum.add(weight, at: milliseconds, halfLifeDays: halfLifeDays)
      interest.append((code, sum))
    }
  }

  /// Equal when all that is remembered is equal.
  public static func == (a: CategoryHistory, b: CategoryHistory) -> Bool {
    a.days == b.days && a.orders == b.orders && a.evidence == b.evidence && a.eventCount == b.eventCount
      && a.lastOrderKey == b.lastOrderKey
      && a.interest.elementsEqual(b.interest) { $0.kind == $1.kind && $0.sum == $1.sum }
  }
}
