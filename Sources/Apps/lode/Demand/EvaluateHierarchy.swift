import Application
import ArgumentParser
import Commerce
import Demand
import Forecasting
import Foundation
import Learning

/// `lode evaluate hierarchy`: what becomes of a shop's forecasts when they are made to add up.
struct EvaluateHierarchy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hierarchy",
    abstract: "Measure forecasts of shop, categories and items that are made to add up.",
    discussion: """
      Every series is forecast on its own, then all are reconciled: bottom-up, top-down, middle-out, least squares, weighted by \
      structure or variance, and by minimum trace with shrinkage. The error is the WRMSSE: weighted by money within each level, \
      averaged over the three levels. Intervals are of resampled categories.
      """)

  @Option(help: "How many items stand for themselves; the rest of each category is one series.")
  var items = 1_000
  @Option(help: "The method of the forecasts, by its name.")
  var algorithm = ForecastAlgorithm.autoETS.rawValue
  @Option(help: "Weeks ahead.") var horizon = 8
  @Option(help: "Origins, each a horizon before the next.") var folds = 1
  @Flag(help: "Forecast units instead of money.") var units = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    _ = try SeriesOptions.algorithms([algorithm])
    guard (1...100_000).contains(items) else {
      throw ValidationError("--items is a number from 1 to 100000.")
    }
    guard (1...52).contains(horizon), (1...20).contains(folds) else {
      throw ValidationError("--horizon is a number from 1 to 52, --folds from 1 to 20.")
    }
  }

  func run() async throws {
    try await store.withShop { shop in
      let history = try await shop.fullWeeks()
      let backtest = try HierarchyBacktest(
        history, items: items, ofMoney: !units, horizon: horizon, folds: folds,
        forecaster: try SeriesOptions.algorithms([algorithm])[0].forecaster,
        context: FitContext {
          Console.progress("Forecasting", fraction: Double($0.step) / Double($0.totalSteps ?? 1))
        })
      Console.clearProgress()
      if output.json { return output.write(json: json(backtest)) }
      print("\(backtest.series) series, \(backtest.sums) of them sums, from \(backtest.origins) origins.\n")
      Console.table(
        ["forecast", "WRMSSE", "smaller by", "95% interval", "shop", "categories", "items"],
        backtest.rows.map { row in
          let interval = row.improvement.interval
          return [
            row.name, String(format: "%.4f", row.wrmsse),
            String(format: "%.2f%%", 100 * row.improvement.value),
            String(format: "%.2f%% to %.2f%%", 100 * interval.lower, 100 * interval.upper),
          ] + row.levels.map { String(format: "%.4f", $0) }
        })
    }
  }

  private func json(_ backtest: HierarchyBacktest) -> JSONValue {
    [
      "series": JSONValue(backtest.series), "sums": JSONValue(backtest.sums),
      "origins": JSONValue(backtest.origins),
      "rows": .array(
        backtest.rows.map { row in
          [
            "name": .string(row.name), "wrmsse": JSONValue(row.wrmsse),
            "levels": .array(row.levels.map { JSONValue($0) }),
            "improvement": JSONValue(row.improvement.value),
            "lower": JSONValue(row.improvement.interval.lower),
            "upper": JSONValue(row.improvement.interval.upper),
            "incoherence": JSONValue(row.incoherence),
          ]
        }),
    ]
  }
}
