import Foundation
import MathKernels

/// Logistic regression with a ridge penalty, by Newton's method: the log-odds of a yes are a weighted sum of the features.
///
/// ```swift
/// let rows = Matrix(rows: 4, columns: 1, [1, 2, 3, 4])
/// let model = try PenalizedLogisticRegression(.init(regularization: 1)).fit(
///   .init(names: ["orders"], features: rows, labels: [0, 1, 0, 1]))
/// model.margin([2.5])          // log-odds
/// model.contributions([2.5])   // add up to the margin with `model.base`
/// ```
/// Input: dense finite rows, labels from 0 to 1. Features are scaled to unit spread for the fit, so that the penalty
/// `regularization / 2 · Σ β²` means the same for each; the intercept is free. Coefficients are given in the features' own units.
/// Source: Hoerl and Kennard (1970), https://doi.org/10.1080/00401706.1970.10488634; le Cessie and van Houwelingen (1992),
/// https://doi.org/10.2307/2347628. With `regularization: 0` it is the maximum of the likelihood, and `standardErrors` are the usual ones.
///
/// - Complexity: O(rows · columns²) a step, some ten steps.
public struct PenalizedLogisticRegression: Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The penalty λ on squared coefficients of features of unit spread, beside the sum of the rows' losses.
    public var regularization: Double
    /// The most Newton steps.
    public var maximumSteps: Int
    /// The search ends when no component of the gradient, divided by the number of rows, is larger.
    public var gradientTolerance: Double

    /// Settings.
    public init(regularization: Double = 1, maximumSteps: Int = 60, gradientTolerance: Double = 1e-10) {
      self.regularization = regularization
      self.maximumSteps = maximumSteps
      self.gradientTolerance = gradientTolerance
    }
  }

  /// Rows with what came true.
  public struct Dataset: Sendable {
    /// The features' names.
    public var names: [String]
    /// The features, a row for each case.
    public var features: Matrix<Double>
    /// What came true, from 0 to 1.
    public var labels: [Double]
    /// How much each row counts; nil counts all alike.
    public var weights: [Double]?

    /// Rows with labels.
    public init(names: [String], features: Matrix<Double>, labels: [Double], weights: [Double]? = nil) {
      self.names = names
      self.features = features
      self.labels = labels
      self.weights = weights
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// Logistic regression with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns the coefficients.
  ///
  /// - Throws: `LearningError.invalidParameter`, `notEnoughData`, `didNotConverge` (without a penalty the coefficients are infinite
  ///   where a feature parts the classes), `CancellationError`.
  public func fit(
    _ data: Dataset, context: FitContext
  ) async throws -> PenalizedLogisticRegressionModel {
    try context.checkpoint(step: 0, of: 1)
    return try fit(data)
  }

  /// Learns the coefficients, on the caller's thread.
  public func fit(_ data: Dataset) throws -> PenalizedLogisticRegressionModel {
    try validate(data)
    let (rows, columns) = (data.features.rows, data.features.columns)
    let scaling = Self.scaling(data)
    // The last column is the intercept.
    var design = Matrix<Double>(rows: rows, columns: columns + 1, repeating: 1)
    for row in 0..<rows {
      for column in 0..<columns {
        design[row, column] = (data.features[row, column] - scaling.means[column]) / scaling.spreads[column]
      }
    }
    var newton = RidgeNewton(
      design: design, labels: data.labels, weights: data.weights, penalty: configuration.regularization)
    let steps = try newton.minimize(configuration)
    return model(newton, scaling, data.names, steps: steps)
  }

  private func model(
    _ newton: RidgeNewton, _ scaling: (means: [Double], spreads: [Double]), _ names: [String], steps: Int
  ) -> PenalizedLogisticRegressionModel {
    let columns = names.count
    let coefficients = (0..<columns).map { newton.point[$0] / scaling.spreads[$0] }
    let intercept =
      newton.point[columns] - zip(coefficients, scaling.means).reduce(0) { $0 + $1.0 * $1.1 }
    let errors = (0..<columns).map { newton.errors[$0] / scaling.spreads[$0] }
    return PenalizedLogisticRegressionModel(
      names: names, coefficients: coefficients, intercept: intercept, means: scaling.means,
      standardErrors: errors, steps: steps)
  }

  private static func scaling(_ data: Dataset) -> (means: [Double], spreads: [Double]) {
    let (rows, columns) = (data.features.rows, data.features.columns)
    var (means, squares) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
    let total = data.weights?.reduce(0, +) ?? Double(rows)
    for row in 0..<rows {
      let weight = data.weights?[row] ?? 1
      for column in 0..<columns { means[column] += weight * data.features[row, column] / total }
    }
    for row in 0..<rows {
      let weight = data.weights?[row] ?? 1
      for column in 0..<columns {
        let difference = data.features[row, column] - means[column]
        squares[column] += weight * difference * difference / total
      }
    }
    // A column that never varies says nothing; any scale leaves its coefficient at zero.
    return (means, squares.map { $0 > 1e-18 ? $0.squareRoot() : 1 })
  }

  private func validate(_ data: Dataset) throws {
    func require(_ holds: Bool, _ name: String, _ value: String, _ expected: String) throws {
      guard holds else { throw LearningError.invalidParameter(name: name, value: value, expected: expected) }
    }
    guard data.features.rows > 0 else {
      throw LearningError.notEnoughData(needed: "at least one training row", found: "none")
    }
    let rows = data.features.rows
    try require(
      configuration.regularization >= 0 && configuration.regularization.isFinite, "regularization",
      "\(configuration.regularization)", "0 or more")
    try require(
      configuration.maximumSteps > 0, "maximumSteps", "\(configuration.maximumSteps)", "at least 1")
    try require(
      data.names.count == data.features.columns, "names", "\(data.names.count)",
      "\(data.features.columns), one a column")
    try require(data.labels.count == rows, "labels", "\(data.labels.count)", "\(rows), one a row")
    try require(
      data.labels.allSatisfy { (0...1).contains($0) }, "labels", "out of range", "0 to 1")
    try require(data.features.elements.allSatisfy(\.isFinite), "features", "not finite", "finite numbers")
    try require(
      data.weights.map { $0.count == rows && $0.allSatisfy { $0 >= 0 && $0.isFinite } && $0.reduce(0, +) > 0 }
        ?? true, "weights", "of another number or out of range", "one a row, 0 or more")
  }
}

/// A weighted sum of features as log-odds.
public struct PenalizedLogisticRegressionModel: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The features' names.
  public let names: [String]
  /// What a unit of each feature adds to the log-odds.
  public let coefficients: [Double]
  /// The log-odds where all features are zero.
  public let intercept: Double
  /// The features' means over the training rows: contributions are counted from them.
  public let means: [Double]
  /// The coefficients' standard errors, from the inverse of the penalised information.
  public let standardErrors: [Double]
  /// How many Newton steps the fit took.
  public let steps: Int

  /// The log-odds of a row with all features at their means.
  public var base: Double { zip(coefficients, means).reduce(intercept) { $0 + $1.0 * $1.1 } }

  /// The log-odds of a row.
  public func margin(_ row: some Collection<Double>) -> Double {
    precondition(row.count == coefficients.count, "a row has \(coefficients.count) features")
    return zip(coefficients, row).reduce(intercept) { $0 + $1.0 * $1.1 }
  }

  /// The probability of a row.
  public func probability(_ row: some Collection<Double>) -> Double {
    SpecialFunctions.logistic(margin(row))
  }

  /// What each feature adds to the log-odds, compared with its mean: exact Shapley values of a sum whose features are
  /// taken as independent. They add up to the margin with `base`.
  public func contributions(_ row: some Collection<Double>) -> [Double] {
    zip(zip(coefficients, row), means).map { $0.0 * ($0.1 - $1) }
  }
}

