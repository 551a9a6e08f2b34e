import Foundation
import Learning
import MathKernels

/// Cox's proportional hazards: how much more often customers of one kind leave than others, whatever the course of time.
///
/// ```swift
/// let model = try CoxRegression().fit(data, covariates: ["discounted"], Matrix(rows: 4, columns: 1, [0, 1, 1, 0]))
/// exp(model.coefficients[0])            // the hazard's ratio for a unit more
/// model.survival(at: 12, [1])           // the share of such customers that stays longer than 12
/// ```
/// Ties are handled by Efron's approximation; the baseline hazard is Breslow's. Standard errors come from the information
/// matrix, or from Lin and Wei's sandwich, which also holds where the model does not. Sources: Cox (1972),
/// https://doi.org/10.1111/j.2517-6161.1972.tb00899.x; Efron (1977), https://doi.org/10.1080/01621459.1977.10480613; Lin and Wei
/// (1989), https://doi.org/10.1080/01621459.1989.10478874. As in R's `survival`, covariates are centred at their means.
///
/// - Complexity: O(n log n + n · d²) a Newton step.
public struct CoxRegression: Sendable, Equatable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The penalty λ on squared coefficients, in `λ / 2 · Σ β²` beside the log-likelihood of the sample.
    public var regularization: Double
    /// Whether standard errors are Lin and Wei's.
    public var isRobust: Bool
    /// The most Newton steps.
    public var maximumSteps: Int

    /// Settings.
    public init(regularization: Double = 0, isRobust: Bool = false, maximumSteps: Int = 50) {
      self.regularization = regularization
      self.isRobust = isRobust
      self.maximumSteps = maximumSteps
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// A regression with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns the coefficients, on the caller's thread.
  ///
  /// - Parameters:
  ///   - names: the covariates' names.
  ///   - covariates: a row for each customer, a column for each name.
  /// - Throws: `CustomerValueError.notEnoughData` when nobody left, `invalidParameter` for covariates that do not fit,
  ///   `didNotConverge`, `CancellationError`.
  public func fit(
    _ data: SurvivalData, covariates names: [String], _ covariates: Matrix<Double>
  ) throws -> CoxModel {
    try validate(data, names, covariates)
    let sample = CoxSample(data, covariates)
    var point = [Double](repeating: 0, count: names.count)
    var current = sample.likelihood(point, penalty: configuration.regularization)
    for step in 0...configuration.maximumSteps {
      try Task.checkCancellation()
      let direction = try solve(current)
      let decrement = zip(direction, current.gradient).reduce(0) { $0 + $1.0 * $1.1 }
      if decrement < 1e-14 * max(1, abs(current.value)) || names.isEmpty {
        return try model(sample, names, point, current, steps: step)
      }
      var (size, moved) = (1.0, false)
      while size > 1e-8, !moved {
        let trial = zip(point, direction).map { $0 + size * $1 }
        let there = sample.likelihood(trial, penalty: configuration.regularization)
        if there.value.isFinite, there.value >= current.value - 1e-12 * abs(current.value) {
          (point, current, moved) = (trial, there, true)
        }
        size /= 2
      }
      guard moved, point.allSatisfy({ abs($0) < 1e6 }) else { break }
    }
    throw CustomerValueError.didNotConverge(
      model: "CoxRegression", starts: 1, gradient: current.gradient.reduce(0) { max($0, abs($1)) })
  }

  private func solve(_ current: CoxSample.Likelihood) throws -> [Double] {
    do { return try current.information.solvingSymmetricPositiveDefinite(current.gradient) } catch {
      throw CustomerValueError.covariates(
        expected: "columns of which none follows from the others", found: "columns that depend on each other")
    }
  }

  private func model(
    _ sample: CoxSample, _ names: [String], _ point: [Double], _ current: CoxSample.Likelihood, steps: Int
  ) throws -> CoxModel {
    let inverse = try current.information.inverseOfSymmetricPositiveDefinite()
    var variance = inverse
    if configuration.isRobust {
      // Dfbetas: what leaving each customer out moves the coefficients by.
      let moved = sample.scoreResiduals(point).multiplied(by: inverse)
      variance = moved.gram()
    }
    let hazard = sample.baseline(point)
    return CoxModel(
      names: names, coefficients: point,
      standardErrors: names.indices.map { max(0, variance[$0, $0]).squareRoot() }, means: sample.means,
      times: hazard.times, cumulativeHazard: hazard.values,
      logLikelihood: sample.likelihood(point, penalty: 0).value,
      nullLogLikelihood: sample.likelihood(point.map { _ in 0 }, penalty: 0).value,
      concordance: sample.concordance(point), count: sample.count, eventCount: sample.eventCount, steps: steps
    )
  }

  private func validate(_ data: SurvivalData, _ names: [String], _ covariates: Matrix<Double>) throws {
    guard covariates.rows == data.count, covariates.columns == names.count else {
      throw CustomerValueError.covariates(
        expected: "\(data.count) rows of \(names.count) numbers",
        found: "\(covariates.rows) rows of \(covariates.columns)")
    }
    guard covariates.elements.allSatisfy(\.isFinite) else {
      throw CustomerValueError.covariates(expected: "finite numbers", found: "others")
    }
    guard data.events.contains(true) else {
      throw CustomerValueError.notEnoughData(needed: "a customer who left", found: "none")
    }
    guard configuration.regularization >= 0, configuration.regularization.isFinite else {
      throw CustomerValueError.invalidParameter(
        name: "regularization", value: "\(configuration.regularization)", expected: "0 or more")
    }
  }
}

/// Proportional hazards, learned.
public struct CoxModel: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The covariates' names.
  public let names: [String]
  /// What a unit of each covariate adds to the logarithm of the hazard.
  public let coefficients: [Double]
  /// Their standard errors.
  public let standardErrors: [Double]
  /// The covariates' means, at which the baseline lies.
  public let means: [Double]
  /// When somebody left.
  public let times: [Double]
  /// The baseline's cumulative hazard after each of these times.
  public let cumulativeHazard: [Double]
  /// The partial log-likelihood.
  public let logLikelihood: Double
  /// That of no covariates at all.
  public let nullLogLikelihood: Double
  /// How often, of two customers whose order is known, the one with the higher hazard left first.
  public let concordance: Double
  /// How many customers it was learned from.
  public let count: Int
  /// How many of them left.
  public let eventCount: Int
  /// How many Newton steps the fit took.
  public let steps: Int

  /// The logarithm of a customer's hazard, compared with that of one with average covariates.
  public func logHazardRatio(_ row: some Collection<Double>) -> Double {
    precondition(row.count == names.count, "a row has \(names.count) covariates")
    return zip(coefficients, zip(row, means)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
  }

  /// The baseline's cumulative hazard at a time.
  public func baselineHazard(at time: Double) -> Double {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? cumulativeHazard[low - 1] : 0
  }

  /// The probability to stay longer than `time`.
  public func survival(at time: Double, _ row: some Collection<Double>) -> Double {
    exp(-baselineHazard(at: time) * exp(logHazardRatio(row)))
  }

  /// The probability of a customer of age `age` to leave within the next `horizon`.
  public func risk(of row: some Collection<Double>, age: Double, within horizon: Double) -> Double {
    let ratio = exp(logHazardRatio(row))
    return -expm1(-(baselineHazard(at: age + horizon) - baselineHazard(at: age)) * ratio)
  }
}
