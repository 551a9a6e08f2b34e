import Application
import ArgumentParser
import Commerce
import Foundation
import Needs

/// The main job on real data.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Mine the needs of 2,469 real households and serve them.",
    discussion: """
      Imports the Complete Journey data set, trains, evaluates, mines needs, prints the findings and serves the \
      dashboard. A second run reuses what is there. With --reviews the same for what customers say: 17,000 Chinese reviews, in \
      ./lode-data-reviews unless another --data-dir is given.
      """)

  @Flag(
    help:
      "Mine what customers say from Chinese reviews instead ('make text' fetches and trains what it needs).")
  var reviews = false
  @Flag(help: "Stop after the findings, without serving.")
  var noServe = false
  @Option(help: "The port of the dashboard.")
  var port = 8080
  @Option(help: ArgumentHelp("The folder of the data set's Parquet files.", valueName: "folder"))
  var data: String?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    if reviews { return try await runReviews() }
    guard let home = Installation.home, let cache = Installation.cache else {
      throw ApplicationError.notFound(what: "folder", id: "the one with Web/ and Mappings/ (set LODE_HOME)")
    }
    let data =
      data.map { URL(fileURLWithPath: $0, isDirectory: true) }
      ?? cache.appendingPathComponent("data/complete-journey", isDirectory: true)
    guard FileManager.default.fileExists(atPath: data.appendingPathComponent("transactions.parquet").path)
    else {
      throw ApplicationError.notFound(
        what: "data set",
        id: "\(data.path)/transactions.parquet (fetch it with 'scripts/fetch-data complete-journey')")
    }
    let workspace = store.workspace()
    let shop = try await workspace.shop(store.shop, create: true)
    let demo = Demo(data: data, mappings: home.appendingPathComponent("Mappings", isDirectory: true))
    let findings = try await demo.run(shop) { Console.progress($0.stage, fraction: $0.fraction) }
    Console.clearProgress()
    if output.json {
      output.write(json: try findings.json)
    } else {
      findings.show()
    }
    try await finish(workspace, store)
  }

  private func runReviews() async throws {
    var store = store
    // Beside the shop of groceries: without keys a server shows the shop of one data directory.
    if store.dataDirectory == "./lode-data" { store.dataDirectory = "./lode-data-reviews" }
    let workspace = store.workspace()
    let shop = try await workspace.shop(store.shop, create: true)
    let board = try await ReviewDemo(models: try TextModels.installed()).run(
      shop, now: Timestamp(Date())
    ) { Console.progress($0.stage, fraction: $0.fraction) }
    Console.clearProgress()
    NeedsVoice.show(board, limit: 20, output)
    if !output.json {
      print(
        "The reviews have no dates, customers or articles of their own: there are no trends, and each counts as one customer."
      )
    }
    try await finish(workspace, store)
  }

  private func finish(_ workspace: Workspace, _ store: StoreOptions) async throws {
    if noServe { return await workspace.close() }
    var serve = Serve()
    serve.port = port
    serve.store = store
    try await serve.serve(workspace)
  }
}

extension Demo.Findings {
  /// Prints the findings for people.
  func show() {
    for report in imports {
      Console.note("Imported \(report.file): \(report.stored) stored, \(report.rejected) set aside.")
    }
    training?.show()
    print("")
    print("\(customers) customers, \(items) items, \(events) events.")
    if let findings { print(findings.en) }
    table("Most money at stake in the next 28 days", atStake)
    if !rising.isEmpty { table("Rising", rising) }
    if !falling.isEmpty { table("Falling", falling) }
    if let example {
      print("\nCustomer \(example.customerID) next:")
      Console.table(
        ["need", "kind", "chance", "in days", "at stake"],
        example.needs.map { need in
          [
            need["subject"]?["label"]?.string ?? "", need["kind"]?.string ?? "",
            Self.percent(need["strength"]?.number ?? 0),
            need["expected_in_days"]?.number.map { String(format: "%.0f", $0) } ?? "–",
            String(format: "%.2f", need["value"]?["amount"]?.number ?? 0),
          ]
        })
    }
    Console.note(String(format: "\nDone in %.0f s.", seconds))
  }

  private func table(_ title: String, _ rows: [NeedBoard.Row]) {
    print("\n\(title)")
    Console.table(
      ["need", "customers", "at stake", "due in 7 days", "last 28 days", "28 before"],
      rows.map { row in
        [
          row.subject.label, String(Int(row.expectedCustomers.rounded())),
          String(format: "%.0f %@", row.atStake.amount, row.atStake.currency.code),
          String(row.dueWithin7Days),
          Self.percent(row.trend.recentShare), Self.percent(row.trend.previousShare),
        ]
      })
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f%%", share * 100) }
}
