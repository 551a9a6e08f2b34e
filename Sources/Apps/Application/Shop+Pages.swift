import Commerce
import Decisions
import Features
import Foundation
import Recommendation

/// What pages need of the shop: histories, and kits of items and rules that are made in the background and kept current.
extension Shop {
  /// How much of a customer's history a page looks at, newest first.
  private static let historyLength = 1000
  /// With more items put since, content is learned anew.
  private static let mostPut = 5000

  // MARK: Kits

  /// What pages are made of by a recommender, under the published rules or others to try.
  func parts(for live: Live<any Recommender>, rules text: String? = nil) async throws -> PageParts {
    let trial = try text.map { try RuleSet(parsing: $0) }
    let kit = await kit(for: live)
    var parts = kit.parts
    if let trial {
      let (catalogue, moment) = (catalogue, asOf)
      parts = await withTaskExecutorPreference(BackgroundExecutor.shared) {
        await Self.trying(trial, kit, catalogue, moment)
      }
    }
    parts.content = content
    return parts
  }

  private nonisolated static func trying(
    _ rules: RuleSet, _ kit: PageKit, _ catalogue: Catalogue, _ moment: Timestamp
  ) async -> PageParts {
    kit.trying(rules, catalogue, at: moment)
  }

  private func source(of live: Live<any Recommender>) -> PageKit.Source {
    PageKit.Source(
      recommender: live.version, complements: complements?.version ?? 0, rules: pageRules.identity,
      generation: generation,
      day: pageRules.rules.asksForAge ? calendar.day(of: asOf) : nil)
  }

