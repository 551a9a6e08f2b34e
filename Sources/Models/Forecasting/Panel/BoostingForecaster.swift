import Foundation
import Learning
import MathKernels

/// Gradient boosting across series: one ensemble of trees that forecasts every series of a panel from its own past, its
/// regressors, attributes and calendar.
///
/// ```swift
/// let method = BoostingForecaster(.init(span: 8, holidays: HolidayCalendar(.western)))
/// let model = try await method.fit(series, context: FitContext(seed: 7))
/// let results = try model.forecast(horizon: 8, levels: [0.8, 0.95], regressors: knownAhead)
/// ```
/// Each row of the table is a series, an origin in its past and a step ahead of it; its columns are lags, rolling means and
/// deviations, the season ago, regressors at the step ahead and how they changed, the mean of past steps with like regressors,
/// attributes coded, calendar and holidays. Values are divided by the series' level at the origin; prices and other regressors
/// above 0 are taken by their logarithm. `span` steps are forecast
/// directly, the step ahead being a column; farther ones from the forecasts of those before, as if they had come. With a span
/// of 1 every step is forecast that way (recursively). Nothing after an origin is read but what is known ahead.
///
/// Intervals come from the last `span` steps of every series, forecast by an ensemble that has not seen them
/// (`ResidualCalibration`), so that fitting trains twice. Series too short for it, in a panel without longer ones, get normal
/// errors of the size of their own ups and downs, which the description says.
///
/// Sources: Bandara, Bergmeir and Hewamalage (2021) on learning across series, https://doi.org/10.1109/TNNLS.2020.2985720;
/// Januschowski et al. (2022) on trees for forecasting, https://doi.org/10.1016/j.ijforecast.2021.10.004; Taieb and Hyndman (2014) on
/// direct and recursive forecasts, http://proceedings.mlr.press/v32/taieb14.html; the trees are XGBoost's.
///
/// - Complexity: O(rounds · depth · rows · columns), rows being origins times span, at most `maxRows`.
/// - Throws: `ForecastError.invalidParameter`, `notEnoughData` where no series has a value after another,
///   `CancellationError`.
public struct BoostingForecaster: PanelForecaster {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many steps are forecast directly.
    public var span: Int
    /// The holidays that become columns, where series have a calendar.
    public var holidays: HolidayCalendar?
    /// What the trees learn: squared error, or for panels without values below 0 Poisson or Tweedie; nil for Tweedie where no value
    /// is below 0 and squared error elsewhere.
    public var objective: GradientBoosting.Objective?
    /// How the trees grow; the objective in it is not read.
    public var boosting: GradientBoosting.Configuration
    /// How many rows are learned from at most; of more, whole origins are left out at random.
    public var maxRows: Int
    /// Whether intervals are learned from the last steps; without, they are normal and fitting takes half the time.
    public var calibrated: Bool

    /// Settings; the defaults suit weekly demand of some hundred to some thousand items.
    public init(
      span: Int = 8, holidays: HolidayCalendar? = HolidayCalendar(.western),
      objective: GradientBoosting.Objective? = nil,
      boosting: GradientBoosting.Configuration = Configuration.trees, maxRows: Int = 400_000,
      calibrated: Bool = true
    ) {
      (self.span, self.holidays, self.objective) = (span, holidays, objective)
      (self.boosting, self.maxRows, self.calibrated) = (boosting, maxRows, calibrated)
    }

    /// The trees that suit weekly demand.
    public static var trees: GradientBoosting.Configuration {
      GradientBoosting.Configuration(
        objective: .tweedie, rounds: 200, learningRate: 0.05, maxDepth: 7, minChildWeight: 20,
        subsample: 0.8, columnSample: 0.6, regularization: 5, maxBins: 128)
    }
  }

  /// See `PanelForecaster`.
  public let name = "GradientBoosting"
  /// The settings.
  public var configuration: Configuration

  /// Boosting with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// See `PanelForecaster`.
  public func fit(_ series: [TimeSeries], context: FitContext) async throws -> any PanelForecastModel {
    try validate()
    let span = configuration.span
    let features = PanelFeatures(series, holidays: configuration.holidays)
    let prepared = try features.columns.prepare(series)
    var cases: [ResidualCalibration.Case] = []
    if configuration.calibrated {
      cases = try await heldOut(series, context: part(context, 0))
    }
    let forecasts = try await train(prepared, features, context: part(context, 1))
    return BoostingForecastModel(
      configuration: configuration, forecasts: forecasts, series: prepared,
      calibration: ResidualCalibration(cases, span: span))
  }

  /// Forecasts of the last steps of every series that is long enough, by trees that have not seen them.
  private func heldOut(_ series: [TimeSeries], context: FitContext) async throws -> [ResidualCalibration.Case]
  {
    let span = configuration.span
    let long = series.filter { $0.count > span + 1 }
    guard !long.isEmpty else { return [] }
    let earlier = long.map { $0.before($0.count - span) }
    let features = PanelFeatures(earlier, holidays: configuration.holidays)
    let prepared = try features.columns.prepare(earlier)
    let forecaster: TreeForecasts
    do { forecaster = try await train(prepared, features, context: context) } catch ForecastError
      .notEnoughData
    {
      return []  // too short to hold anything out, which the model's description says
    }
    let future = try long.indices.map { index in
      try features.columns.future(
        long[index].regressors(from: earlier[index].count, count: span), of: prepared[index], horizon: span)
    }
    let means = try forecaster.means(prepared, future: future, horizon: span)
    return long.indices.compactMap { index in
      means[index].map {
        .init(series: prepared[index], mean: $0, actual: Array(long[index].values.suffix(span)))
      }
    }
  }

  private func train(_ series: [PanelSeries], _ features: PanelFeatures, context: FitContext) async throws
    -> TreeForecasts
  {
    let isNonnegative = series.allSatisfy { $0.problem != nil || $0.isNonnegative }
    var boosting = configuration.boosting
    boosting.objective = configuration.objective ?? (isNonnegative ? .tweedie : .squaredError)
    let rows = try TreeRows(
      series, features, span: configuration.span, maxRows: configuration.maxRows,
      nonnegative: boosting.objective.predictsLogarithm, seed: context.seed)
    let trees = try await GradientBoosting(boosting).fit(
      .init(FeatureMatrix(names: features.names, values: rows.values), labels: rows.labels), context: context)
    return TreeForecasts(features: features, trees: trees, span: configuration.span)
  }

  /// The first or second half of a run.
  private func part(_ context: FitContext, _ half: Int) -> FitContext {
    let halves = configuration.calibrated ? 2 : 1
    let before = configuration.calibrated ? half : 0
    return FitContext(seed: context.seed) { progress in
      let total = progress.totalSteps ?? 1
      context.onProgress(
        FitProgress(
          step: before * total + progress.step, totalSteps: halves * total, metrics: progress.metrics))
    }
  }

  private func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: Int, _ expected: String) throws {
      guard holds else {
        throw ForecastError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    try require((1...1000).contains(configuration.span), "span", configuration.span, "1 to 1000")
    try require(configuration.maxRows >= 100, "maxRows", configuration.maxRows, "at least 100")
    let objectives: [GradientBoosting.Objective] = [.squaredError, .poisson, .tweedie]
    if let objective = configuration.objective, !objectives.contains(objective) {
      throw ForecastError.invalidParameter(
        name: "objective", value: objective.rawValue,
        expected: objectives.map(\.rawValue).joined(separator: ", "))
    }
  }
}
