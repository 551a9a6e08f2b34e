import MathKernels

/// Chooses what is relevant and unlike what is already chosen.
///
/// Source: Carbonell and Goldstein (1998), https://doi.org/10.1145/290941.291025
public enum MaximalMarginalRelevance {
  /// Up to `count` of the candidates, in the order in which they are chosen; the lower index first among equals.
  ///
  /// ```swift
  /// MaximalMarginalRelevance.choose(5, of: members, rows, similarityToCentre, 0.6)
  /// ```
  /// - Parameters:
  ///   - candidates: rows to choose from.
  ///   - rows: vectors of unit length.
  ///   - relevance: how relevant each row is.
  ///   - weight: how much relevance counts against likeness, from 0 to 1.
  /// - Complexity: O(count × candidates × columns).
  public static func choose(
    _ count: Int, of candidates: [Int], _ rows: Matrix<Float>, _ relevance: [Float], _ weight: Double
  ) -> [Int] {
    var chosen: [Int] = []
    var nearest = [Float](repeating: 0, count: candidates.count)
    var open = Array(candidates.indices)
    while chosen.count < count, !open.isEmpty {
      func value(_ place: Int) -> Double {
        weight * Double(relevance[candidates[place]]) - (1 - weight) * Double(nearest[place])
      }
      guard let best = open.max(by: { (value($0), $1) < (value($1), $0) }) else { break }
      chosen.append(candidates[best])
      open.removeAll { $0 == best }
      for place in open {
        let cosine = zip(rows.row(candidates[place]), rows.row(candidates[best])).reduce(Float(0)) {
          $0 + $1.0 * $1.1
        }
        nearest[place] = max(nearest[place], cosine)
      }
    }
    return chosen
  }
}
