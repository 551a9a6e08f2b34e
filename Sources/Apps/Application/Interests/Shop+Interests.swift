import Commerce
import Features
import Storage

/// The market that interests are held against, with the state of the shop it was computed of.
struct InterestMarketCache: Sendable {
  var events = -1
  var rebuilds = -1
  var catalogue = -1
  var market: InterestMarket?
}

/// What a customer is interested in.
extension Shop {
  /// What a customer is interested in, each point with its strength, how it stands to all other customers, and the
  /// newest events that speak for it.
  ///
  /// - Parameter kind: only points of this kind.
  /// - Parameter perDimension: how many points of each kind, and of each attribute.
  /// - Complexity: O(the customer's events); the market is taken anew when the log has grown by a hundredth or the catalogue
  ///   has changed, and what arrives between is added to it.
  public nonisolated func interests(
    ofCustomer id: String, kind: InterestPoint.Kind? = nil, perDimension: Int = 10, limit: Int = 500
  ) async throws -> Page {
    try await refreshInterestMarket()
    let (found, asOf, market) = try await interestSource(id, perDimension: perDimension)
    let chosen = found.points.filter { kind == nil || $0.point.kind == kind }
    let shown = chosen.prefix(limit)
    let sequences = await sequences(ofRows: shown.map(\.evidence))
    let stored = try await store.events(atSequences: sequences.flatMap { $0 })
    let ids = Dictionary(
      stored.map { ($0.sequence, $0.event.eventID) }, uniquingKeysWith: { first, _ in first })
    let words = found.words
    return Page(
      name: "interests-of-customer",
      items: zip(shown, sequences).map { Self.json($0, evidence: $1.compactMap { ids[$0] }) },
      nextCursor: nil, total: chosen.count,
      extra: [
        "customer_id": .string(id), "as_of": JSONValue(asOf), "events": JSONValue(found.events),
        "days": JSONValue(found.days), "points": JSONValue(found.total),
        "market": ["customers": JSONValue(market.customers), "events": JSONValue(market.events)],
        "settings": try JSONValue(encoding: found.settings),
        "sentences": try JSONValue(encoding: words),
      ])
  }

  private func interestSource(
    _ id: String, perDimension: Int
  ) throws -> (CustomerInterests, Timestamp, (customers: Int, events: Int)) {
    _ = try state(ofCustomer: id)
    takeUpInterestMarket()
    guard let market = interestMarket.market else {
      throw ApplicationError.conflict(reason: "The shop is being read anew; ask again in a moment.")
    }
    let own = frame.customers.index(of: id).map { rows.rows(of: $0) } ?? []
    let found = market.interests(of: own, in: frame, asOf: asOf, limit: perDimension)
    return (found, asOf, (market.customers, market.events))
  }

  /// Adds what has arrived since; taken out of its place meanwhile, so that it is not copied.
  private func takeUpInterestMarket() {
    guard var market = interestMarket.market else { return }
    interestMarket.market = nil
    market.takeUp(frame, items: catalogue.items)
    interestMarket.market = market
  }

  private func refreshInterestMarket() async throws {
    try requireReady()
    let known = interestMarket
    if known.market != nil, known.rebuilds == rebuilds, known.catalogue == catalogue.revision,
      frame.count <= known.events + known.events / 100
    {
      return
    }
    let (frame, items, settings) = (frame, catalogue.items, states.settings)
    let (revision, changes, started) = (rebuilds, catalogue.revision, generation)
    let market = await Self.interestMarket(frame, items, settings)
    guard generation == started else { return }
    interestMarket = InterestMarketCache(
      events: frame.count, rebuilds: revision, catalogue: changes, market: market)
  }

  private nonisolated static func interestMarket(
    _ frame: EventFrame, _ items: [String: Item], _ settings: FeatureSettings
  ) async -> InterestMarket {
    InterestMarket(
      frame, items: items, weights: settings,
      interests: InterestSettings(halfLifeDays: settings.affinityHalfLifeDays))
  }

  private nonisolated static func json(
    _ interest: CustomerInterests.Interest, evidence: [String]
  ) -> JSONValue {
    let label = interest.point.label
    return [
      "kind": .string(interest.point.kind.rawValue), "name": JSONValue(interest.point.name),
      "value": .string(interest.point.value), "label": ["en": .string(label.en), "zh": .string(label.zh)],
      "strength": JSONValue(interest.strength), "market_share": JSONValue(interest.marketShare),
      "lift": JSONValue(interest.lift),
      "lift_interval": interest.liftInterval.map {
        ["lower": JSONValue($0.lowerBound), "upper": JSONValue($0.upperBound)]
      } ?? nil,
      "q_value": JSONValue(interest.qValue), "standing": .string(interest.standing.rawValue),
      "events": JSONValue(interest.events), "days": JSONValue(interest.days),
      "last_at": JSONValue(interest.lastAt), "trend": interest.trend.map(Self.json) ?? nil,
      "evidence": JSONValue(evidence),
    ]
  }

  private nonisolated static func json(_ trend: CustomerInterests.Trend) -> JSONValue {
    func part(_ days: (days: Int, of: Int)) -> JSONValue {
      ["days": JSONValue(days.days), "of": JSONValue(days.of)]
    }
    return [
      "direction": .string(trend.direction.rawValue), "recent": part(trend.recent),
      "earlier": part(trend.earlier),
    ]
  }
}
