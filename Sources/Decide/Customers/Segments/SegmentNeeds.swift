import Commerce
import Features
import Foundation
import Learning
import Needs

/// What segments need: the mean strength of each category in each, against all customers.
///
/// ```swift
/// let needs = try SegmentNeeds(predictor: predictor).measure(states, groups: labels, count: 5, asOf: now)
/// needs[0].first     // what the first segment needs most beyond the others
/// ```
/// Strengths are probabilities to buy within the needs' horizon, so a mean is the expected share of the segment's customers who
/// will. A category is listed when the segment differs from the shop by more than twice its standard error, the greatest
/// differences first.
///
/// - Complexity: O(customers × categories × trees), on all cores.
/// - Throws: `LearningError.libraryFailure`, `CancellationError`.
public struct SegmentNeeds: Sendable {
  /// What foretells needs.
  public var predictor: NeedPredictor
  /// How many categories a segment has at most.
  public var most: Int

  /// The measure.
  public init(predictor: NeedPredictor, most: Int = 12) { (self.predictor, self.most) = (predictor, most) }

  private static let blockSize = 4_096

  /// Measures.
  ///
  /// - Parameter groups: for each partition the group of each state, −1 for none, and how many groups there are.
  /// - Parameter weights: how many customers each group stands for, where states are a sample of each; nil for as many as there are.
  /// - Returns: for each partition the needs of each group.
  public func measure(
    _ states: [CustomerState], groups: [(labels: [Int32], count: Int)], weights: [Double]? = nil,
    asOf moment: Timestamp
  ) throws -> [[[ShopSegments.Need]]] {
    let width = predictor.space.count
    var tallies = groups.map { Tally(groups: $0.count, width: width) }
    for start in stride(from: 0, to: states.count, by: Self.blockSize) {
      try Task.checkCancellation()
      let block = start..<min(states.count, start + Self.blockSize)
      let strengths = try predictor.strengths(of: Array(states[block]), asOf: moment)
      for (place, group) in groups.enumerated() {
        for row in block where group.labels[row] >= 0 {
          tallies[place].add(strengths, from: (row - start) * width, to: Int(group.labels[row]))
        }
      }
    }
    let subjects = (0..<width).map { predictor.subject(ofColumn: $0).id }
    return tallies.map { $0.needs(subjects, most: most, weights: weights) }
  }

  private struct Tally {
    let width: Int
    var counts: [Int]
    var sums: [Double]
    var squares: [Double]

    init(groups: Int, width: Int) {
      self.width = width
      counts = [Int](repeating: 0, count: groups)
      sums = [Double](repeating: 0, count: groups * width)
      squares = sums
    }

    mutating func add(_ strengths: [Float], from start: Int, to group: Int) {
      counts[group] += 1
      for column in 0..<width {
        let value = Double(strengths[start + column])
        sums[group * width + column] += value
        squares[group * width + column] += value * value
      }
    }

    func needs(_ subjects: [String], most: Int, weights: [Double]?) -> [[ShopSegments.Need]] {
      let weights = weights ?? counts.map(Double.init)
      let all = max(1, weights.reduce(0, +))
      let overall = (0..<width).map { column in
        counts.indices.reduce(0) { sum, group in
          counts[group] > 0
            ? sum + weights[group] / all * sums[group * width + column] / Double(counts[group]) : sum
        }
      }
      return counts.indices.map { group in
        guard counts[group] > 1 else { return [] }
        let size = Double(counts[group])
        let found = (0..<width).map { column -> ShopSegments.Need in
          let mean = sums[group * width + column] / size
          let variance = max(0, squares[group * width + column] / size - mean * mean)
          return ShopSegments.Need(
            category: subjects[column], strength: mean, error: (variance / (size - 1)).squareRoot(),
            overall: overall[column], customers: counts[group])
        }
        return Array(
          found.filter { abs($0.strength - $0.overall) > 2 * $0.error }
            .sorted { abs($1.strength - $1.overall) < abs($0.strength - $0.overall) }.prefix(most))
      }
    }
  }
}
