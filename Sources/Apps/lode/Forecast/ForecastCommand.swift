import Application
import ArgumentParser
import Commerce
import Forecasting
import Foundation
import Learning

/// `lode forecast`: how series go on.
struct ForecastCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Say how series go on, with intervals.",
    discussion: """
      Reads a CSV file in long form (unique_id, ds, y), a row for each step of each series; gaps between dates are missing \
      values. Writes a row for each step to come: unique_id, ds, model, mean, and lo-95, hi-95 for each level. A series that \
      cannot be forecast is named with the reason, and the others go on. Auto is the median of AutoETS, AutoARIMA and \
      DynamicOptimizedTheta, or for items that sell now and then the method of their demand's class. LinearRegression, \
      GradientBoosting and LSTM learn all series at once; names joined by + are averaged.
      """)

  @OptionGroup var options: SeriesOptions
  @Option(
    help: ArgumentHelp(
      "The method: Auto, AutoETS, AutoARIMA, Theta, Croston, GradientBoosting, …", valueName: "name"))
  var model = "Auto"
  @Flag(help: "Learn from the last steps of all series how wide intervals have to be (split conformal).")
  var conformal = false
  @Flag(help: "Write JSON instead of CSV.") var json = false

  func validate() throws { _ = try ForecastMethod(model) }

  func run() async throws {
    let entries = try options.entries()
    let percentages = try options.percentages()
    let results = try await ForecastMethod(model).run(entries, options, conformal: conformal)
    Console.clearProgress()
    write(zip(entries, results).map { ($0, $1) }, percentages)
    let failed = results.filter { $0.problem != nil }
    for result in failed { Console.note(result.problem ?? "") }
    if failed.count == results.count { throw ExitCode(2) }
  }

  private func write(_ results: [(entry: SeriesFile.Entry, result: SeriesRunner.Result)], _ levels: [Double])
  {
    let names = levels.map(SeriesOptions.name(ofLevel:))
    if json {
      let rows = results.flatMap { entry, result in
        steps(entry, result).map { row(entry, result, $0, names) }
      }
      let problems = results.compactMap { entry, result in
        result.problem.map { ["unique_id": .string(entry.series.id), "problem": .string($0)] as JSONValue }
      }
      return FileHandle.standardOutput.write(
        Data(JSONValue.object(["forecasts": .array(rows), "problems": .array(problems)]).serialized + [0x0A]))
    }
    let writer = CSVWriter(
      columns: ["unique_id", "ds", "model", "mean"] + names.flatMap { ["lo-\($0)", "hi-\($0)"] })
    print(writer.header, terminator: "")
    for (entry, result) in results {
      for step in steps(entry, result) { print(writer.line(row(entry, result, step, names)), terminator: "") }
    }
  }

  private func row(
    _ entry: SeriesFile.Entry, _ result: SeriesRunner.Result,
    _ step: (ds: String, mean: Double, ranges: [(Double, Double)]), _ names: [String]
  ) -> JSONValue {
    var row: JSONValue = [
      "unique_id": .string(entry.series.id), "ds": .string(step.ds), "model": JSONValue(result.model),
      "mean": JSONValue(step.mean),
    ]
    for (name, range) in zip(names, step.ranges) {
      row["lo-\(name)"] = JSONValue(range.0)
      row["hi-\(name)"] = JSONValue(range.1)
    }
    return row
  }

  private func steps(
    _ entry: SeriesFile.Entry, _ result: SeriesRunner.Result
  ) -> [(ds: String, mean: Double, ranges: [(Double, Double)])] {
    guard let forecast = result.forecast else { return [] }
    return forecast.mean.indices.map { step in
      (
        entry.step.after(entry.last, count: step + 1), forecast.mean[step],
        forecast.intervals.map { ($0.lower[step], $0.upper[step]) }
      )
    }
  }
}

