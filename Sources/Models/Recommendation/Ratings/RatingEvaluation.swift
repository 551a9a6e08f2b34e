import Commerce
import Foundation
import Learning
import MathKernels

/// Measures predictors of ratings by k folds: each rating is held out once.
///
/// ```swift
/// let report = try await RatingEvaluation(folds: 5).evaluate(.named("SVDPlusPlus"), on: ratings)
/// report.metrics["rmse"]   // 0.91
/// ```
/// Predictions are held within the scale of the training ratings. RMSE and MAE are means over the folds, as is usual; the
/// intervals are those of the means of all single errors.
public struct RatingEvaluation: Sendable {
  /// How many folds.
  public var folds: Int
  /// Seeds folds, models and intervals.
  public var seed: UInt64
  /// How many resamples the confidence intervals take; 0 for none.
  public var resamples: Int
  /// Told in words what is being done.
  public var onProgress: @Sendable (String) -> Void

  /// An evaluation; by default of five folds.
  public init(
    folds: Int = 5, seed: UInt64 = 42, resamples: Int = 200,
    onProgress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    precondition(folds >= 2, "at least two folds are needed")
    self.folds = folds
    self.seed = seed
    self.resamples = resamples
    self.onProgress = onProgress
  }

  /// The figures of one model.
  public struct Report: Sendable, Codable, Equatable {
    /// The model's name.
    public var name: String
    /// `rmse` and `mae`, means over the folds.
    public var metrics: [String: Double]
    /// The RMSE of each fold.
    public var folds: [Double]
    /// Bootstrap intervals over all ratings.
    public var intervals: [String: ConfidenceInterval]
    /// Seconds to fit, the mean of the folds.
    public var seconds: Double
    /// How many ratings were predicted.
    public var cases: Int
    /// The settings.
    public var configuration: JSONValue
    /// What tuning tried, with its RMSE on validation.
    public var tuning: [Trial]
  }

  /// One setting that tuning tried.
  public struct Trial: Sendable, Codable, Equatable {
    /// The settings.
    public var configuration: JSONValue
    /// RMSE on validation.
    public var rmse: Double
  }

  /// Fits on all folds but one, predicts that one, and takes the figures.
  ///
  /// - Parameter tune: searches the algorithm's settings first, on a tenth of the first fold's training ratings.
  /// - Throws: `RecommendationError.nothingToEvaluate` with fewer ratings than folds, or what fitting throws.
  public func evaluate(
    _ algorithm: RatingAlgorithm, on data: Interactions, tune: Bool = false
  ) async throws -> Report {
    guard data.count >= folds else {
      throw RecommendationError.nothingToEvaluate(
        reason: "\(folds) folds need as many ratings; there are \(data.count)")
    }
    var algorithm = algorithm
    let splits = Splits.kFold(count: data.count, folds: folds, seed: seed)
    let trials = tune ? try await tuned(&algorithm, data.selecting(splits[0].training)) : []
    var (errors, rmse, mae): ([Double], [Double], [Double]) = ([], [], [])
    var seconds = 0.0
    for split in splits {
      let found = try await self.errors(algorithm, data, split)
      seconds += found.seconds / Double(folds)
      rmse.append(Self.rootMeanSquare(found.errors))
      mae.append(Statistics.mean(found.errors.map { abs($0) }))
      errors += found.errors
    }
    return Report(
      name: algorithm.name, metrics: ["rmse": Statistics.mean(rmse), "mae": Statistics.mean(mae)],
      folds: rmse,
      intervals: intervals(errors), seconds: seconds, cases: errors.count,
      configuration: algorithm.configuration, tuning: trials)
  }

  static func rootMeanSquare(_ errors: [Double]) -> Double {
    Statistics.mean(errors.map { $0 * $0 }).squareRoot()
  }

  private func intervals(_ errors: [Double]) -> [String: ConfidenceInterval] {
    guard resamples > 0 else { return [:] }
    let found = Bootstrap.meanIntervals(
      of: [errors.map { $0 * $0 }, errors.map { abs($0) }], resamples: resamples, seed: seed)
    var squares = found[0]
    (squares.lower, squares.upper) = (squares.lower.squareRoot(), squares.upper.squareRoot())
    return ["rmse": squares, "mae": found[1]]
  }

  private func errors(
    _ algorithm: RatingAlgorithm, _ data: Interactions, _ split: Split
  ) async throws -> (errors: [Double], seconds: Double) {
    onProgress("\(algorithm.name): fitting on \(split.training.count) ratings")
    let clock = ContinuousClock()
    let started = clock.now
    let model = try await algorithm.fit(data.selecting(split.training), context: FitContext(seed: seed))
    let seconds = started.duration(to: clock.now) / .seconds(1)
    return (Self.errors(of: model, data, split.test), seconds)
  }

  /// What the model's predictions are off by, for rows of data whose users and items have the model's indices.
  static func errors(of model: any RatingPredictor, _ data: Interactions, _ rows: [Int]) -> [Double] {
    let userOfRow = data.userOfRow
    return parallelBlocks(rows.count, blockSize: 1024) { block in
      block.map { place -> Double in
        let row = rows[place]
        let rating = model.rating(
          user: userOfRow[row], item: data.item[row], timestamp: data.timestamp[row])
        return model.clamped(rating) - Double(data.weight[row])
      }
    }.flatMap { $0 }
  }

  private func tuned(_ algorithm: inout RatingAlgorithm, _ data: Interactions) async throws -> [Trial] {
    let split = Splits.kFold(count: data.count, folds: 10, seed: seed)[0]
    var trials: [Trial] = []
    func figure(_ candidate: RatingAlgorithm) async throws -> Double {
      if let known = trials.first(where: { $0.configuration == candidate.configuration }) {
        return known.rmse
      }
      let rmse = Self.rootMeanSquare(try await errors(candidate, data, split).errors)
      trials.append(Trial(configuration: candidate.configuration, rmse: rmse))
      onProgress("\(candidate.name): validation RMSE \(rmse) with \(candidate.configuration.text)")
      return rmse
    }
    var best = try await figure(algorithm)
    for axis in algorithm.axes {
      let start = algorithm
      for value in axis.values {
        var candidate = start
        try candidate.set(axis.setting, to: value)
        let rmse = try await figure(candidate)
        if rmse < best { (best, algorithm) = (rmse, candidate) }
      }
    }
    return trials
  }
}
