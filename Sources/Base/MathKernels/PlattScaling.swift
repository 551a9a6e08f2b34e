import Foundation

/// A logistic curve from scores to probabilities: `1 / (1 + exp(slope · score + offset))`.
///
/// ```swift
/// let curve = try PlattScaling(scores: [-2, -1, 1, 2], labels: [false, false, true, true])
/// curve(3)   // about 0.9
/// ```
/// Fitted by Newton's method with backtracking on Platt's smoothed targets, as Lin, Lin and Weng (2007) correct it:
/// https://doi.org/10.1007/s10994-007-5018-6
public struct PlattScaling: Sendable, Codable, Equatable {
  /// What a unit of score adds to the log-odds of "no".
  public let slope: Double
  /// The log-odds of "no" at a score of zero.
  public let offset: Double

  /// Learns the curve from scores and what came true.
  ///
  /// - Complexity: O(n) per Newton step, at most 100 steps.
  /// - Throws: `MathError.shapeMismatch` when the arrays differ in length or are empty, `invalidParameter` when a score is
  ///   not finite.
  public init(scores: [Double], labels: [Bool]) throws {
    guard !scores.isEmpty, scores.count == labels.count else {
      throw MathError.shapeMismatch(
        expected: "as many labels as scores, at least one",
        found: "\(scores.count) scores, \(labels.count) labels")
    }
    guard scores.allSatisfy(\.isFinite) else {
      throw MathError.invalidParameter(name: "scores", value: "not finite", expected: "finite numbers")
    }
    let positives = Double(labels.lazy.filter { $0 }.count)
    let negatives = Double(labels.count) - positives
    let (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2))
    let targets = labels.map { $0 ? high : low }
    (slope, offset) = Self.minimize(scores, targets, startingAt: (0, log((negatives + 1) / (positives + 1))))
  }

  /// The probability at a score.
  public func callAsFunction(_ score: Double) -> Double {
    let logit = slope * score + offset
    return logit >= 0 ? exp(-logit) / (1 + exp(-logit)) : 1 / (1 + exp(logit))
  }

  private static func loss(_ scores: [Double], _ targets: [Double], _ a: Double, _ b: Double) -> Double {
    var sum = 0.0
    for (score, target) in zip(scores, targets) {
      let logit = score * a + b
      sum += logit >= 0 ? target * logit + log1p(exp(-logit)) : (target - 1) * logit + log1p(exp(logit))
    }
    return sum
  }

  private static func minimize(
    _ scores: [Double], _ targets: [Double], startingAt start: (Double, Double)
  ) -> (Double, Double) {
    var (a, b) = start
    var current = loss(scores, targets, a, b)
    for _ in 0..<100 {
      // The ridge of 1e-12 keeps the Hessian invertible when all scores are equal.
      var (h11, h22, h21, g1, g2) = (1e-12, 1e-12, 0.0, 0.0, 0.0)
      for (score, target) in zip(scores, targets) {
        let logit = score * a + b
        let p = logit >= 0 ? exp(-logit) / (1 + exp(-logit)) : 1 / (1 + exp(logit))
        let (curvature, error) = (p * (1 - p), target - p)
        h11 += score * score * curvature
        h22 += curvature
        h21 += score * curvature
        g1 += score * error
        g2 += error
      }
      if abs(g1) < 1e-9, abs(g2) < 1e-9 { break }
      let determinant = h11 * h22 - h21 * h21
      let stepA = -(h22 * g1 - h21 * g2) / determinant
      let stepB = -(h11 * g2 - h21 * g1) / determinant
      let descent = g1 * stepA + g2 * stepB
      var size = 1.0
      var accepted = false
      while size >= 1e-10 {
        let candidate = loss(scores, targets, a + size * stepA, b + size * stepB)
        if candidate < current + 1e-4 * size * descent {
          (a, b, current, accepted) = (a + size * stepA, b + size * stepB, candidate, true)
          break
        }
        size /= 2
      }
      if !accepted { break }
    }
    return (a, b)
  }
}
