import Application
import ArgumentParser
import Commerce
import Demand
import Foundation

/// `lode evaluate launches`: how well a shop's earlier launches would have been foretold.
struct EvaluateLaunches: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launches",
    abstract: "Measure plans of launches on a shop's own earlier launches.",
    discussion: """
      A launch is a first sale after at least twelve full weeks without one, to at least five customers within four weeks, at a \
      pace (order lines of the first eight weeks) at which so long a silence would be chance in at most one case in 10,000. Each is \
      foretold from what was over in the week before it. Errors of the first 8 to 12 weeks are scaled by the launch's own mean \
      change from week to week and averaged; intervals are of resampled categories.
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await store.withShop { shop in
      let (backtest, library) = try await shop.evaluateLaunches()
      if output.json { return output.write(json: json(backtest, library)) }
      print(
        "\(library.launches.count) launches among \(library.lateFirstSales) items first sold after \(library.definition.silentWeeks) "
          + "full weeks; \(backtest.cases.count) foretold, \(backtest.skipped) too early to learn from others.\n"
      )
      Console.table(
        ["forecast", "MASE", "plan's error is smaller by", "95% interval"],
        [["plan (medians)", String(format: "%.3f", backtest.mase), "", ""]]
          + LaunchBacktest.Baseline.allCases.compactMap { baseline in
            backtest.baselines[baseline].map { result in
              let interval = result.improvement.interval
              return [
                baseline.label, String(format: "%.3f", result.mase),
                String(format: "%.1f%%", 100 * result.improvement.value),
                String(format: "%.1f%% to %.1f%%", 100 * interval.lower, 100 * interval.upper),
              ]
            }
          })
      print(
        String(
          format:
            "\n80%% intervals held %.1f%% of the weeks and %.1f%% of the totals; the expected totals add up to %+.1f%% of the sold ones; "
            + "%.0f%% of the variance of the totals' logarithms is explained.",
          100 * backtest.coverage, 100 * backtest.totalCoverage, 100 * backtest.bias, 100 * backtest.explained
        ))
    }
  }

  private func json(_ backtest: LaunchBacktest, _ library: LaunchLibrary) -> JSONValue {
    var baselines: JSONValue = [:]
    for (name, result) in backtest.baselines {
      baselines[name.rawValue] = [
        "mase": JSONValue(result.mase), "improvement": JSONValue(result.improvement.value),
        "lower": JSONValue(result.improvement.interval.lower),
        "upper": JSONValue(result.improvement.interval.upper),
      ]
    }
    return [
      "launches": JSONValue(library.launches.count), "late_first_sales": JSONValue(library.lateFirstSales),
      "foretold": JSONValue(backtest.cases.count), "mase": JSONValue(backtest.mase), "baselines": baselines,
      "coverage": JSONValue(backtest.coverage), "total_coverage": JSONValue(backtest.totalCoverage),
      "bias": JSONValue(backtest.bias), "explained": JSONValue(backtest.explained),
    ]
  }
}

extension LaunchBacktest.Baseline {
  fileprivate var label: String {
    switch self {
    case .categoryMean: "category's average curve"
    case .categoryMedian: "category's median curve"
    case .shopMedian: "shop's median curve"
    case .establishedItem: "category's usual item"
    }
  }
}
