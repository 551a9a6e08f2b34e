import Foundation

/// How far a page's mix of categories is from the customer's own.
///
/// ```swift
/// var mix = CalibrationObjective(target: [0: 0.7, 1: 0.3])
/// mix.choose(0)
/// mix.divergence(adding: 1) < mix.divergence(adding: 0)   // true
/// ```
/// The Kullback–Leibler divergence of the page's shares from the target's, the page's mixed with a hundredth of the target
/// so that it stays finite.
///
/// Source: Steck (2018), https://doi.org/10.1145/3240323.3240372.
///
/// - Complexity: O(categories of the target) for a divergence.
struct CalibrationObjective {
  private static let smoothing = 0.01
  private let target: [Int32: Double]
  private var counts: [Int32: Double] = [:]
  private var total = 0.0

  /// - Parameter target: the shares of the customer's categories; they are scaled to add up to one.
  init(target: [Int32: Double]) {
    let sum = target.values.reduce(0, +)
    self.target = sum > 0 ? target.filter { $0.value > 0 }.mapValues { $0 / sum } : [:]
  }

  /// The divergence of a page of what was chosen and one item of this category more; 0 without a target.
  func divergence(adding category: Int32) -> Double {
    let size = total + 1
    var sum = 0.0
    for (code, share) in target.sorted(by: { $0.key < $1.key }) {
      let own = ((counts[code] ?? 0) + (code == category ? 1 : 0)) / size
      sum += share * log(share / ((1 - Self.smoothing) * own + Self.smoothing * share))
    }
    return sum
  }

  /// Takes an item of a category onto the page.
  mutating func choose(_ category: Int32) {
    counts[category, default: 0] += 1
    total += 1
  }
}
