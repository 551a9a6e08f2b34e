import Application
import ArgumentParser
import Commerce
import Demand
import Foundation
import Learning

/// `lode evaluate restock`: what orders by forecasts would have saved.
struct EvaluateRestock: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restock",
    abstract:
      "Replay past weeks: orders by forecasts beside so many weeks' cover of the last four weeks' mean.",
    discussion: """
      Of a shop's items sold most, or of --series: weekly sales in long form (unique_id, ds, y). Each week both order; the \
      forecasts know only the weeks before. How much they guard against is set on the --tuning-weeks before, so that both serve the \
      same share of the demand, weighted by price; then the later --weeks are replayed, and once more with exactly the same share \
      there. Costs: keeping a unit for a year, and a unit missing, as shares of its price. The interval of the saving is of a \
      bootstrap over items.
      """)

  @Option(help: ArgumentHelp("Weekly sales: CSV in long form instead of a shop.", valueName: "file"))
  var series: String?
  @Option(
    help: ArgumentHelp(
      "Prices: CSV with unique_id and price, for --series; without it all are 1.", valueName: "file"))
  var prices: String?
  @Option(help: "The column of the items' names.") var idColumn = "unique_id"
  @Option(help: "The column of weeks.") var timeColumn = "ds"
  @Option(help: "The column of units.") var valueColumn = "y"
  @Option(help: "How many items, those of most units.") var itemCount = 1_000
  @Option(help: "Weeks replayed.") var weeks = 26
  @Option(help: "Weeks before them on which both are set to the same fill rate.") var tuningWeeks = 13
  @Option(help: "How many weeks an order takes.") var leadWeeks = 1
  @Option(help: "For how many weeks' mean demand the other policy orders in all, waiting time included.")
  var cover =
    4.0
  @Option(help: "The fill rate that both shall have, 0 to 1, instead of the one of --cover.") var fillRate:
    Double?
  @Option(help: "What keeping a unit for a year costs, as a share of its price.") var holdingShare = 0.25
  @Option(help: "What a unit missing costs, as a share of its price.") var shortageShare = 0.3
  @Option(help: "Seeds the bootstrap.") var seed: UInt64 = 42
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if itemCount < 1 { throw ValidationError("--item-count is at least 1.") }
    if prices != nil, series == nil { throw ValidationError("--prices belongs to --series.") }
  }

  func run() async throws {
    let settings = RestockEvaluation.Configuration(
      weeks: weeks, tuningWeeks: tuningWeeks, leadWeeks: leadWeeks, cover: cover, holdingShare: holdingShare,
      shortageShare: shortageShare, fillRate: fillRate)
    let context = FitContext(seed: seed) { step in
      Console.progress(
        "replaying orders", fraction: Double(step.step) / Double(max(1, step.totalSteps ?? 1)))
    }
    if let series {
      return show(try RestockEvaluation(settings).run(try read(series), context: context))
    }
    try await store.withShop { shop in
      show(try await shop.evaluateRestock(settings, items: itemCount, context: context))
    }
  }

  private func read(_ file: String) throws -> [RestockEvaluation.Item] {
    var known: [String: Double] = [:]
    if let prices {
      try PlainTable.read(prices, required: [idColumn, "price"], optional: []) { fields in
        guard let price = Double(fields[1]), price > 0, price.isFinite else {
          throw PlainTable.Problem(field: "price", value: fields[1], expected: "a number above 0")
        }
        known[fields[0]] = price
      }
    }
    let entries = try SeriesFile.read(
      file, columns: .init(id: idColumn, time: timeColumn, value: valueColumn), seasonLength: 1)
    let items = entries.map { entry in
      RestockEvaluation.Item(
        // A week without a row sold nothing.
        id: entry.series.id, demand: entry.series.values.map { $0.isNaN ? 0 : max(0, $0) },
        price: prices == nil ? 1 : known[entry.series.id] ?? 0)
    }
    let totals = items.map { (item: $0, units: $0.demand.reduce(0, +)) }
    return totals.sorted { ($1.units, $0.item.id) < ($0.units, $1.item.id) }.prefix(itemCount).map(\.item)
  }

  private func show(_ report: RestockEvaluation.Report) {
    Console.clearProgress()
    if output.json {
      guard let json = try? JSONValue(encoding: report) else { return }
      return output.write(json: json)
    }
    print(
      String(
        format:
          "%d items, the last %d weeks. Set on the %d weeks before to a fill rate of %.2f %%: cover %.2f weeks, level %.1f %%.",
        report.test.items, report.test.weeks, tuningWeeks, 100 * report.tunedFillRate, report.cover,
        100 * report.level))
    Console.table(
      ["", "orders by", "fill rate", "cost", "saving", "95 %"],
      rows("set before", report.test) + rows("same fill rate", report.equal))
  }

  private func rows(_ name: String, _ test: RestockBacktest) -> [[String]] {
    func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }
    func cells(_ outcome: RestockBacktest.Outcome) -> [String] {
      [percent(outcome.fillRate), String(format: "%.0f", outcome.cost)]
    }
    return [
      [name, "forecasts"] + cells(test.policy) + [
        percent(test.saving), percent(test.interval.lower) + " to " + percent(test.interval.upper),
      ],
      ["", "last four weeks"] + cells(test.baseline) + ["", ""],
    ]
  }
}
