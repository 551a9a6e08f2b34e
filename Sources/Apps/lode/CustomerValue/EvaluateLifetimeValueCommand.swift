import ArgumentParser
import Commerce
import CustomerValue
import Foundation
import Learning
import MathKernels

/// `lode evaluate clv`: how well purchases are forecast.
struct EvaluateLifetimeValue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clv",
    abstract:
      "Measure forecasts of customers' purchases on the time after a day: MAE, RMSE, correlation, bias.",
    discussion: """
      Each model learns from the purchases until --calibration-end, and forecasts how often each customer buys from then until \
      --end. Rules of thumb stand beside the models: OwnRate (each customer goes on at their own rate), MeanRate (all at the \
      mean rate), RecencyFrequency (as OwnRate, but nothing from those away for twice their usual time). Intervals of level 95 % \
      come from resampling customers.
      """)

  @OptionGroup var options: TransactionOptions
  @Option(help: "The last day that is learned from, such as 2025-06-30.") var calibrationEnd: String
  @Option(help: "The last day that is measured; without it that of the last purchase.") var end: String?
  @Option(help: ArgumentHelp("The models, separated by commas.", valueName: "names"))
  var models = PurchaseForecaster.allCases.map(\.rawValue).joined(separator: ",")
  @Option(help: "How many resamples the intervals take.") var resamples = 1000
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard options.transactions != nil else { throw ValidationError("--transactions names the purchases.") }
    _ = try forecasters()
    _ = try TransactionOptions.day(calibrationEnd, option: "--calibration-end")
    if let end { _ = try TransactionOptions.day(end, option: "--end") }
    guard (10...100_000).contains(resamples) else { throw ValidationError("--resamples is 10 to 100000.") }
  }

  private func forecasters() throws -> [PurchaseForecaster] {
    try models.split(separator: ",").map { try .named($0.trimmingCharacters(in: .whitespaces)) }
  }

  func run() async throws {
    let (log, _) = try options.read()
    let evaluation: HoldoutEvaluation
    do {
      evaluation = try HoldoutEvaluation.run(
        log, calibrationEnd: try TransactionOptions.day(calibrationEnd, option: "--calibration-end"),
        end: try end.map { try TransactionOptions.day($0, option: "--end") }, unit: options.timeUnit,
        forecasters: try forecasters(), fitting: options.fitting,
        covariates: { try options.covariates(log, $0) }, resamples: resamples,
        context: FitContext(seed: options.seed) { _ in Console.progress("measuring", fraction: nil) })
    } catch let error as CustomerValueError {
      throw ValidationError("\(options.file): \(error)")
    }
    Console.clearProgress()
    output.json ? output.write(json: describe(evaluation)) : show(evaluation)
  }

  private func figures(
    _ result: HoldoutEvaluation.Result
  ) -> [(name: String, figure: HoldoutEvaluation.Figure)] {
    [
      ("mae", result.meanAbsoluteError), ("rmse", result.rootMeanSquareError),
      ("correlation", result.correlation), ("bias", result.totalBias),
    ]
  }

  private func describe(_ evaluation: HoldoutEvaluation) -> JSONValue {
    let models = evaluation.results.map { result -> JSONValue in
      var (metrics, intervals): (JSONValue, JSONValue) = ([:], [:])
      for (name, figure) in figures(result) {
        metrics[name] = Self.finite(figure.value)
        intervals[name] = .array([
          Self.finite(figure.interval.lower), Self.finite(figure.interval.upper),
        ])
      }
      return [
        "name": .string(result.forecaster.rawValue), "metrics": metrics, "intervals": intervals,
        "deciles": .array(
          result.deciles.map {
            [
              "customers": JSONValue($0.customers), "forecast": JSONValue($0.forecast),
              "actual": JSONValue($0.actual),
            ]
          }), "seconds": JSONValue(result.seconds),
      ]
    }
    return [
      "models": .array(models), "protocol": "holdout", "customers": JSONValue(evaluation.base.count),
      "purchases": JSONValue(evaluation.actual.reduce(0, +)), "horizon": JSONValue(evaluation.horizon),
      "unit": .string(evaluation.base.unit.rawValue),
    ]
  }

  private static func finite(_ value: Double) -> JSONValue { value.isFinite ? JSONValue(value) : .null }

  private func show(_ evaluation: HoldoutEvaluation) {
    Console.note(
      String(
        format: "%d customers, %d purchases in %g %@s.", evaluation.base.count,
        evaluation.actual.reduce(0, +), evaluation.horizon, evaluation.base.unit.rawValue))
    Console.table(
      ["model"] + ["mae", "rmse", "correlation", "bias"].flatMap { [$0, "95 %"] } + ["seconds"],
      evaluation.results.map { result in
        [result.forecaster.rawValue]
          + figures(result).flatMap { _, figure in
            figure.value.isFinite
              ? [
                String(format: "%.4f", figure.value),
                String(format: "%.4f–%.4f", figure.interval.lower, figure.interval.upper),
              ] : ["–", "–"]
          } + [String(format: "%.1f", result.seconds)]
      })
    let models = evaluation.results.filter { $0.forecaster.process != nil }
    guard let best = models.min(by: { $0.meanAbsoluteError.value < $1.meanAbsoluteError.value }) else {
      return
    }
    print("\n\(best.forecaster.rawValue) by tenths of the customers:")
    Console.table(
      ["tenth", "customers", "forecast", "actual"],
      best.deciles.enumerated().map { index, decile in
        [
          String(index + 1), String(decile.customers), String(format: "%.3f", decile.forecast),
          String(format: "%.3f", decile.actual),
        ]
      })
  }
}
