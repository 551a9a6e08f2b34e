import Foundation
import Learning
import MathKernels

/// How often the customers of a base buy, and whether they still do: BG/NBD, MBG/NBD or Pareto/NBD with its parameters.
///
/// ```swift
/// let model = try await BetaGeometricNBD().fit(base, context: FitContext())
/// let history = PurchaseHistory(frequency: 2, recency: 30.43, age: 38.86)
/// model.probabilityAlive(history)                     // 0.727
/// model.expectedPurchases(after: history, within: 39) // 1.226
/// ```
public struct PurchaseModel: FittedModel, Equatable {
  /// The saved form's version.
  public static let formatVersion = 1

  /// How customers buy and leave.
  public let process: PurchaseProcess
  /// The unit of all times.
  public let unit: TimeUnit
  /// The four parameters, in the order of `process.parameterNames`.
  public let parameters: [Double]
  /// The covariates, in the order in which their values are given.
  public let covariateNames: [String]
  /// What a unit of each covariate adds to the logarithm of the rate of buying.
  public let buyingCoefficients: [Double]
  /// What a unit of each covariate adds to the readiness to leave: to ln a, or to −ln β.
  public let leavingCoefficients: [Double]
  /// The covariance of the parameters' logarithms and the coefficients of buying and of leaving, row by row; nil where the
  /// maximum is so flat in a direction that there is none, and for models that were not fitted.
  public let covariance: [Double]?
  /// How the fit went; nil for models that were not fitted.
  public let report: FitReport?

  /// A model with known parameters.
  ///
  /// - Throws: `CustomerValueError`.
  public init(
    process: PurchaseProcess, parameters: [Double], unit: TimeUnit = .week, covariateNames: [String] = [],
    buyingCoefficients: [Double] = [], leavingCoefficients: [Double] = []
  ) throws {
    for (index, name) in process.parameterNames.enumerated() {
      guard parameters.count == 4, parameters[index] > 0, parameters[index].isFinite else {
        throw CustomerValueError.invalidParameter(
          name: name, value: "\(parameters)", expected: "four numbers above 0")
      }
    }
    let columns = covariateNames.count
    guard buyingCoefficients.count == columns, leavingCoefficients.count == columns,
      (buyingCoefficients + leavingCoefficients).allSatisfy(\.isFinite)
    else {
      throw CustomerValueError.covariates(
        expected: "two finite coefficients for each of \(columns) covariates",
        found: "\(buyingCoefficients) and \(leavingCoefficients)")
    }
    self.init(
      process: process, unit: unit, parameters: parameters, covariateNames: covariateNames,
      coefficients: buyingCoefficients + leavingCoefficients, covariance: nil, report: nil)
  }

  init(
    process: PurchaseProcess, unit: TimeUnit, parameters: [Double], covariateNames: [String],
    coefficients: [Double], covariance: [Double]?, report: FitReport?
  ) {
    self.process = process
    self.unit = unit
    self.parameters = parameters
    self.covariateNames = covariateNames
    buyingCoefficients = Array(coefficients.prefix(covariateNames.count))
    leavingCoefficients = Array(coefficients.dropFirst(covariateNames.count))
    self.covariance = covariance
    self.report = report
  }

  /// A parameter by its letter, such as `alpha`.
  public subscript(name: String) -> Double? {
    process.parameterNames.firstIndex(of: name).map { parameters[$0] }
  }

  // MARK: Predictions

  /// The probability that a customer with this history still buys.
  ///
  /// - Parameter covariates: the customer's values, in the order of `covariateNames`.
  /// - Complexity: O(1).
  public func probabilityAlive(_ history: PurchaseHistory, covariates: [Double] = []) -> Double {
    process.probabilityAlive(history, own(covariates))
  }

  /// The expected purchases of a customer with this history within `horizon` units of time from now.
  ///
  /// - Complexity: O(1) for Pareto/NBD, O(1 + horizon / age) for the others.
  public func expectedPurchases(
    after history: PurchaseHistory, within horizon: Double, covariates: [Double] = []
  ) -> Double {
    process.expectedPurchases(history, horizon, own(covariates))
  }

  /// The expected repeat purchases of a new customer within `horizon` units of time of the first purchase.
  public func expectedPurchases(ofNewCustomerWithin horizon: Double, covariates: [Double] = []) -> Double {
    process.expectedPurchases(ofNewCustomerWithin: horizon, own(covariates))
  }

  /// The mean log-likelihood of a base, with its gradient with respect to the parameters' logarithms and the coefficients of
  /// buying and of leaving.
  ///
  /// - Complexity: O(customers).
  /// - Throws: `CustomerValueError.covariates` when the base has others than the model.
  public func logLikelihood(of base: CustomerBase) throws -> (value: Double, gradient: [Double]) {
    try check(base)
    let likelihood = PurchaseLikelihood(base, process: process, penalizer: 0)
    let scales = likelihood.scales + likelihood.scales
    let coefficients = buyingCoefficients + leavingCoefficients
    let (value, gradient) = likelihood(parameters.map { log($0) } + zip(coefficients, scales).map { $0 * $1 })
    return (-value, gradient.enumerated().map { $0 < 4 ? -$1 : -$1 * scales[$0 - 4] })
  }

