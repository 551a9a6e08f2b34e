import Application
import ArgumentParser
import Commerce
import Demand
import Forecasting
import Foundation
import Inventory
import Learning
import MathKernels

/// `lode restock`: what to order.
struct RestockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restock", abstract: "Plan orders: what, how much, and why.",
    subcommands: [RestockPlanCommand.self])
}

/// `lode restock plan`: an order plan for many items from their past demand.
struct RestockPlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Plan what to order from past demand, stock, costs and suppliers' terms, within a budget.",
    discussion: """
      Without files the plan is of a shop: from its forecasts (lode demand forecast) and the stock, on_order, unit_cost, \
      lead_time_days, pack_size, min_order, shelf_life_days and volume among its items' attributes. Where an item's stock is not known \
      the plan tells the level to order up to. With files, --series holds past demand in long form (unique_id, ds, y). --items has a row for each item: unique_id, stock, unit_cost, and \
      where they are known on_order, shortage_cost (what a unit missing costs, else half of unit_cost), surplus_cost (what a unit \
      left over costs until the next order, else 2 % of unit_cost), lead_time and review (in steps of the series, else 1 each), \
      min_order, pack_size, service_level (0 to 1, instead of the one that the costs imply). The demand until the order after \
      this one can arrive is forecast by a thousand sample paths of --model; the plan takes the quantities that save most \
      for the money.
      """)

  @Option(help: ArgumentHelp("Past demand: CSV with a header, a row for each step.", valueName: "file"))
  var series: String?
  @Option(help: ArgumentHelp("The items: CSV with a header.", valueName: "file")) var items: String?
  @Option(help: "What the orders may cost together; without it every item gets its best quantity.")
  var budget: Double?
  @Option(help: ArgumentHelp("The forecasting method.", valueName: "name")) var model = "Auto"
  @Option(help: "How many steps make a season: 12 for months, 52 for weeks, 7 for days; 1 for none.")
  var seasonLength = 1
  @Option(help: "The column of the items' names, in both files.") var idColumn = "unique_id"
  @Option(help: "The column of steps: dates, or whole numbers.") var timeColumn = "ds"
  @Option(help: "The column of demand.") var valueColumn = "y"
  @Option(help: "Seeds the sample paths.") var seed: UInt64 = 42
  @Flag(help: "Write JSON instead of CSV.") var json = false
  @Option(help: "Of a shop: the probability that the stock suffices, .5 to .999.") var serviceLevel = 0.95
  @Option(help: "Of a shop: how many days an order takes where an item does not say.") var leadTimeDays = 7.0
  @Option(help: "Of a shop: how many days pass between two orders.") var reviewDays = 7.0
  @Option(help: "Of a shop: the room for what is ordered, in the unit of the items' volumes.") var storage:
    Double?
  @Option(help: "Of a shop: only items of this category.") var category: String?
  @Option(help: "Of a shop: at most so many lines.") var limit = 1_000
  @OptionGroup var store: StoreOptions

  private static let paths = 1_000
  private static let columns = [
    "on_order", "shortage_cost", "surplus_cost", "lead_time", "review", "min_order", "pack_size",
    "service_level",
  ]

  func validate() throws {
    if (series == nil) != (items == nil) {
      throw ValidationError("--series and --items belong together; without both the plan is of a shop.")
    }
    if !(1...100_000).contains(limit) { throw ValidationError("--limit is 1 to 100000.") }
    _ = try SeriesOptions.algorithms([model])
    if seasonLength < 1 { throw ValidationError("--season-length is at least 1.") }
    if let budget, !(budget >= 0 && budget.isFinite) {
      throw ValidationError("--budget is a number of at least 0.")
    }
  }

  /// An item as its file has it.
  private struct Stock {
    var id: String
    var onHand: Double
    var onOrder: Double
    var unitCost: Double
    var shortageCost: Double
    var surplusCost: Double
    var leadTime: Int
    var review: Int
    var terms: SupplyTerms
    var serviceLevel: Double?

    /// How many steps pass until the order after this one can arrive.
    var protection: Int { max(1, leadTime + review) }
  }

  /// An item with its demand to come.
  private struct Outlook: Sendable {
    var demand: [Double]
    var model: String
    var recent: Double?
    var problem: String?
  }

  func run() async throws {
    guard let series, let items else {
      let settings = RestockAdvice.Settings(
        serviceLevel: serviceLevel, leadTimeDays: leadTimeDays, reviewDays: reviewDays, budget: budget,
        storage: storage)
      return try await RestockShop(
        settings: settings, category: category, limit: limit, store: store, json: json
      ).run()
    }
    try plan(series: series, items: items)
  }

  private func plan(series: String, items: String) throws {
    let entries = try SeriesFile.read(
      series, columns: .init(id: idColumn, time: timeColumn, value: valueColumn), seasonLength: seasonLength)
    let bySeries = Dictionary(uniqueKeysWithValues: entries.map { ($0.series.id, $0.series) })
    let stocks = try readItems(items)
    let known = stocks.filter { bySeries[$0.id] != nil }
    for missing in stocks where bySeries[missing.id] == nil {
      Console.note("The item '\(missing.id)' has no past demand in \(series): it is left out.")
    }
    guard !known.isEmpty else { throw ValidationError("No item of \(items) has past demand in \(series).") }
    let forecaster = try SeriesOptions.algorithms([model])[0].forecaster
    let outlooks = try outlooks(known.map { (bySeries[$0.id]!, $0.protection) }, forecaster)
    Console.clearProgress()
    for (stock, outlook) in zip(known, outlooks) {
      if let problem = outlook.problem { Console.note("The item '\(stock.id)' is left out: \(problem)") }
    }
    let ready = zip(known, outlooks).filter { $0.1.problem == nil }
    let plan = try RestockPlan.make(
      ready.map { stock, outlook in
        RestockPlan.Item(
          id: stock.id, demand: .empirical(outlook.demand), position: stock.onHand + stock.onOrder,
          unitCost: stock.unitCost, shortageCost: stock.shortageCost, surplusCost: stock.surplusCost,
          terms: stock.terms, serviceLevel: stock.serviceLevel)
      }, budget: budget)
    show(plan, ready)
  }

  private func outlooks(
    _ jobs: [(series: TimeSeries, steps: Int)], _ forecaster: any Forecaster
  ) throws -> [Outlook] {
    let (seed, paths) = (self.seed, Self.paths)
    var result: [Outlook] = []
    for start in stride(from: 0, to: jobs.count, by: 64) {
      let end = min(jobs.count, start + 64)
      result += try parallelBlocks(end - start, blockSize: 1) { block -> Outlook in
        let (series, steps) = jobs[start + block.lowerBound]
        do {
          let model = try forecaster.fit(series, context: FitContext(seed: seed))
          let ways = try model.samplePaths(horizon: steps, count: paths, regressors: [:], seed: seed)
          // Nobody buys less than nothing, and nobody half a unit more than they need.
          let demand = ways.map { max(0, $0.reduce(0, +)).rounded() }
          guard demand.allSatisfy(\.isFinite) else {
            return Outlook(demand: [], model: "", recent: nil, problem: "its forecast has no bounds.")
          }
          let recent = series.values.suffix(steps).filter { !$0.isNaN }
          return Outlook(
            demand: demand, model: model.description,
            recent: recent.isEmpty ? nil : recent.reduce(0, +) / Double(recent.count) * Double(steps))
        } catch let error as ForecastError {
          return Outlook(demand: [], model: "", recent: nil, problem: error.description)
        }
      }
      Console.progress("forecasting demand", fraction: Double(end) / Double(jobs.count))
    }
    return result
  }

  private func readItems(_ items: String) throws -> [Stock] {
    var stocks: [Stock] = []
    var names: Set<String> = []
    try PlainTable.read(items, required: [idColumn, "stock", "unit_cost"], optional: Self.columns) { fields in
      func number(_ index: Int, _ name: String, _ fallback: Double?) throws -> Double {
        if fields[index].isEmpty, let fallback { return fallback }
        guard let value = Double(fields[index]), value.isFinite, value >= 0 else {
          throw PlainTable.Problem(field: name, value: fields[index], expected: "a number of at least 0")
        }
        return value
      }
      func whole(_ index: Int, _ name: String) throws -> Int {
        let value = try number(index, name, 1)
        guard value == value.rounded(), value <= 1_000 else {
          throw PlainTable.Problem(
            field: name, value: fields[index], expected: "a whole number of steps up to 1000")
        }
        return Int(value)
      }
      func positive(_ index: Int, _ name: String, _ fallback: Double?) throws -> Double {
        let value = try number(index, name, fallback)
        guard value > 0 else {
          throw PlainTable.Problem(field: name, value: fields[index], expected: "a number above 0")
        }
        return value
      }
      guard names.insert(fields[0]).inserted else {
        throw PlainTable.Problem(
          field: idColumn, value: fields[0], expected: "each item once, with the stock of all its places")
      }
      let cost = try positive(2, "unit_cost", nil)
      let level = fields[10].isEmpty ? nil : try number(10, "service_level", nil)
      if let level, !(level > 0 && level < 1) {
        throw PlainTable.Problem(
          field: "service_level", value: fields[10], expected: "a number between 0 and 1")
      }
      let lead = try whole(6, "lead_time")
      let pack = try positive(9, "pack_size", 1)
      stocks.append(
        Stock(
          id: fields[0], onHand: try number(1, "stock", nil), onOrder: try number(3, "on_order", 0),
          unitCost: cost,
          shortageCost: try positive(4, "shortage_cost", cost / 2),
          surplusCost: try positive(5, "surplus_cost", cost / 50),
          leadTime: lead, review: try whole(7, "review"),
          terms: SupplyTerms(leadTime: lead, minimumOrder: try number(8, "min_order", 0), packSize: pack),
          serviceLevel: level))
    }
    return stocks
  }

  // MARK: What comes of it

  private func show(_ plan: RestockPlan, _ items: [(Stock, Outlook)]) {
    let rows = zip(plan.lines, items).sorted { ($1.0.benefit, $0.0.id) < ($0.0.benefit, $1.0.id) }
    let lines = rows.map { line, item -> JSONValue in
      [
        "unique_id": .string(line.id), "order": JSONValue(line.quantity), "wanted": JSONValue(line.wanted),
        "cost": JSONValue(line.cost), "benefit": JSONValue(line.benefit),
        "stockout_risk": JSONValue(line.stockoutRisk),
        "expected_shortage": JSONValue(line.expectedShortage),
        "expected_surplus": JSONValue(line.expectedSurplus), "stock": JSONValue(item.0.onHand),
        "on_order": JSONValue(item.0.onOrder), "expected_demand": JSONValue(Self.mean(item.1.demand)),
        "steps": JSONValue(item.0.protection), "model": .string(item.1.model),
        "why": .string(why(line, item)),
      ]
    }
    if json {
      let answer: JSONValue = [
        "plan": .array(lines), "cost": JSONValue(plan.spent), "benefit": JSONValue(plan.benefit),
        "gap": JSONValue(budget == nil ? 0 : plan.gap),
      ]
      return FileHandle.standardOutput.write(Data(answer.serialized + [0x0A]))
    }
    let writer = CSVWriter(columns: [
      "unique_id", "order", "cost", "stock", "on_order", "expected_demand", "stockout_risk",
      "expected_surplus",
      "benefit", "why",
    ])
    print(writer.header, terminator: "")
    for line in lines { print(writer.line(line), terminator: "") }
    var sentence = String(
      format: "%d of %d items, %.2f in all, saving %.2f of expected shortage and surplus.",
      plan.lines.count { $0.quantity > 0 }, plan.lines.count, plan.spent, plan.benefit)
    if budget != nil {
      sentence += String(format: " No plan within the budget saves %.1f %% more.", 100 * plan.gap)
    }
    Console.note(sentence)
  }

  private func why(_ line: RestockPlan.Line, _ item: (Stock, Outlook)) -> String {
    let (stock, outlook) = item
    let demand = Self.mean(outlook.demand)
    var parts = [
      String(
        format: "%.0f expected in %d steps, %.0f at hand and on order", demand, stock.protection,
        stock.onHand + stock.onOrder)
    ]
    if let recent = outlook.recent, recent > 0, abs(demand / recent - 1) >= 0.1 {
      parts.append(
        String(
          format: "%.0f %% %@ than in the last %d", 100 * abs(demand / recent - 1),
          demand > recent ? "more" : "less", stock.protection))
    }
    if line.quantity < line.wanted {
      parts.append(String(format: "the budget leaves out %.0f", line.wanted - line.quantity))
    }
    if line.quantity > 0, stock.terms.roundedUp(1) > 1 {
      parts.append(String(format: "in packs, at least %.0f", stock.terms.roundedUp(1)))
    }
    return parts.joined(separator: "; ")
  }

  private static func mean(_ values: [Double]) -> Double { values.isEmpty ? 0 : Statistics.mean(values) }
}
