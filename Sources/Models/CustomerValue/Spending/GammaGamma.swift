import Foundation
import Learning
import MathKernels

/// The gamma-gamma model: what customers spend on an order, shrunk towards the mean of all where orders are few.
///
/// ```swift
/// let model = try await GammaGamma().fit(base, context: FitContext())
/// model.expectedSpend(base.histories[0])
/// ```
/// Learns from the customers with repeat purchases and a mean amount above 0. It supposes that how much is spent does not depend
/// on how often; `GammaGammaModel.frequencyCorrelation` tells whether that holds. Maximum likelihood by BFGS with analytic
/// gradients. Source: Fader and Hardie (2013), http://www.brucehardie.com/notes/025/
public struct GammaGamma: Estimator, Equatable {
  /// The settings: the penalty counts the squares of p, q and v.
  public typealias Configuration = PurchaseFitting

  /// The settings.
  public var configuration: Configuration

  /// An estimator.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns the parameters.
  ///
  /// - Complexity: O(customers with repeat purchases) an evaluation.
  /// - Throws: `CustomerValueError`; `CancellationError`.
  public func fit(_ data: CustomerBase, context: FitContext) async throws -> GammaGammaModel {
    try model(of: data, context: context)
  }

  /// The same at once, on the caller's thread.
  ///
  /// - Throws: `CustomerValueError`, `CancellationError`.
  public func model(of data: CustomerBase, context: FitContext) throws -> GammaGammaModel {
    try configuration.validate()
    let rows = data.histories.compactMap { history -> (x: Double, mean: Double)? in
      guard history.frequency > 0, let mean = history.monetaryValue, mean > 0 else { return nil }
      return (Double(history.frequency), mean)
    }
    guard rows.count >= 3 else {
      throw CustomerValueError.notEnoughData(
        needed: "at least 3 customers with a repeat purchase and its amount", found: "\(rows.count)")
    }
    // Where all spend the same, ever narrower distributions fit ever better.
    guard let least = rows.map(\.mean).min(), let most = rows.map(\.mean).max(), most > least * (1 + 1e-9)
    else {
      throw CustomerValueError.notEnoughData(
        needed: "amounts that differ from customer to customer", found: "one amount, \(rows[0].mean)")
    }
    let search = BFGS(
      gradientTolerance: configuration.gradientTolerance, maximumSteps: configuration.maximumSteps)
    let mean = Statistics.mean(rows.map(\.mean))
    var random = RandomSource(seed: context.seed, stream: 0x66)
    let first = [log(5), log(3), log(mean / 2)]
    let starts = (0..<configuration.starts).map { $0 == 0 ? first : first.map { $0 + random.normal() } }
    let penalizer = configuration.penalizer
    let results = try starts.enumerated().map { index, start in
      try context.checkpoint(step: index, of: starts.count)
      return search.minimize(from: start) { Self.likelihood($0, rows, penalizer: penalizer) }
    }
    guard let best = results.filter(\.converged).min(by: { $0.value < $1.value }) else {
      throw CustomerValueError.didNotConverge(
        model: "Gamma-gamma", starts: starts.count, gradient: results.map(\.gradientNorm).min() ?? .nan)
    }
    return Self.model(best, zip(starts, results).map { ($0, $1) }, rows, penalizer: penalizer)
  }

  private static func model(
    _ best: BFGS.Result, _ results: [([Double], BFGS.Result)], _ rows: [(x: Double, mean: Double)],
    penalizer: Double
  ) -> GammaGammaModel {
    let count = Double(rows.count)
    let curvature = BFGS.hessian(at: best.point) { likelihood($0, rows, penalizer: penalizer) }
    let covariance = (try? curvature.inverseOfSymmetricPositiveDefinite())?.elements.map { $0 / count }
    func plain(_ point: [Double]) -> Double { -count * likelihood(point, rows, penalizer: 0).value }
    let correlation = Statistics.correlation(rows.map(\.x), rows.map(\.mean))
    return GammaGammaModel(
      p: exp(best.point[0]), q: exp(best.point[1]), v: exp(best.point[2]), covariance: covariance,
      frequencyCorrelation: correlation.isFinite ? correlation : nil,
      report: FitReport(
        customers: rows.count, logLikelihood: plain(best.point),
        starts: results.map { start, end in
          FitReport.Start(
            from: start.map { exp($0) }, parameters: end.point.map { exp($0) },
            logLikelihood: plain(end.point),
            gradient: end.gradientNorm, steps: end.steps, evaluations: end.evaluations,
            converged: end.converged)
        }))
  }

