import Foundation
import MathKernels

/// Credits of touch points, and the chain of all journeys.
struct AttributionTally: Sendable {
  let points: Int
  let models: [AttributionQuestion.Model]
  /// Journeys that ended in a conversion; conversions without a touch; journeys that led nowhere.
  private(set) var attributed = 0
  private(set) var untouched = 0
  private(set) var lost = 0
  /// The value of conversions with a touch.
  private(set) var value = 0.0
  private(set) var touches: [Int]
  private(set) var customers: [Int]
  private(set) var converting: [Int]
  /// By model and touch point.
  private var conversions: [Double]
  private var values: [Double]
  /// From a state to another: the start, the touch points, a conversion, nothing.
  private var moves: [Int]
  private var last: [Int]
  private var lastConverting: [Int]
  /// Memory for the weights of one journey.
  private var weights: [Double] = []

  init(points: Int, models: [AttributionQuestion.Model]) {
    self.points = points
    self.models = models
    touches = .init(repeating: 0, count: points)
    customers = touches
    converting = touches
    conversions = .init(repeating: 0, count: points * models.count)
    values = conversions
    moves = .init(repeating: 0, count: (points + 3) * (points + 3))
    last = .init(repeating: -1, count: points)
    lastConverting = last
  }

  private var width: Int { points + 3 }

  /// Adds a conversion and the touches before it.
  mutating func add(
    _ journey: ArraySlice<(time: Int64, point: Int)>, at time: Int64, value: Double, halfLife: Double
  ) {
    guard let first = journey.first, let end = journey.last else {
      untouched += 1
      return
    }
    attributed += 1
    self.value += value
    for (place, model) in models.enumerated() {
      switch model {
      case .first: credit(place, first.point, 1, value)
      case .last: credit(place, end.point, 1, value)
      case .linear: for touch in journey { credit(place, touch.point, 1 / Double(journey.count), value) }
      case .timeDecay:
        // Ages count from the last touch, which leaves the shares as they are and never underflows all of them.
        weights.removeAll(keepingCapacity: true)
        for touch in journey { weights.append(exp2(-Double(end.time - touch.time) / halfLife)) }
        let sum = weights.reduce(0, +)
        for (touch, weight) in zip(journey, weights) { credit(place, touch.point, weight / sum, value) }
      case .position: creditEnds(place, journey, value)
      case .shapley:
        // At most 60 touch points beside the missing and the others are told apart, one bit each.
        var different = journey.reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1.point) }
        let part = 1 / Double(different.nonzeroBitCount)
        while different != 0 {
          credit(place, different.trailingZeroBitCount, part, value)
          different &= different - 1
        }
      case .markov: walk(journey, to: points + 1)
      }
    }
  }

  private mutating func creditEnds(
    _ model: Int, _ journey: ArraySlice<(time: Int64, point: Int)>, _ value: Double
  ) {
    let count = journey.count
    for (place, touch) in journey.enumerated() {
      let part: Double
      if count <= 2 {
        part = 1 / Double(count)
      } else {
        part = place == 0 || place == count - 1 ? 0.4 : 0.2 / Double(count - 2)
      }
      credit(model, touch.point, part, value)
    }
  }

  private mutating func credit(_ model: Int, _ point: Int, _ part: Double, _ value: Double) {
    conversions[model * points + point] += part
    values[model * points + point] += part * value
  }

  /// States: 0 the start, 1… the touch points, then a conversion and nothing.
  private mutating func walk(_ journey: ArraySlice<(time: Int64, point: Int)>, to end: Int) {
    var state = 0
    for touch in journey {
      moves[state * width + touch.point + 1] += 1
      state = touch.point + 1
    }
    moves[state * width + end] += 1
  }

  /// Adds all touches of a customer; those after the last conversion are a journey that led nowhere.
  mutating func addTouches(_ all: [(time: Int64, point: Int)], _ customer: Int, converted: Int) {
    for (place, touch) in all.enumerated() {
      touches[touch.point] += 1
      if last[touch.point] != customer {
        last[touch.point] = customer
        customers[touch.point] += 1
      }
      if place < converted, lastConverting[touch.point] != customer {
        lastConverting[touch.point] = customer
        converting[touch.point] += 1
      }
    }
    guard converted < all.count else { return }
    lost += 1
    if models.contains(.markov) { walk(all[converted...], to: points + 2) }
  }

  mutating func add(_ other: AttributionTally) {
    attributed += other.attributed
    untouched += other.untouched
    lost += other.lost
    value += other.value
    touches.add(other.touches)
    customers.add(other.customers)
    converting.add(other.converting)
    conversions.add(other.conversions)
    values.add(other.values)
    moves.add(other.moves)
  }

  /// The conversions and the value that a model gives to each touch point.
  func credits(_ model: AttributionQuestion.Model) -> (conversions: [Double], values: [Double]) {
    guard model != .markov else {
      let shares = MarkovChain(moves: moves, points: points).removalShares()
      return (shares.map { $0 * Double(attributed) }, shares.map { $0 * value })
    }
    guard let place = models.firstIndex(of: model) else { return ([], []) }
    let own = place * points..<(place + 1) * points
    return (Array(conversions[own]), Array(values[own]))
  }
}

