import Foundation

/// Nodes and weights that integrate every polynomial of degree 2n − 1 over −1…1 exactly.
///
/// ```swift
/// let rule = GaussLegendre(order: 16)
/// zip(rule.nodes, rule.weights).reduce(0) { $0 + $1.1 * exp($1.0) }     // e − 1/e
/// ```
/// The nodes are the roots of the Legendre polynomial, found by Newton's method. Source: NIST Digital Library of
/// Mathematical Functions, 3.5(v), https://dlmf.nist.gov/3.5
public struct GaussLegendre: Sendable, Equatable {
  /// Where the function is taken, ascending, inside −1…1.
  public let nodes: [Double]
  /// What each node counts; their sum is 2.
  public let weights: [Double]

  /// A rule of `order` nodes, at least one.
  ///
  /// - Complexity: O(order²).
  public init(order: Int) {
    precondition(order > 0, "a rule has at least one node")
    var (nodes, weights): ([Double], [Double]) = ([], [])
    for index in 0..<order {
      var x = -cos(Double.pi * (Double(index) + 0.75) / (Double(order) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        let value: Double
        (value, slope) = Self.legendre(order, x)
        let step = value / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      slope = Self.legendre(order, x).slope
      nodes.append(x)
      weights.append(2 / ((1 - x * x) * slope * slope))
    }
    (self.nodes, self.weights) = (nodes, weights)
  }

  private static func legendre(_ order: Int, _ x: Double) -> (value: Double, slope: Double) {
    var (before, value) = (1.0, x)
    for degree in stride(from: 2, through: order, by: 1) {
      let n = Double(degree)
      (before, value) = (value, ((2 * n - 1) * x * value - (n - 1) * before) / n)
    }
    return (value, Double(order) * (x * value - before) / (x * x - 1))
  }
}