  /// The mean negative log-likelihood with the penalty, and its gradient, at the logarithms of p, q and v.
  static func likelihood(
    _ variables: [Double], _ rows: [(x: Double, mean: Double)], penalizer: Double
  ) -> (value: Double, gradient: [Double]) {
    guard variables.allSatisfy({ abs($0) < 40 }) else { return (.infinity, [0, 0, 0]) }
    let (p, q, v) = (exp(variables[0]), exp(variables[1]), exp(variables[2]))
    let blocks = parallelBlocks(rows.count, blockSize: 4096) { block in
      var (value, slopes) = (0.0, SIMD4<Double>.zero)
      let (logV, gammaQ, psiQ) = (
        variables[2], SpecialFunctions.logGamma(q), SpecialFunctions.digamma(q)
      )
      for (x, mean) in rows[block] {
        let (shape, total) = (p * x + q, x * mean + v)
        let (logMean, logTotal, logX) = (log(mean), log(total), log(x))
        let psi = SpecialFunctions.digamma(shape)
        value +=
          SpecialFunctions.logGamma(shape) - SpecialFunctions.logGamma(p * x) - gammaQ + q * logV
          + (p * x - 1) * logMean + p * x * logX - shape * logTotal
        slopes +=
          SIMD4(
            p * x * (psi - SpecialFunctions.digamma(p * x) + logMean + logX - logTotal),
            q * (psi - psiQ + logV - logTotal), q - v * shape / total, 0)
      }
      return (value, slopes)
    }
    let count = Double(rows.count)
    let (value, slopes) = blocks.reduce((0.0, SIMD4<Double>.zero)) { ($0.0 + $1.0, $0.1 + $1.1) }
    return (
      -value / count + penalizer * (p * p + q * q + v * v),
      zip([slopes[0], slopes[1], slopes[2]], [p, q, v]).map { -$0 / count + 2 * penalizer * $1 * $1 }
    )
  }
}

/// What customers spend on an order.
public struct GammaGammaModel: FittedModel, Equatable {
  /// The saved form's version.
  public static let formatVersion = 1

  /// The shape of an order's amount around the customer's own mean.
  public let p: Double
  /// The shape of the customers' means; the larger, the more alike they are.
  public let q: Double
  /// The scale of the customers' means, in major units of the currency.
  public let v: Double
  /// The covariance of ln p, ln q and ln v, row by row; nil where there is none.
  public let covariance: [Double]?
  /// Pearson's correlation of how often customers buy and how much they spend, which the model takes for 0.
  public let frequencyCorrelation: Double?
  /// How the fit went; nil for models that were not fitted.
  public let report: FitReport?

  /// A model with known parameters.
  ///
  /// - Throws: `CustomerValueError.invalidParameter` unless all are above 0.
  public init(p: Double, q: Double, v: Double) throws {
    for (name, value) in [("p", p), ("q", q), ("v", v)] where !(value > 0 && value.isFinite) {
      throw CustomerValueError.invalidParameter(name: name, value: "\(value)", expected: "a number above 0")
    }
    self.init(p: p, q: q, v: v, covariance: nil, frequencyCorrelation: nil, report: nil)
  }

  init(
    p: Double, q: Double, v: Double, covariance: [Double]?, frequencyCorrelation: Double?, report: FitReport?
  ) {
    (self.p, self.q, self.v) = (p, q, v)
    self.covariance = covariance
    self.frequencyCorrelation = frequencyCorrelation
    self.report = report
  }

  /// The expected amount of an order of a customer with this history; without repeat purchases that of all customers, which is
  /// infinite when q is not above 1.
  public func expectedSpend(_ history: PurchaseHistory) -> Double {
    let x = history.monetaryValue.map { $0 > 0 ? Double(history.frequency) : 0 } ?? 0
    let shape = p * x + q
    return shape > 1 ? p * (v + x * (history.monetaryValue ?? 0)) / (shape - 1) : .infinity
  }

  /// Models that might as well be true, given the data.
  public func drawn(count: Int, seed: UInt64) -> [GammaGammaModel] {
    NormalDraws.around([log(p), log(q), log(v)], covariance: covariance, count: count, seed: seed).map {
      GammaGammaModel(
        p: exp($0[0]), q: exp($0[1]), v: exp($0[2]), covariance: nil, frequencyCorrelation: nil, report: nil)
    }
  }

  /// A draw of the rate of a customer's amounts, given the history: orders are Gamma(p, rate).
  func drawnRate(_ history: PurchaseHistory, using random: inout RandomSource) -> Double {
    let x = history.monetaryValue.map { $0 > 0 ? Double(history.frequency) : 0 } ?? 0
    return random.gamma(shape: p * x + q) / (v + x * (history.monetaryValue ?? 0))
  }
}
