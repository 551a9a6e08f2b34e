import Commerce
import TextAnalysis

/// What a person decided about a need found in texts. Decisions are kept as they were made, and applied in their order to every
/// later run.
///
/// A decision names the need's sentences at the time, with their words, so that it can be applied whatever the next run finds.
public struct AnalystDecision: Sendable, Codable, Equatable {
  /// A sentence of a need at the time of the decision.
  public struct Member: Sendable, Codable, Equatable, Hashable {
    /// The event and the place.
    public var key: StatementKey
    /// The sentence.
    public var text: String

    /// A sentence at a place.
    public init(key: StatementKey, text: String) { (self.key, self.text) = (key, text) }
  }

  /// A part of a need that is split.
  public struct Part: Sendable, Codable, Equatable {
    /// The part's name.
    public var label: String
    /// Its sentences.
    public var members: [Member]

    /// A named part.
    public init(label: String, members: [Member]) { (self.label, self.members) = (label, members) }
  }

  /// A need that is merged into another.
  public struct Source: Sendable, Codable, Equatable {
    /// The need's id.
    public var needID: String
    /// Its sentences.
    public var members: [Member]

    /// A need with its sentences.
    public init(needID: String, members: [Member]) { (self.needID, self.members) = (needID, members) }
  }

  /// What was decided.
  public enum Action: Sendable, Codable, Equatable {
    /// It is a need.
    case confirm
    /// It is no need.
    case reject
    /// It is called so.
    case rename(label: String)
    /// These needs are the same as it.
    case merge(others: [Source])
    /// It is several needs; what is in no part stays.
    case split(parts: [Part])
    /// Neither the verdict nor the name of earlier decisions holds any more.
    case reopen
  }

  /// The need's id.
  public var needID: String
  /// Its sentences at the time.
  public var members: [Member]
  /// What was decided.
  public var action: Action
  /// When.
  public var decidedAt: Timestamp
  /// By whom.
  public var decidedBy: String?

  /// A decision about a need.
  public init(
    needID: String, members: [Member], action: Action, decidedAt: Timestamp, decidedBy: String? = nil
  ) {
    (self.needID, self.members, self.action) = (needID, members, action)
    (self.decidedAt, self.decidedBy) = (decidedAt, decidedBy)
  }

  private enum CodingKeys: String, CodingKey {
    case needID = "need_id"
    case members, action
    case decidedAt = "decided_at"
    case decidedBy = "decided_by"
  }
}

/// A need as people have decided it.
public struct DecidedNeed: Sendable, Codable, Equatable {
  /// What people think of it.
  public enum Status: String, Sendable, Codable, CaseIterable {
    /// It is a need.
    case confirmed
    /// It is none.
    case rejected
    /// It was renamed, merged or split, and neither confirmed nor rejected.
    case edited
    /// Earlier decisions on it were taken back; only the sentences that people placed stay.
    case reopened
  }

  /// The need's id.
  public var needID: String
  /// The name a person gave it; nil while it has the one that was found.
  public var label: String?
  /// What people think of it.
  public var status: Status
  /// The sentences that belong to it for sure.
  public var members: [AnalystDecision.Member]

  /// The needs that come of decisions applied in their order, in the order of first mention.
  ///
  /// Each sentence belongs to one need: to the one of the last decision that named it. A decision on a need that was merged into
  /// another is one on that other.
  /// - Complexity: O(sentences named).
  public static func applying(_ decisions: [AnalystDecision]) -> [DecidedNeed] {
    var book = DecisionBook()
    for decision in decisions { book.apply(decision) }
    return book.needs
  }

  /// The need that one has become part of, by decisions applied in their order; itself when it was not merged.
  public static func survivor(of needID: String, after decisions: [AnalystDecision]) -> String {
    DecisionOutcome(decisions).survivor(of: needID)
  }
}

/// What decisions applied in their order come to.
struct DecisionOutcome: Sendable {
  /// The needs under decisions, in the order of first mention.
  let needs: [DecidedNeed]
  private let mergedInto: [String: String]

