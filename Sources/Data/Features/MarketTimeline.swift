import Commerce
import Foundation
import Learning
import MathKernels

/// Builds market snapshots as of ascending days.
///
/// ```swift
/// var timeline = MarketTimeline(space: space, outcomes: outcomes)
/// replay.advance(before: calendar.start(ofDay: day))
/// let snapshot = try timeline.snapshot(of: replay.states, day: day)
/// ```
/// Rates and maps that a snapshot holds were learned from windows that had ended by its day; those windows began at
/// earlier stops of the timeline, 28 days apart.
public struct MarketTimeline: Sendable {
  /// The window over which categories are foretold, in days.
  public static let windowDays: Int32 = 28
  let space: CategorySpace
  let outcomes: PurchaseOutcomes
  private var stops: [Int32: Stop] = [:]

  /// The sums that a window's end leaves of a stop.
  private struct Stop: Sendable {
    var priors: GammaPriors
    /// What describes each customer, while the window runs; empty afterwards.
    var described: [Float]
    var pairs: [[SparsePair]]
    var active: [Bool]
    var gram: [Float] = []
    var cellBought: [Double] = []
    var cellCount: [Double] = []
  }

  /// A timeline at its beginning.
  public init(space: CategorySpace, outcomes: PurchaseOutcomes) {
    self.space = space
    self.outcomes = outcomes
  }

  /// The snapshot as of a day, from states that have seen everything before it and nothing after.
  ///
  /// - Complexity: O(pairs + customers × categories²), on all cores.
  /// - Throws: `MathError` when the regression cannot be solved.
  public mutating func snapshot(of states: [CustomerState], day: Int32) throws -> MarketSnapshot {
    let window = Self.windowDays
    for start in stops.keys.sorted() where start + window <= day { closeWindow(start) }
    let tally = tally(states, day: day)
    let days = Double(max(1, day - outcomes.originDay))
    let priors = DecayTable.halfLives.indices.map { halfLife in
      GammaPriors(
        sums: tally.decayed.map { $0[halfLife] }, squares: tally.squares.map { $0[halfLife] },
        customers: tally.customers, halfLife: DecayTable.halfLives[halfLife], days: days)
    }
    var snapshot = snapshot(tally, day: day, priors: priors)
    snapshot.cellRates = cellRates(day: day)
    snapshot.map = try map(day: day)
    snapshot.taste = try TasteMap(
      tally.pairs, reached: priors[DecayTable.h120].reached, categories: space.count)
    // The oldest windows reach back six times 28 days.
    for start in stops.keys where start < day - 7 * window { stops[start] = nil }
    if day - outcomes.originDay >= window { open(day, tally: tally, priors: priors) }
    return snapshot
  }

  private mutating func open(_ day: Int32, tally: Tally, priors: [GammaPriors]) {
    let categories = space.count
    let width = NextWindowMap.width(categories: categories)
    let base = NextWindowMap.base(priors: priors, categories: categories)
    let pairs = tally.pairs
    let blocks = parallelBlocks(pairs.count, blockSize: 256) { block in
      var part = [Float](repeating: 0, count: block.count * width)
      part.withUnsafeMutableBufferPointer { part in
        guard let start = part.baseAddress else { return }
        for customer in block where tally.active[customer] {
          let row = start + (customer - block.lowerBound) * width
          base.withUnsafeBufferPointer {
            row.update(from: $0.baseAddress ?? UnsafePointer(row), count: width)
          }
          NextWindowMap.describe(pairs[customer], priors: priors, categories: categories, into: row)
        }
      }
      return part
    }
    stops[day] = Stop(
      priors: priors[DecayTable.h120], described: blocks.flatMap { $0 }, pairs: pairs, active: tally.active)
  }

