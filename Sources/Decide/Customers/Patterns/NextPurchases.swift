import Commerce
import Foundation
import MathKernels

/// What customers buy next: after an order with one thing, within some days, another one, more often than after their other orders.
///
/// ```swift
/// let found = try NextPurchases(windowDays: 28).sequences(in: orders, split: orders.lastDay - 90)
/// ```
/// Each customer is compared with themselves: the share of their orders with the first thing (and without the next) that the
/// next one followed in time, less that share after their orders without the first. So that who buys everything often does not
/// make everything follow everything, and so that a customer's orders, whose windows overlap, count as one observation, the test
/// is one of the customers' differences (normal, two-sided), with false discoveries controlled. Orders whose window is not over
/// count for nothing.
///
/// - Complexity: O(orders · size · (size + things bought in the window) + customers · things²); memory for pairs of things.
public struct NextPurchases: Sendable {
  /// How many days later counts as next.
  public var windowDays: Int
  /// How many sequences are returned.
  public var mostFound: Int
  /// How many categories, or items where there are no categories, are looked at: the most frequent ones.
  public var mostThings = 150
  /// Customers beyond this many are sampled evenly.
  public var mostCustomers = 20_000
  /// A pair is looked at from so many customers with both kinds of orders.
  public var fewestCustomers = 20
  /// The false-discovery rate.
  public var largestQValue = 0.05

  /// What is looked for.
  public init(windowDays: Int = 28, mostFound: Int = 500) {
    (self.windowDays, self.mostFound) = (windowDays, mostFound)
  }

  /// The sequences of the days until `split` that are more than chance, tried on the days after it, the clearest first.
  ///
  /// - Throws: `CancellationError`.
  public func sequences(in orders: OrderTable, split: Int32) throws -> [ShopPatterns.Sequence] {
    let level: OrderTable.Level = orders.categories.count > 1 ? .category : .item
    let things = frequent(orders, level)
    guard things.count > 1 else { return [] }
    let visits = visits(orders, level, things)
    let earlier = try tally(visits, things.count, days: orders.firstDay...split)
    let later = try tally(visits, things.count, days: (split + 1)...orders.lastDay)
    let count = things.count
    let tested = (0..<count * count).filter { pair in
      pair / count != pair % count && earlier.customers[pair] >= Double(fewestCustomers)
    }
    let p = tested.map { 2 * (1 - NormalDistribution.cumulative(abs(earlier.score(of: $0)))) }
    let q = HypothesisTests.benjaminiHochberg(p)
    let found = zip(tested, q).filter { $1 <= largestQValue && earlier.mean(of: $0) > 0 }
      .sorted { earlier.lower(of: $0.0) > earlier.lower(of: $1.0) }.prefix(mostFound)
    let names = orders.names(level)
    return found.map { pair, q in
      let canTell = later.customers[pair] >= Double(fewestCustomers)
      let (mean, error) = (earlier.mean(of: pair), earlier.standardError(of: pair))
      return ShopPatterns.Sequence(
        level: level, first: names[things[pair / count]], next: names[things[pair % count]],
        orders: Int(earlier.orders[pair]), followed: Int(earlier.followed[pair]),
        usualShare: earlier.usual[pair] / max(1, earlier.customers[pair]),
        customers: Int(earlier.customers[pair]),
        difference: ConfidenceInterval(lower: mean - 1.96 * error, upper: mean + 1.96 * error, level: 0.95),
        meanDifference: mean, medianDays: earlier.medianDays(of: pair), qValue: q,
        laterDifference: canTell ? later.mean(of: pair) : nil,
        holds: canTell && later.score(of: pair) > 1.645)
    }
  }

  private func frequent(_ orders: OrderTable, _ level: OrderTable.Level) -> [Int32] {
    var counts = [Int](repeating: 0, count: orders.names(level).count)
    for order in 0..<orders.count {
      for code in Set(orders.codes(order, level)) { counts[Int(code)] += 1 }
    }
    return counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
      .prefix(mostThings).map(Int32.init)
  }

  private struct Visit {
    var day: Int32
    var things: [Int16]
  }

