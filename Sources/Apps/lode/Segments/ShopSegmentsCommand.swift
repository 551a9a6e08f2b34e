import Application
import ArgumentParser
import Commerce
import Customers
import Foundation

/// `lode segments fit`: segments a shop's customers.
struct SegmentsFitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit", abstract: "Segment a shop's customers and take that into use.",
    discussion: """
      Customers are told apart by how they buy: how lately, how often and for how much, their rhythm, their baskets, promotions \
      and departments. Segments in use stay as long as they fit; --anew finds them anew. A running server takes them up within seconds.
      """)

  @Option(help: ArgumentHelp("How many segments, 2 to 20, else chosen.", valueName: "count"))
  var clusters: Int?
  @Flag(help: "Find segments anew although those in use still fit.") var anew = false
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let clusters, !(2...20).contains(clusters) { throw ValidationError("--clusters is 2 to 20.") }
  }

  func run() async throws {
    let (workspace, shop) = try await store.loadShop()
    try await shop.segmentCustomers(SegmentationRequest(segments: clusters, isAnew: anew)) {
      Console.progress($0.stage, fraction: $0.fraction)
    }
    Console.clearProgress()
    let page = try await shop.segments(.cluster, page: PageRequest(limit: 100))
    await workspace.close()
    if output.json { return output.write(json: page.json) }
    SegmentsListCommand.show(page)
    print(page.extra["choice"]?["reason"]?["en"]?.string ?? "")
  }
}

/// `lode segments list`: a shop's segments.
struct SegmentsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List a shop's segments with their size and share.")

  @Option(help: "Only cluster, rfm or rule.") var kind: Shop.SegmentKind?
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await store.withShop { shop in
      let page = try await shop.segments(kind, page: PageRequest(limit: 500))
      if output.json { return output.write(json: page.json) }
      Self.show(page)
    }
  }

  static func show(_ page: Page) {
    Console.table(
      ["id", "name", "customers", "share", "of spend", "silhouette", "stability"],
      page.items.map { row in
        [
          row["id"]?.string ?? "", row["name"]?["en"]?.string ?? "",
          row["size"].map { "\($0.integer ?? 0)" } ?? "",
          percent(row["share"]), percent(row["spend_share"]), decimal(row["silhouette"]),
          decimal(row["stability"]),
        ]
      })
    print(page.extra["summary"]?["en"]?.string ?? "")
  }

  static func percent(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.1f%%", 100 * $0) } ?? "–"
  }

  static func decimal(_ value: JSONValue?) -> String {
    value?.number.map { String(format: "%.2f", $0) } ?? "–"
  }
}

/// `lode segments show`: one segment of a shop.
struct SegmentsShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what sets a segment of a shop apart, and what it needs.")

  @Argument(help: "The segment's id, as the list says.") var segment: String
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await store.withShop { shop in
      let detail = try await shop.segment(segment)
      if output.json { return output.write(json: detail) }
      print(detail["name"]?["en"]?.string ?? "")
      print(detail["description"]?["en"]?.string ?? "")
      Console.table(
        ["feature", "here", "others", "effect"],
        (detail["traits"]?.array ?? []).map { trait in
          [trait["label"]?["en"]?.string ?? ""]
            + ["inside", "outside", "effect"].map { SegmentsListCommand.decimal(trait[$0]) }
        })
      Console.table(
        ["need", "here", "all", "customers"],
        (detail["needs"]?.array ?? []).map { need in
          [
            need["label"]?.string ?? "", SegmentsListCommand.percent(need["strength"]),
            SegmentsListCommand.percent(need["overall"]), "\(need["customers"]?.integer ?? 0)",
          ]
        })
    }
  }
}

/// `lode segments migration`: who moved between a shop's segments.
struct SegmentsMigrationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migration", abstract: "Show how customers moved between a shop's segments.")

  @Option(help: "How many four-week steps back.") var steps = 1
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await store.withShop { shop in
      let found = try await shop.segmentMigration(steps: steps)
      if output.json { return output.write(json: found) }
      print(found["summary"]?["en"]?.string ?? "")
      Console.table(
        ["from", "to", "customers", "of the segment", "what changed most"],
        (found["flows"]?.array ?? []).map { flow in
          [
            flow["from"]?["name"]?["en"]?.string ?? "", flow["to"]?["name"]?["en"]?.string ?? "",
            "\(flow["customers"]?.integer ?? 0)", SegmentsListCommand.percent(flow["share"]),
            flow["changes"]?.array?.first?["label"]?["en"]?.string ?? "–",
          ]
        })
    }
  }
}

extension Shop.SegmentKind: ExpressibleByArgument {}
