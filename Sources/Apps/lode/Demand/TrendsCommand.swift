import Application
import ArgumentParser
import Commerce
import Demand
import Foundation

/// `lode trends`: what rises and falls in a shop, and what goes with its sales.
struct TrendsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trends", abstract: "Show which categories, brands and attributes rise and fall.",
    subcommands: [Show.self, Correlations.self], defaultSubcommand: Show.self)

  /// `lode trends show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What rises and falls: the change a quarter with its interval.")

    @Option(help: "What to look at: category, brand, department or attribute.")
    var level = DemandTrend.Level.category
    @Option(help: "Only what goes this way: rising, falling or steady.")
    var direction: DemandTrend.Direction?
    @Option(help: "Only what contains this.") var containing: String?
    @Option(help: "The order: change or units.") var sort = TrendFilter.Order.change
    @Option(help: "At most so many.") var limit = 20
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try require(limit: limit) }

    func run() async throws {
      try await store.withShop { shop in
        var filter = TrendFilter()
        (filter.level, filter.direction, filter.query, filter.order) = (level, direction, containing, sort)
        let page = try await shop.trends(filter, page: PageRequest(limit: limit))
        if output.json { return output.write(json: page.json) }
        print(Words.text(page.extra["summary"]?["en"]) + "\n")
        Console.table(
          [level.rawValue, "goes", "change a quarter", "95% interval", "share", "units", "spend", "q"],
          page.items.map { row in
            [
              Words.text(row["label"]), Words.text(row["direction"]), Words.percent(row["change"]),
              "\(Words.percent(row["interval"]?["lower"])) to \(Words.percent(row["interval"]?["upper"]))",
              Words.percent(row["share_change"]), Words.whole(row["units"]), Words.money(row["spend"]),
              Words.number(row["q_value"]),
            ]
          })
        Words.noteRest(of: page)
      }
    }
  }

  /// `lode trends correlations`
  struct Correlations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How sales go with price, promotion, stock and delivery, and what must not be read into it.")

    @Option(help: "Only items of this category.") var category: String?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await store.withShop { shop in
        let page = try await shop.salesCorrelations(category: category, page: PageRequest())
        if output.json { return output.write(json: page.json) }
        Console.table(
          [
            "factor", "estimate", "95% interval", "q", "pairs", "items",
            "without comparing items with themselves",
          ],
          page.items.map { row in
            [
              Words.text(row["factor"]), Words.number(row["estimate"]),
              row["interval"]?.object == nil
                ? "–"
                : "\(Words.number(row["interval"]?["lower"])) to \(Words.number(row["interval"]?["upper"]))",
              Words.number(row["q_value"]), Words.whole(row["pairs"]), Words.whole(row["items"]),
              Words.number(row["naive_estimate"]),
            ]
          })
        for row in page.items {
          print("\n\(Words.text(row["label"]?["en"])). \(Words.text(row["warning"]?["en"]))")
        }
      }
    }
  }
}

extension DemandTrend.Level: ExpressibleByArgument {}
extension DemandTrend.Direction: ExpressibleByArgument {}
extension TrendFilter.Order: ExpressibleByArgument {}