/// `lode evaluate forecast`: how good methods are on the last steps of series.
struct EvaluateForecast: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Measure forecasts on the last steps of series: MASE, sMAPE, RMSSE, intervals.",
    discussion: """
      Each method learns each series without its last --horizon steps (from --origins ends, one --step apart) and forecasts \
      them. Figures are means over the series that every method can forecast; WRMSSE weighs series by their sums before the \
      last --horizon steps, or by those of --weight-column. Regressors count as known ahead.
      """)

  @OptionGroup var options: SeriesOptions
  @Option(help: ArgumentHelp("The methods, separated by commas.", valueName: "names"))
  var models = "Auto,AutoETS,AutoARIMA,DynamicOptimizedTheta,SeasonalNaive"
  @Option(help: "A column whose sum within a series is the series' weight in WRMSSE, such as its revenue.")
  var weightColumn: String?
  @Option(help: "From how many ends each series is forecast.") var origins = 1
  @Option(help: "How many steps lie between two ends.") var step = 1
  @OptionGroup var output: OutputOptions

  func validate() throws {
    _ = try ForecastMethod.list(models)
    if origins < 1 || step < 1 { throw ValidationError("--origins and --step are at least 1.") }
  }

  private struct Row {
    var name: String
    var results: [SeriesRunner.BacktestResult]
    var seconds: Double
  }

  func run() async throws {
    let entries = try options.entries(weight: weightColumn)
    let series = entries.map(\.series)
    var rows: [Row] = []
    for method in try ForecastMethod.list(models) {
      let started = ContinuousClock.now
      let results = try await method.backtest(series, options, origins: origins, step: step)
      rows.append(
        Row(name: method.name, results: results, seconds: (ContinuousClock.now - started) / .seconds(1)))
    }
    Console.clearProgress()
    let common = series.indices.filter { index in rows.allSatisfy { $0.results[index].metrics != nil } }
    guard !common.isEmpty else {
      throw ValidationError(
        rows.lazy.flatMap(\.results).compactMap(\.problem).first ?? "There is no series to measure on.")
    }
    let weights = common.map { index in
      let steps = entries[index].weights ?? series[index].values.map { $0.isNaN ? 0 : abs($0) }
      return steps.dropLast(options.horizon).reduce(0, +)
    }
    let measured = rows.map { row in
      (row, figures(common.compactMap { row.results[$0].metrics }, weights))
    }
    if output.json {
      return output.write(json: [
        "models": .array(
          measured.map { row, figures in
            [
              "name": .string(row.name),
              "metrics": .object(Dictionary(uniqueKeysWithValues: figures.map { ($0.0, JSONValue($0.1)) })),
              "seconds": JSONValue(row.seconds),
              "failed": JSONValue(row.results.count { $0.metrics == nil }),
            ]
          }), "protocol": .string("rolling-origin"), "series": JSONValue(common.count),
      ])
    }
    Console.note(
      "\(common.count) of \(series.count) series, the last \(options.horizon) steps, \(origins) origin(s).")
    Console.table(
      ["method"] + (measured.first?.1.map(\.0) ?? []) + ["seconds"],
      measured.map { row, figures in
        [row.name] + figures.map { String(format: "%.4f", $0.1) } + [String(format: "%.1f", row.seconds)]
      })
  }

  private func figures(_ metrics: [ForecastMetrics], _ weights: [Double]) -> [(String, Double)] {
    guard let mean = ForecastMetrics.mean(metrics) else { return [] }
    var figures: [(String, Double?)] = [
      ("mase", mean.mase), ("smape", mean.smape), ("rmsse", mean.rmsse),
      ("wrmsse", ForecastMetrics.wrmsse(metrics, weights: weights)), ("bias", mean.bias), ("crps", mean.crps),
    ]
    for interval in mean.intervals {
      let level = SeriesOptions.name(ofLevel: (interval.level * 1e6).rounded() / 1e4)
      figures += [("coverage-\(level)", interval.coverage), ("msis-\(level)", interval.msis)]
    }
    return figures.map { ($0.0, $0.1 ?? .nan) }
  }
}
