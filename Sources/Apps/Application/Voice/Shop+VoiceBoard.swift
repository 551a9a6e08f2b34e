import Commerce
import Foundation
import Needs
import Storage
import TextAnalysis

/// Which needs of the board of texts to list.
public struct VoiceBoardFilter: Sendable {
  /// What people decided about a need.
  public enum Status: String, Sendable, CaseIterable {
    /// Nothing yet.
    case open
    /// It is a need.
    case confirmed
    /// It is none.
    case rejected
    /// It was renamed, merged or split.
    case edited
  }

  /// How the board is sorted.
  public enum Order: String, Sendable, CaseIterable {
    /// Most customers first.
    case customers
    /// Most money at stake first.
    case atStake = "at-stake"
    /// The worst first.
    case sentiment
    /// What rises most first.
    case trend
  }

  /// Only needs of this kind.
  public var kind: VoiceNeed.Kind?
  /// Only needs at this place of the map.
  public var position: VoiceNeed.Position?
  /// Only needs that go this way.
  public var trend: NeedTrend.Direction?
  /// Only needs of which this was decided; unless given all but the rejected.
  public var status: Status?
  /// Only needs whose name or words contain it.
  public var query: String?
  /// How the board is sorted.
  public var order = Order.customers

  /// A filter that lets all needs through but the rejected.
  public init() {}
}

/// The needs that customers put in words: the board, one need, its sentences and customers.
extension Shop {
  /// What the needs of texts are shown with.
  struct VoiceScene: Sendable {
    let current: VoiceDesk.Current
    let labels: [String: (title: String, category: String?)]
    let purchases: [String: NeedBoard.Row]
    let join: NeedJoin

    var view: VoiceView { current.view }
    var json: VoiceJSON { VoiceJSON(view: current.view, labels: labels) }
  }

  nonisolated func voiceScene() async throws -> VoiceScene {
    await scene(of: try await currentVoice())
  }

  nonisolated func scene(of current: VoiceDesk.Current) async -> VoiceScene {
    let labels = await labels(ofItems: Array(Set(current.view.reading.texts.compactMap(\.itemID))))
    // A shop may have texts and nothing bought.
    let rows = (try? await currentBoard().board.rows) ?? []
    return VoiceScene(
      current: current, labels: labels,
      purchases: Dictionary(rows.map { ($0.subject.id, $0) }, uniquingKeysWith: { first, _ in first }),
      join: NeedJoin(subjects: rows.map(\.subject)))
  }

  /// The board of what customers say.
  ///
  /// - Throws: `ApplicationError.notTrained` until it has been mined, `TextError.missingFile` without the models of texts.
  public nonisolated func voiceBoard(_ filter: VoiceBoardFilter) async throws -> JSONValue {
    let scene = try await voiceScene()
    let board = scene.view.board
    let needle = filter.query?.lowercased()
    let all = filter.status == .rejected ? board.rejected : board.needs
    let chosen = all.filter { need in
      (filter.kind == nil || need.kind == filter.kind)
        && (filter.position == nil || need.position == filter.position)
        && (filter.trend == nil || need.trend?.direction == filter.trend)
        && (filter.status == nil || filter.status?.rawValue == need.status?.rawValue
          || (filter.status == .open && need.status == nil))
        && (needle.map { needle in
          ([need.label] + need.words).contains { $0.lowercased().contains(needle) }
        } ?? true)
    }
    let sentences = scene.sentencesOfNeeds
    let findings = VoiceFindings.sentences(board)
    return [
      "needs": .array(try filter.order.sorted(chosen).map { try scene.json(of: $0, sentences) }),
      "total": JSONValue(board.needs.count), "rejected": JSONValue(board.rejected.count),
      "texts": JSONValue(board.texts), "customers": JSONValue(board.customers),
      "statements": JSONValue(board.statements), "ungrouped": JSONValue(board.ungrouped),
      "new_statements": JSONValue(scene.view.reading.strangers),
      "unread_texts": JSONValue(scene.current.unread),
      "compared_by": .string(board.comparedBy.rawValue), "mined_at": JSONValue(scene.current.minedAt),
      "read_at": JSONValue(scene.view.reading.texts.map(\.timestamp).max()),
      "findings": ["en": .string(findings.en), "zh": .string(findings.zh)],
      "model": ["name": .string(ModelName.voice), "version": JSONValue(scene.current.version)],
    ]
  }

