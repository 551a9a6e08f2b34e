import Commerce
import TextAnalysis

/// All that customers wrote, as it was read, and the needs found in it. Later texts join at once; what people decide holds at
/// once.
///
/// The value is what `VoiceOfCustomer` answers; with the model that it carries, it can be made again from the texts.
public struct VoiceReading: Sendable {
  /// What the last mining learned.
  public let model: VoiceModel
  /// What people decided, oldest first.
  public var decisions: [AnalystDecision] { didSet { outcome = DecisionOutcome(decisions) } }
  private(set) var outcome: DecisionOutcome
  /// The texts.
  public private(set) var texts: [VoiceSource]
  /// Their sentences.
  public private(set) var sentences: [VoiceSentence]
  /// How many sentences that state something came after the mining and are near no need.
  public private(set) var strangers = 0
  /// The group of the model that each sentence belongs to; −1 for none.
  private var groups: [Int32]
  private var known: Set<String>

  init(_ model: VoiceModel, decisions: [AnalystDecision], texts: [VoiceSource], sentences: [VoiceSentence]) {
    (self.model, self.decisions, self.texts, self.sentences) = (model, decisions, texts, sentences)
    outcome = DecisionOutcome(decisions)
    let placed = model.groupOfSentence
    groups = sentences.map { placed[$0.quote.key].map(Int32.init) ?? -1 }
    known = Set(texts.map(\.eventID))
  }

  /// The reading of the texts that a model was mined from: each sentence is where the mining had put it.
  /// - Complexity: that of reading the texts; none is embedded.
  public init(
    _ model: VoiceModel, decisions: [AnalystDecision], minedTexts texts: [VoiceText], tools: VoiceTools
  ) {
    var seen: Set<String> = []
    let texts = texts.filter { seen.insert($0.eventID).inserted }
    self.init(
      model, decisions: decisions, texts: texts.map(VoiceSource.init),
      sentences: VoiceSentence.read(texts, tools, model.aspects))
  }

  /// Reads further texts: each of their sentences joins the need it is near to. Texts that are there already are left out.
  ///
  /// - Throws: what the embedder throws. Then nothing has been added.
  /// - Complexity: that of reading and embedding the texts.
  public mutating func add(_ added: [VoiceText], _ tools: VoiceTools) throws {
    var seen: Set<String> = []
    let fresh = added.filter { !known.contains($0.eventID) && seen.insert($0.eventID).inserted }
    let read = VoiceSentence.read(fresh, tools, model.aspects, first: texts.count)
    let telling = read.indices.filter { read[$0].tellsOfNeed }
    let nearest = try model.nearest(telling.map { read[$0] }, tools)
    var places = [Int32](repeating: -1, count: read.count)
    for (index, group) in zip(telling, nearest) {
      places[index] = group
      if group < 0, read[index].isStatement { strangers += 1 }
    }
    texts += fresh.map(VoiceSource.init)
    sentences += read
    groups += places
    known.formUnion(seen)
  }

  /// Takes up what a person decided.
  public mutating func add(_ decision: AnalystDecision) { decisions.append(decision) }

  /// The board as of now.
  /// - Complexity: O(sentences + needs × texts).
  public func board(_ revenue: VoiceTools.Revenue?) -> VoiceBoard {
    VoiceReport(reading: self, revenue: revenue).board(currentGroups)
  }

  /// The board as of now.
  public func board(_ tools: VoiceTools) -> VoiceBoard { board(tools.revenue) }

  // MARK: Groups after decisions

  /// The groups of sentences: as mined, joined and parted as people decided.
  var currentGroups: [VoiceGroup] {
    let decided = outcome.needs
    var result = decided.map {
      VoiceGroup(
        needID: $0.needID, label: $0.label, status: $0.status, statements: [], praises: [], similarities: [:],
        placed: $0.members)
    }
    var places = Dictionary(uniqueKeysWithValues: decided.enumerated().map { ($1.needID, $0) })
    var placeOfGroup: [Int] = []
    for group in model.groups {
      let id = outcome.survivor(of: group.needID)
      if places[id] == nil {
        places[id] = result.count
        result.append(
          VoiceGroup(needID: id, statements: [], praises: [], similarities: [:], placed: []))
      }
      let place = places[id] ?? 0
      placeOfGroup.append(place)
      result[place].words += group.words.filter { !result[place].words.contains($0) }
    }
    var owner: [StatementKey: Int] = [:]
    for (place, need) in decided.enumerated() { for member in need.members { owner[member.key] = place } }
    for index in sentences.indices {
      let placedByHand = owner[sentences[index].quote.key]
      guard let place = placedByHand ?? (groups[index] >= 0 ? placeOfGroup[Int(groups[index])] : nil) else {
        continue
      }
      // What a person placed there states the need, whatever it looks like.
      if placedByHand != nil || sentences[index].isStatement {
        result[place].statements.append(index)
      } else {
        result[place].praises.append(index)
      }
    }
    setQuotes(&result, placeOfGroup)
    return result
  }

  /// The quotes that the mining chose, where they still belong there, then further sentences.
  private func setQuotes(_ result: inout [VoiceGroup], _ placeOfGroup: [Int]) {
    var chosen: [StatementKey: Int] = [:]
    for (group, place) in zip(model.groups, placeOfGroup) { for key in group.quotes { chosen[key] = place } }
    for place in result.indices {
      let statements = result[place].statements
      let shown = statements.filter { chosen[sentences[$0].quote.key] == place }
      let others = shown.count < 3 ? statements.prefix(20).filter { !shown.contains($0) } : []
      result[place].quotes = Array((shown + others).prefix(model.configuration.quotes))
    }
    // A part that was split off has no words of its own yet.
    guard result.contains(where: { $0.words.isEmpty && !$0.statements.isEmpty }) else { return }
    let terms = result.map { group in group.statements.flatMap { sentences[$0].terms } }
    for (place, words) in ClassTermWeights.best(of: terms, count: 10).enumerated()
    where result[place].words.isEmpty {
      result[place].words = words.map(\.term)
    }
  }
}
