import Foundation
import MathKernels

/// One customer as of a morning.
struct LapseRow {
  private let visits: ArraySlice<LapseHistory.Visit>
  private let customer: LapseHistory.Customer
  private let day: Int32

  /// nil for a customer who had not bought by then.
  init?(_ customer: LapseHistory.Customer, asOf day: Int32) {
    visits = customer.visits[..<customer.visits.partitionIndex { $0.day >= day }]
    guard !visits.isEmpty else { return nil }
    self.customer = customer
    self.day = day
  }

  /// What BG/NBD needs to know, in weeks.
  var purchases: PurchaseHistory {
    let (first, last) = (visits[visits.startIndex].day, visits[visits.endIndex - 1].day)
    return PurchaseHistory(
      frequency: visits.count - 1, recency: Double(last - first) / 7, age: Double(day - first) / 7)
  }

  /// The visits of `length` days that end `back` days before the day.
  private func window(_ length: Int32, back: Int32 = 0) -> ArraySlice<LapseHistory.Visit> {
    visits.drop { $0.day < day - back - length }.prefix { $0.day < day - back }
  }

  private func count(_ days: [Int32], within length: Int32) -> Double {
    Double(days.count { $0 >= day - length && $0 < day })
  }

  private static func spend(_ visits: ArraySlice<LapseHistory.Visit>) -> Double {
    visits.reduce(0) { $0 + $1.amount }
  }

  private static func variety(_ visits: ArraySlice<LapseHistory.Visit>) -> Double {
    Double(Set(visits.flatMap(\.categories)).count)
  }

  private static func trend(_ now: Double, _ before: Double, _ unit: Double = 1) -> Double {
    log((now + unit) / (before + unit))
  }

  /// The values in the order of `LapseFeatures.Column`; there is at least one visit.
  func values(lifetimes: (alive: Double, expected: Double)) -> [Double] {
    let (first, last) = (visits[visits.startIndex], visits[visits.endIndex - 1])
    let recency = Double(day - last.day)
    let gaps = zip(visits.dropFirst(), visits).map { Double($0.day - $1.day) }
    // One visit says nothing of a rhythm.
    let gap = gaps.isEmpty ? Double.nan : Statistics.median(gaps)
    let mean = gaps.isEmpty ? Double.nan : Statistics.mean(gaps)
    let spread = gaps.count < 2 ? Double.nan : Statistics.standardDeviation(gaps) / mean
    let (recent, before) = (window(56), window(56, back: 56))
    let (month, quarter) = (window(28), window(112))
    let basket = Self.spend(visits) / Double(visits.count)
    let paid = Self.spend(quarter)
    let off = quarter.reduce(0) { $0 + $1.discount }
    let byColumn: [LapseFeatures.Column: Double] = [
      .recency: recency, .age: Double(day - first.day),
      .visits28: Double(month.count), .visits56: Double(recent.count), .visits112: Double(quarter.count),
      .pace: Double(visits.count) / max(28, Double(day - first.day)) * 28,
      .gap: gap, .gapSpread: spread, .recencyPerGap: recency / max(1, gap),
      .recencyPerLongest: recency / max(1, gaps.max() ?? .nan),
      .trend28: Self.trend(Double(month.count), Double(window(28, back: 28).count)),
      .trend56: Self.trend(Double(recent.count), Double(before.count)),
      .spend28: Self.spend(month), .spend112: paid,
      .spendTrend: Self.trend(Self.spend(recent), Self.spend(before), max(1, basket)),
      .basket: basket, .lines: Double(visits.reduce(0) { $0 + $1.lines }) / Double(visits.count),
      .lastBasket: basket > 0 ? last.amount / basket : .nan,
      .categories: Self.variety(recent),
      .categoryTrend: Self.trend(Self.variety(recent), Self.variety(before)),
      .discountShare: paid + off > 0 ? off / (paid + off) : .nan,
      .coupons: count(customer.coupons, within: 112), .weekday: weekdayRegularity,
      .refunds: count(customer.refunds, within: 112), .looks: count(customer.looks, within: 28),
      .alive: lifetimes.alive, .expected: lifetimes.expected,
    ]
    return LapseFeatures.Column.allCases.map { byColumn[$0] ?? .nan }
  }

  /// 1 − the entropy of weekdays, in units of that of seven equal ones.
  private var weekdayRegularity: Double {
    guard visits.count > 1 else { return .nan }
    var counts = [Double](repeating: 0, count: 7)
    for visit in visits { counts[Int((visit.day % 7 + 7) % 7)] += 1 }
    let entropy = counts.reduce(0.0) { sum, count in
      let share = count / Double(visits.count)
      return share > 0 ? sum - share * log(share) : sum
    }
    return 1 - entropy / log(7)
  }
}
