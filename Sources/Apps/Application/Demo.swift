import Commerce
import Features
import Foundation
import Ingestion
import Needs

/// The main job on real data: a year of grocery shopping of 2,469 households, imported, learned from and mined.
///
/// The second run finds everything done and only reads it.
public struct Demo: Sendable {
  /// Where the data set's Parquet files lie.
  public let data: URL
  /// Where the mappings of its files lie.
  public let mappings: URL

  /// A demonstration over the fetched Complete Journey data set.
  public init(data: URL, mappings: URL) {
    self.data = data
    self.mappings = mappings
  }

  private static let files = [
    (file: "products.parquet", mapping: "complete-journey-products.yaml"),
    (file: "demographics.parquet", mapping: "complete-journey-demographics.yaml"),
    (file: "transactions.parquet", mapping: "complete-journey-transactions.yaml"),
  ]
  private static let collection = "demo"

  /// What came of it.
  public struct Findings: Sendable {
    /// Customers, items and events in the shop.
    public var customers = 0
    /// Items in the catalogue.
    public var items = 0
    /// Events in the log.
    public var events = 0
    /// What was imported in this run; empty when all was there.
    public var imports: [ImportReport] = []
    /// What was trained in this run; nil when all was there.
    public var training: TrainingReport?
    /// What the market board says, in English and Chinese.
    public var findings: BilingualText?
    /// The needs with the most money at stake.
    public var atStake: [NeedBoard.Row] = []
    /// The needs that rise most and those that fall most, beyond chance.
    public var rising: [NeedBoard.Row] = []
    /// See `rising`.
    public var falling: [NeedBoard.Row] = []
    /// The strongest needs of one customer, as an example with its evidence.
    public var example: (customerID: String, needs: [JSONValue])?
    /// Seconds of this run.
    public var seconds = 0.0
  }

  /// Imports, trains and mines what has not been yet.
  ///
  /// - Throws: `IngestionError` when a file of the data set is missing or not what it should be.
  public func run(
    _ shop: Shop, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> Findings {
    let started = ContinuousClock.now
    var findings = Findings()
    if try await ShopSettings.load(from: shop.store) == nil {
      try await ShopSettings(
        name: "Complete Journey", currency: .usd, timeZone: "America/New_York",
        categoryLabel: "product category"
      ).save(to: shop.store)
    }
    for (index, source) in Self.files.enumerated() {
      if let report = try await importOnce(
        source.file, mapping: source.mapping, into: shop,
        progress: { imported in
          progress(
            JobProgress(
              stage: "Importing \(source.file)", step: index + 1, totalSteps: 4,
              fraction: imported.fraction, metrics: ["rows": Double(imported.rows)]))
        })
      {
        findings.imports.append(report)
      }
    }
    progress(JobProgress(stage: "Reading the shop into memory", step: 4, totalSteps: 4))
    try await shop.load()
    if await !shop.isTrained { findings.training = try await shop.train(progress: progress) }
    progress(JobProgress(stage: "Mining the needs of all customers", step: 4, totalSteps: 4))
    if await !shop.isDemandForecast {
      try await shop.forecastDemand { progress(JobProgress(stage: $0.stage, step: 4, totalSteps: 4)) }
    }
    if await !shop.isSegmented {
      try await shop.segmentCustomers { progress(JobProgress(stage: $0.stage, step: 4, totalSteps: 4)) }
    }
    if await !shop.areCustomersValued {
      try await shop.valueCustomers { progress(JobProgress(stage: $0.stage, step: 4, totalSteps: 4)) }
    }
    if await !shop.isChurnForetold {
      try await shop.forecastChurn { progress(JobProgress(stage: $0.stage, step: 4, totalSteps: 4)) }
    }
    if await !shop.arePatternsMined {
      try await shop.minePatterns { progress(JobProgress(stage: $0.stage, step: 4, totalSteps: 4)) }
    }
    try await describe(shop, into: &findings)
    let elapsed = (ContinuousClock.now - started).components
    findings.seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    return findings
  }

  private func importOnce(
    _ file: String, mapping: String, into shop: Shop, progress: @escaping @Sendable (ImportProgress) -> Void
  ) async throws -> ImportReport? {
    if try await shop.store.document(collection: Self.collection, key: file) != nil { return nil }
    let plan = try Mapping(contentsOf: mappings.appendingPathComponent(mapping).path)
    let report = try await shop.importFile(
      data.appendingPathComponent(file).path, kind: plan.kind, mapping: plan, progress: progress)
    // Noted only when the whole file is in: an import that was broken off is run again.
    try await shop.store.put(["rows": JSONValue(report.rows)], collection: Self.collection, key: file)
    return report
  }

  private func describe(_ shop: Shop, into findings: inout Findings) async throws {
    let facts = try await shop.facts(roles: [])
    findings.customers = facts["customers"]?.integer ?? 0
    findings.items = facts["items"]?.integer ?? 0
    findings.events = facts["events"]?.integer ?? 0
    let board = try await shop.currentBoard().board
    findings.findings = board.findings
    findings.atStake = Array(board.rows.prefix(5))
    func strongest(_ direction: NeedTrend.Direction, _ isBefore: (Double, Double) -> Bool) -> [NeedBoard.Row]
    {
      Array(
        board.rows.filter { $0.trend.base.direction == direction }
          .sorted { isBefore($0.trend.base.change, $1.trend.base.change) }.prefix(5))
    }
    findings.rising = strongest(.rising, >)
    findings.falling = strongest(.falling, <)
    let customers = try await shop.customers(by: .frequency, page: PageRequest(limit: 1))
    if let id = customers.items.first?["customer_id"]?.string {
      findings.example = (id, try await shop.needs(ofCustomer: id, filter: NeedFilter(), limit: 5).items)
    }
  }
}

extension Demo.Findings {
  /// The findings for machines.
  public var json: JSONValue {
    get throws {
      func rows(_ rows: [NeedBoard.Row]) throws -> JSONValue {
        .array(try rows.map { try JSONValue(encoding: $0) })
      }
      return [
        "customers": JSONValue(customers), "items": JSONValue(items), "events": JSONValue(events),
        "imports": .array(try imports.map { try JSONValue(encoding: $0) }),
        "training": try training?.json ?? nil,
        "findings": findings.map { ["en": .string($0.en), "zh": .string($0.zh)] } ?? nil,
        "at_stake": try rows(atStake), "rising": try rows(rising), "falling": try rows(falling),
        "example": example.map { ["customer_id": .string($0.customerID), "needs": .array($0.needs)] } ?? nil,
        "seconds": JSONValue(seconds),
      ]
    }
  }
}

extension Shop {
  /// Whether needs are mined already.
  public var isTrained: Bool { needModel != nil }

  /// Whether demand is forecast already.
  public var isDemandForecast: Bool { demand != nil }

  /// Whether it is foretold already who stops buying.
  public var isChurnForetold: Bool { churn != nil }

  /// Whether patterns are found already.
  public var arePatternsMined: Bool { patterns != nil }

  /// Whether customers are valued already.
  public var areCustomersValued: Bool { value != nil }
}
