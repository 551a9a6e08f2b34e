import Foundation
import Learning
import MathKernels

/// How the parameters of a purchase model are searched for.
public struct PurchaseFitting: Sendable, Codable, Equatable {
  /// How much the squares of the parameters, in units of the highest age, and of the coefficients count against
  /// the mean log-likelihood: the convention of `lifetimes`. Some 0.001 to 0.1 help where customers are few.
  public var penalizer: Double
  /// From how many points the search starts: one that follows from the data, and random ones around it.
  public var starts: Int
  /// How small all components of the mean log-likelihood's gradient have to be.
  public var gradientTolerance: Double
  /// The most steps from each start.
  public var maximumSteps: Int

  /// Settings; by default no penalty and three starts.
  public init(
    penalizer: Double = 0, starts: Int = 3, gradientTolerance: Double = 1e-6, maximumSteps: Int = 500
  ) {
    self.penalizer = penalizer
    self.starts = starts
    self.gradientTolerance = gradientTolerance
    self.maximumSteps = maximumSteps
  }

  func validate() throws {
    guard penalizer >= 0, penalizer.isFinite else {
      throw CustomerValueError.invalidParameter(
        name: "penalizer", value: "\(penalizer)", expected: "a number of at least 0")
    }
    guard (1...100).contains(starts) else {
      throw CustomerValueError.invalidParameter(name: "starts", value: "\(starts)", expected: "1 to 100")
    }
    guard gradientTolerance > 0, maximumSteps > 0 else {
      throw CustomerValueError.invalidParameter(
        name: "gradientTolerance, maximumSteps", value: "\(gradientTolerance), \(maximumSteps)",
        expected: "numbers above 0")
    }
  }

  /// The model of a process that fits a base best.
  func fit(
    _ process: PurchaseProcess, _ base: CustomerBase, context: FitContext
  ) throws -> PurchaseModel {
    try validate()
    let repeaters = base.histories.count { $0.frequency > 0 }
    guard base.count >= 4, repeaters >= 1 else {
      throw CustomerValueError.notEnoughData(
        needed: "at least 4 customers, one of them with a repeat purchase",
        found: "\(base.count) customers, \(repeaters) with a repeat purchase")
    }
    let likelihood = PurchaseLikelihood(base, process: process, penalizer: penalizer)
    let search = BFGS(gradientTolerance: gradientTolerance, maximumSteps: maximumSteps)
    var results: [(from: [Double], end: BFGS.Result)] = []
    for (index, start) in startingPoints(process, base, seed: context.seed).enumerated() {
      try context.checkpoint(step: index, of: starts)
      let from = start + [Double](repeating: 0, count: likelihood.size - 4)
      results.append(
        (
          from,
          try search.minimize(from: from) {
            try Task.checkCancellation()
            return likelihood($0)
          }
        ))
    }
    guard let best = results.filter(\.end.converged).min(by: { $0.end.value < $1.end.value })?.end else {
      throw CustomerValueError.didNotConverge(
        model: process.name, starts: starts, gradient: results.map(\.end.gradientNorm).min() ?? .nan)
    }
    try context.checkpoint(step: starts, of: starts)
    return model(process, base, likelihood, best, results)
  }

  private func model(
    _ process: PurchaseProcess, _ base: CustomerBase, _ likelihood: PurchaseLikelihood, _ best: BFGS.Result,
    _ results: [(from: [Double], end: BFGS.Result)]
  ) -> PurchaseModel {
    let size = likelihood.size
    let scales = likelihood.scales + likelihood.scales
    let curvature = BFGS.hessian(at: best.point) { likelihood($0) }
    var covariance = (try? curvature.inverseOfSymmetricPositiveDefinite())?.elements
    if var found = covariance {
      let units = [1, 1, 1, 1] + scales
      for row in 0..<size {
        for column in 0..<size {
          found[row * size + column] /= likelihood.customers * units[row] * units[column]
        }
      }
      covariance = found.allSatisfy(\.isFinite) ? found : nil
    }
    let customers = likelihood.customers
    let plain = penalizer == 0 ? likelihood : PurchaseLikelihood(base, process: process, penalizer: 0)
    let starts = results.map { from, end in
      FitReport.Start(
        from: from.prefix(4).map { exp($0) }, parameters: end.point.prefix(4).map { exp($0) },
        logLikelihood: -customers * (penalizer == 0 ? end.value : plain(end.point).value),
        gradient: end.gradientNorm, steps: end.steps, evaluations: end.evaluations, converged: end.converged)
    }
    return PurchaseModel(
      process: process, unit: base.unit, parameters: best.point.prefix(4).map { exp($0) },
      covariateNames: base.covariates?.names ?? [],
      coefficients: zip(best.point.dropFirst(4), scales).map { $0 / $1 }, covariance: covariance,
      report: FitReport(
        customers: base.count, logLikelihood: -customers * plain(best.point).value, starts: starts))
  }

  /// The logarithms of parameters to start from.
  private func startingPoints(
    _ process: PurchaseProcess, _ base: CustomerBase, seed: UInt64
  ) -> [[Double]] {
    let age = base.histories.reduce(0) { $0 + $1.age } / Double(base.count)
    let purchases = Double(base.histories.reduce(0) { $0 + $1.frequency }) / Double(base.count)
    let middle = max(age, .leastNormalMagnitude)
    // As if half the time had been lived through.
    let rateTime = 0.5 * middle / (2 * max(purchases, 0.01))
    let first =
      (process == .pareto ? [0.5, rateTime, 0.5, middle] : [0.5, rateTime, 1, 2]).map { log($0) }
    var random = RandomSource(seed: seed, stream: 0xB9D)
    return [first] + (0..<starts - 1).map { _ in first.map { $0 + random.normal() } }
  }
}
