import Application
import ArgumentParser
import Commerce
import Foundation

/// What is particular to a shop: its name, currency and time zone.
struct ShopCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shop", abstract: "Show or set a shop's name, currency and time zone.",
    subcommands: [Show.self, Change.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a shop's settings.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let settings = try await ShopSettings.load(from: store.openStore(create: false))
      try show(settings ?? ShopSettings(name: store.shop), output)
    }
  }

  struct Change: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Set a shop's settings; makes the shop when there is none.",
      discussion: """
        Set the currency and the time zone before training: amounts in other currencies are left out of sums. A server \
        that is running takes the settings up within seconds.
        """)

    @Option(help: "The name shown on the dashboard.")
    var name: String?
    @Option(help: "The currency of the shop's sums, such as CNY.")
    var currency: String?
    @Option(help: "The IANA time zone in which days are counted, such as Asia/Shanghai.")
    var timeZone: String?
    @Option(help: "What the shop calls the categories at which needs are mined.")
    var categoryLabel: String?
    @Option(help: "How many days decisions are kept.")
    var decisionRetentionDays: Int?
    @Option(help: "How many versions of each model are kept, besides the live one and the one before it.")
    var modelVersionsKept: Int?
    @Option(help: "After how many days with new events models are trained again; 0 for never by themselves.")
    var retrainDays: Int?
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let place = try await store.openStore(create: true)
      var settings = try await ShopSettings.load(from: place) ?? ShopSettings(name: store.shop)
      if let name { settings.name = name }
      if let timeZone { settings.timeZone = timeZone }
      if let categoryLabel { settings.categoryLabel = categoryLabel }
      if let decisionRetentionDays { settings.decisionRetentionDays = decisionRetentionDays }
      if let modelVersionsKept { settings.modelVersionsKept = modelVersionsKept }
      if let retrainDays { settings.retrainDays = retrainDays }
      if let currency {
        guard let known = Currency(currency) else {
          throw ApplicationError.invalidParameter(
            name: "currency", value: currency, expected: "an ISO 4217 code such as CNY")
        }
        settings.currency = known
      }
      try await settings.save(to: place)
      try show(settings, output)
    }
  }
}

private func show(_ settings: ShopSettings, _ output: OutputOptions) throws {
  if output.json {
    output.write(json: try JSONValue(encoding: settings))
  } else {
    Console.table(
      ["setting", "value"],
      [
        ["name", settings.name], ["currency", settings.currency.code], ["time zone", settings.timeZone],
        ["category label", settings.categoryLabel],
        ["decision retention days", String(settings.decisionRetentionDays)],
        ["model versions kept", String(settings.modelVersionsKept)],
        ["retrain days", String(settings.retrainDays)],
      ])
  }
}