/// A first-order chain from a start over touch points to a conversion or to nothing.
///
/// ```swift
/// // One journey over the first of two touch points converts, one over the second does not.
/// MarkovChain(moves: [0,1,1,0,0, 0,0,0,1,0, 0,0,0,0,1, 0,0,0,0,0, 0,0,0,0,0], points: 2).removalShares()   // [1, 0]
/// ```
public struct MarkovChain: Sendable {
  private let moves: [Int]
  private let points: Int

  /// A chain from how often each move was made.
  ///
  /// - Parameter moves: row by row, from the start, the touch points, a conversion and nothing, to the same.
  public init(moves: [Int], points: Int) {
    precondition(moves.count == (points + 3) * (points + 3), "a square of moves")
    self.moves = moves
    self.points = points
  }

  /// The probability of a conversion from the start; when a touch point is removed, moves to it lead to nothing.
  ///
  /// - Complexity: O(points³).
  public func conversion(without removed: Int? = nil) -> Double {
    let (states, width) = (points + 1, points + 3)
    // (I − Q) x = r: x is the probability of a conversion from each state, r that of one at once.
    var rows: [[Double]] = (0..<states).map { state in
      let counts = moves[state * width..<(state + 1) * width]
      let total = Double(counts.reduce(0, +))
      var row = [Double](repeating: 0, count: states + 1)
      row[state] = 1
      guard total > 0, state != removed.map({ $0 + 1 }) else { return row }
      for other in 1..<states where other != removed.map({ $0 + 1 }) {
        row[other] -= Double(counts[state * width + other]) / total
      }
      row[states] = Double(counts[state * width + points + 1]) / total
      return row
    }
    Self.solve(&rows)
    return rows[0][states]
  }

  /// Gauss–Jordan elimination with partial pivoting; the last column then holds the solution.
  private static func solve(_ rows: inout [[Double]]) {
    let count = rows.count
    for column in 0..<count {
      let pivot = (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      rows.swapAt(column, pivot)
      // A state that is never left has no way to a conversion: its row is that of the identity.
      guard abs(rows[column][column]) > 1e-14 else { continue }
      for place in stride(from: count, through: column, by: -1) {
        rows[column][place] /= rows[column][column]
      }
      for row in 0..<count where row != column && rows[row][column] != 0 {
        let factor = rows[row][column]
        for place in column...count { rows[row][place] -= factor * rows[column][place] }
      }
    }
  }

  /// Each touch point's part of the conversions that are lost when one is removed; zeros when there are none.
  ///
  /// - Complexity: O(points⁴).
  public func removalShares() -> [Double] {
    let whole = conversion()
    guard whole > 0 else { return .init(repeating: 0, count: points) }
    let effects = (0..<points).map { max(0, 1 - conversion(without: $0) / whole) }
    let sum = effects.reduce(0, +)
    return effects.map { sum > 0 ? $0 / sum : 0 }
  }
}
