import Commerce
import Foundation
import MathKernels

/// What one customer bought in a span of days, counted line by line in time order.
struct PurchaseTally {
  let first: Int32
  let last: Int32
  private(set) var lines = 0
  private(set) var spend: Int64 = 0
  private var unkeyedOrders = 0
  private var lateUnkeyedOrders = 0
  private var orderKeys: Set<Int32> = []
  private var lateOrderKeys: Set<Int32> = []
  private var basketCategories: Set<Int64> = []
  private(set) var categoryOrders: [Int32: Set<Int32>] = [:]
  private var visitDays: [Int32] = []
  private var units = 0.0
  private var discounted = 0
  private var repeated = 0
  private var refunds = 0
  private var seen: Set<Int32> = []
  private var departmentSpend: [Int: Int64] = [:]
  private(set) var firstEverDay: Int32?

  init(first: Int32, last: Int32) { (self.first, self.last) = (first, last) }

  /// The first day of the span's last third.
  private var lateFrom: Int32 { last - (last - first + 1) / 3 + 1 }

  /// The last day of a purchase within the span.
  var lastVisit: Int32? { visitDays.last }

  mutating func add(row: Int, day: Int32, of ledger: SegmentLedger) {
    let frame = ledger.frame
    let item = frame.item[row]
    if frame.kind[row] == EventKind.refund.code {
      guard day >= first else { return }
      refunds += 1
      spend &-= frame.amount[row]
      return
    }
    if firstEverDay == nil { firstEverDay = day }
    let isNew = item < 0 || seen.insert(item).inserted
    guard day >= first else { return }
    lines += 1
    spend &+= frame.amount[row]
    units += frame.quantity[row] > 0 ? Double(frame.quantity[row]) : 1
    discounted += frame.discount[row] > 0 ? 1 : 0
    repeated += isNew ? 0 : 1
    if visitDays.last != day { visitDays.append(day) }
    let order = frame.order[row]
    addOrder(order, isLate: day >= lateFrom)
    let category = ledger.category(ofRow: row)
    if category >= 0 {
      // An order without an id is told from others by its line.
      let key = order >= 0 ? order : Int32(truncatingIfNeeded: -2 - row)
      basketCategories.insert(Int64(key) << 32 | Int64(category))
      categoryOrders[category, default: []].insert(key)
    }
    if let department = ledger.department(ofRow: row) {
      departmentSpend[department, default: 0] &+= frame.amount[row]
    }
  }

  private mutating func addOrder(_ order: Int32, isLate: Bool) {
    if order >= 0 {
      orderKeys.insert(order)
      if isLate { lateOrderKeys.insert(order) }
    } else {
      unkeyedOrders += 1
      lateUnkeyedOrders += isLate ? 1 : 0
    }
  }

  var orders: Int { orderKeys.count + unkeyedOrders }

  /// The features that every shop has, in the order of `SegmentFeature.common`.
  func values(minorUnits: Double) -> [Double] {
    let (orders, lines, money) = (Double(orders), Double(lines), Double(spend) / minorUnits)
    let gaps = zip(visitDays.dropFirst(), visitDays).map { Double($0 - $1) }
    let meanGap = gaps.isEmpty ? .nan : Statistics.mean(gaps)
    let variation =
      gaps.count < 3 ? .nan : Statistics.standardDeviation(gaps, degreesOfFreedomLost: 1) / meanGap
    let late = Double(lateOrderKeys.count + lateUnkeyedOrders)
    let share = Double((last - first + 1) / 3) / Double(last - first + 1)
    let weekend = visitDays.count { CivilDate.weekday(ofDay: Int64($0)) >= 5 }
    return [
      Double(last - (visitDays.last ?? first)), orders, money, orders > 0 ? money / orders : .nan, meanGap,
      variation, share > 0 ? late / orders / share : .nan, lines / orders,
      Double(basketCategories.count) / orders, Double(categoryOrders.count), units > 0 ? money / units : .nan,
      Double(discounted) / lines, Double(repeated) / lines,
      Double(weekend) / Double(max(1, visitDays.count)), Double(refunds) / lines,
    ]
  }

  /// The shares of the money that went to departments.
  func shares(of departments: [Int?]) -> [Double] {
    let all = departmentSpend.values.reduce(0) { $0 + Double(max(0, $1)) }
    return departments.map { department in
      guard all > 0, let department else { return 0 }
      return Double(max(0, departmentSpend[department] ?? 0)) / all
    }
  }
}
