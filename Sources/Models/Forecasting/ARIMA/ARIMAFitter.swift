import Foundation

/// What the search for one model's coefficients found.
struct ARIMAFit {
  var order: ARIMAOrder
  var includesConstant: Bool
  /// The coefficients of the four factors: past values, past errors, then those of past seasons.
  var factors: [Double]
  /// The coefficients of the regressors; the constant's is the last one.
  var regression: [Double]
  /// The variance of the errors, the number of coefficients allowed for.
  var variance: Double
  var logLikelihood: Double
  var aic: Double
  var aicc: Double
  var bic: Double
  /// The point of the optimiser that the coefficients come from.
  var point: [Double]
  /// Whether the likelihood is the approximate one, conditional on the start.
  var isApproximate: Bool
}

/// Fits ARIMA models of the same differences to one series, one after the other in the same memory.
final class ARIMAFitter {
  private let likelihoods: [Bool: ARMALikelihood]
  private let optimizer = QuasiNewton()
  let data: ARIMAData
  /// What is added to the approximate criterion to make it comparable with the exact one.
  var offset = 0.0

  /// Makes the series ready; nil where the regressors are collinear after the differences.
  ///
  /// - Parameters:
  ///   - constants: whether models with a mean or a drift are wanted, without one, or both.
  ///   - largest: the largest orders to come, and the differences of all of them.
  init?(
    values: [Double], regressors: [[Double]], largest: ARIMAOrder, seasonLength: Int, constants: [Bool]
  ) {
    var likelihoods: [Bool: ARMALikelihood] = [:]
    for constant in constants {
      let columns = constant ? regressors + [Self.constant(values.count, largest)] : regressors
      guard
        let data = ARIMAData(
          values: values, regressors: columns, d: largest.d, seasonalD: largest.seasonalD,
          seasonLength: seasonLength)
      else { return nil }
      likelihoods[constant] = ARMALikelihood(data, largest: largest, seasonLength: seasonLength)
    }
    guard let any = likelihoods.values.first else { return nil }
    self.likelihoods = likelihoods
    data = any.data
  }

  /// The regressor of a model's constant: 1 for a mean, or 1, 2, … for a drift where there are differences.
  static func constant(_ count: Int, _ order: ARIMAOrder) -> [Double] {
    (0..<count).map { order.d + order.seasonalD > 0 ? Double($0 + 1) : 1 }
  }

  /// Fits a model: from the conditional likelihood alone where `approximate`, else by the exact one from there.
  ///
  /// - Parameter demanding: gives up, as R's arima does, where the conditional likelihood of a series without regressors
  ///   or constant finds a model that is not stationary. Else the search starts from 0 then.
  func fit(
    _ order: ARIMAOrder, constant: Bool, approximate: Bool = false, demanding: Bool = false
  ) -> ARIMAFit? {
    guard let likelihood = likelihoods[constant] else { return nil }
    likelihood.configure(order)
    var x = [Double](repeating: 0, count: order.coefficientCount)
    if approximate { return approximateFit(likelihood, constant, &x) }
    if !likelihood.data.hasMissing, !x.isEmpty {
      var start = x
      guard let found = optimizer.minimize(&start, { likelihood.conditional($0) }) else { return nil }
      if found.converged {
        if let transformed = Self.admissible(start, order) {
          x = transformed
        } else if demanding, likelihood.active == 1 {
          return nil
        }
      }
    }
    guard optimizer.minimize(&x, { likelihood.exact($0) }) != nil else { return nil }
    let moving = order.p..<order.p + order.q
    let seasonal = order.coefficientCount - order.seasonalQ..<order.coefficientCount
    x.replaceSubrange(moving, with: LagPolynomial.invertible(Array(x[moving])))
    x.replaceSubrange(seasonal, with: LagPolynomial.invertible(Array(x[seasonal])))
    let value = likelihood.exact(x)
    guard value.isFinite else { return nil }
    let used = Double(likelihood.data.used)
    let logLikelihood = -0.5 * used * (2 * value + 1 + log(2 * Double.pi))
    return summary(
      likelihood, constant, x, logLikelihood, likelihood.factors(x, stationary: true), -2 * logLikelihood)
  }

  private func approximateFit(_ likelihood: ARMALikelihood, _ constant: Bool, _ x: inout [Double])
    -> ARIMAFit?
  {
    guard optimizer.minimize(&x, { likelihood.conditional($0) }) != nil else { return nil }
    let value = likelihood.conditional(x)
    guard value.isFinite else { return nil }
    var fit = summary(
      likelihood, constant, x, .nan, x, offset + Double(likelihood.data.used) * 2 * value)
    fit.isApproximate = true
    return fit
  }

