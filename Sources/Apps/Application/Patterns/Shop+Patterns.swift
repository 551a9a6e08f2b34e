import Commerce
import Customers
import Features
import Foundation
import Learning
import Patterns
import Storage

/// What is bought together, and one after another.
extension Shop {
  /// Queues a search for patterns.
  public nonisolated func submitPatternMining() async throws -> Job {
    try await jobs.submit(.patterns, input: [:], isShared: true)
  }

  nonisolated func runPatternMining(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    let patterns = try await minePatterns(progress: progress)
    return [
      "rules": JSONValue(patterns.rules.count), "validated": JSONValue(patterns.rules.count(where: \.holds)),
      "relations": JSONValue(patterns.relations.count), "sequences": JSONValue(patterns.sequences.count),
    ]
  }

  /// Finds patterns in all orders, tries them on the later ones, and takes them into use.
  ///
  /// - Throws: `PatternError` where there are too few orders, `CancellationError`.
  @concurrent @discardableResult
  public nonisolated func minePatterns(
    configuration: PatternMining.Configuration = .init(),
    progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) async throws -> ShopPatterns {
    @Sendable func tell(_ stage: String, _ step: Int, _ fraction: Double) {
      progress(JobProgress(stage: stage, step: step, totalSteps: 4, fraction: fraction))
    }
    tell("Reading orders", 1, 0)
    let started = ContinuousClock.now
    let source = try await patternSource()
    let orders = OrderTable(
      source.frame, catalogue: source.index, calendar: source.calendar, asOf: source.asOf)
    let patterns = try await PatternMining(configuration).fit(
      orders,
      context: FitContext { step in
        let share = Double(step.step) / Double(max(1, step.totalSteps ?? 1))
        let isLast = step.step + 1 >= step.totalSteps ?? 0
        tell(
          isLast ? "Finding what is bought next" : "Finding what is bought together", isLast ? 3 : 2,
          0.05 + 0.9 * share)
      })
    try Task.checkCancellation()
    tell("Saving", 4, 0.97)
    let holding = Double(patterns.rules.count(where: \.holds))
    let envelope = try ModelEnvelope(
      patterns, configuration: try JSONValue(encoding: configuration), trainedAt: clock(),
      dataFingerprint: "\(orders.count) orders through \(ValueScene.date(patterns.endDay))",
      metrics: [
        "rules": Double(patterns.rules.count),
        "validated": patterns.rules.isEmpty ? 0 : holding / Double(patterns.rules.count),
      ],
      report: [
        "events": JSONValue(source.frame.count),
        "seconds": JSONValue((ContinuousClock.now - started) / .seconds(1)),
      ])
    try await keep(envelope, as: ModelName.patterns)
    return patterns
  }

  private struct PatternSource: Sendable {
    let frame: EventFrame
    let index: CatalogueIndex
    let calendar: ShopCalendar
    let asOf: Timestamp
  }

  private func patternSource() throws -> PatternSource {
    try requireReady()
    return PatternSource(frame: frame, index: catalogue.index, calendar: calendar, asOf: asOf)
  }

  // MARK: Answers

  /// The patterns with what is shown of them; made when first asked for.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first search.
  func currentPatterns() async throws -> PatternScene {
    try requireReady()
    guard let live = patterns else { throw missing("pattern search", ModelName.patterns) }
    let key = PatternScene.Key(
      version: live.version, generation: generation, catalogue: catalogue.revision)
    if let scene = patternScene, scene.key == key { return await scene.task.value }
    let (frame, index, calendar, moment) = (frame, catalogue.index, calendar, asOf)
    let items = catalogue.items
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      PatternScene(
        key: key, live: live, items: items, frame: frame, index: index, calendar: calendar, asOf: moment)
    }
    patternScene = (key, task)
    return await task.value
  }

  /// How many patterns there are.
  public nonisolated func patternSummary() async throws -> JSONValue { try await currentPatterns().summary }

  private nonisolated func page<Row: Sendable>(
    _ name: String, _ page: PageRequest, _ rows: (PatternScene) -> [Row],
    _ json: (PatternScene, Row) -> JSONValue
  ) async throws -> Page {
    let scene = try await currentPatterns()
    var answer = try Page.slice(rows(scene), name: name, page) { json(scene, $0) }
    answer.extra = scene.facts
    return answer
  }

  /// One page of the rules.
  public nonisolated func patternRules(_ filter: PatternFilter, page: PageRequest) async throws -> Page {
    try await self.page("pattern-rules", page, { $0.rules(filter) }) { $0.row($1) }
  }

  /// One page of the complements and substitutes.
  public nonisolated func patternRelations(_ filter: PatternFilter, page: PageRequest) async throws -> Page {
    try await self.page("pattern-relations", page, { $0.relations(filter) }) { $0.row($1) }
  }

  /// One page of what is bought next.
  public nonisolated func patternSequences(_ filter: PatternFilter, page: PageRequest) async throws -> Page {
    try await self.page("pattern-sequences", page, { $0.sequences(filter) }) { $0.row($1) }
  }

  /// One page of the bundles.
  ///
  /// - Parameter margin: the part of a price that is profit, for items whose cost is not known.
  public nonisolated func bundles(
    _ filter: PatternFilter, margin: Double?, page: PageRequest
  ) async throws -> Page {
    try await self.page("bundles", page, { $0.bundles(filter) }) { $0.row($0.offer($1, margin: margin)) }
  }

  /// One page of the orders that hold all of these, the newest first.
  public nonisolated func patternOrders(
    _ names: [String], level: OrderTable.Level, page: PageRequest
  ) async throws -> Page {
    try await self.page("pattern-orders", page, { $0.orders(names, level) }) { $0.row(order: $1) }
  }

  /// What a bundle of these items would bring.
  ///
  /// - Parameters:
  ///   - items: two to five different items; the last one is what the others are to sell more of.
  ///   - price: what it is to be sold for, in major units.
  ///   - margin: the part of a price that is profit, for items whose cost is not known.
  public nonisolated func priceBundle(
    _ items: [String], price: Double?, margin: Double?
  ) async throws -> JSONValue {
    guard (2...5).contains(items.count), Set(items).count == items.count else {
      throw ApplicationError.invalidParameter(
        name: "items", value: String(items.count), expected: "two to five different items")
    }
    let scene = try await currentPatterns()
    var answer = scene.row(try scene.offer(items, margin: margin), price: price)
    for (name, fact) in scene.facts { answer[name] = fact }
    return answer
  }
}