  /// A need with what only its own page shows.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated func voiceNeed(_ id: String) async throws -> JSONValue {
    let scene = try await voiceScene()
    let need = try Self.need(id, in: scene.view)
    let sentences = scene.sentencesOfNeeds
    var json = try scene.json(of: need, sentences)
    let own = sentences[need.needID] ?? []
    json["items"] = .array(scene.items(in: own).prefix(20).map(\.json))
    json["aspects"] = .array(
      try scene.view.aspects(in: own).prefix(20).map { try JSONValue(encoding: $0) })
    json["emotions"] = .array(emotions(in: own.map { scene.view.reading.sentences[$0] }))
    json["mined_at"] = JSONValue(scene.current.minedAt)
    json["texts"] = JSONValue(scene.view.board.texts)
    json["writers"] = JSONValue(scene.view.board.customers)
    json["decisions"] = .array(
      scene.view.reading.decisions.reversed().filter {
        scene.view.survivor(of: $0.needID) == need.needID
      }.map { Self.json($0, scene.view) })
    return json
  }

  /// How many texts show which emotion; none where there are no lists of words for their language.
  private nonisolated func emotions(in sentences: [VoiceSentence]) -> [JSONValue] {
    guard let lexicon = try? textModels?.emotions() else { return [] }
    var texts: [EmotionLexicon.Emotion: Set<Int>] = [:]
    for sentence in sentences {
      for emotion in lexicon.counts(in: sentence.quote.text).keys {
        texts[emotion, default: []].insert(sentence.text)
      }
    }
    return texts.sorted { ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue) }.map {
      ["emotion": .string($0.key.rawValue), "texts": JSONValue($0.value.count)]
    }
  }

  /// The sentences that a filter lets through, newest first.
  public nonisolated func voiceStatements(
    _ filter: VoiceFilter, category: String? = nil, page: PageRequest
  ) async throws -> Page {
    let scene = try await voiceScene()
    var filter = filter
    if let id = filter.needID { filter.needID = try Self.need(id, in: scene.view).needID }
    if let category {
      let own = scene.items(ofCategory: category)
      filter.items = filter.items.map { $0.intersection(own) } ?? own
    }
    let (query, json) = (filter.query, scene.json)
    return try Page.slice(scene.view.sentences(filter), name: "statements", page) {
      json.quote($0, marking: query)
    }
  }

  /// Who states a need, whoever does so most first.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated func customers(ofVoiceNeed id: String, page: PageRequest) async throws -> Page {
    let scene = try await voiceScene()
    let need = try Self.need(id, in: scene.view)
    let own = scene.sentencesOfNeeds[need.needID] ?? []
    var byCustomer: [String: [Int]] = [:]
    for index in own {
      let sentence = scene.view.reading.sentences[index]
      guard sentence.isStatement, let customer = sentence.quote.customerID else { continue }
      byCustomer[customer, default: []].append(index)
    }
    let spent = await spending()
    let ranked = byCustomer.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    return try Page.slice(ranked, name: "customers-saying", page) { customer, sentences in
      let quotes = sentences.map { scene.view.reading.sentences[$0].quote }
      return [
        "customer_id": .string(customer), "statements": JSONValue(sentences.count),
        "sentiment": JSONValue(quotes.reduce(0) { $0 + $1.polarity } / Double(quotes.count)),
        "last_at": JSONValue(quotes.map(\.timestamp).max()),
        "spent": spent.total(of: [customer], with: []).flatMap { try? JSONValue(encoding: $0) } ?? .null,
        "quote": .string(quotes.last?.text ?? ""),
      ]
    }
  }

  /// What people decided, newest first.
  public nonisolated func voiceDecisions(page: PageRequest) async throws -> Page {
    let view = try await currentVoice().view
    return try Page.slice(Array(view.reading.decisions.reversed()), name: "voice-decisions", page) {
      Self.json($0, view)
    }
  }

  private nonisolated static func json(_ decision: AnalystDecision, _ view: VoiceView) -> JSONValue {
    let (action, detail): (String, String?) =
      switch decision.action {
      case .confirm: ("confirm", nil)
      case .reject: ("reject", nil)
      case .reopen: ("reopen", nil)
      case .rename(let label): ("rename", label)
      case .merge(let others):
        ("merge", others.map(\.needID).joined(separator: ", "))
      case .split(let parts):
        ("split", parts.map { "\($0.label) (\($0.members.count))" }.joined(separator: ", "))
      }
    return [
      "need_id": .string(decision.needID),
      "label": JSONValue(view.need(decision.needID)?.label), "action": .string(action),
      "detail": JSONValue(detail), "decided_at": JSONValue(decision.decidedAt),
      "decided_by": JSONValue(decision.decidedBy),
    ]
  }
}

