import Analytics
import Commerce
import Features
import Foundation

/// Where a shop's questions about behaviour are answered: one after another on threads of its own, each on a snapshot that
/// does not change while events arrive.
actor AnalyticsDesk {
  /// What a snapshot is of. Two of the same key have the same answers.
  struct Key: Sendable, Equatable {
    let generation: Int
    let revision: Int
    let customerChange: Int64
    let events: Int
    let asOf: Timestamp
  }

  /// A shop at one moment.
  struct Source: Sendable {
    let key: Key
    let frame: EventFrame
    let calendar: ShopCalendar
    let items: [String: Item]
    let customers: [String: Customer]
  }

  /// A snapshot ready to be asked.
  struct Scene: Sendable {
    let source: Source
    let data: AnalyticsData

    var key: Key { source.key }

    /// Whether the two can be told apart by what came last only, so that the index of one serves the other.
    func isEarlier(than source: Source) -> Bool {
      key.generation == source.key.generation && key.events <= source.key.events
    }
  }

  /// How long a question may take.
  static let mostSeconds = 20.0
  /// How many rows an answer may have.
  static let mostRows = 60_000
  private static let mostWaiting = 40
  private static let mostKept = 96
  private static let bytesKept = 48 << 20
  /// While events arrive, one snapshot serves for this long.
  private static let freshness = Duration.seconds(3)

  private var scene: Scene?
  private var sceneAt = ContinuousClock.now
  private var answers: [(question: String, key: Key, bytes: [UInt8])] = []
  private var people: [(question: String, key: Key, ids: [String])] = []
  private var facts: (key: Key, facts: AnalyticsFacts)?
  private var waiting = 0
  private let lane = SerialTasks()

  /// The snapshot in use when it is fresh enough for a shop in this state.
  private func fresh(for key: Key) -> Scene? {
    guard let scene, scene.key.generation == key.generation else { return nil }
    return scene.key == key || sceneAt.duration(to: .now) < Self.freshness ? scene : nil
  }

  private func scene(_ source: @escaping @Sendable () async throws -> Source, for key: Key) async throws
    -> Scene
  {
    if let scene = fresh(for: key) { return scene }
    let source = try await source()
    let before = scene.flatMap { $0.isEarlier(than: source) ? $0.data.index : nil }
    // The one before goes first: two of a large shop at once would be too much.
    scene = nil
    let made = try await Self.onBackground { Self.make(source, from: before) }
    (scene, sceneAt) = (made, .now)
    answers.removeAll { $0.key != made.key }
    people.removeAll { $0.key != made.key }
    return made
  }

  private static func make(_ source: Source, from before: AnalyticsIndex?) -> Scene {
    var index = before ?? AnalyticsIndex(source.frame)
    index.extend(to: source.frame)
    return Scene(
      source: source,
      data: AnalyticsData(
        frame: source.frame, index: index, calendar: source.calendar, asOf: source.key.asOf,
        items: source.items.values, customers: source.customers.values))
  }

  private static func onBackground<Value: Sendable>(
    _ work: @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withTaskExecutorPreference(BackgroundExecutor.shared) { try await work() }
  }

  // MARK: Asking

  /// Runs work on a snapshot, after the questions before it.
  ///
  /// - Throws: `ApplicationError.overloaded` when too many wait, `.tooSlow` after `mostSeconds`.
  func ask<Value: Sendable>(
    _ shop: Shop, _ work: @escaping @Sendable (Scene) throws -> Value
  ) async throws -> Value {
    guard waiting < Self.mostWaiting else { throw ApplicationError.overloaded(retryAfterSeconds: 2) }
    waiting += 1
    defer { waiting -= 1 }
    return try await lane.run { [self] in
      let scene = try await scene({ try await shop.analyticsSource() }, for: try await shop.analyticsKey())
      return try await Self.within(seconds: Self.mostSeconds) { try work(scene) }
    }
  }

  /// The time counts from when the work begins, not while it waits for a thread behind a training.
  private static func within<Value: Sendable>(
    seconds: Double, _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let (beginning, begin) = AsyncStream<Never>.makeStream()
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask(executorPreference: BackgroundExecutor.shared) {
        begin.finish()
        return try work()
      }
      group.addTask {
        for await _ in beginning {}
        try await Task.sleep(for: .seconds(seconds))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else {
        throw ApplicationError.tooSlow(seconds: Int(seconds))
      }
      return value
    }
  }

  // MARK: What is kept

  /// The answer that was given to a question about the same state.
  func answer(to question: String, key: Key) -> [UInt8]? {
    guard let place = answers.firstIndex(where: { $0.question == question && $0.key == key }) else {
      return nil
    }
    let found = answers.remove(at: place)
    answers.append(found)
    return found.bytes
  }

  /// Keeps an answer for whoever asks the same, as long as there is room.
  func keep(_ bytes: [UInt8], for question: String, key: Key) {
    answers.append((question, key, bytes))
    var size = answers.reduce(0) { $0 + $1.bytes.count }
    while answers.count > Self.mostKept || (size > Self.bytesKept && !answers.isEmpty) {
      size -= answers.removeFirst().bytes.count
    }
  }

  /// The customers that were found behind a point, as its list is read page by page.
  func people(behind question: String, key: Key) -> [String]? {
    people.first { $0.question == question && $0.key == key }?.ids
  }

  /// Keeps such a list.
  func keep(_ ids: [String], behind question: String, key: Key) {
    people.append((question, key, ids))
    if people.count > 8 { people.removeFirst() }
  }

  /// The key of the snapshot that answers now, when there is one.
  func currentKey(of shop: Shop) async throws -> Key? { fresh(for: try await shop.analyticsKey())?.key }

  /// What the shop has sent.
  func facts(_ shop: Shop) async throws -> AnalyticsFacts {
    if let facts, facts.key == (try await currentKey(of: shop)) { return facts.facts }
    let made = try await ask(shop) { (key: $0.key, facts: AnalyticsFacts($0.source)) }
    facts = made
    return made.facts
  }
}

extension Shop {
  /// What a snapshot of now would be of.
  func analyticsKey() throws -> AnalyticsDesk.Key {
    try requireReady()
    return AnalyticsDesk.Key(
      generation: generation, revision: catalogue.revision, customerChange: customerChange,
      events: frame.count,
      asOf: asOf)
  }

  func analyticsSource() throws -> AnalyticsDesk.Source {
    AnalyticsDesk.Source(
      key: try analyticsKey(), frame: frame, calendar: calendar, items: catalogue.items,
      customers: describedCustomers)
  }
}