  private mutating func closeWindow(_ start: Int32) {
    guard var stop = stops[start], !stop.described.isEmpty else { return }
    let categories = space.count
    let width = NextWindowMap.width(categories: categories)
    let order = width + categories
    let bought = outcomes.firstDays(from: start, to: start + Self.windowDays)
    let frozen = stop
    let cells = PairValues.cellCount
    let blocks = parallelBlocks(frozen.active.count, blockSize: 512) { block in
      var rows = [Float](repeating: 0, count: block.count * order)
      var (hits, counts) = (
        [Double](repeating: 0, count: categories * cells), [Double](repeating: 0, count: categories * cells)
      )
      var cellOf = [UInt8](repeating: 0, count: categories)
      var paceOf = [Float](repeating: 0, count: categories)
      for customer in block where frozen.active[customer] {
        let row = (customer - block.lowerBound) * order
        for index in 0..<width { rows[row + index] = frozen.described[customer * width + index] }
        for column in 0..<categories {
          cellOf[column] = 0
          paceOf[column] = Float(-expm1(-frozen.priors.expected(column: column, decayed: 0, days: 28)))
        }
        for pair in frozen.pairs[customer] {
          cellOf[Int(pair.column)] = pair.cell
          let decayed = Double(pair.decayed[DecayTable.h120])
          paceOf[Int(pair.column)] = Float(
            -expm1(-frozen.priors.expected(column: Int(pair.column), decayed: decayed, days: 28)))
        }
        for column in 0..<categories {
          let hit = bought[customer * categories + column] != PurchaseOutcomes.never
          rows[row + width + column] = (hit ? 1 : 0) - paceOf[column]
          let cell = column * cells + Int(cellOf[column])
          counts[cell] += 1
          if hit { hits[cell] += 1 }
        }
      }
      return (rows, hits, counts)
    }
    stop.gram = Matrix(rows: frozen.active.count, columns: order, blocks.flatMap { $0.0 }).gram().elements
    stop.cellBought = blocks.reduce(into: [Double](repeating: 0, count: categories * cells)) { sum, block in
      for index in sum.indices { sum[index] += block.1[index] }
    }
    stop.cellCount = blocks.reduce(into: [Double](repeating: 0, count: categories * cells)) { sum, block in
      for index in sum.indices { sum[index] += block.2[index] }
    }
    stop.described = []
    stop.pairs = []
    stops[start] = stop
  }

  /// The priors of half-life 120 as of 28 days earlier.
  func earlierPriors(_ day: Int32) -> GammaPriors? { stops[day - Self.windowDays]?.priors }

  /// The closed windows that began 28, 56 … days before a day, the latest first.
  private func windows(before day: Int32, atMost count: Int) -> [(age: Int, stop: Stop)] {
    (0..<count).compactMap { age in
      stops[day - Self.windowDays * Int32(age + 1)].flatMap { $0.gram.isEmpty ? nil : (age, $0) }
    }
  }

  private func map(day: Int32) throws -> NextWindowMap? {
    let windows = windows(before: day, atMost: 6)
    guard !windows.isEmpty else { return nil }
    var sum = [Double](repeating: 0, count: windows[0].stop.gram.count)
    for (age, stop) in windows {
      let weight = pow(0.9, Double(age))
      for index in sum.indices { sum[index] += weight * Double(stop.gram[index]) }
    }
    return try NextWindowMap(gram: sum, categories: space.count)
  }

  private func cellRates(day: Int32) -> [Double] {
    let cells = PairValues.cellCount
    var bought = [Double](repeating: 0, count: space.count * cells)
    var count = bought
    for (age, stop) in windows(before: day, atMost: 3) {
      let weight = pow(0.7, Double(age))
      for index in bought.indices {
        bought[index] += weight * stop.cellBought[index]
        count[index] += weight * stop.cellCount[index]
      }
    }
    // A category's own rate is drawn towards that of all categories by the weight of thirty cases.
    var overall = [Double](repeating: 0, count: cells)
    for cell in 0..<cells {
      let hits = stride(from: cell, to: bought.count, by: cells).reduce(0) { $0 + bought[$1] }
      let cases = stride(from: cell, to: count.count, by: cells).reduce(0) { $0 + count[$1] }
      overall[cell] = hits / max(cases, 1)
    }
    return bought.indices.map { (bought[$0] + 30 * overall[$0 % cells]) / (count[$0] + 30) }
  }
}