  /// Each customer's days with what was bought on them, oldest first.
  private func visits(_ orders: OrderTable, _ level: OrderTable.Level, _ things: [Int32]) -> [[Visit]] {
    var place = [Int16](repeating: -1, count: orders.names(level).count)
    for (index, code) in things.enumerated() { place[Int(code)] = Int16(index) }
    var days: [Int32: [Int32: Set<Int16>]] = [:]
    for order in 0..<orders.count where orders.customers[order] >= 0 {
      let own = orders.codes(order, level).map { place[Int($0)] }.filter { $0 >= 0 }
      days[orders.customers[order], default: [:]][orders.days[order], default: []].formUnion(own)
    }
    let customers = days.keys.sorted()
    let step = max(1, (customers.count + mostCustomers - 1) / mostCustomers)
    return stride(from: 0, to: customers.count, by: step).map { index in
      (days[customers[index]] ?? [:]).sorted { $0.key < $1.key }
        .map { Visit(day: $0.key, things: $0.value.sorted()) }
    }
  }

  private func tally(_ visits: [[Visit]], _ count: Int, days: ClosedRange<Int32>) throws -> Tally {
    var tally = Tally(count, windowDays)
    for own in visits {
      try Task.checkCancellation()
      tally.add(own.filter { days.contains($0.day) }, end: days.upperBound)
    }
    return tally
  }

  /// Sums over customers for each pair of things.
  private struct Tally {
    let count: Int
    let window: Int32
    var customers: [Double]
    var orders: [Double]
    var followed: [Double]
    var usual: [Double]
    private var sums: [Double]
    private var squares: [Double]
    private var delays: [Int32]

    init(_ count: Int, _ windowDays: Int) {
      (self.count, window) = (count, Int32(windowDays))
      let zero = [Double](repeating: 0, count: count * count)
      (customers, orders, followed, usual, sums, squares) = (zero, zero, zero, zero, zero, zero)
      delays = [Int32](repeating: 0, count: count * count * (windowDays + 1))
    }

    mutating func add(_ visits: [Visit], end: Int32) {
      // An order counts once its window is over.
      let whole = visits.prefix { $0.day + window <= end }
      guard whole.count > 1 else { return }
      var with = [Int32](repeating: 0, count: count)
      var both = [Int32](repeating: 0, count: count * count)
      var hits = both
      var allHits = with
      var next = [Int32](repeating: -1, count: count)
      for (place, visit) in whole.enumerated() {
        for thing in visit.things { with[Int(thing)] += 1 }
        for first in visit.things {
          for second in visit.things { both[Int(first) * count + Int(second)] += 1 }
        }
        for index in next.indices { next[index] = -1 }
        for later in visits[(place + 1)...] {
          guard later.day <= visit.day + window else { break }
          for thing in later.things where next[Int(thing)] < 0 { next[Int(thing)] = later.day - visit.day }
        }
        for thing in visit.things { next[Int(thing)] = -1 }
        for second in next.indices where next[second] >= 0 {
          allHits[second] += 1
          for first in visit.things {
            let pair = Int(first) * count + second
            hits[pair] += 1
            delays[pair * Int(window + 1) + Int(next[second])] += 1
          }
        }
      }
      conclude(Double(whole.count), with, both, hits, allHits)
    }

    private mutating func conclude(
      _ total: Double, _ with: [Int32], _ both: [Int32], _ hits: [Int32], _ allHits: [Int32]
    ) {
      for first in 0..<count where with[first] > 0 {
        for second in 0..<count {
          let pair = first * count + second
          let own = Double(with[first] - both[pair])
          let rest = total - Double(with[second]) - own
          guard own > 0, rest > 0 else { continue }
          let (after, usual) = (
            Double(hits[pair]) / own, Double(allHits[second] - hits[pair]) / rest
          )
          customers[pair] += 1
          orders[pair] += own
          followed[pair] += Double(hits[pair])
          self.usual[pair] += usual
          sums[pair] += after - usual
          squares[pair] += (after - usual) * (after - usual)
        }
      }
    }

    func mean(of pair: Int) -> Double { sums[pair] / max(1, customers[pair]) }

    func standardError(of pair: Int) -> Double {
      let n = customers[pair]
      guard n > 1 else { return .infinity }
      let variance = max(0, squares[pair] - sums[pair] * sums[pair] / n) / (n - 1)
      return (variance / n).squareRoot()
    }

    func score(of pair: Int) -> Double {
      let error = standardError(of: pair)
      return error > 0 && error.isFinite ? mean(of: pair) / error : 0
    }

    func lower(of pair: Int) -> Double { mean(of: pair) - 1.96 * standardError(of: pair) }

    func medianDays(of pair: Int) -> Int {
      let own = delays[pair * Int(window + 1)..<(pair + 1) * Int(window + 1)]
      let half = (own.reduce(0, +) + 1) / 2
      var sum: Int32 = 0
      for (day, count) in own.enumerated() {
        sum += count
        if sum >= half, half > 0 { return day }
      }
      return 0
    }
  }
}
