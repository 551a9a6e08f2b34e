import Foundation
import MathKernels

extension CoxSample {
  /// What one time, at which customers left, says of the score: sums over Efron's terms.
  private struct Term {
    /// The hazard, and the same times the mean covariates of those at risk.
    var hazard = 0.0
    var hazardMean: [Double]
    /// The same as far as it falls on those who left, who count ever less from term to term.
    var ownHazard = 0.0
    var ownHazardMean: [Double]
    /// The mean over terms of the mean covariates of those at risk.
    var mean: [Double]
  }

  /// Each customer's part in the score, a row for each.
  ///
  /// - Complexity: O(n · d).
  func scoreResiduals(_ point: [Double]) -> Matrix<Double> {
    var risk = Sums(point.count)
    let terms = ties.map { tie in
      for row in tie.rows { risk.add(weights[row] * exp(margin(row, point)), rows.row(row)) }
      return term(tie, risk, point)
    }
    var result = Matrix<Double>(rows: count, columns: point.count)
    var (lived, livedMean) = (0.0, point.map { _ in 0.0 })
    // Customers have lived through the hazards of all shorter times, which come later in the order.
    for (tie, term) in zip(ties, terms).reversed() {
      let left = Set(tie.left)
      for row in tie.rows {
        let (ratio, isLeft) = (exp(margin(row, point)), left.contains(row))
        let hazard = lived + (isLeft ? term.ownHazard : term.hazard)
        for column in point.indices {
          let x = rows[row, column]
          let mean = livedMean[column] + (isLeft ? term.ownHazardMean[column] : term.hazardMean[column])
          let gain = isLeft ? x - term.mean[column] : 0
          result[row, column] = weights[row] * (gain - ratio * (x * hazard - mean))
        }
      }
      lived += term.hazard
      for column in point.indices { livedMean[column] += term.hazardMean[column] }
    }
    return result
  }

  private func term(_ tie: Tie, _ risk: Sums, _ point: [Double]) -> Term {
    let zeros = point.map { _ in 0.0 }
    var term = Term(hazardMean: zeros, ownHazardMean: zeros, mean: zeros)
    guard !tie.left.isEmpty else { return term }
    var gone = Sums(point.count)
    for row in tie.left { gone.add(weights[row] * exp(margin(row, point)), rows.row(row)) }
    let steps = Double(tie.left.count)
    let weight = tie.left.reduce(0) { $0 + weights[$1] } / steps
    for place in tie.left.indices {
      let share = Double(place) / steps
      let zero = risk.zero - share * gone.zero
      let hazard = weight / zero
      term.hazard += hazard
      term.ownHazard += (1 - share) * hazard
      for column in point.indices {
        let mean = (risk.one[column] - share * gone.one[column]) / zero
        term.hazardMean[column] += hazard * mean
        term.ownHazardMean[column] += (1 - share) * hazard * mean
        term.mean[column] += mean / steps
      }
    }
    return term
  }

  /// How often, of two customers whose order is known, the one with the higher hazard left first; equal hazards count half.
  ///
  /// Harrell's C. Customers who left at the same time are not compared; one who left is compared with one who went out of sight at that
  /// time or later. Source: Harrell et al. (1982), https://doi.org/10.1001/jama.1982.03320430047030
  /// - Complexity: O(n log n).
  func concordance(_ point: [Double]) -> Double {
    let margins = (0..<count).map { margin($0, point) }
    let levels = Array(Set(margins)).sorted()
    let level = Dictionary(uniqueKeysWithValues: zip(levels, 1...levels.count))
    // Counts of those who stayed longer, by level of hazard, in a Fenwick tree.
    var tree = [Int](repeating: 0, count: levels.count + 1)
    func countUpTo(_ place: Int) -> Int {
      var (sum, place) = (0, place)
      while place > 0 {
        sum += tree[place]
        place -= place & -place
      }
      return sum
    }
    func add(_ row: Int) {
      var place = level[margins[row]] ?? 1
      while place <= levels.count {
        tree[place] += 1
        place += place & -place
      }
    }
    var (agreeing, tied, pairs, stayed) = (0, 0, 0, 0)
    for tie in ties {
      let left = Set(tie.left)
      for row in tie.rows where !left.contains(row) {
        add(row)
        stayed += 1
      }
      for row in tie.left {
        let place = level[margins[row]] ?? 1
        let (below, upTo) = (countUpTo(place - 1), countUpTo(place))
        agreeing += below
        tied += upTo - below
        pairs += stayed
      }
      for row in tie.left {
        add(row)
        stayed += 1
      }
    }
    return pairs > 0 ? (Double(agreeing) + Double(tied) / 2) / Double(pairs) : .nan
  }
}