  private func summary(
    _ likelihood: ARMALikelihood, _ constant: Bool, _ x: [Double], _ logLikelihood: Double,
    _ factors: [Double],
    _ deviance: Double
  ) -> ARIMAFit {
    let regression = zip(likelihood.data.offsets, likelihood.regression.coefficients(likelihood.active))
      .map { $0 + $1 }
    let parameters = Double(factors.count + regression.count + 1)
    let used = Double(likelihood.data.used)
    let aic = deviance + 2 * parameters
    let left = used - parameters - 1
    return ARIMAFit(
      order: likelihood.order, includesConstant: constant, factors: factors, regression: regression,
      variance: likelihood.squares / max(1, used - parameters + 1), logLikelihood: logLikelihood, aic: aic,
      aicc: left > 0 ? aic + 2 * parameters * (parameters + 1) / left : .infinity,
      bic: aic + parameters * (log(used) - 2), point: x, isApproximate: false)
  }

  /// The optimiser's point for the conditional estimates: partial autocorrelations of the past values, an invertible
  /// moving average; nil where they are not stationary.
  private static func admissible(_ x: [Double], _ order: ARIMAOrder) -> [Double]? {
    let (q, seasonal) = (order.p + order.q, order.p + order.q + order.seasonalP)
    guard let short = LagPolynomial.partialAutocorrelations(Array(x[..<order.p])),
      let long = LagPolynomial.partialAutocorrelations(Array(x[q..<seasonal]))
    else { return nil }
    return short.map { atanh($0) } + LagPolynomial.invertible(Array(x[order.p..<q])) + long.map { atanh($0) }
      + LagPolynomial.invertible(Array(x[seasonal...]))
  }

  // MARK: - Checks

  /// Whether all roots of the model are at least one hundredth away from the unit circle.
  static func isFarFromUnitRoots(_ fit: ARIMAFit, seasonLength: Int) -> Bool {
    let (order, factors) = (fit.order, fit.factors)
    let radius = 1.01
    let seasonalRadius = pow(radius, Double(seasonLength))
    let (q, seasonal) = (order.p + order.q, order.p + order.q + order.seasonalP)
    return LagPolynomial.rootsExceed(radius, Array(factors[..<order.p]))
      && LagPolynomial.rootsExceed(radius, factors[order.p..<q].map { -$0 })
      && LagPolynomial.rootsExceed(seasonalRadius, Array(factors[q..<seasonal]))
      && LagPolynomial.rootsExceed(seasonalRadius, factors[seasonal...].map { -$0 })
  }

  /// The standard errors of the factors' coefficients, from the curvature of the likelihood; nil where it has none, or
  /// one that no maximum has.
  func standardErrors(_ fit: ARIMAFit) -> [Double]? {
    guard let likelihood = likelihoods[fit.includesConstant] else { return nil }
    likelihood.configure(fit.order)
    let count = fit.point.count
    guard count > 0 else { return [] }
    let function: (UnsafePointer<Double>) -> Double =
      fit.isApproximate ? { likelihood.conditional($0) } : { likelihood.exact($0) }
    guard let hessian = optimizer.hessian(fit.point, function),
      let inverse = Self.inverse(hessian.map { $0 * Double(likelihood.data.used) }, count)
    else { return nil }
    let jacobian = fit.isApproximate ? nil : Self.jacobian(likelihood, fit)
    var result: [Double] = []
    for column in 0..<count {
      var variance = 0.0
      if let jacobian {
        for i in 0..<count where jacobian[i * count + column] != 0 {
          for j in 0..<count {
            variance += jacobian[i * count + column] * inverse[i * count + j] * jacobian[j * count + column]
          }
        }
      } else {
        variance = inverse[column * count + column]
      }
      guard variance >= 0 else { return nil }
      result.append(variance.squareRoot())
    }
    return result
  }

  /// How the coefficients move with the optimiser's point, row by row of the latter.
  private static func jacobian(_ likelihood: ARMALikelihood, _ fit: ARIMAFit) -> [Double] {
    let step = 1e-3
    return fit.point.indices.flatMap { index in
      var moved = fit.point
      moved[index] += step
      return zip(likelihood.factors(moved, stationary: true), fit.factors).map { ($0 - $1) / step }
    }
  }

  /// The inverse by Gauss and Jordan with row exchanges; nil for a singular matrix.
  private static func inverse(_ matrix: [Double], _ count: Int) -> [Double]? {
    var (a, result) = (matrix, [Double](repeating: 0, count: count * count))
    for index in 0..<count { result[index * count + index] = 1 }
    let scale = matrix.map(abs).max() ?? 0
    for column in 0..<count {
      guard
        let pivot = (column..<count).max(by: { abs(a[$0 * count + column]) < abs(a[$1 * count + column]) }),
        abs(a[pivot * count + column]) > 1e-15 * scale
      else { return nil }
      for k in 0..<count where pivot != column {
        a.swapAt(pivot * count + k, column * count + k)
        result.swapAt(pivot * count + k, column * count + k)
      }
      let divisor = a[column * count + column]
      for k in 0..<count {
        a[column * count + k] /= divisor
        result[column * count + k] /= divisor
      }
      for row in 0..<count where row != column {
        let factor = a[row * count + column]
        for k in 0..<count {
          a[row * count + k] -= factor * a[column * count + k]
          result[row * count + k] -= factor * result[column * count + k]
        }
      }
    }
    return result
  }
}
