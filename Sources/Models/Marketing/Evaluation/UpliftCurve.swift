import Foundation

/// What treating the best share of customers first would have brought, for each share: the Qini and the uplift curve.
///
/// ```swift
/// let curve = try UpliftCurve(scores: scores, outcomes: outcomes, treated: treated)
/// curve.qiniCoefficient      // area between the Qini curve and the straight line to its end
/// curve.uplift(atTop: 0.3)   // the effect among the 30 % with the highest scores
/// ```
/// Customers with the same score enter together. At n customers, of whom a treated and b not, the Qini curve is
/// Y₁ − Y₀·a/b and the uplift curve (Y₁/a − Y₀/b)·n, with Y₁ and Y₀ the sums of their outcomes; a mean over nobody counts as 0.
/// Source: Radcliffe (2007), "Using control groups to target on predicted lift", Direct Marketing Analytics Journal 1, 14–21;
/// Gutierrez and Gérardy (2017), https://proceedings.mlr.press/v67/gutierrez17a.html
///
/// - Complexity: O(customers × log customers).
public struct UpliftCurve: Sendable {
  /// One point of the curves.
  public struct Point: Sendable, Codable, Equatable {
    /// How many customers are treated first.
    public var customers: Int
    /// The Qini curve: outcomes won among the treated.
    public var qini: Double
    /// The uplift curve: outcomes won when all those customers are treated.
    public var uplift: Double
  }

  /// The points, from nobody to all.
  public let points: [Point]
  /// How many customers were treated.
  public let treatedCount: Int
  private let outcomes: [Double]
  private let treated: [Bool]
  /// Rows from the highest score down.
  private let order: [Int]

  /// The curves of these scores.
  ///
  /// - Throws: `MarketingError` when the arrays differ in length, numbers are not finite, or an arm is empty.
  public init(scores: [Double], outcomes: [Double], treated: [Bool]) throws {
    guard scores.count == outcomes.count, scores.count == treated.count, scores.allSatisfy(\.isFinite),
      outcomes.allSatisfy(\.isFinite)
    else {
      throw MarketingError.shapeMismatch(
        expected: "as many finite scores and outcomes as treatments",
        found: "\(scores.count), \(outcomes.count) and \(treated.count)")
    }
    treatedCount = treated.count { $0 }
    guard treatedCount > 0, treatedCount < treated.count else {
      throw MarketingError.notEnoughData(
        needed: "customers in both arms", found: "\(treatedCount) treated of \(treated.count)")
    }
    (self.outcomes, self.treated) = (outcomes, treated)
    order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    points = Self.points(order, scores: scores, outcomes, treated)
  }

  private static func points(
    _ order: [Int], scores: [Double], _ outcomes: [Double], _ treated: [Bool], weights: [Int]? = nil
  ) -> [Point] {
    var points = [Point(customers: 0, qini: 0, uplift: 0)]
    var sums = Sums()
    for (place, row) in order.enumerated() {
      sums.add(outcomes[row], isTreated: treated[row], times: weights?[row] ?? 1)
      let isLast = place + 1 == order.count
      if isLast || scores[order[place + 1]] != scores[row] { points.append(sums.point) }
    }
    return points
  }

  /// What has been added up so far.
  struct Sums {
    var (with, without) = (0.0, 0.0)
    var (treated, controls) = (0, 0)

    mutating func add(_ outcome: Double, isTreated: Bool, times: Int) {
      if isTreated {
        with += outcome * Double(times)
        treated += times
      } else {
        without += outcome * Double(times)
        controls += times
      }
    }

    var point: Point {
      let (a, b) = (Double(treated), Double(controls))
      let qini = with - (controls > 0 ? without * a / b : 0)
      let uplift = ((treated > 0 ? with / a : 0) - (controls > 0 ? without / b : 0)) * (a + b)
      return Point(customers: treated + controls, qini: qini, uplift: uplift)
    }
  }

  /// The area between the Qini curve and the straight line to its end, in outcomes for each treated customer.
  ///
  /// 0 for scores that say nothing, negative for scores that mislead.
  public var qiniCoefficient: Double {
    Self.area(points, \.qini, straight: true) / Double(max(1, treatedCount))
  }

  /// The area under the uplift curve (AUUC), in outcomes for each customer: half the mean effect for scores that say nothing.
  public var areaUnderUplift: Double { Self.area(points, \.uplift, straight: false) / Double(treated.count) }

  /// The effect among the customers with the highest scores, this share of all; nil where one arm is missing among them.
  public func uplift(atTop share: Double) -> Double? {
    var sums = Sums()
    for row in order.prefix(Int(Double(order.count) * share)) {
      sums.add(outcomes[row], isTreated: treated[row], times: 1)
    }
    guard sums.treated > 0, sums.controls > 0 else { return nil }
    return sums.with / Double(sums.treated) - sums.without / Double(sums.controls)
  }

  /// The Qini coefficient relative to that of perfect scores; nil for outcomes other than 0 and 1.
  ///
  /// As in scikit-uplift's `qini_auc_score`: perfect scores put treated buyers first and buyers who were not treated last.
  public var normalizedQini: Double? {
    guard isBinary else { return nil }
    let perfect = order.indices.map { row in outcomes[row] * (treated[row] ? 1 : -1) }
    return ratio(perfect, \.qini)
  }

  /// The area between the uplift curve and the straight line, relative to that of perfect scores; nil for outcomes other than 0
  /// and 1. As in scikit-uplift's `uplift_auc_score`.
  public var normalizedUplift: Double? {
    guard isBinary else { return nil }
    let buyers = order.indices.count { outcomes[$0] == 1 && !treated[$0] }
    let others = order.indices.count { outcomes[$0] == 0 && treated[$0] }
    let perfect = order.indices.map { row -> Double in
      let agrees = (outcomes[row] == 1) == treated[row] ? 2.0 : 0
      return agrees + (buyers > others ? outcomes[row] : treated[row] ? 1 : 0)
    }
    return ratio(perfect, \.uplift)
  }

  private var isBinary: Bool { outcomes.allSatisfy { $0 == 0 || $0 == 1 } }

  private func ratio(_ perfect: [Double], _ figure: KeyPath<Point, Double>) -> Double? {
    let best = perfect.indices.sorted { (perfect[$0], $1) > (perfect[$1], $0) }
    let ideal = Self.area(
      Self.points(best, scores: perfect, outcomes, treated), figure, straight: true)
    return ideal == 0 ? nil : Self.area(points, figure, straight: true) / ideal
  }

  /// The area under a curve over the share of customers, by trapezoids; less that of the straight line to its end where asked.
  static func area(_ points: [Point], _ figure: KeyPath<Point, Double>, straight: Bool) -> Double {
    guard let last = points.last, last.customers > 0 else { return 0 }
    var area = 0.0
    for (point, next) in zip(points, points.dropFirst()) {
      area += Double(next.customers - point.customers) * (point[keyPath: figure] + next[keyPath: figure]) / 2
    }
    return area / Double(last.customers) - (straight ? last[keyPath: figure] / 2 : 0)
  }

  /// The curves when each customer counts this often.
  func reweighted(_ weights: [Int], scores: [Double]) -> [Point] {
    Self.points(order, scores: scores, outcomes, treated, weights: weights)
  }
}