extension VoiceBoardFilter.Order {
  /// Needs in this order, and in the board's where it leaves it open.
  func sorted(_ needs: [VoiceNeed]) -> [VoiceNeed] {
    func key(_ need: VoiceNeed) -> Double {
      switch self {
      case .customers: -Double(need.customers)
      case .atStake: -Double(need.atStake?.minorUnits ?? 0)
      case .sentiment: need.sentiment
      case .trend: -(need.trend?.direction == .rising ? 1_000 + need.trend!.change : need.trend?.change ?? 0)
      }
    }
    return needs.enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
      .map(\.element)
  }
}

extension Shop.VoiceScene {
  /// The sentences of each need.
  var sentencesOfNeeds: [String: [Int]] {
    var result: [String: [Int]] = [:]
    for index in view.reading.sentences.indices {
      if let need = view.needID(ofSentence: index) { result[need, default: []].append(index) }
    }
    return result
  }

  /// A need as the board shows it, with the purchase need it joins.
  func json(of need: VoiceNeed, _ sentences: [String: [Int]]) throws -> JSONValue {
    let own = sentences[need.needID] ?? []
    let match = match(need, own)
    return try json.need(need, match, match.subjectID.flatMap { purchases[$0] }, sentences: own)
  }

  /// The purchase need that a need joins.
  func match(_ need: VoiceNeed, _ sentences: [Int]) -> NeedJoin.Match {
    var categories: [String: Int] = [:]
    for index in sentences where view.reading.sentences[index].isStatement {
      if let item = view.reading.sentences[index].quote.itemID, let category = labels[item]?.category {
        categories[category, default: 0] += 1
      }
    }
    return join.match(need, categories: categories)
  }

  /// The items of texts that belong to a category.
  func items(ofCategory category: String) -> Set<String> {
    Set(labels.filter { $0.value.category == category }.keys)
  }

  /// An item that sentences are about.
  struct ItemMention {
    let itemID: String
    let title: String
    let statements: Int
    let good: Int
    let bad: Int
    let sentiment: Double

    var json: JSONValue {
      [
        "item_id": .string(itemID), "title": .string(title), "statements": JSONValue(statements),
        "good": JSONValue(good), "bad": JSONValue(bad), "sentiment": JSONValue(sentiment),
      ]
    }
  }

  /// The items that sentences are about, most spoken of first.
  func items(in sentences: [Int]) -> [ItemMention] {
    var byItem: [String: [VoiceQuote]] = [:]
    for index in sentences {
      let quote = view.reading.sentences[index].quote
      if let item = quote.itemID { byItem[item, default: []].append(quote) }
    }
    return byItem.map { item, quotes in
      ItemMention(
        itemID: item, title: labels[item]?.title ?? item, statements: quotes.count,
        good: quotes.count(where: \.isGood), bad: quotes.count(where: \.isBad),
        sentiment: quotes.reduce(0) { $0 + $1.polarity } / Double(quotes.count))
    }
    .sorted { ($1.statements, $0.itemID) < ($0.statements, $1.itemID) }
  }
}
