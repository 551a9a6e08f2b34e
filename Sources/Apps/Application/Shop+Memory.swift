import Commerce
import Features
import Foundation
import Needs
import Storage
import Synchronization

/// How the shop's memory follows its store.
extension Shop {
  private static let recordBatch = 10_000
  /// So many events are taken in before others have their turn.
  private static let slice = 20_000
  /// The states of customers are computed anew at once when no more events than this are theirs, else in the background.
  private static let mostReplayed = 10_000

  /// Starts over with nothing in memory. Events that come in meanwhile are in the store, and are read from there.
  func forget() {
    generation += 1
    frame = EventFrame(currency: settings.currency)
    rows = CustomerRows()
    customers = CustomerDirectory()
    trade = TradeLedger()
    lines = LineTally()
    states = CustomerStates(
      settings: FeatureSettings(calendar: calendar), currency: settings.currency)
    catalogue = Catalogue()
    describedCustomers = [:]
    (appliedThrough, appliedAhead) = (0, [])
    (itemChange, customerChange) = (0, 0)
    recommendationCache = RecommendationCache()
    (pageKits, content) = ([], nil)
    visits = VisitRows()
    overviewCache = nil
    unitPrices = UnitPrices()
    interestMarket = InterestMarketCache()
    behaviourMarket = BehaviourMarketCache()
  }

  func reserve(_ events: Int) { frame.reserveCapacity(events) }

  /// Takes in what the store holds and memory does not: after an import, or when another process has written.
  public nonisolated func catchUp() async throws {
    let wereMany = try await arrivals.run { [self] in try await takeUpEvents() }
    if wereMany { try await rebuildStates() }
  }

  /// Takes in the events that are not in memory; returns whether they were so many that it is quicker to compute what
  /// depends on the log anew than event by event.
  @discardableResult
  func takeUpEvents() async throws -> Bool {
    let inbox = Mutex<[EventFrame.Row]>([])
    try await store.scan(after: appliedThrough, batchSize: 50_000) { batch in
      inbox.withLock { $0.append(contentsOf: batch) }
    }
    let arrived = inbox.withLock { $0 }
    guard let last = arrived.last?.sequence else { return false }
    let areMany = arrived.count > max(10_000, frame.count / 4)
    for start in stride(from: 0, to: arrived.count, by: Self.slice) {
      for row in arrived[start..<min(start + Self.slice, arrived.count)] {
        apply(row, updatingStates: !areMany)
      }
      await Task.yield()
    }
    appliedThrough = max(appliedThrough, last)
    appliedAhead = appliedAhead.filter { $0 > appliedThrough }
    return areMany
  }

  /// Takes a stored event into memory, once.
  func apply(_ row: EventFrame.Row, updatingStates: Bool = true) {
    guard row.sequence > appliedThrough, appliedAhead.insert(row.sequence).inserted else { return }
    while appliedAhead.remove(appliedThrough + 1) != nil { appliedThrough += 1 }
    let index = frame.count
    frame.append(row)
    customers.append(row: index, of: frame)
    trade.append(row: index, of: frame, calendar: calendar)
    lines.append(row: index, of: frame, catalogue: catalogue)
    visits.append(row: index, of: frame)
    guard updatingStates, frame.customer[index] >= 0 else { return }
    rows.append(Int32(index), of: frame.customer[index], in: frame)
    states.update(StoredEvent(row))
  }

  /// Takes in the items and customers that were added or replaced since.
  nonisolated func takeUpRecords() async throws {
    try await recordChanges.run { [self] in
      while true {
        let found = try await store.items(changedAfter: await itemChange, limit: Self.recordBatch)
        if found.rows.isEmpty { break }
        await put(found.rows, through: found.last)
      }
      while true {
        let found = try await store.customers(changedAfter: await customerChange, limit: Self.recordBatch)
        if found.rows.isEmpty { break }
        await put(found.rows, through: found.last)
      }
    }
  }

  private func put(_ items: [Item], through change: Int64) {
    put(items)
    itemChange = change
  }

  private func put(_ customers: [Customer], through change: Int64) {
    put(customers)
    customerChange = change
  }

  /// Takes customers that are in the store into memory.
  func put(_ customers: [Customer]) {
    for customer in customers { describedCustomers[customer.customerID] = customer }
  }

