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
  let events: Int
  let modelVersion: Int
  let computedAt: ContinuousClock.Instant

  init(_ board: NeedBoard, events: Int, modelVersion: Int) throws {
    self.board = board
    self.events = events
    self.modelVersion = modelVersion
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

/// Which customers' needs to list.
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
      throw ApplicationError.notTrained(what: "needs model")
    }
    return (live, predictor)
  }

  /// The needs of a customer, strongest first, each with its evidence and contributions.
  public func needs(ofCustomer id: String, filter: NeedFilter, limit: Int) async throws -> Page {
    let (live, predictor) = try predictor()
    _ = try customerIndex(id)
    let moment = asOf
    guard let state = states.state(of: id) else { throw ApplicationError.notFound(what: "customer", id: id) }
    let found = try await Self.predict(predictor, state, id, moment, filter, limit: limit)
    let items = try await withEvidence(found).map { try JSONValue(encoding: $0) }
    return Page(
      name: "needs-of-customer", items: items, nextCursor: nil, total: items.count,
      extra: [
        "customer_id": .string(id), "as_of": JSONValue(moment), "live": true,
        "horizon_days": JSONValue(NeedMining.horizonDays), "model": live.json(named: ModelName.needs),
      ])
  }

  // Away from the actor: a prediction takes milliseconds.
  private nonisolated static func predict(
    _ predictor: NeedPredictor, _ state: CustomerState, _ id: String, _ moment: Timestamp,
    _ filter: NeedFilter,
    limit: Int
  ) async throws -> [Need] {
    try predictor.needs(
      of: state, customerID: id, asOf: moment, kind: filter.kind, minStrength: filter.minStrength,
      limit: limit)
  }

  private func withEvidence(_ needs: [Need]) async throws -> [Need] {
    let stored = try await store.events(atSequences: needs.flatMap(\.evidenceSequences))
    let bySequence = Dictionary(stored.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
    return needs.map { need in
      var need = need
      need.evidence = need.evidenceSequences.compactMap { bySequence[$0] }.map {
        Need.Evidence($0, itemTitle: $0.event.itemID.map { catalogue.title(of: $0) })
      }
      return need
    }
  }

  /// The market board: computed anew in the background when events have arrived since.
  func currentBoard() async throws -> BoardSnapshot {
    let (live, _) = try predictor()
    if let board, board.modelVersion == live.version {
      let isOld = board.computedAt.duration(to: .now) > Self.boardFreshness
      if board.events != frame.count, isOld, boardRefresh == nil { startBoardRefresh() }
      return board
    }
    return try await (boardRefresh ?? startBoardRefresh()).value
  }

  @discardableResult
  func startBoardRefresh() -> Task<BoardSnapshot, any Error> {
    let task = Task(executorPreference: BackgroundExecutor.shared) { try await self.refreshBoard() }
    boardRefresh = task
    return task
  }

  private func refreshBoard() async throws -> BoardSnapshot {
    defer { boardRefresh = nil }
    let (live, predictor) = try predictor()
    let (states, moment, events) = (states.states, asOf, frame.count)
    let snapshot = try await Self.computeBoard(predictor, states, moment, events, live.version)
    board = snapshot
    return snapshot
  }

  private nonisolated static func computeBoard(
    _ predictor: NeedPredictor, _ states: [CustomerState], _ moment: Timestamp, _ events: Int, _ version: Int
  ) async throws -> BoardSnapshot {
    try BoardSnapshot(
      NeedBoard(predictor: predictor, states: states, asOf: moment), events: events, modelVersion: version)
  }

  /// One page of the market board.
  public func marketNeeds(
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
    var answer = try Page.slice(sorted, name: "needs", page) { snapshot.rows[$0] }
    answer.extra = [
      "as_of": JSONValue(snapshot.board.asOf), "horizon_days": JSONValue(snapshot.board.horizonDays),
      "customers_base": JSONValue(snapshot.board.customersBase),
      "model": needModel?.json(named: ModelName.needs) ?? nil,
      "findings": ["en": .string(snapshot.board.findings.en), "zh": .string(snapshot.board.findings.zh)],
    ]
    return answer
  }

  /// One row of the market board with what only its own page shows.
  public func marketNeed(_ id: String) async throws -> JSONValue {
    guard let detail = try await currentBoard().details[id] else {
      throw ApplicationError.notFound(what: "need", id: id)
    }
    return detail
  }

  /// One page of the customers who need a category, strongest first.
  public func customers(needing id: String, filter: NeedFilter, page: PageRequest) async throws -> Page {
    let (_, predictor) = try predictor()
    let key =
      "\(id)|\(filter.kind?.rawValue ?? "")|\(filter.minStrength)|\(frame.count)|\(needModel?.version ?? 0)"
    if needingCache.key != key {
      let (states, moment) = (states, asOf)
      do {
        needingCache = (key, try await Self.needing(id, predictor, states, moment, filter))
      } catch NeedError.unknownSubject {
        throw ApplicationError.notFound(what: "need", id: id)
      }
    }
    return try Page.slice(needingCache.found, name: "customers-needing", page) {
      (try? JSONValue(encoding: $0)) ?? nil
    }
  }

  private nonisolated static func needing(
    _ id: String, _ predictor: NeedPredictor, _ states: CustomerStates, _ moment: Timestamp,
    _ filter: NeedFilter
  ) async throws -> [NeedCustomer] {
    try predictor.customers(
      needing: id, states: states.states, customers: states.customers, asOf: moment, kind: filter.kind,
      minStrength: filter.minStrength)
  }
}
