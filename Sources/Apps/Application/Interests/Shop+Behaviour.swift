import Commerce
import Features
import Forecasting
import Storage

/// The market that habits are held against, with the state of the shop it was computed of.
struct BehaviourMarketCache: Sendable {
  var events = -1
  var rebuilds = -1
  var catalogue = -1
  var market: BehaviourMarket?
}

/// The habits of a customer.
extension Shop {
  /// What a customer does out of habit, and what was looked for in vain, each with its test.
  ///
  /// - Parameter foundOnly: leaves out what is no more than chance.
  /// - Complexity: O(r log r) for the customer's r events; the market is taken anew when the log has grown by a hundredth or the
  ///   catalogue has changed.
  public nonisolated func patterns(
    ofCustomer id: String, foundOnly: Bool = false, limit: Int = 500
  ) async throws -> Page {
    try await refreshBehaviourMarket()
    let source = try await behaviourSource(id)
    let chosen = source.patterns.filter { $0.isFound || !foundOnly }
    let shown = chosen.prefix(limit)
    let sequences = await sequences(ofRows: shown.map(\.evidence))
    let stored = try await store.events(atSequences: sequences.flatMap { $0 })
    let ids = Dictionary(
      stored.map { ($0.sequence, $0.event.eventID) }, uniquingKeysWith: { first, _ in first })
    return Page(
      name: "patterns-of-customer",
      items: zip(shown, sequences).map { Self.json($0, evidence: $1.compactMap { ids[$0] }) },
      nextCursor: nil, total: chosen.count,
      extra: [
        "customer_id": .string(id), "as_of": JSONValue(source.asOf),
        "found": JSONValue(source.patterns.count { $0.isFound }),
        "tested": JSONValue(source.patterns.count),
        "false_discovery_rate": JSONValue(BehaviourMarket.falseDiscoveryRate),
      ])
  }

  private func behaviourSource(_ id: String) throws -> (patterns: [BehaviourPattern], asOf: Timestamp) {
    _ = try state(ofCustomer: id)
    let own = frame.customers.index(of: id).map { rows.rows(of: $0) } ?? []
    return (behaviourMarket.market?.patterns(of: own, in: frame, asOf: asOf) ?? [], asOf)
  }

  /// The places in the log of rows of the frame.
  func sequences(ofRows rows: [[Int32]]) -> [[Int64]] {
    rows.map { $0.filter { Int($0) < frame.count }.map { frame.sequence[Int($0)] } }
  }

  /// Reads the habits of the market when there are none or the log has grown by a hundredth.
  func refreshBehaviourMarket() async throws {
    try requireReady()
    let known = behaviourMarket
    if known.market != nil, known.rebuilds == rebuilds, known.catalogue == catalogue.revision,
      frame.count <= known.events + known.events / 100
    {
      return
    }
    let (frame, index, calendar) = (frame, states.catalogue, calendar)
    let (revision, changes, started) = (rebuilds, catalogue.revision, generation)
    let seasons = GiftSeason.all(in: frame, calendar: calendar, isChinese: settings.currency == .cny)
    let market = await Self.behaviourMarket(frame, index, calendar, seasons)
    guard generation == started else { return }
    behaviourMarket = BehaviourMarketCache(
      events: frame.count, rebuilds: revision, catalogue: changes, market: market)
  }

  private nonisolated static func behaviourMarket(
    _ frame: EventFrame, _ catalogue: CatalogueIndex, _ calendar: ShopCalendar, _ seasons: [GiftSeason]
  ) async -> BehaviourMarket {
    BehaviourMarket(frame, catalogue: catalogue, calendar: calendar, seasons: seasons)
  }

  private nonisolated static func json(_ pattern: BehaviourPattern, evidence: [String]) -> JSONValue {
    let words = pattern.words
    return [
      "kind": .string(pattern.kind.rawValue), "category": JSONValue(pattern.category),
      "detail": JSONValue(pattern.detail), "found": .bool(pattern.isFound),
      "words": ["en": .string(words.en), "zh": .string(words.zh)],
      "observed": JSONValue(pattern.observed), "expected": JSONValue(pattern.expected),
      "days": JSONValue(pattern.days), "of_days": JSONValue(pattern.ofDays),
      "p_value": JSONValue(pattern.pValue), "q_value": JSONValue(pattern.qValue),
      "evidence": JSONValue(evidence),
    ]
  }
}

extension GiftSeason {
  /// The fortnights up to the holidays on which people give presents, in the years of a log.
  static func all(in frame: EventFrame, calendar: ShopCalendar, isChinese: Bool) -> [GiftSeason] {
    guard let from = frame.firstTimestamp, let to = frame.lastTimestamp else { return [] }
    let years =
      CivilDate.civil(fromDay: Int64(calendar.day(of: from))).year...CivilDate.civil(
        fromDay: Int64(calendar.day(of: to))
      ).year + 1
    // Hostile dates must not make a season for each of a hundred thousand years.
    return years.suffix(50).flatMap { year in
      (isChinese ? chinese : western).compactMap { holiday, name in
        holiday.firstDay(in: year).map { first in
          GiftSeason(
            name: name, days: Int32(first.number - 13)...Int32(first.number + holiday.length - 1))
        }
      }
    }
  }

  private static let western: [(Holiday, String)] = [
    (.valentines, "valentines"), (.easter, "easter"), (.mothersDay, "mothers_day"),
    (.fathersDay, "fathers_day"), (.halloween, "halloween"), (.christmas, "christmas"),
  ]
  private static let chinese: [(Holiday, String)] = [
    (.springFestival, "spring_festival"), (.valentines, "valentines"), (.mothersDay, "mothers_day"),
    (.dragonBoat, "dragon_boat"), (.qixi, "qixi"), (.midAutumn, "mid_autumn"),
  ]
}
