import ArgumentParser
import Forecasting
import Learning

/// A method by the name that a command was given: of one series, across series, or several joined by `+`.
struct ForecastMethod {
  /// How it learns.
  enum Kind {
    case series(ForecastAlgorithm)
    case panel(PanelAlgorithm)
    /// The mean of several.
    case combination([Kind])
  }

  var name: String
  var kind: Kind

  /// - Throws: `ValidationError` naming the methods there are.
  init(_ text: String) throws {
    let parts = try text.split(separator: "+", omittingEmptySubsequences: false).map { part in
      try Self.kind(part.trimmingSpaces)
    }
    kind = parts.count == 1 ? parts[0].kind : .combination(parts.map(\.kind))
    name = parts.map(\.name).joined(separator: "+")
  }

  /// The methods of names separated by commas.
  static func list(_ text: String) throws -> [ForecastMethod] {
    try text.split(separator: ",").map { try ForecastMethod($0.trimmingSpaces) }
  }

  private static func kind(_ name: String) throws -> (name: String, kind: Kind) {
    let asked = name.lowercased()
    if let found = ForecastAlgorithm.allCases.first(where: { $0.rawValue.lowercased() == asked }) {
      return (found.rawValue, .series(found))
    }
    if let found = PanelAlgorithm.allCases.first(where: { $0.rawValue.lowercased() == asked }) {
      return (found.rawValue, .panel(found))
    }
    let names = ForecastAlgorithm.allCases.map(\.rawValue) + PanelAlgorithm.allCases.map(\.rawValue)
    throw ValidationError("There is no method '\(name)'; there are \(names.joined(separator: ", ")).")
  }

  /// Forecasts every series.
  func run(_ entries: [SeriesFile.Entry], _ options: SeriesOptions, conformal: Bool) async throws
    -> [SeriesRunner.Result]
  {
    let series = entries.map(\.series)
    let levels = try options.percentages().map { $0 / 100 }
    let future = Dictionary(uniqueKeysWithValues: entries.map { ($0.series.id, $0.future) })
    let context = options.context("forecasting")
    guard case .series(let algorithm) = kind else {
      if conformal {
        throw ValidationError(
          "--conformal is for methods of one series; \(name) learns its intervals itself.")
      }
      return try await PanelRunner(horizon: options.horizon, levels: levels)
        .run(panel(kind, options), on: series, regressors: future, context: context)
    }
    let runner = SeriesRunner(horizon: options.horizon, levels: levels)
    let scale =
      conformal
      ? try runner.conformalScale(algorithm.forecaster, on: series, origins: 2, context: context) : nil
    return try runner.run(
      algorithm.forecaster, on: series, regressors: future, scale: scale, context: context)
  }

  /// Backtests on every series.
  func backtest(_ series: [TimeSeries], _ options: SeriesOptions, origins: Int, step: Int) async throws
    -> [SeriesRunner.BacktestResult]
  {
    let levels = try options.percentages().map { $0 / 100 }
    let context = options.context("measuring \(name)")
    if case .series(let algorithm) = kind {
      return try SeriesRunner(horizon: options.horizon, levels: levels)
        .backtest(algorithm.forecaster, on: series, origins: origins, step: step, context: context)
    }
    return try await PanelRunner(horizon: options.horizon, levels: levels)
      .backtest(panel(kind, options), on: series, origins: origins, step: step, context: context)
  }

  private func panel(_ kind: Kind, _ options: SeriesOptions) -> any PanelForecaster {
    switch kind {
    case .series(let algorithm): EachSeries(algorithm.forecaster)
    case .panel(let algorithm):
      algorithm.forecaster(horizon: options.horizon, holidays: HolidayCalendar(options.holidays))
    case .combination(let kinds):
      PanelCombination(kinds.map { panel($0, options) }, by: .mean, horizon: options.horizon)
    }
  }
}

extension HolidayCalendar.Region: ExpressibleByArgument {}

extension StringProtocol {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