/// The search for the ridge estimate on scaled columns.
private struct RidgeNewton {
  let design: Matrix<Double>
  let labels: [Double]
  let weights: [Double]?
  let penalty: Double
  var point: [Double]
  /// The square roots of the inverse information's diagonal.
  var errors: [Double] = []

  init(design: Matrix<Double>, labels: [Double], weights: [Double]?, penalty: Double) {
    self.design = design
    self.labels = labels
    self.weights = weights
    self.penalty = penalty
    point = [Double](repeating: 0, count: design.columns)
  }

  private func margins(_ point: [Double]) -> [Double] {
    design.multiplied(by: Matrix(rows: design.columns, columns: 1, point)).elements
  }

  private func loss(_ margins: [Double], _ point: [Double]) -> Double {
    var sum = point.dropLast().reduce(0) { $0 + $1 * $1 } * penalty / 2
    for (row, margin) in margins.enumerated() {
      let softplus = max(margin, 0) + log1p(exp(-abs(margin)))
      sum += (weights?[row] ?? 1) * (softplus - labels[row] * margin)
    }
    return sum
  }

  /// Gradient and Hessian; a trace of ridge keeps columns that depend on each other apart.
  private func derivatives(
    _ margins: [Double], _ point: [Double]
  ) -> (gradient: [Double], hessian: Matrix<Double>) {
    let order = design.columns
    var (residuals, weighted) = ([Double](repeating: 0, count: design.rows), design)
    for row in 0..<design.rows {
      let p = SpecialFunctions.logistic(margins[row])
      let weight = weights?[row] ?? 1
      residuals[row] = weight * (p - labels[row])
      let root = (weight * max(p * (1 - p), 1e-12)).squareRoot()
      for column in 0..<order { weighted.elements[row * order + column] *= root }
    }
    var gradient = Matrix(rows: 1, columns: design.rows, residuals).multiplied(by: design).elements
    var hessian = weighted.gram()
    for column in 0..<order {
      let ridge = column < order - 1 ? penalty : 0
      gradient[column] += ridge * point[column]
      hessian[column, column] += ridge + 1e-9 * Double(design.rows)
    }
    return (gradient, hessian)
  }

