import Commerce
import Features
import Foundation
import Learning
import Needs
import Storage

/// The market board with the state of the log that it was computed from.
struct BoardSnapshot: Sendable {
  let board: NeedBoard
  /// The rows as the list shows them, and each with what only its own page shows.
  let rows: [JSONValue]
  let details: [String: JSONValue]
  let source: Source
  let computedAt: ContinuousClock.Instant

  /// What a board was computed of.
  struct Source: Sendable, Equatable {
    let events: Int
    let rebuilds: Int
    let generation: Int
    let modelVersion: Int
  }

  init(_ board: NeedBoard, of source: Source) throws {
    self.board = board
    self.source = source
    computedAt = .now
    var (rows, details): ([JSONValue], [String: JSONValue]) = ([], [:])
    for row in board.rows {
      var json = try JSONValue(encoding: row)
      let words = NeedBoard.sentences(row)
      var detail = json
      detail["as_of"] = JSONValue(board.asOf)
      detail["horizon_days"] = JSONValue(board.horizonDays)
      detail["customers_base"] = JSONValue(board.customersBase)
      detail["sentences"] = ["en": JSONValue(words.en), "zh": JSONValue(words.zh)]
      detail["strength_histogram"] = try JSONValue(encoding: row.strengthHistogram)
      details[row.subject.id] = detail
      json["strength_histogram"] = nil
      rows.append(json)
    }
    self.rows = rows
    self.details = details
  }
}

/// Which of a customer's needs to list.
public struct NeedFilter: Sendable {
  /// Only needs of this kind.
  public var kind: Need.Kind?
  /// Only needs at least this strong.
  public var minStrength: Double

  /// A filter that lets everything through unless told otherwise.
  public init(kind: Need.Kind? = nil, minStrength: Double = 0) {
    self.kind = kind
    self.minStrength = minStrength
  }
}

/// How the market board is sorted.
public enum BoardOrder: String, Sendable, CaseIterable {
  /// Most money at stake first.
  case atStake = "at_stake"
  /// Most expected customers first.
  case customers
  /// Largest rise first; among falling needs the largest fall.
  case change
  /// Largest share of customers first.
  case strength
}

extension Shop {
  /// A board that is at most this old is shown as it is while events keep arriving.
  private static let boardFreshness = Duration.seconds(60)

  private func predictor() throws -> (Live<NeedModel>, NeedPredictor) {
    try requireReady()
    guard let live = needModel, let predictor = needPredictor else {
      throw missing("needs model", ModelName.needs)
    }
    return (live, predictor)
  }

  /// What the needs of one customer are predicted from, all of one moment.
  private struct NeedSource: Sendable {
    let live: Live<NeedModel>
    let predictor: NeedPredictor
    let state: CustomerState
    let asOf: Timestamp
    let fault: String?
  }

  private func needSource(_ id: String) throws -> NeedSource {
    let (live, predictor) = try predictor()
    return NeedSource(
      live: live, predictor: predictor, state: try state(ofCustomer: id), asOf: asOf,
      fault: fault(ofModel: ModelName.needs))
  }

  /// The needs of a customer, strongest first, each with its evidence and contributions.
  public nonisolated func needs(
    ofCustomer id: String, filter: NeedFilter, limit: Int
  ) async throws -> Page {
    let source = try await needSource(id)
    let found = try source.predictor.strongest(
      limit, of: source.state, customerID: id, asOf: source.asOf, kind: filter.kind,
      minStrength: filter.minStrength)
    let items = try await withEvidence(found.needs).map { try JSONValue(encoding: $0) }
    return Page(
      name: "needs-of-customer", items: items, nextCursor: nil, total: found.total,
      extra: [
        "customer_id": .string(id), "as_of": JSONValue(source.asOf), "live": true,
        "horizon_days": JSONValue(NeedMining.horizonDays),
        "model": source.live.json(named: ModelName.needs),
        "fallback": source.fault == nil ? nil : "earlier_version",
        "fallback_reason": JSONValue(source.fault),
      ])
  }

