import Commerce
import Customers
import Features
import Foundation
import Learning
import Needs
import Storage

/// What a segmentation is asked to do.
public struct SegmentationRequest: Sendable, Equatable {
  /// How many segments; nil to have their number chosen.
  public var segments: Int?
  /// Whether segments are found anew although those in use still fit.
  public var isAnew: Bool

  /// A request; without a number segments that still fit stay.
  public init(segments: Int? = nil, isAnew: Bool = false) {
    (self.segments, self.isAnew) = (segments, isAnew)
  }

  fileprivate init(_ input: JSONValue) {
    segments = input["segments"]?.integer
    isAnew = input["anew"] == true
  }

  fileprivate var json: JSONValue {
    ["segments": segments.map { JSONValue($0) } ?? nil, "anew": JSONValue(isAnew)]
  }
}

/// Who the shop's customers are, in groups.
extension Shop {
  /// Queues a segmentation of all customers.
  public nonisolated func submitSegmentation(_ request: SegmentationRequest = .init()) async throws -> Job {
    try await jobs.submit(.segments, input: request.json, isShared: true)
  }

  nonisolated func runSegmentation(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    let found = try await segmentCustomers(SegmentationRequest(job.input), progress: progress)
    return [
      "segments": JSONValue(found.segments.count), "customers": JSONValue(found.count),
      "silhouette": JSONValue(found.quality.silhouette), "stability": JSONValue(found.quality.stability),
    ]
  }

  /// Whether customers have been segmented.
  public var isSegmented: Bool { segments != nil }

  /// Segments all customers who bought lately, and takes the segments into use.
  ///
  /// - Throws: `SegmentsError` where there is too little to tell groups apart, `CancellationError`.
  @concurrent @discardableResult
  public nonisolated func segmentCustomers(
    _ request: SegmentationRequest = .init(),
    progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) async throws -> ShopSegments {
    @Sendable func tell(_ stage: String, _ step: Int, _ fraction: Double) {
      progress(JobProgress(stage: stage, step: step, totalSteps: 3, fraction: fraction))
    }
    tell("Counting how customers buy", 1, 0)
    let ledger = try await segmentLedger()
    let (moment, before) = await (asOf, segments?.model)
    var settings = SegmentFitting.Configuration()
    (settings.segments, settings.isAnew) = (request.segments, request.isAnew)
    let context = FitContext { step in
      tell("Telling segments apart", 2, 0.1 + 0.7 * Double(step.step) / Double(max(1, step.totalSteps ?? 1)))
    }
    var found = try await SegmentFitting(settings).fit(
      SegmentDataset(ledger: ledger, asOf: moment, previous: before), context: context)
    tell("Comparing what segments need", 3, 0.85)
    try await addNeeds(to: &found)
    try await keep(found, configuration: try JSONValue(encoding: settings), events: ledger.frame.count)
    return found
  }

  private nonisolated func keep(_ found: ShopSegments, configuration: JSONValue, events: Int) async throws {
    let envelope = try ModelEnvelope(
      found, configuration: configuration, trainedAt: clock(),
      dataFingerprint: "\(found.count) customers through \(SegmentWriter.date(found.day))",
      metrics: [
        "silhouette": found.quality.silhouette, "stability": found.quality.stability,
        "segments": Double(found.segments.count),
      ], report: ["events": JSONValue(events), "seconds": JSONValue(found.seconds)])
    let version = try await store.save(envelope, name: ModelName.segments)
    try await store.promote(name: ModelName.segments, version: version)
    try await readModels()
    do {
      _ = try await sweepModels(keeping: try await currentSettings().modelVersionsKept)
    } catch {
      // The segments are in use all the same.
      await note(error, in: .housekeeping)
    }
  }

  /// What each segment and each group needs; nothing where no needs were mined.
  private nonisolated func addNeeds(to found: inout ShopSegments) async throws {
    guard let (predictor, states, moment) = await needSources() else { return }
    let places = Dictionary(
      found.customers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = states.customers.ids.map { places[$0] }
    let (labels, cells) = (found.labels, found.cells)
    let needs = try SegmentNeeds(predictor: predictor).measure(
      states.states,
      groups: [
        (rows.map { place in place.map { labels[$0] } ?? -1 }, found.segments.count),
        (rows.map { place in place.map { cells[$0] } ?? -1 }, found.groups.count),
      ], asOf: moment)
    for index in found.segments.indices { found.segments[index].needs = needs[0][index] }
    for index in found.groups.indices { found.groups[index].needs = needs[1][index] }
  }

  func needSources() -> (NeedPredictor, CustomerStates, Timestamp)? {
    needPredictor.map { ($0, states, asOf) }
  }

  /// Segments anew when a week has passed that the segments do not know; answers whether it did.
  public nonisolated func segmentIfDue() async throws -> Bool {
    guard try await currentSettings().retrainDays > 0, await hasUnsegmentedWeek else { return false }
    _ = try await submitSegmentation()
    return true
  }

  private var hasUnsegmentedWeek: Bool {
    guard phase == .ready, let segments, clock().days(since: segments.header.trainedAt) >= 1 else {
      return false
    }
    return calendar.day(of: asOf) >= segments.model.day + 7
  }

  // MARK: Sources

  /// The purchases by customer, sorted when first asked for and again when the shop has changed.
  ///
  /// - Throws: `ApplicationError.starting` until the shop is read.
  func segmentLedger() async throws -> SegmentLedger {
    try requireReady()
    let source = SegmentLedgerCache.Source(
      generation: generation, revision: catalogue.revision, events: frame.count)
    if let known = segmentLedgers.current(source) { return await known.value }
    let (frame, index, calendar) = (frame, catalogue.index, calendar)
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      SegmentLedger(frame, catalogue: index, calendar: calendar)
    }
    segmentLedgers.keep(task, of: source)
    return await task.value
  }

  /// The segments in use with what is shown of them.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first segmentation.
  func segmentScene() throws -> SegmentScene {
    try requireReady()
    guard let live = segments else { throw missing("segmentation", ModelName.segments) }
    if let scene = segmentScenes, scene.live.version == live.version { return scene }
    let scene = SegmentScene(live: live)
    segmentScenes = scene
    return scene
  }
}

/// The last sorting of purchases by customer; events of the last minute may be missing from it.
struct SegmentLedgerCache: Sendable {
  struct Source: Sendable, Equatable {
    let generation: Int
    let revision: Int
    let events: Int
  }

  private var made: (source: Source, task: Task<SegmentLedger, Never>, at: ContinuousClock.Instant)?

  private static let freshness = Duration.seconds(60)

  func current(_ source: Source) -> Task<SegmentLedger, Never>? {
    guard let made, (made.source.generation, made.source.revision) == (source.generation, source.revision)
    else { return nil }
    let isFresh = made.source.events == source.events || made.at.duration(to: .now) < Self.freshness
    return isFresh ? made.task : nil
  }

  mutating func keep(_ task: Task<SegmentLedger, Never>, of source: Source) { made = (source, task, .now) }
}