  init(_ decisions: [AnalystDecision]) {
    var book = DecisionBook()
    for decision in decisions { book.apply(decision) }
    (needs, mergedInto) = (book.needs, book.mergedInto)
  }

  /// The need that one has become part of; itself when it was not merged.
  func survivor(of needID: String) -> String { DecisionBook.survivor(needID, mergedInto) }
}

/// Needs under decisions.
private struct DecisionBook {
  private var order: [String] = []
  private var byID: [String: DecidedNeed] = [:]
  private var owner: [StatementKey: String] = [:]
  private var texts: [StatementKey: String] = [:]
  private(set) var mergedInto: [String: String] = [:]

  var needs: [DecidedNeed] {
    var members: [String: [AnalystDecision.Member]] = [:]
    for (key, id) in owner { members[id, default: []].append(.init(key: key, text: texts[key] ?? "")) }
    return order.compactMap { id in
      guard var need = byID[id] else { return nil }
      need.members = (members[id] ?? []).sorted { $0.key < $1.key }
      return need
    }
  }

  mutating func apply(_ decision: AnalystDecision) {
    let id = survivor(decision.needID)
    touch(id)
    own(decision.members, id, unlessOwned: true)
    switch decision.action {
    case .confirm: byID[id]?.status = .confirmed
    case .reject: byID[id]?.status = .rejected
    case .rename(let label):
      byID[id]?.label = label
      if byID[id]?.status == .reopened { byID[id]?.status = .edited }
    case .reopen:
      byID[id]?.status = .reopened
      byID[id]?.label = nil
    case .merge(let others):
      for other in others {
        let source = survivor(other.needID)
        guard source != id else { continue }
        own(other.members, id, unlessOwned: false)
        for (key, holder) in owner where holder == source { owner[key] = id }
        // What people said of either need is said of both, unless they said otherwise of the one that stays.
        if let gone = byID[source] {
          if byID[id]?.label == nil { byID[id]?.label = gone.label }
          if byID[id]?.status == .edited { byID[id]?.status = gone.status }
        }
        mergedInto[source] = id
        byID[source] = nil
        order.removeAll { $0 == source }
      }
    case .split(let parts):
      for part in parts where !part.members.isEmpty {
        let partID = VoiceIdentity.id(of: part.members.map(\.key), salt: part.label)
        guard partID != id else { continue }
        mergedInto[partID] = nil
        touch(partID)
        byID[partID]?.label = part.label
        own(part.members, partID, unlessOwned: false)
      }
    }
  }

  private mutating func touch(_ id: String) {
    guard byID[id] == nil else { return }
    byID[id] = DecidedNeed(needID: id, label: nil, status: .edited, members: [])
    order.append(id)
  }

  /// Gives sentences to a need. Those that come along with a decision on the need as a whole stay where an earlier decision put
  /// them by name.
  private mutating func own(_ members: [AnalystDecision.Member], _ id: String, unlessOwned: Bool) {
    for member in members {
      texts[member.key] = member.text
      if unlessOwned, let holder = owner[member.key], byID[holder] != nil { continue }
      owner[member.key] = id
    }
  }

  func survivor(_ id: String) -> String { Self.survivor(id, mergedInto) }

  static func survivor(_ id: String, _ mergedInto: [String: String]) -> String {
    var id = id
    var steps = 0
    while let next = mergedInto[id], steps <= mergedInto.count {
      id = next
      steps += 1
    }
    return id
  }
}

/// Ids of needs found in texts.
enum VoiceIdentity {
  /// An id that depends on the sentences alone, in whatever order.
  static func id(of keys: [StatementKey], salt: String = "") -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ text: String) {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    if let first = keys.min() {
      add(first.eventID)
      add(String(first.start))
    }
    if !salt.isEmpty { add(salt) }
    let digits = String(hash, radix: 16)
    return "voice-" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
