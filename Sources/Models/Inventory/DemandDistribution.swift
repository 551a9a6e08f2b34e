import Foundation
import MathKernels

/// How much may be asked for in a stretch of time: normal, Poisson, or what was seen or drawn.
///
/// ```swift
/// let demand = DemandDistribution.poisson(mean: 6)
/// demand.quantile(0.95)     // 10
/// demand.shortage(8)        // the mean demand that a stock of 8 leaves unserved
/// ```
/// Source of the loss functions: Snyder and Shen (2019), Fundamentals of Supply Chain Theory, appendix C,
/// https://doi.org/10.1002/9781119584445
public enum DemandDistribution: Sendable, Equatable {
  /// Normal, of this mean and standard deviation.
  case normal(mean: Double, deviation: Double)
  /// Poisson, of this mean.
  case poisson(mean: Double)
  /// As likely one of these values as another, such as the sample paths of a forecast.
  case empirical([Double])

  /// The mean.
  public var mean: Double {
    switch self {
    case .normal(let mean, _): mean
    case .poisson(let mean): mean
    case .empirical(let values): values.reduce(0, +) / Double(values.count)
    }
  }

  /// The standard deviation.
  public var deviation: Double {
    switch self {
    case .normal(_, let deviation): return deviation
    case .poisson(let mean): return mean.squareRoot()
    case .empirical(let values):
      let mean = self.mean
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(values.count)).squareRoot()
    }
  }

  /// Whether stock comes in whole units.
  public var isDiscrete: Bool {
    if case .poisson = self { true } else { false }
  }

  /// The probability that no more than `stock` is asked for.
  public func cumulative(_ stock: Double) -> Double {
    switch self {
    case .normal(let mean, let deviation):
      return deviation > 0 ? NormalDistribution.cumulative((stock - mean) / deviation) : stock >= mean ? 1 : 0
    case .poisson(let mean):
      return stock < 0 ? 0 : PoissonTable(mean: mean, upTo: Int(stock.rounded(.down))).cumulative.last ?? 0
    case .empirical(let values):
      return Double(values.count { $0 <= stock }) / Double(values.count)
    }
  }

  /// The least stock that suffices with this probability.
  public func quantile(_ probability: Double) -> Double {
    switch self {
    case .normal(let mean, let deviation):
      return deviation > 0 ? mean + deviation * NormalDistribution.quantile(probability) : mean
    case .poisson(let mean):
      return Double(PoissonTable.quantile(mean: mean, probability))
    case .empirical(let values):
      let sorted = values.sorted()
      let rank = (probability * Double(sorted.count) - 1e-9).rounded(.up)
      return sorted[min(max(Int(rank), 1), sorted.count) - 1]
    }
  }

  /// The mean demand above `stock`: E[(D − stock)⁺], the loss function n(stock).
  public func shortage(_ stock: Double) -> Double {
    switch self {
    case .normal(let mean, let deviation):
      guard deviation > 0 else { return max(0, mean - stock) }
      let z = (stock - mean) / deviation
      return deviation * (NormalDistribution.density(z) - z * NormalDistribution.cumulative(-z))
    case .poisson(let mean):
      return mean - stock + surplus(stock)
    case .empirical(let values):
      return values.reduce(0) { $0 + max(0, $1 - stock) } / Double(values.count)
    }
  }

  /// The mean stock left over: E[(stock − D)⁺].
  public func surplus(_ stock: Double) -> Double {
    guard case .poisson(let mean) = self else { return stock - self.mean + shortage(stock) }
    guard stock > 0 else { return 0 }
    let table = PoissonTable(mean: mean, upTo: Int(stock.rounded(.down)))
    return table.probability.indices.reduce(0) { $0 + (stock - Double($1)) * table.probability[$1] }
  }

  /// The demand in several independent stretches of time; empirical values are scaled in mean and spread.
  func over(_ stretches: Double) -> DemandDistribution {
    switch self {
    case .normal(let mean, let deviation):
      return .normal(mean: mean * stretches, deviation: deviation * stretches.squareRoot())
    case .poisson(let mean): return .poisson(mean: mean * stretches)
    case .empirical(let values):
      let mean = self.mean
      return .empirical(values.map { mean * stretches + ($0 - mean) * stretches.squareRoot() })
    }
  }

  func validate() throws {
    switch self {
    case .normal(let mean, let deviation):
      try InventoryError.requireNonnegative(["mean": mean, "deviation": deviation])
    case .poisson(let mean):
      try InventoryError.requireNonnegative(["mean": mean])
      if mean > 1e6 {
        throw InventoryError.invalidParameter(name: "mean", value: mean, expected: "at most a million")
      }
    case .empirical(let values):
      if values.isEmpty { throw InventoryError.empty(name: "values") }
      for value in values { try InventoryError.requireNonnegative(["values": value]) }
    }
  }
}

/// The probabilities of a Poisson distribution from 0 on.
struct PoissonTable {
  var probability: [Double]
  var cumulative: [Double]

  init(mean: Double, upTo last: Int) {
    (probability, cumulative) = ([], [])
    var total = 0.0
    for count in 0...max(0, last) {
      let value = Self.probability(count, mean)
      probability.append(value)
      total += value
      cumulative.append(min(1, total))
    }
  }

  static func probability(_ count: Int, _ mean: Double) -> Double {
    if mean == 0 { return count == 0 ? 1 : 0 }
    return exp(Double(count) * log(mean) - mean - lgamma(Double(count) + 1))
  }

  static func quantile(mean: Double, _ probability: Double) -> Int {
    var (count, total) = (0, 0.0)
    let limit = Int(mean + 40 * mean.squareRoot() + 100)
    while count < limit {
      total += Self.probability(count, mean)
      if total >= probability { return count }
      count += 1
    }
    return limit
  }
}
