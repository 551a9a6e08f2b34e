import Foundation

extension ETSModel {
  /// The mean and variance of each step to come, exact for normal errors.
  ///
  /// Linear models (class 1) and those with relative errors over a linear model (class 2) by the book's formulas; those with
  /// relative errors and seasonal factors (class 3) by carrying the first and second moments of level and slope, weighted by
  /// the errors that also moved the season's factor. Source: Hyndman, Koehler, Ord and Snyder (2008), chapter 6,
  /// https://doi.org/10.1007/978-3-540-71918-2
  ///
  /// - Complexity: O(h²).
  func moments(_ horizon: Int, needsVariance: Bool) -> (mean: [Double], variance: [Double]) {
    if form.season == .multiplicative { return factorMoments(horizon) }
    let mean = pointForecasts(horizon)
    guard needsVariance else { return (mean, [Double](repeating: 0, count: horizon)) }
    let weights = errorWeights(horizon)
    if form.error == .additive {
      var sum = 1.0
      return (
        mean,
        (0..<horizon).map { step in
          defer { sum += weights[step] * weights[step] }
          return variance * sum
        }
      )
    }
    // θ: the expected square of each forecast.
    var squares = [Double](repeating: 0, count: horizon)
    for step in 0..<horizon {
      var sum = 0.0
      for back in 0..<step { sum += weights[back] * weights[back] * squares[step - 1 - back] }
      squares[step] = mean[step] * mean[step] + variance * sum
    }
    return (mean, (0..<horizon).map { (1 + variance) * squares[$0] - mean[$0] * mean[$0] })
  }

  /// What an error adds to the values 1, 2, … steps after it, in a linear model.
  private func errorWeights(_ horizon: Int) -> [Double] {
    var growth = 0.0
    var power = 1.0
    return (1...horizon).map { step in
      power *= parameters.damping
      growth += power
      let season = !seasons.isEmpty && step % seasons.count == 0 ? parameters.season : 0
      return parameters.level + parameters.slope * growth + season
    }
  }

  /// The moments of a model whose seasons are factors.
  private func factorMoments(_ horizon: Int) -> (mean: [Double], variance: [Double]) {
    var (means, variances) = ([Double](), [Double]())
    for step in 0..<horizon {
      let start = seasons[step % seasons.count]
      let (first, second) = baseMoments(step)
      let mean = first * start
      means.append(mean)
      variances.append((1 + variance) * second * start * start - mean * mean)
    }
    return (means, variances)
  }

  /// E[b·Π(1 + γε)] and E[b²·Π(1 + γε)²], b being level plus slope before step `step` and ε the errors of the same season.
  private func baseMoments(_ step: Int) -> (first: Double, second: Double) {
    let (α, β, γ, φ) = (parameters.level, parameters.slope, parameters.season, parameters.damping)
    var (l, b) = (level, slope)
    var (ll, lb, bb) = (l * l, l * b, b * b)
    for past in 0..<step {
      let same = (step - past) % seasons.count == 0
      // The moments of ε under the weights (1 + γε) and (1 + γε)².
      let tilt = same ? γ * variance : 0
      let weight = same ? 1 + γ * γ * variance : 1
      let tilt2 = same ? 2 * γ * variance : 0
      let spread = same ? variance + 3 * γ * γ * variance * variance : variance
      let base = l + φ * b
      (l, b) = (base + α * base * tilt, φ * b + β * base * tilt)
      // Of base², base·slope and slope², slope being φb.
      let qq = ll + 2 * φ * lb + φ * φ * bb
      let qs = φ * lb + φ * φ * bb
      let ss = φ * φ * bb
      ll = qq * (weight + 2 * α * tilt2 + α * α * spread)
      lb = qs * (weight + α * tilt2) + qq * β * (tilt2 + α * spread)
      bb = ss * weight + 2 * β * qs * tilt2 + qq * β * β * spread
    }
    return (l + φ * b, ll + 2 * φ * lb + φ * φ * bb)
  }
}
