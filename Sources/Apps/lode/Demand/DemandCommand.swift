import Application
import ArgumentParser
import Commerce
import Demand
import Foundation

/// `lode demand`: what a shop will sell.
struct DemandCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demand", abstract: "Forecast what a shop will sell, week by week.",
    subcommands: [DemandForecastCommand.self, DemandShowCommand.self, DemandAnomaliesCommand.self])
}

/// `lode demand forecast`: forecasts the shop anew.
struct DemandForecastCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Forecast the shop, its categories and the items sold most, and take that into use.",
    discussion: """
      Every subject is forecast from up to sixteen past weeks by several methods to see how good that was; it gets the method that was \
      best for it and its like, and intervals as wide as the errors were. A running server takes the forecasts up within seconds.
      """)

  @Option(help: "How many weeks are forecast, 1 to 26.") var horizon = 8
  @Option(help: "How many items are forecast, those of most units.") var itemCount = 1_000
  @Flag(
    help:
      "Also measure how much customers' needs should weigh beside sales: mines needs anew as of twelve weeks ago."
  )
  var weighNeeds = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...26).contains(horizon) { throw ValidationError("--horizon is 1 to 26 weeks.") }
    if !(0...20_000).contains(itemCount) { throw ValidationError("--item-count is 0 to 20000.") }
  }

  func run() async throws {
    let configuration = DemandForecasting.Configuration(horizon: horizon, items: itemCount)
    let (workspace, shop) = try await store.loadShop()
    let forecasts = try await shop.forecastDemand(configuration: configuration, isFull: weighNeeds) {
      Console.progress($0.stage, fraction: $0.fraction)
    }
    Console.clearProgress()
    let page = try await shop.demand(DemandFilter(), page: PageRequest(limit: 1))
    await workspace.close()
    if output.json { return output.write(json: page.json) }
    Self.show(forecasts)
    print(page.extra["summary"]?["en"]?.string ?? "")
  }

  /// Prints how good the methods were.
  static func show(_ forecasts: DemandForecasts) {
    Console.table(
      ["method", "chosen for", "MASE", "WRMSSE"],
      (forecasts.report.methods + [forecasts.report.chosen]).map {
        [
          $0.model, String($0.subjects), String(format: "%.4f", $0.mase), String(format: "%.4f", $0.wrmsse),
        ]
      })
    let coverage = forecasts.report.coverage.sorted { $0.key < $1.key }.map {
      String(format: "%.1f %% of values in the intervals of %@ %%", 100 * $0.value, $0.key)
    }
    print(
      "\(forecasts.outlooks.count { $0.mean != nil }) of \(forecasts.outlooks.count) subjects forecast from \(forecasts.weeks) full weeks; "
        + (coverage.isEmpty ? "too few weeks to check intervals." : coverage.joined(separator: ", ") + "."))
    if let needs = forecasts.needs {
      var line = String(format: "Needs weigh %.2f beside sales", needs.weight)
      if let test = needs.backtest {
        line += String(
          format:
            "; error over units sold %.4f by sales, %.4f by needs, %.4f by both: %.1f %% better (%.1f to %.1f)",
          test.series, test.needs, test.combined, 100 * test.improvement, 100 * test.lower, 100 * test.upper)
      }
      print(line + ".")
    }
    Console.note(String(format: "Forecast in %.1f s.", forecasts.report.seconds))
  }
}

/// `lode demand show`: what was forecast.
struct DemandShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what was forecast: a list, or one subject by its name.")

  @Argument(help: "shop, department:NAME, category:NAME or item:ID; without it a list.") var subject: String?
  @Option(help: "Only this level: shop, department, category or item.") var level: DemandSubject.Level?
  @Option(help: "Only names that contain this.") var query: String?
  @Option(help: "Only items of this category.") var category: String?
  @Option(help: "units, change, error, label or needs.") var sort = DemandOrder.units
  @Option(help: "At most so many.") var limit = 20
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...100_000).contains(limit) { throw ValidationError("--limit is 1 to 100000.") }
  }

  func run() async throws {
    try await store.withShop { shop in
      if let subject { return show(try await shop.demand(ofSubject: subject)) }
      var filter = DemandFilter()
      (filter.level, filter.query, filter.category, filter.order) = (level, query, category, sort)
      list(try await shop.demand(filter, page: PageRequest(limit: limit)))
    }
  }

  private func list(_ page: Page) {
    if output.json { return output.write(json: page.json) }
    Console.table(
      ["subject", "last 4 weeks", "next 4", "80 %", "change", "method", "MASE"],
      page.items.map(Self.cells))
    print(page.extra["summary"]?["en"]?.string ?? "")
  }

  private static func cells(_ row: JSONValue) -> [String] {
    let range = row["range_next_4"]
    let change = row["change"]?.number.map { String(format: "%+.0f%%", 100 * $0) }
    let error = row["mase"]?.number.map { String(format: "%.2f", $0) }
    return [
      row["label"]?.string ?? "", units(row["units_last_4"]), units(row["units_next_4"]), ends(range),
      change ?? "–", row["model"]?.string ?? "–", error ?? "–",
    ]
  }

  private static func ends(_ range: JSONValue?) -> String {
    guard let lower = range?["lower"], let upper = range?["upper"] else { return "–" }
    return units(lower) + " – " + units(upper)
  }

  private func show(_ detail: JSONValue) {
    if output.json { return output.write(json: detail) }
    print(detail["label"]?.string ?? "")
    print(detail["words"]?["en"]?.string ?? "")
    Console.table(
      ["week", "mean", "80 %", "95 %"],
      (detail["forecast"]?.array ?? []).map { step in
        [step["week"]?.string ?? "", Self.units(step["mean"])]
          + (step["intervals"]?.array ?? []).map { Self.ends($0) }
      })
  }

  private static func units(_ value: JSONValue?) -> String {
    value?.number.map { String(format: $0 >= 100 ? "%.0f" : "%.1f", $0) } ?? "–"
  }
}

/// `lode demand anomalies`: weeks that were not as expected.
struct DemandAnomaliesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anomalies",
    abstract: "List weeks in which more or less was sold than expected, newest first.")

  @Option(help: "At most so many.") var limit = 20
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...100_000).contains(limit) { throw ValidationError("--limit is 1 to 100000.") }
  }

  func run() async throws {
    let (workspace, shop) = try await store.loadShop()
    let page = try await shop.demandAnomalies(page: PageRequest(limit: limit))
    await workspace.close()
    if output.json { return output.write(json: page.json) }
    Console.table(
      ["week", "subject", "units", "expected", "kind"],
      page.items.map { row in
        [
          row["week"]?.string ?? "", row["label"]?.string ?? "",
          row["units"]?.number.map { String(format: "%.0f", $0) } ?? "–",
          row["expected"]?.number.map { String(format: "%.0f", $0) } ?? "–", row["kind"]?.string ?? "",
        ]
      })
  }
}

extension DemandSubject.Level: ExpressibleByArgument {}
extension DemandOrder: ExpressibleByArgument {}
