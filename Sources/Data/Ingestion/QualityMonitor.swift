import Commerce

/// Looks at rows as they pass and tallies what is odd about them.
struct QualityMonitor: Sendable {
  private static let examplesKept = 5
  private static let ancient = Int64(CivilDate.day(year: 2000, month: 1, day: 1)!) * Timestamp.day
  /// Items whose usual price and quantity are followed; further items go unwatched, which bounds the memory.
  private static let itemsWatched = 250_000
  private static let outlierFactor: Float = 100
  private static let observationsNeeded = 5

  /// A running median of positive numbers in constant space: the estimate takes one step of 5 % towards each
  /// observation (a frugal median on the logarithm; Ma, Muthukrishnan, Sandler 2013, arXiv:1407.1121).
  private struct RunningMedian {
    var estimate: Float = 0
    var count: Int32 = 0

    /// Whether an observation is far above the rest; then takes it in.
    mutating func isFarBelow(_ value: Float) -> Bool {
      guard value > 0 else { return false }
      defer { count &+= 1 }
      if count == 0 {
        estimate = value
        return false
      }
      let isFar =
        count >= QualityMonitor.observationsNeeded && value >= estimate * QualityMonitor.outlierFactor
      estimate *= value > estimate ? 1.05 : value < estimate ? 1 / 1.05 : 1
      return isFar
    }
  }

  private struct Usual {
    var price = RunningMedian()
    var quantity = RunningMedian()
  }

  private let now: Timestamp
  private let file: String
  private var counts: [String: Int] = [:]
  private var flags = [Int](repeating: 0, count: QualityFlag.allCases.count)
  private var examples: [String: [String]] = [:]
  private var usual: [String: Usual] = [:]
  /// How many rows were flagged at all.
  private(set) var flaggedRows = 0

  init(file: String, now: Timestamp) {
    self.file = file
    self.now = now
  }

  /// Looks at an event that is about to be stored; puts the sign of a refund and the form of ids right.
  @inline(__always)
  mutating func observe(_ event: inout Event, line: Int) {
    let before = flaggedRows
    var isFlagged = false
    func isOdd(_ flag: QualityFlag, _ condition: Bool, _ monitor: inout QualityMonitor) {
      if condition {
        monitor.note(flag, line)
        isFlagged = true
      }
    }
    isOdd(.composedID, CanonicalIDs.compose(&event), &self)
    isOdd(.missingCustomer, event.customerID == nil, &self)
    isOdd(.futureTime, event.timestamp > now, &self)
    isOdd(.ancientTime, event.timestamp.milliseconds < Self.ancient, &self)
    switch event.kind {
    case .purchase:
      isOdd(.missingItem, event.itemID == nil, &self)
      isOdd(.missingAmount, event.amount == nil, &self)
      isOdd(.zeroQuantity, event.quantity == 0, &self)
      isOdd(.negativeQuantity, (event.quantity ?? 0) < 0, &self)
      isOdd(.negativeAmount, (event.amount?.minorUnits ?? 0) < 0, &self)
      let (price, quantity) = outliers(event)
      isOdd(.priceOutlier, price, &self)
      isOdd(.quantityOutlier, quantity, &self)
    case .refund:
      let isNegative = (event.quantity ?? 0) < 0 || (event.amount?.minorUnits ?? 0) < 0
      isOdd(.refundSign, isNegative, &self)
      if isNegative {
        event.quantity = event.quantity.map(abs)
        event.amount?.minorUnits.makePositive()
      }
    case .view, .cartAdd, .cartRemove, .wishlist, .rating, .review:
      isOdd(.missingItem, event.itemID == nil, &self)
    default: break
    }
    flaggedRows = before + (isFlagged ? 1 : 0)
  }

  /// Looks at an item that is about to be stored; puts the form of its id right.
  mutating func observe(_ item: inout Item, line: Int) {
    let isComposed = CanonicalIDs.compose(&item.itemID)
    if isComposed { note(.composedID, line) }
    if item.category == nil { note(.missingCategory, line) }
    if item.title == nil { note(.missingTitle, line) }
    if isComposed || item.category == nil || item.title == nil { flaggedRows += 1 }
  }

  /// Looks at a customer who is about to be stored; puts the form of the id right.
  mutating func observe(_ customer: inout Customer, line: Int) {
    guard CanonicalIDs.compose(&customer.customerID) else { return }
    note(.composedID, line)
    flaggedRows += 1
  }

  private mutating func outliers(_ event: Event) -> (price: Bool, quantity: Bool) {
    guard let item = event.itemID, let quantity = event.quantity, quantity > 0 else { return (false, false) }
    guard let index = usual.index(forKey: item) else {
      if usual.count < Self.itemsWatched {
        var fresh = Usual()
        _ = fresh.quantity.isFarBelow(Float(quantity))
        _ = event.amount.map { fresh.price.isFarBelow(Float(Double($0.minorUnits) / quantity)) }
        usual[item] = fresh
      }
      return (false, false)
    }
    let isQuantityFar = usual.values[index].quantity.isFarBelow(Float(quantity))
    guard let amount = event.amount else { return (false, isQuantityFar) }
    return (usual.values[index].price.isFarBelow(Float(Double(amount.minorUnits) / quantity)), isQuantityFar)
  }

  /// Tallies a flag on a row.
  mutating func note(_ flag: QualityFlag, _ line: Int) {
    let index = QualityFlag.allCases.firstIndex(of: flag)!
    flags[index] += 1
    if flags[index] <= Self.examplesKept { examples[flag.rawValue, default: []].append("\(file):\(line)") }
  }

  /// Tallies a rejected row by its field.
  mutating func noteRejection(field: String?, _ line: Int) {
    let id = "invalid_\(field ?? "row")"
    counts[id, default: 0] += 1
    if counts[id]! <= Self.examplesKept { examples[id, default: []].append("\(file):\(line)") }
  }

  /// The findings on so many rows, the gravest first.
  func checks(rows: Int) -> [QualityCheck] {
    var found = counts.map { QualityCheck(id: $0, count: $1, of: rows, examples: examples[$0] ?? []) }
    for (flag, count) in zip(QualityFlag.allCases, flags) where count > 0 {
      found.append(
        QualityCheck(id: flag.rawValue, count: count, of: rows, examples: examples[flag.rawValue] ?? []))
    }
    return found.sorted(by: QualityCheck.isGraver)
  }
}

extension Int64 {
  /// Drops the sign; the one number without a positive twin becomes the greatest.
  fileprivate mutating func makePositive() { self = self == .min ? .max : Swift.abs(self) }
}
