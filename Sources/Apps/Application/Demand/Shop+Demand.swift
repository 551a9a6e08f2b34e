import Commerce
import Demand
import Features
import Foundation
import Learning
import Needs
import Storage

/// How the list of forecasts is sorted.
public enum DemandOrder: String, Sendable, CaseIterable {
  /// Most units expected first.
  case units
  /// Largest rise first.
  case change
  /// Worst forecast first.
  case error
  /// By name.
  case label
  /// Where customers' needs say something else than sales first.
  case needs
}

/// Which forecasts to list.
public struct DemandFilter: Sendable {
  /// Only subjects of this level.
  public var level: DemandSubject.Level?
  /// Only subjects whose name or id contains this.
  public var query: String?
  /// Only items of this category.
  public var category: String?
  /// Only subjects of this class of demand.
  public var demandClass: String?
  /// How they are sorted.
  public var order = DemandOrder.units

  /// A filter that lets everything through.
  public init() {}
}

/// What the shop will sell.
extension Shop {
  /// Queues a forecasting of the shop, its categories and the items sold most.
  public nonisolated func submitDemandForecasting() async throws -> Job {
    try await jobs.submit(.demand, input: [:], isShared: true)
  }

  nonisolated func runDemandForecasting(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    let forecasts = try await forecastDemand(isFull: true, progress: progress)
    return [
      "subjects": JSONValue(forecasts.outlooks.count),
      "forecast": JSONValue(forecasts.outlooks.count { $0.mean != nil }), "weeks": JSONValue(forecasts.weeks),
      "mase": JSONValue(forecasts.report.chosen.mase),
      "coverage": .object(forecasts.report.coverage.mapValues { JSONValue($0) }),
    ]
  }

  /// Forecasts the weeks to come, measures how good such forecasts were, and takes them into use.
  ///
  /// - Parameter isFull: also measures how much customers' needs should weigh, for which needs are mined anew as of twelve weeks
  ///   ago; else what was last measured stays.
  /// - Throws: `DemandError` where there is too little to learn from, `CancellationError`.
  @concurrent @discardableResult
  public nonisolated func forecastDemand(
    configuration: DemandForecasting.Configuration = .init(), isFull: Bool = false,
    progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) async throws -> DemandForecasts {
    @Sendable func tell(_ stage: String, _ step: Int, _ fraction: Double) {
      progress(JobProgress(stage: stage, step: step, totalSteps: 4, fraction: fraction))
    }
    tell("Counting what was bought in each week", 1, 0)
    let source = try await demandSource()
    let history = source.history()
    let context = FitContext { step in
      let share = Double(step.step) / Double(max(1, step.totalSteps ?? 1))
      tell("Forecasting demand", 2, 0.1 + 0.7 * share)
    }
    var forecasts = try await DemandForecasting(configuration).fit(
      DemandDataset(
        history: history, asOf: source.asOf,
        views: DemandDataset.views(in: source.frame, history: history, calendar: source.calendar),
        wanted: source.stocked), context: context)
    tell("Comparing with what customers need", 3, 0.8)
    forecasts.needs = try await needDemand(source, history, forecasts, isFull: isFull)
    tell("Replaying orders", 4, 0.9)
    forecasts.restock = try restockBacktest(history)
    try Task.checkCancellation()
    let envelope = try ModelEnvelope(
      forecasts, configuration: try JSONValue(encoding: configuration), trainedAt: clock(),
      dataFingerprint: "\(history.count) weeks through \(forecasts.date(ofWeek: history.count))",
      metrics: [
        "mase": forecasts.report.chosen.mase, "wrmsse": forecasts.report.chosen.wrmsse,
        "coverage_80": forecasts.report.coverage["80"] ?? 0,
      ],
      report: [
        "events": JSONValue(source.frame.count), "seconds": JSONValue(forecasts.report.seconds),
        "baselines": .array(
          forecasts.report.methods.map {
            Self.baseline($0.model, ["mase": $0.mase, "wrmsse": $0.wrmsse])
          }),
      ])
    let version = try await store.save(envelope, name: ModelName.demand)
    try await store.promote(name: ModelName.demand, version: version)
    try await readModels()
    do {
      _ = try await sweepModels(keeping: try await currentSettings().modelVersionsKept)
    } catch {
      // The forecasts are in use all the same.
      await note(error, in: .housekeeping)
    }
    return forecasts
  }

  /// What demand is learned from: a snapshot, so that events that arrive meanwhile do not matter.
  struct DemandSource: Sendable {
    let frame: EventFrame
    let catalogue: CatalogueIndex
    let calendar: ShopCalendar
    let asOf: Timestamp
    /// Items whose stock is known.
    let stocked: [String]

    func history() -> DemandHistory {
      DemandHistory(frame, catalogue: catalogue, calendar: calendar, asOf: asOf)
    }
  }

  private func demandSource() throws -> DemandSource {
    try requireReady()
    return DemandSource(
      frame: frame, catalogue: states.catalogue, calendar: calendar, asOf: asOf,
      stocked: catalogue.items.values.filter { $0.attributes["stock"] != nil }.map(\.itemID).sorted())
  }