  private nonisolated func withEvidence(_ needs: [Need]) async throws -> [Need] {
    let stored = try await store.events(atSequences: needs.flatMap(\.evidenceSequences))
    let bySequence = Dictionary(stored.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
    let about = await labels(ofItems: stored.compactMap(\.event.itemID))
    return needs.map { need in
      var need = need
      need.evidence = need.evidenceSequences.compactMap { bySequence[$0] }.map { event in
        Need.Evidence(event, itemTitle: event.event.itemID.map { about[$0]?.title ?? $0 })
      }
      return need
    }
  }

  /// The market board: computed anew in the background when events have arrived since.
  func currentBoard() async throws -> BoardSnapshot {
    while true {
      let (live, _) = try predictor()
      if let board, board.source.modelVersion == live.version, board.source.generation == generation {
        let isOld = board.computedAt.duration(to: .now) > Self.boardFreshness
        // What items have moved to shows at once, further events after a while.
        let isDue = board.source.rebuilds != rebuilds || (board.source.events != frame.count && isOld)
        if isDue, boardRefresh == nil { startBoardRefresh() }
        return board
      }
      // The one under way may be of a model that was live before; then another one follows.
      _ = try await (boardRefresh ?? startBoardRefresh()).value
    }
  }

  @discardableResult
  func startBoardRefresh() -> Task<BoardSnapshot, any Error> {
    let task = Task(executorPreference: BackgroundExecutor.shared) { try await self.refreshBoard() }
    boardRefresh = task
    return task
  }

  private func refreshBoard() async throws -> BoardSnapshot {
    defer { boardRefresh = nil }
    do {
      let (live, predictor) = try predictor()
      let source = BoardSnapshot.Source(
        events: frame.count, rebuilds: rebuilds, generation: generation, modelVersion: live.version)
      let snapshot = try await Self.computeBoard(predictor, states.states, asOf, source)
      board = snapshot
      solved(.board)
      return snapshot
    } catch {
      if !(error is CancellationError) { note(error, in: .board) }
      throw error
    }
  }

  private nonisolated static func computeBoard(
    _ predictor: NeedPredictor, _ states: [CustomerState], _ moment: Timestamp, _ source: BoardSnapshot.Source
  ) async throws -> BoardSnapshot {
    try BoardSnapshot(NeedBoard(predictor: predictor, states: states, asOf: moment), of: source)
  }

  /// One page of the market board.
  public nonisolated func marketNeeds(
    trend: NeedTrend.Direction?, containing text: String?, by order: BoardOrder, page: PageRequest
  ) async throws -> Page {
    let snapshot = try await currentBoard()
    let needle = text?.lowercased()
    let chosen = snapshot.board.rows.indices.filter { index in
      let row = snapshot.board.rows[index]
      return (trend == nil || row.trend.base.direction == trend)
        && (needle.map { needle in row.subject.path.contains { $0.lowercased().contains(needle) } } ?? true)
    }
    let sorted = chosen.sorted { first, second in
      let (a, b) = (snapshot.board.rows[first], snapshot.board.rows[second])
      switch order {
      case .atStake: return (a.atStake.minorUnits, second) > (b.atStake.minorUnits, first)
      case .customers, .strength: return (a.expectedCustomers, second) > (b.expectedCustomers, first)
      case .change:
        let isFalling = trend == .falling
        return (isFalling ? -a.trend.base.change : a.trend.base.change, second)
          > (isFalling ? -b.trend.base.change : b.trend.base.change, first)
      }
    }
    let said = await voiceNeedsByCategory()
    var answer = try Page.slice(sorted, name: "needs", page) { index in
      var row = snapshot.rows[index]
      row["voice"] = said[snapshot.board.rows[index].subject.id] ?? []
      return row
    }
    answer.extra = [
      "as_of": JSONValue(snapshot.board.asOf), "horizon_days": JSONValue(snapshot.board.horizonDays),
      "customers_base": JSONValue(snapshot.board.customersBase),
      "model": await needModel?.json(named: ModelName.needs) ?? nil,
      "findings": ["en": .string(snapshot.board.findings.en), "zh": .string(snapshot.board.findings.zh)],
    ]
    return answer
  }

  /// One row of the market board with what only its own page shows.
  public nonisolated func marketNeed(_ id: String) async throws -> JSONValue {
    guard var detail = try await currentBoard().details[id] else {
      throw ApplicationError.notFound(what: "need", id: id)
    }
    detail["voice"] = await voiceNeedsByCategory()[id] ?? []
    return detail
  }

  /// One page of the customers who need a category, strongest first. A page holds its place while strengths change: the
  /// next one goes on after the strength and id of its last customer.
  ///
  /// Beside the rows stands how many customers the list expects to buy: the sum of all its strengths, which is what the
  /// board shows for the same filter.
  public func customers(
    needing id: String, filter: NeedCustomerFilter, page: PageRequest
  ) async throws -> Page {
    let place = try page.cursor.map { try CustomerDirectory.Place(cursor: $0) }
    let moment = asOf
    let found = try await customers(needing: id, filter, asOf: moment)
    let rest = found.drop { customer in !(place?.precedes(Self.place(of: customer)) ?? true) }
    let shown = rest.prefix(page.limit)
    return Page(
      name: "customers-needing", items: try shown.map { try JSONValue(encoding: $0) },
      nextCursor: rest.count > page.limit ? shown.last.map { Self.place(of: $0).cursor } : nil,
      total: found.count,
      extra: [
        "as_of": JSONValue(moment), "horizon_days": JSONValue(filter.days),
        "expected_customers": JSONValue(found.reduce(0) { $0 + $1.strength }),
        "model": needModel?.json(named: ModelName.needs) ?? nil,
      ])
  }

  /// Strengths are positive, and so their bit patterns are in the same order as they.
  private nonisolated static func place(of customer: NeedCustomer) -> CustomerDirectory.Place {
    CustomerDirectory.Place(
      value: Int64(bitPattern: customer.strength.bitPattern), id: customer.customerID)
  }

  func customers(
    needing id: String, _ filter: NeedCustomerFilter, asOf moment: Timestamp
  ) async throws -> [NeedCustomer] {
    let (live, predictor) = try predictor()
    let key = NeedingKey(
      subject: id, filter: filter, events: frame.count, rebuilds: rebuilds, generation: generation,
      modelVersion: live.version)
    if needing.key == key { return needing.found }
    do {
      let found = try await Self.needing(id, predictor, states, moment, filter)
      needing = (key, found)
      return found
    } catch NeedError.unknownSubject {
      throw ApplicationError.notFound(what: "need", id: id)
    }
  }

  private nonisolated static func needing(
    _ id: String, _ predictor: NeedPredictor, _ states: CustomerStates, _ moment: Timestamp,
    _ filter: NeedCustomerFilter
  ) async throws -> [NeedCustomer] {
    try predictor.customers(
      needing: id, states: states.states, customers: states.customers, asOf: moment, filter: filter)
  }
}

/// What a computed list of the customers who have a need depends on.
struct NeedingKey: Sendable, Equatable {
  let subject: String
  let filter: NeedCustomerFilter
  let events: Int
  let rebuilds: Int
  let generation: Int
  let modelVersion: Int
}
