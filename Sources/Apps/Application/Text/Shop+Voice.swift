import Commerce
import Foundation
import Learning
import Needs
import Storage
import TextAnalysis

/// Needs that customers put in words, from a shop's reviews and messages.
extension Shop {
  private static let voiceCollection = "voice"
  private static let voiceDecisions = "voice-decisions"
  private static let pageOfTexts = 1000

  /// Mines what customers wrote, after what people decided, and keeps the board for the next run.
  ///
  /// - Throws: `TextError.missingFile` where models have not been trained, `NeedError.notEnoughData`, `CancellationError`.
  public nonisolated func mineVoice(
    _ models: TextModels, configuration: VoiceOfCustomer.Configuration = .init(), context: FitContext
  ) async throws -> VoiceBoard {
    let texts = try await voiceTexts()
    let decisions = try await voiceDecisions()
    let previous = try await voiceBoard()
    let spent = await spending()
    let board = try await withTaskExecutorPreference(BackgroundExecutor.shared) {
      try await Self.mine(texts, decisions, previous, models, configuration, spent, context)
    }
    try await store.put(
      try JSONValue(encoding: board), collection: Self.voiceCollection, key: "board")
    return board
  }

  private nonisolated static func mine(
    _ texts: [VoiceText], _ decisions: [AnalystDecision], _ previous: VoiceBoard?, _ models: TextModels,
    _ configuration: VoiceOfCustomer.Configuration, _ spent: Spending, _ context: FitContext
  ) async throws -> VoiceBoard {
    let tools = try models.voiceTools { spent.total(of: $0, with: $1) }
    return try VoiceOfCustomer(configuration: configuration, tools: tools).mine(
      texts, decisions: decisions, previous: previous, context: context)
  }

  /// The board of the last run.
  public nonisolated func voiceBoard() async throws -> VoiceBoard? {
    guard let document = try await store.document(collection: Self.voiceCollection, key: "board") else {
      return nil
    }
    return try JSONDecoder().decode(VoiceBoard.self, from: Data(document.serialized))
  }

  /// What customers wrote in reviews and messages.
  nonisolated func voiceTexts() async throws -> [VoiceText] {
    var texts: [VoiceText] = []
    for kind in [EventKind.review, .message] {
      var query = EventQuery(kind: kind, limit: Self.pageOfTexts)
      while true {
        let page = try await store.events(matching: query)
        texts += page.compactMap { stored in
          stored.event.text.map {
            VoiceText(
              eventID: stored.event.eventID, text: $0, customerID: stored.event.customerID,
              itemID: stored.event.itemID, timestamp: stored.event.timestamp, rating: stored.event.rating)
          }
        }
        guard let last = page.last, page.count == Self.pageOfTexts else { break }
        query.after = .init(timestamp: last.event.timestamp, sequence: last.sequence)
      }
    }
    return texts
  }

  // MARK: Decisions

  /// Notes what a person decided about a need of the last board; the next run follows it.
  ///
  /// - Throws: `ApplicationError.notFound` for a need that is not on the board.
  public nonisolated func decide(
    onVoiceNeed id: String, _ action: (VoiceBoard) throws -> AnalystDecision.Action, by person: String?
  ) async throws {
    guard let board = try await voiceBoard() else { throw ApplicationError.notTrained(what: "voice board") }
    let need = try Self.need(DecidedNeed.survivor(of: id, after: try await voiceDecisions()), on: board)
    let decision = AnalystDecision(
      needID: need.needID, members: need.members, action: try action(board), decidedAt: clock(),
      decidedBy: person)
    // In order, whatever the clocks of several machines say.
    let count = try await store.documents(collection: Self.voiceDecisions).count
    let key = String(format: "%09d-%@", count, UUID().uuidString)
    try await store.put(try JSONValue(encoding: decision), collection: Self.voiceDecisions, key: key)
  }

  /// A need of a board, rejected ones too.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated static func need(_ id: String, on board: VoiceBoard) throws -> VoiceNeed {
    guard let need = (board.needs + board.rejected).first(where: { $0.needID == id }) else {
      throw ApplicationError.notFound(what: "need in what customers wrote", id: id)
    }
    return need
  }

  private nonisolated func voiceDecisions() async throws -> [AnalystDecision] {
    try await store.documents(collection: Self.voiceDecisions).map {
      try JSONDecoder().decode(AnalystDecision.self, from: Data($0.document.serialized))
    }
  }

  // MARK: What is at stake

  private func spending() -> Spending { Spending(frame) }
}

/// What customers have spent, and what items have earned.
struct Spending: Sendable {
  private var ofCustomer: [Int32: Int64] = [:]
  private var ofItem: [Int32: Int64] = [:]
  private let customers: Vocabulary
  private let items: Vocabulary
  private let currency: Currency

  init(_ frame: EventFrame) {
    (customers, items, currency) = (frame.customers, frame.items, frame.currency)
    for row in 0..<frame.count where frame.kind[row] == EventKind.purchase.code {
      if frame.customer[row] >= 0 { ofCustomer[frame.customer[row], default: 0] += frame.amount[row] }
      if frame.item[row] >= 0 { ofItem[frame.item[row], default: 0] += frame.amount[row] }
    }
  }

  /// What these customers spent, or where none of them is known, what these items earned.
  func total(of customers: Set<String>, with items: Set<String>) -> Money {
    let spent = customers.compactMap { self.customers.index(of: $0) }.compactMap { ofCustomer[$0] }
    let earned = items.compactMap { self.items.index(of: $0) }.compactMap { ofItem[$0] }
    return Money(minorUnits: (customers.isEmpty ? earned : spent).reduce(0, +), currency: currency)
  }
}
