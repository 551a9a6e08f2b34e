import Foundation
import MathKernels

/// How well scores tell whom a treatment moves, with intervals.
///
/// ```swift
/// let found = try UpliftEvaluation(scores: scores, outcomes: outcomes, treated: treated, seed: 42)
/// found.qini.value   // with found.qini.interval
/// ```
/// Measure on customers that nothing was learned from. Intervals come from drawing customers anew within each arm (percentiles).
public struct UpliftEvaluation: Sendable, Codable, Equatable {
  /// A figure with its interval.
  public struct Figure: Sendable, Codable, Equatable {
    /// The figure.
    public var value: Double
    /// Where it lies.
    public var interval: ConfidenceInterval
  }

  /// The effect among the best customers.
  public struct Top: Sendable, Codable, Equatable {
    /// Their share of all.
    public var share: Double
    /// The effect on each; nil where one arm is missing among them.
    public var uplift: Figure?
  }

  /// Customers measured.
  public var customers: Int
  /// Those of them treated.
  public var treated: Int
  /// The effect over all of them.
  public var average: EffectEstimate
  /// The Qini coefficient, in outcomes for each treated customer.
  public var qini: Figure
  /// The area under the uplift curve, in outcomes for each customer.
  public var areaUnderUplift: Figure
  /// The Qini coefficient relative to perfect scores; nil for amounts.
  public var normalizedQini: Double?
  /// The area under the uplift curve relative to perfect scores; nil for amounts.
  public var normalizedUplift: Double?
  /// The effect among the best.
  public var top: [Top]
  /// The curves at some twenty shares of customers.
  public var curve: [UpliftCurve.Point]

  private static let shares = [0.1, 0.2, 0.3, 0.5]
  private static let curveSteps = 20

  /// Measures scores.
  ///
  /// - Parameter resamples: how many draws the intervals take.
  /// - Complexity: O(resamples × customers), on all cores.
  /// - Throws: `MarketingError`.
  public init(
    scores: [Double], outcomes: [Double], treated: [Bool], resamples: Int = 500, level: Double = 0.95,
    seed: UInt64 = 42
  ) throws {
    let curve = try UpliftCurve(scores: scores, outcomes: outcomes, treated: treated)
    (customers, self.treated) = (scores.count, curve.treatedCount)
    average = try TreatmentEffect.difference(outcomes: outcomes, treated: treated, level: level)
    let arms = [true, false].map { arm in treated.indices.filter { treated[$0] == arm } }
    let draws = parallelBlocks(max(1, resamples), blockSize: 16) { block in
      block.map { draw -> [Double] in
        let weights = Self.draw(arms, count: scores.count, seed: seed, draw: draw)
        let points = curve.reweighted(weights, scores: scores)
        return [
          UpliftCurve.area(points, \.qini, straight: true) / Double(curve.treatedCount),
          UpliftCurve.area(points, \.uplift, straight: false) / Double(scores.count),
        ] + Self.shares.map { Self.uplift(points, at: Int(Double(scores.count) * $0)) }
      }
    }.flatMap { $0 }
    func figure(_ value: Double, _ column: Int) -> Figure {
      let sorted = draws.map { $0[column] }.sorted()
      return Figure(
        value: value,
        interval: ConfidenceInterval(
          lower: Statistics.quantile(ofSorted: sorted, at: (1 - level) / 2),
          upper: Statistics.quantile(ofSorted: sorted, at: (1 + level) / 2), level: level))
    }
    qini = figure(curve.qiniCoefficient, 0)
    areaUnderUplift = figure(curve.areaUnderUplift, 1)
    (normalizedQini, normalizedUplift) = (curve.normalizedQini, curve.normalizedUplift)
    top = Self.shares.enumerated().map { place, share in
      Top(share: share, uplift: curve.uplift(atTop: share).map { figure($0, place + 2) })
    }
    self.curve = (0...Self.curveSteps).map { step in
      Self.point(curve.points, at: scores.count * step / Self.curveSteps)
    }
  }

  /// How often each customer is drawn, arm by arm.
  private static func draw(_ arms: [[Int]], count: Int, seed: UInt64, draw: Int) -> [Int] {
    var random = RandomSource(seed: seed, stream: UInt64(draw) + 1)
    var weights = [Int](repeating: 0, count: count)
    for arm in arms { for _ in arm { weights[arm[random.index(below: arm.count)]] += 1 } }
    return weights
  }

  /// The mean effect up to a number of customers, from the uplift curve.
  private static func uplift(_ points: [UpliftCurve.Point], at customers: Int) -> Double {
    point(points, at: customers).uplift / Double(max(1, customers))
  }

  /// The curves at a number of customers, straight between points.
  private static func point(_ points: [UpliftCurve.Point], at customers: Int) -> UpliftCurve.Point {
    let after = points.firstIndex { $0.customers >= customers } ?? points.count - 1
    let (next, before) = (points[after], points[max(0, after - 1)])
    let span = Double(next.customers - before.customers)
    let part = span > 0 ? Double(customers - before.customers) / span : 1
    return UpliftCurve.Point(
      customers: customers, qini: before.qini + part * (next.qini - before.qini),
      uplift: before.uplift + part * (next.uplift - before.uplift))
  }
}