  /// Takes items that are in the store into memory. Events that came before follow their item into its new category.
  func put(_ items: [Item]) {
    let changed = items.filter { catalogue[$0.itemID] != $0 }
    guard !changed.isEmpty else { return }
    let moved = changed.filter { item in
      let before = catalogue[item.itemID]
      return (before?.category != item.category || before?.brand != item.brand)
        && frame.items.index(of: item.itemID) != nil
    }
    catalogue.insert(changed, isNews: phase == .ready)
    for item in changed {
      if let index = frame.items.index(of: item.itemID) { lines.follow(item, index: index) }
    }
    states.upsert(items: changed)
    putInPages(changed)
    if rebuilding != nil { putMeanwhile += changed }
    if !moved.isEmpty { regroup(moved) }
    bindNeeds()
  }

  /// Computes the states of the customers anew who had to do with items.
  private func regroup(_ items: [Item]) {
    // What is being computed does not know of the move yet.
    if rebuilding != nil { isOutdated = true }
    var isMoved = [Bool](repeating: false, count: frame.items.count)
    for item in items { frame.items.index(of: item.itemID).map { isMoved[Int($0)] = true } }
    var touched: Set<Int32> = []
    for row in 0..<frame.count where frame.item[row] >= 0 && isMoved[Int(frame.item[row])] {
      if frame.customer[row] >= 0 { touched.insert(frame.customer[row]) }
    }
    let replayed = touched.map { ($0, rows.rows(of: $0)) }
    guard replayed.reduce(0, { $0 + $1.1.count }) <= Self.mostReplayed else {
      rebuildInBackground()
      return
    }
    for (customer, own) in replayed {
      let events = own.sorted { (frame.timestamp[Int($0)], $0) < (frame.timestamp[Int($1)], $1) }
      states.replay(events.map { frame.storedEvent(Int($0)) }, ofCustomer: frame.customers[customer])
    }
    rebuilds += 1
  }

  /// Computes anew, away from the actor, what depends on the log as a whole. Whoever asks at the same time shares the work.
  func rebuildStates() async throws {
    try await startRebuild().value
  }

  private func rebuildInBackground() { _ = startRebuild() }

  private func startRebuild() -> Task<Void, any Error> {
    isOutdated = true
    if let rebuilding { return rebuilding }
    let task = Task(executorPreference: BackgroundExecutor.shared) { try await self.rebuildWhileOutdated() }
    rebuilding = task
    return task
  }

  private func rebuildWhileOutdated() async throws {
    defer { rebuilding = nil }
    while isOutdated {
      try Task.checkCancellation()
      isOutdated = false
      putMeanwhile = []
      let (started, count) = (generation, frame.count)
      let made = await Self.derive(
        frame, catalogue, FeatureSettings(calendar: calendar))
      // The shop was read anew meanwhile: whoever did so has asked for another rebuild, or is about to.
      if generation == started { adopt(made, upTo: count) }
    }
  }

  private nonisolated static func derive(
    _ frame: EventFrame, _ catalogue: Catalogue, _ settings: FeatureSettings
  ) async -> (rows: CustomerRows, states: CustomerStates) {
    var states = CustomerStates(settings: settings, catalogue: catalogue.index, currency: frame.currency)
    states.replay(frame)
    return (CustomerRows(frame), states)
  }

  /// Takes what was computed of the first events into use, with those that have arrived since.
  private func adopt(_ made: (rows: CustomerRows, states: CustomerStates), upTo count: Int) {
    rows = made.rows
    states = made.states
    states.upsert(items: putMeanwhile)
    putMeanwhile = []
    for index in count..<frame.count where frame.customer[index] >= 0 {
      rows.append(Int32(index), of: frame.customer[index], in: frame)
      states.update(frame.storedEvent(index))
    }
    rebuilds += 1
    bindNeeds()
  }

  /// Binds the needs model to the catalogue's present numbering of categories.
  func bindNeeds() {
    needPredictor = needModel.map { NeedPredictor(model: $0.model, catalogue: states.catalogue) }
  }
}

extension EventFrame {
  /// What a row holds of its event: all that features look at.
  func storedEvent(_ row: Int) -> StoredEvent {
    func name(_ index: Int32, _ ids: Vocabulary) -> String? { index >= 0 ? ids[index] : nil }
    func number(_ value: Float) -> Double? { value.isNaN ? nil : Double(value) }
    let off = Money(minorUnits: discount[row], currency: currency).amount
    return StoredEvent(
      sequence: sequence[row],
      event: Event(
        eventID: "", kind: EventKind(code: kind[row]) ?? .view, customerID: name(customer[row], customers),
        sessionID: name(session[row], sessions), itemID: name(item[row], items),
        timestamp: Timestamp(milliseconds: timestamp[row]), quantity: number(quantity[row]),
        amount: Money(minorUnits: amount[row], currency: currency), rating: number(rating[row]),
        orderID: name(order[row], orders), properties: discount[row] == 0 ? [:] : ["discount": .number(off)]))
  }
}
