import Commerce
import Foundation
import Learning
import MathKernels
import Segmentation

/// What a segmentation is made from.
public struct SegmentDataset: Sendable {
  /// The purchases.
  public var ledger: SegmentLedger
  /// The moment that segments are of.
  public var asOf: Timestamp
  /// The segmentation before, whose centers and ids may stay; nil for the first.
  public var previous: ShopSegments?

  /// The purchases up to a moment.
  public init(ledger: SegmentLedger, asOf: Timestamp, previous: ShopSegments? = nil) {
    (self.ledger, self.asOf, self.previous) = (ledger, asOf, previous)
  }
}

/// Parts a shop's customers into segments by how they buy.
///
/// ```swift
/// let found = try await SegmentFitting().fit(SegmentDataset(ledger: ledger, asOf: now), context: FitContext(seed: 1))
/// ```
/// Features (`SegmentFeature`) of a span of days are scaled, skewed ones as logarithms, outliers pulled in; k-means parts them.
/// The number of segments is the one of the greatest silhouette among those that are found again when customers are drawn anew
/// (`SegmentCount`); gap statistic and BIC are reported beside it. The span is so short that customers of half a year ago can be
/// looked at over as many days: who then was in which segment, by the same centers, is comparable. With a segmentation before,
/// its centers stay as long as they fit, so that a week moves customers and not segments.
///
/// Needs and sentiment do not make segments, they describe them: a model's guesses would otherwise explain themselves.
///
/// - Complexity: O(purchase lines × snapshots + customers × features × segments × iterations).
/// - Throws: `SegmentsError`, `SegmentationError`, `CancellationError`.
public struct SegmentFitting: Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many segments; nil to choose among `counts`.
    public var segments: Int?
    /// The numbers chosen among.
    public var counts: ClosedRange<Int>
    /// How many departments have a feature.
    public var departments: Int
    /// With fewer customers there are no segments.
    public var fewestCustomers: Int
    /// How many four-week steps are looked back.
    public var stepsBack: Int
    /// How many customers the map shows.
    public var mapPoints: Int
    /// Whether centers are found anew although those before still fit.
    public var isAnew: Bool

    /// Settings.
    public init(
      segments: Int? = nil, counts: ClosedRange<Int> = 3...8, departments: Int = 6, fewestCustomers: Int = 50,
      stepsBack: Int = 6, mapPoints: Int = 2_000, isAnew: Bool = false
    ) {
      (self.segments, self.counts, self.departments) = (segments, counts, departments)
      (self.fewestCustomers, self.stepsBack) = (fewestCustomers, stepsBack)
      (self.mapPoints, self.isAnew) = (mapPoints, isAnew)
    }
  }

  /// The days between two snapshots.
  public static let step = 28
  /// With fewer days of purchases there are no segments.
  public static let fewestDays = 28
  /// The spans tried, the longest that leaves room for the snapshots is taken.
  static let spans = [364, 182, 91]
  /// From this index on shares have changed clearly, by the usual reading of it.
  public static let clearShift = 0.25
  /// From this many times the mean distance to the center on, segments fit no longer.
  public static let clearDistance = 1.2

  /// The settings.
  public var configuration: Configuration

  /// The segmentation with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Makes the segments.
  public func fit(_ data: SegmentDataset, context: FitContext) async throws -> ShopSegments {
    let started = ContinuousClock.now
    try check()
    let day = data.ledger.day(of: data.asOf)
    let span = try span(data.ledger, day)
    let fixed = configuration.isAnew ? nil : data.previous.flatMap { $0.days == span.days ? $0 : nil }
    let departments =
      fixed.map { SegmentFeature.departments(in: $0.features) }
      ?? data.ledger.mainDepartments(configuration.departments)
    let table = data.ledger.table(through: day, days: span.days, departments: departments)
    guard table.customers.count >= configuration.fewestCustomers else {
      throw SegmentsError.notEnoughCustomers(
        needed: configuration.fewestCustomers, found: table.customers.count, days: span.days)
    }
    try context.checkpoint(step: 1, of: 5)
    let names = try table.customerTable(data.ledger.frame.customers)
    let partition = try partition(names, keeping: fixed, context)
    try context.checkpoint(step: 2, of: 5)
    var found = try SegmentAssembly(
      table: table, names: names, partition: partition, currency: data.ledger.frame.currency,
      previous: data.previous, asOf: data.asOf
    ).segments(context)
    try context.checkpoint(step: 3, of: 5)
    try SegmentHistory(ledger: data.ledger, departments: departments, steps: span.steps)
      .add(to: &found, now: names, partition: partition, context)
    try context.checkpoint(step: 4, of: 5)
    found.map = try SegmentMap(points: configuration.mapPoints).map(partition, context)
    found.seconds = (ContinuousClock.now - started) / .seconds(1)
    return found
  }

  private func check() throws {
    if let segments = configuration.segments, !(2...20).contains(segments) {
      throw SegmentsError.invalidParameter(
        name: "segments", value: "\(segments)", expected: "a whole number from 2 to 20")
    }
  }

  /// How many days count, and how often four weeks can be gone back.
  private func span(_ ledger: SegmentLedger, _ day: Int32) throws -> (days: Int, steps: Int) {
    guard let first = ledger.firstDay, first <= day else {
      throw SegmentsError.notEnoughCustomers(needed: configuration.fewestCustomers, found: 0, days: 364)
    }
    let history = Int(day - first) + 1
    guard history >= Self.fewestDays else {
      throw SegmentsError.notEnoughDays(needed: Self.fewestDays, found: history)
    }
    let back = Self.step * configuration.stepsBack
    let days = Self.spans.first { $0 + back <= history } ?? min(Self.spans.last ?? 91, history)
    return (days, min(configuration.stepsBack, (history - days) / Self.step))
  }

  /// Customers as points, each with its segment.
  struct Partition: Sendable {
    let encoding: TableEncodingModel
    let points: Matrix<Double>
    let centers: KMeansModel
    let labels: [Int]
    let choice: SegmentCount.Choice?
    let criteria: [ShopSegments.Criterion]
    /// The segmentation whose centers were kept.
    let kept: ShopSegments?

    /// The mean distance to the center.
    var distance: Double { Statistics.mean(centers.distances(points, to: labels)) }
  }

  private func partition(_ table: CustomerTable, keeping fixed: ShopSegments?, _ context: FitContext) throws
    -> Partition
  {
    if let fixed, configuration.segments == nil || configuration.segments == fixed.segments.count {
      let points = try fixed.encoding.encode(table)
      let labels = try fixed.centers.assign(points)
      let kept = Partition(
        encoding: fixed.encoding, points: points, centers: fixed.centers, labels: labels,
        choice: fixed.choice, criteria: fixed.criteria, kept: fixed)
      if fits(kept, fixed) { return kept }
    }
    let encoding = try TableEncoding().fit(table)
    let points = try encoding.encode(table)
    let quiet = FitContext(seed: context.seed)
    let choice =
      try configuration.segments == nil
      ? SegmentCount(configuration.counts).choose(points, by: KMeans(), context: quiet) : nil
    let count = configuration.segments ?? choice?.count ?? configuration.counts.lowerBound
    let centers = try KMeans(.init(clusters: count, restarts: 8)).fit(points, context: quiet)
    return Partition(
      encoding: encoding, points: points, centers: centers, labels: try centers.assign(points),
      choice: choice, criteria: choice == nil ? [] : try criteria(points, quiet), kept: nil)
  }

  /// Whether every segment still has customers, and these lie about as near to the centers as when those were found.
  private func fits(_ partition: Partition, _ fixed: ShopSegments) -> Bool {
    Set(partition.labels).count == fixed.segments.count
      && partition.distance <= Self.clearDistance * fixed.distanceAtFirst
  }

  private static let mixtureRows = 1_000
  /// Families of few parameters: a full covariance of twenty features needs far more customers.
  private static let families: [CovarianceFamily] = [.vii, .eei, .vei, .vvi]

  private func criteria(_ points: Matrix<Double>, _ context: FitContext) throws -> [ShopSegments.Criterion] {
    let rows = Self.sample(points.rows, Self.mixtureRows, seed: context.seed)
    let sample = Matrix(rows: rows.count, columns: points.columns, rows.flatMap { points.row($0) })
    let last = min(configuration.counts.upperBound, sample.rows - 1)
    guard last >= configuration.counts.lowerBound else { return [] }
    let found = try MixtureSearch(
      segments: configuration.counts.lowerBound...last, families: Self.families,
      configuration: .init(restarts: 1, maximumIterations: 100)
    ).best(sample, context: context)
    return Dictionary(grouping: found.table, by: \.segments).sorted { $0.key < $1.key }.map {
      ShopSegments.Criterion(segments: $0.key, bic: $0.value.compactMap(\.bic).max())
    }
  }

  /// At most so many rows, drawn without replacement, ascending.
  static func sample(_ rows: Int, _ count: Int, seed: UInt64) -> [Int] {
    guard rows > count else { return Array(0..<rows) }
    var random = RandomSource(seed: seed, stream: 7)
    return Array((0..<rows).shuffled(using: &random).prefix(count)).sorted()
  }
}