  // MARK: Certainty

  /// Confidence intervals of the four parameters by the curvature of the likelihood (Wald intervals of their logarithms); nil
  /// without a covariance.
  public func parameterIntervals(level: Double = 0.95) -> [ConfidenceInterval]? {
    guard let covariance else { return nil }
    let size = 4 + 2 * covariateNames.count
    let z = NormalDistribution.quantile(0.5 + level / 2)
    return parameters.indices.map { index in
      let half = z * covariance[index * size + index].squareRoot()
      return ConfidenceInterval(
        lower: parameters[index] * exp(-half), upper: parameters[index] * exp(half), level: level)
    }
  }

  /// Confidence intervals of the coefficients, those of buying first; nil without a covariance.
  public func coefficientIntervals(level: Double = 0.95) -> [ConfidenceInterval]? {
    guard let covariance else { return nil }
    let size = 4 + 2 * covariateNames.count
    let z = NormalDistribution.quantile(0.5 + level / 2)
    return (buyingCoefficients + leavingCoefficients).enumerated().map { index, value in
      let half = z * covariance[(4 + index) * (size + 1)].squareRoot()
      return ConfidenceInterval(lower: value - half, upper: value + half, level: level)
    }
  }

  /// Models that might as well be true, given the data: draws from the normal distribution of the parameters' logarithms around
  /// this one. Without a covariance all are this one.
  public func drawn(count: Int, seed: UInt64) -> [PurchaseModel] {
    let centre = parameters.map { log($0) } + buyingCoefficients + leavingCoefficients
    return NormalDraws.around(centre, covariance: covariance, count: count, seed: seed).map { point in
      PurchaseModel(
        process: process, unit: unit, parameters: point.prefix(4).map { exp($0) },
        covariateNames: covariateNames, coefficients: Array(point.dropFirst(4)), covariance: nil, report: nil)
    }
  }

  /// A customer's own parameters.
  func own(_ covariates: [Double]) -> SIMD4<Double> {
    let base = SIMD4(parameters[0], parameters[1], parameters[2], parameters[3])
    guard !covariateNames.isEmpty else { return base }
    precondition(covariates.count == covariateNames.count, "a customer has a value for each covariate")
    return process.shifted(base, by: buyingCoefficients + leavingCoefficients) { covariates[$0] }
  }

  /// Throws when a base has other covariates than the model.
  func check(_ base: CustomerBase) throws {
    let names = base.covariates?.names ?? []
    guard names == covariateNames else {
      throw CustomerValueError.covariates(
        expected: covariateNames.isEmpty ? "none" : covariateNames.joined(separator: ", "),
        found: names.isEmpty ? "none" : names.joined(separator: ", "))
    }
  }
}

/// How a fit went, from each of its starts.
public struct FitReport: Sendable, Codable, Equatable {
  /// The search from one start.
  public struct Start: Sendable, Codable, Equatable {
    /// Where it began: the parameters.
    public var from: [Double]
    /// Where it ended.
    public var parameters: [Double]
    /// The log-likelihood there, over all customers and without the penalty.
    public var logLikelihood: Double
    /// The largest component there of the gradient of the mean log-likelihood.
    public var gradient: Double
    /// How many steps it took.
    public var steps: Int
    /// How often the likelihood was evaluated.
    public var evaluations: Int
    /// Whether the gradient met the tolerance.
    public var converged: Bool
  }

  /// How many customers were learned from.
  public var customers: Int
  /// The log-likelihood of the model, over all customers and without the penalty.
  public var logLikelihood: Double
  /// The search from each start; the model is the best that converged.
  public var starts: [Start]

  /// Whether all starts that converged led to the same maximum, to a millionth of the log-likelihood.
  public var agree: Bool {
    starts.allSatisfy {
      !$0.converged || abs($0.logLikelihood - logLikelihood) <= 1e-6 * (1 + abs(logLikelihood))
    }
  }
}

/// Draws around an estimate.
enum NormalDraws {
  /// Points of the normal distribution with this centre and covariance.
  /// Along a ridge of the likelihood, where its curvature says nothing, draws stay where it is known: logarithms within about one
  /// of the maximum.
  private static let mostSpread = 1.0

  static func around(_ centre: [Double], covariance: [Double]?, count: Int, seed: UInt64) -> [[Double]] {
    let size = centre.count
    guard let covariance,
      let parts = try? SymmetricEigen(Matrix(rows: size, columns: size, covariance))
    else { return Array(repeating: centre, count: count) }
    var random = RandomSource(seed: seed, stream: 0x0C17)
    return (0..<count).map { _ in
      var point = centre
      for k in 0..<size {
        let factor = min(mostSpread, max(0, parts.values[k]).squareRoot()) * random.normal()
        for j in 0..<size { point[j] += factor * parts.vectors[k, j] }
      }
      return point
    }
  }
}
