import Commerce
import Demand
import Features

/// What analyses of demand are made of: the shop's full weeks at one state, and its items as they were then.
struct DemandSnapshot: Sendable {
  /// Counts the snapshots of a shop: what was reckoned of one holds as long as its number is the current one.
  let number: Int
  /// What was bought in each full week.
  let history: DemandHistory
  /// The shop's items by id.
  let items: [String: Item]
  /// The moment up to which was counted.
  let asOf: Timestamp
  /// The shop's clock.
  let calendar: ShopCalendar
  /// The state that was counted.
  fileprivate let source: Source

  fileprivate struct Source: Sendable, Equatable {
    let generation: Int
    let revision: Int
    let monday: Int32
    let events: Int

    /// Whether both see the same items and weeks; only events of late may differ.
    func isLike(_ other: Source) -> Bool {
      (generation, revision, monday) == (other.generation, other.revision, other.monday)
    }
  }

  /// What to call an item.
  func title(of id: String) -> String {
    let item = items[id]
    return item?.title ?? item?.category.map { "\($0) \(id)" } ?? id
  }
}

/// The shop's full weeks, counted when they are first asked for and again when the shop has changed.
///
/// Events of the week under way change no full week, so while they arrive one count serves for a minute.
struct DemandHistoryCache: Sendable {
  fileprivate var made: (snapshot: DemandSnapshot, at: ContinuousClock.Instant)?
  fileprivate var making: (source: DemandSnapshot.Source, task: Task<DemandSnapshot, Never>)?
  fileprivate var count = 0

  fileprivate static let freshness = Duration.seconds(60)

  fileprivate func current(_ source: DemandSnapshot.Source) -> DemandSnapshot? {
    guard let made, made.snapshot.source.isLike(source) else { return nil }
    let isFresh = made.snapshot.source.events == source.events || made.at.duration(to: .now) < Self.freshness
    return isFresh ? made.snapshot : nil
  }
}

extension Shop {
  /// The shop's full weeks as they are now. Callers at the same time share one count, which runs away from the actor.
  ///
  /// - Throws: `ApplicationError.starting` until the shop is read.
  func demandSnapshot() async throws -> DemandSnapshot {
    try requireReady()
    let moment = asOf
    let source = DemandSnapshot.Source(
      generation: generation, revision: catalogue.revision,
      // A week is over at its last millisecond.
      monday: calendar.monday(ofMilliseconds: moment.milliseconds &+ 1), events: frame.count)
    if let known = demandHistory.current(source) { return known }
    if let (same, task) = demandHistory.making, same.isLike(source) { return await task.value }
    demandHistory.count += 1
    let (number, frame, catalogue, calendar) = (demandHistory.count, frame, catalogue, calendar)
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      DemandSnapshot(
        number: number,
        history: DemandHistory(frame, catalogue: catalogue.index, calendar: calendar, asOf: moment),
        items: catalogue.items, asOf: moment, calendar: calendar, source: source)
    }
    demandHistory.making = (source, task)
    let snapshot = await task.value
    if demandHistory.making?.source == source { demandHistory.making = nil }
    // Not over a newer one that was counted meanwhile.
    if snapshot.number > demandHistory.made?.snapshot.number ?? 0 { demandHistory.made = (snapshot, .now) }
    return snapshot
  }
}
