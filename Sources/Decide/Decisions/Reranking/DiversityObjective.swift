import Foundation

/// What a candidate is worth at the next place of a page, given those already chosen: its own score, less for being like
/// them.
///
/// ```swift
/// var objective = DiversityObjective(.mmr, strength: 0.3, scores: [1, 0.9], likeness: { _, _ in 1 })
/// objective.choose(0)
/// objective.gain(of: 1)     // 0.7 · 0.9 − 0.3 · 1
/// ```
/// With `mmr`, maximal marginal relevance: `(1 − s) · score − s · max likeness to those chosen`. With `dpp`, the greedy
/// maximum a posteriori of a determinantal point process with kernel `q(i) · likeness(i, j) · q(j)`, `q = exp(a · score)`,
/// `a = (1 − s) / 2s`; the gain is the logarithm of the candidate's conditional variance over 2a, so that without any
/// likeness it is the score.
///
/// Sources: Carbonell and Goldstein (1998), https://doi.org/10.1145/290941.291025; Chen, Zhang and Zhou (2018),
/// https://arxiv.org/abs/1709.05135.
///
/// - Complexity: `choose` is O(candidates) for `mmr`, O(candidates × chosen) for `dpp`; `gain` is O(1).
struct DiversityObjective {
  private let scores: [Double]
  private let likeness: (Int, Int) -> Double
  private let method: DiversityMethod
  private let strength: Double
  // mmr: the greatest likeness to one chosen.
  private var nearest: [Double]
  // dpp: what is left of each candidate's likeness to itself, and its row of the Cholesky factor.
  private var residual: [Double]
  private var rows: [[Double]]

  /// - Parameters:
  ///   - strength: 0 for scores alone, up to 1.
  ///   - scores: of the candidates, at most about 1.
  ///   - likeness: of two candidates, from 0 to 1.
  init(
    _ method: DiversityMethod, strength: Double, scores: [Double],
    likeness: @escaping (Int, Int) -> Double
  ) {
    self.method = method
    self.strength = min(max(strength, 0), 1)
    self.scores = scores
    self.likeness = likeness
    nearest = [Double](repeating: 0, count: scores.count)
    residual = [Double](repeating: 1, count: scores.count)
    rows = method == .dpp ? [[Double]](repeating: [], count: scores.count) : []
  }

  /// What the candidate is worth next.
  func gain(of candidate: Int) -> Double {
    switch method {
    case .mmr: return (1 - strength) * scores[candidate] - strength * nearest[candidate]
    case .dpp:
      guard strength > 0 else { return scores[candidate] }
      // log(q² · residual) / 2a; at full strength scores no longer count.
      let spread = log(max(residual[candidate], 1e-12))
      return strength < 1 ? scores[candidate] + spread * strength / (1 - strength) : spread
    }
  }

  /// Takes a candidate onto the page.
  mutating func choose(_ candidate: Int) {
    guard strength > 0 else { return }
    switch method {
    case .mmr:
      for other in scores.indices { nearest[other] = max(nearest[other], likeness(candidate, other)) }
    case .dpp:
      let root = max(residual[candidate], 1e-12).squareRoot()
      let own = rows[candidate]
      for other in scores.indices {
        let known = zip(own, rows[other]).reduce(0) { $0 + $1.0 * $1.1 }
        let entry = (likeness(candidate, other) - known) / root
        rows[other].append(entry)
        residual[other] -= entry * entry
      }
    }
  }
}