  /// Newton steps, halved until the loss falls; returns how many were made.
  mutating func minimize(_ settings: PenalizedLogisticRegression.Configuration) throws -> Int {
    var margins = margins(point)
    var value = loss(margins, point)
    let scale = Double(design.rows)
    for step in 0...settings.maximumSteps {
      let (gradient, hessian) = derivatives(margins, point)
      let largest = gradient.reduce(0) { max($0, abs($1)) } / scale
      if largest <= settings.gradientTolerance {
        errors = try hessian.inverseOfSymmetricPositiveDefinite().diagonal.map { $0.squareRoot() }
        return step
      }
      guard step < settings.maximumSteps else { break }
      let direction = try hessian.solvingSymmetricPositiveDefinite(gradient)
      var (size, moved) = (1.0, false)
      while size > 1e-6 {
        let trial = zip(point, direction).map { $0 - size * $1 }
        let there = self.margins(trial)
        let next = loss(there, trial)
        if next <= value + 1e-12 * abs(value) {
          (point, margins, value, moved) = (trial, there, next, true)
          break
        }
        size /= 2
      }
      guard moved else {
        guard largest < 1e-6 else { break }
        errors = try hessian.inverseOfSymmetricPositiveDefinite().diagonal.map { $0.squareRoot() }
        return step
      }
    }
    throw LearningError.didNotConverge(steps: settings.maximumSteps)
  }
}

extension Matrix where Scalar == Double {
  fileprivate var diagonal: [Double] { (0..<rows).map { self[$0, $0] } }
}