  /// What the needs of all customers say of each category; nil where no needs were mined.
  private nonisolated func needDemand(
    _ source: DemandSource, _ history: DemandHistory, _ forecasts: DemandForecasts, isFull: Bool
  ) async throws -> NeedDemand? {
    let board: BoardSnapshot
    do { board = try await currentBoard() } catch is ApplicationError { return nil }
    let expected = Dictionary(
      board.board.rows.map { ($0.subject.id, $0.expectedCustomers) }, uniquingKeysWith: { first, _ in first })
    let pace = BuyingPace(
      source.frame, catalogue: source.catalogue, calendar: source.calendar, asOf: source.asOf)
    let last = await demand?.model.needs
    var measured = last.map { ($0.weight, $0.error, $0.backtest) }
    if isFull {
      do {
        let found = try await NeedDemandEvaluation().run(
          source.frame, catalogue: source.catalogue, history: history, calendar: source.calendar,
          context: FitContext())
        measured = (found.weight, found.needsError, found.backtest)
      } catch is DemandError {
        // Too young a shop: both views weigh the same.
      } catch is NeedError {}
    }
    var needs = NeedDemand(
      expectedCustomers: expected, pace: pace, forecasts: forecasts,
      weight: measured?.0 ?? NeedDemand.usualWeight, error: measured?.1)
    needs.backtest = measured?.2
    return needs
  }

  /// Replays past weeks of the items sold most: what orders by forecasts would have saved.
  ///
  /// - Throws: `DemandError` where there are too few weeks, `CancellationError`.
  @concurrent
  public nonisolated func evaluateRestock(
    _ configuration: RestockEvaluation.Configuration, items: Int, context: FitContext
  ) async throws -> RestockEvaluation.Report {
    let history = try await demandSource().history()
    return try RestockEvaluation(configuration).run(replayed(history, items), context: context)
  }

  private nonisolated func replayed(_ history: DemandHistory, _ count: Int) -> [RestockEvaluation.Item] {
    let minor = Money(minorUnits: 1, currency: history.currency).amount
    return history.subjects(.item).prefix(count).map {
      RestockEvaluation.Item($0, of: history, unit: minor)
    }
  }

  private static let replayedItems = 300

  /// What orders by forecasts would have saved over the last weeks, of the items sold most; nil where there are too few weeks.
  private nonisolated func restockBacktest(_ history: DemandHistory) throws -> RestockBacktest? {
    do {
      return try RestockEvaluation().run(replayed(history, Self.replayedItems), context: FitContext()).test
    } catch DemandError.notEnoughData { return nil }
  }

  // MARK: Answers

  /// The forecasts with what is shown of them; made when first asked for.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first forecasting.
  func demandScene() async throws -> DemandScene {
    try requireReady()
    guard let live = demand else { throw missing("demand forecast", ModelName.demand) }
    let key = DemandScene.Key(
      version: live.version, generation: generation, catalogue: catalogue.revision)
    if let scene = demandScenes, scene.key == key { return await scene.task.value }
    let subjects = live.model.outlooks.filter { $0.subject.level == .item }.map(\.subject.id)
    let (frame, index, calendar, name) = (frame, states.catalogue, calendar, settings.name)
    let items = Dictionary(
      subjects.compactMap { id in catalogue[id].map { (id, $0) } }, uniquingKeysWith: { first, _ in first })
    // Of titles alone the weeks do not depend.
    let known = demandScenes.flatMap {
      $0.key.version == key.version && $0.key.generation == key.generation ? $0.history : nil
    }
    let history =
      known
      ?? Task(executorPreference: BackgroundExecutor.shared) {
        DemandHistory(frame, catalogue: index, calendar: calendar, asOf: live.model.asOf)
      }
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      DemandScene(
        key: key, live: live, shopName: name, items: items, calendar: calendar, history: await history.value)
    }
    demandScenes = (key, history, task)
    return await task.value
  }

  /// One page of the forecasts.
  public nonisolated func demand(_ filter: DemandFilter, page: PageRequest) async throws -> Page {
    let scene = try await demandScene()
    let chosen = scene.chosen(filter)
    var answer = try Page.slice(chosen, name: "demand", page) { scene.row($0) }
    answer.extra = scene.facts
    return answer
  }

  /// One subject's forecast with its history, its backtest and what moves it.
  ///
  /// - Throws: `ApplicationError.notFound`, `.invalidParameter` for a text that names no subject.
  public nonisolated func demand(ofSubject text: String) async throws -> JSONValue {
    guard let subject = DemandSubject(text) else {
      throw ApplicationError.invalidParameter(
        name: "subject", value: text, expected: "shop, department:NAME, category:NAME or item:ID")
    }
    let scene = try await demandScene()
    guard let outlook = scene.outlook(of: subject) else {
      throw ApplicationError.notFound(what: "demand forecast of", id: text)
    }
    return scene.detail(outlook)
  }

  /// One page of the weeks that were not as expected, the newest first.
  public nonisolated func demandAnomalies(page: PageRequest) async throws -> Page {
    let scene = try await demandScene()
    return try Page.slice(scene.anomalies, name: "demand-anomalies", page) { scene.anomaly($0) }
  }
}