  /// The kit of a recommender; whoever asks at the same time shares the making of it.
  private func kit(for live: Live<any Recommender>) async -> PageKit {
    let wanted = source(of: live)
    if let kit = pageKits.first(where: { $0.source == wanted }) { return kit }
    if let making = kitsBeingMade.first(where: { $0.source == wanted }) { return await making.task.value }
    let (complements, rules, catalogue, moment) = (complements, pageRules, catalogue, asOf)
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      await self.adopt(Self.kit(wanted, live, complements, rules, catalogue, moment))
    }
    kitsBeingMade.append((wanted, task))
    return await task.value
  }

  private nonisolated static func kit(
    _ source: PageKit.Source, _ live: Live<any Recommender>, _ complements: Live<any Recommender>?,
    _ rules: PublishedRules, _ catalogue: Catalogue, _ moment: Timestamp
  ) async -> PageKit {
    PageKit(source, live, complements, rules, catalogue, at: moment)
  }

  private func adopt(_ made: PageKit) -> PageKit {
    var kit = made
    // What was put while it was made is not in it.
    kit.put(putWhileMakingKits)
    kitsBeingMade.removeAll { $0.source == made.source }
    if kitsBeingMade.isEmpty { putWhileMakingKits = [] }
    pageKits.removeAll {
      $0.source.recommender == made.source.recommender || $0.source.generation != generation
    }
    pageKits.append(kit)
    // The live one, and another that is being compared with it.
    if pageKits.count > 2,
      let place = pageKits.firstIndex(where: { $0.source.recommender != recommender?.version })
    {
      pageKits.remove(at: place)
    }
    return kit
  }

  /// Takes items that are new or have changed into all that pages are made of: they can be recommended at once.
  func putInPages(_ items: [Item]) {
    for index in pageKits.indices { pageKits[index].put(items) }
    if !kitsBeingMade.isEmpty { putWhileMakingKits += items }
    if contentBeingMade != nil { putWhileMakingContent += items }
    guard content != nil else { return }
    for item in items { content?.update(item.description) }
    if let content, content.updatedCount > Self.mostPut { makeContent() }
  }

  /// Learns the words of all items, in the background.
  func makeContent() {
    guard contentBeingMade == nil, !catalogue.items.isEmpty else { return }
    let (catalogue, started) = (catalogue, generation)
    contentBeingMade = Task(executorPreference: BackgroundExecutor.shared) {
      let made = await Self.content(of: catalogue)
      await self.adopt(made, startedIn: started)
    }
  }

  private nonisolated static func content(of catalogue: Catalogue) async -> ContentModel? {
    let descriptions = catalogue.items.keys.sorted().compactMap { catalogue.items[$0]?.description }
    // Only settings outside their range or no items at all could fail, and both are as they should be.
    return try? await ContentSimilarity().fit(
      DescribedInteractions(Interactions([]), descriptions: descriptions), context: .init())
  }

  private func adopt(_ made: ContentModel?, startedIn generation: Int) {
    contentBeingMade = nil
    let put = putWhileMakingContent
    putWhileMakingContent = []
    guard generation == self.generation else { return makeContent() }
    content = made
    for item in put { content?.update(item.description) }
  }

  /// Writes the decisions that wait to the store.
  public func flushDecisions() async { await decisions.flush() }

  /// Makes what the next pages need, so that their requests do not wait for it.
  func prepareForPages() {
    if content == nil { makeContent() }
    guard let recommender else { return }
    Task { _ = await self.kit(for: recommender) }
  }

  // MARK: Requests

  /// How many events a page looks at.
  func eventCount(of placement: PlacementRequest) -> Int {
    rowsOfCustomer(placement.customerID).count + rowsOfVisit(placement.sessionID).count
  }

  func rowsOfCustomer(_ id: String?) -> [Int32] {
    id.flatMap { frame.customers.index(of: $0) }.map { rows.rows(of: $0) } ?? []
  }

  private func rowsOfVisit(_ id: String?) -> [Int32] {
    id.flatMap { frame.sessions.index(of: $0) }.map { visits.rows(of: $0) } ?? []
  }

  /// A page's request with all that is known of who asks.
  ///
  /// - Throws: `ApplicationError` for an item or a category that the shop does not know.
  func input(_ placement: PlacementRequest, seed: UInt64 = 0) throws -> PageInput {
    if placement.context == .item { try requireItem(placement.itemID) }
    if placement.context == .category || placement.category != nil {
      try requireCategory(placement.category)
    }
    let visit = rowsOfVisit(placement.sessionID)
    let own = rowsOfCustomer(placement.customerID)
    var history = history(of: own) + history(of: visit)
    history += placement.viewed.map {
      HistoryItem($0, weight: Float(EventKind.view.defaultWeight), ageDays: 0)
    }
    var had = had(own)
    if placement.context == .session {
      // What was looked at a moment ago is no news.
      had.formUnion(placement.viewed)
      had.formUnion(visit.map { frame.items[frame.item[Int($0)]] })
    }
    let moment = clock()
    let local = asOf.milliseconds
    let facts = RuleRequest(
      context: placement.context.rawValue, customerID: placement.customerID, channel: placement.channel,
      cartSize: placement.cart.count, historySize: history.count, hour: calendar.hour(ofMilliseconds: local),
      weekday: calendar.weekday(ofMilliseconds: local),
      customer: placement.customerID.flatMap { describedCustomers[$0]?.attributes } ?? [:])
    let shown = placement.customerID.map { impressions.impressions(of: $0, at: moment) } ?? []
    return PageInput(placement, history: history, facts: facts, had: had, impressions: shown, seed: seed)
  }

  private func requireItem(_ id: String?) throws {
    guard let id else {
      throw ApplicationError.invalidParameter(
        name: "item_id", value: nil, expected: "the item beside which the page stands")
    }
    guard catalogue[id] != nil || frame.items.index(of: id) != nil else {
      throw ApplicationError.notFound(what: "item", id: id)
    }
  }

  private func requireCategory(_ name: String?) throws {
    guard let name else {
      throw ApplicationError.invalidParameter(
        name: "category", value: nil, expected: "the category to which the page keeps")
    }
    guard catalogue.hasCategory(name) else {
      throw ApplicationError.notFound(what: "category", id: name)
    }
  }

  /// What rows of the frame say about liking, oldest first.
  func history(of rows: [Int32], before end: Int64 = .max) -> [HistoryItem] {
    let moment = end == .max ? asOf : Timestamp(milliseconds: end)
    return newest(rows, before: end).compactMap { row in
      let index = Int(row)
      guard frame.item[index] >= 0, frame.timestamp[index] < end,
        let kind = EventKind(code: frame.kind[index]),
        kind.defaultWeight != 0
      else {
        return nil
      }
      return HistoryItem(
        frame.items[frame.item[index]], weight: Float(kind.defaultWeight),
        ageDays: max(0, moment.days(since: Timestamp(milliseconds: frame.timestamp[index]))))
    }
  }

  /// The rows that a page looks at: the last of those before a moment.
  private func newest(_ rows: [Int32], before end: Int64) -> ArraySlice<Int32> {
    guard end < .max else { return rows.suffix(Self.historyLength) }
    return rows.filter { frame.timestamp[Int($0)] < end }.suffix(Self.historyLength)
  }

  /// The items that rows say are had: bought, rated or reviewed.
  func had(_ rows: [Int32], before end: Int64 = .max) -> Set<String> {
    var had: Set<Int32> = []
    for row in newest(rows, before: end) where frame.item[Int(row)] >= 0 && frame.timestamp[Int(row)] < end {
      switch EventKind(code: frame.kind[Int(row)]) {
      case .purchase, .rating, .review: had.insert(frame.item[Int(row)])
      default: break
      }
    }
    return Set(had.map { frame.items[$0] })
  }
}

extension Item {
  /// What content learns of an item.
  var description: ItemDescription {
    var words: [String: String] = [:]
    var lists: [String: [String]] = [:]
    if let category { words["category"] = category }
    if let brand { words["brand"] = brand }
    for (name, value) in attributes {
      switch value {
      case .string(let text): words[name] = text
      case .bool(let truth): words[name] = String(truth)
      case .array(let values): lists[name] = values.compactMap(\.string)
      // Numbers such as stock say nothing about what a thing is.
      default: break
      }
    }
    return ItemDescription(
      itemID, text: ([title ?? ""] + categoryPath).joined(separator: " "), attributes: words,
      lists: lists)
  }
}
