import Commerce
import Customers
import Decisions
import Features
import Foundation
import Needs
import Storage

/// A segment that a person named by a condition, as it is saved.
struct SavedSegmentRule: Sendable, Equatable {
  var id: String
  var name: String
  var rule: SegmentRule
  var createdAt: Timestamp
  var updatedAt: Timestamp

  static let collection = "segment-rules"
  /// How long a name may be.
  static let longestName = 80
  /// How many rules a shop may have.
  static let most = 200

  var document: JSONValue {
    [
      "id": .string(id), "name": .string(name), "condition": .string(rule.text),
      "created_at": JSONValue(createdAt), "updated_at": JSONValue(updatedAt),
    ]
  }

  init(id: String, name: String, rule: SegmentRule, createdAt: Timestamp, updatedAt: Timestamp) {
    (self.id, self.name, self.rule) = (id, name, rule)
    (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
  }

  /// - Throws: `RuleError.syntax` for a condition that this build cannot read.
  init(_ document: JSONValue) throws {
    func moment(_ name: String) -> Timestamp {
      document[name]?.string.flatMap { Timestamp(rfc3339: $0) } ?? Timestamp(milliseconds: 0)
    }
    self.init(
      id: document["id"]?.string ?? "", name: document["name"]?.string ?? "",
      rule: try SegmentRule(parsing: document["condition"]?.string ?? ""), createdAt: moment("created_at"),
      updatedAt: moment("updated_at"))
  }
}

/// Who met a condition when it was last asked, so that lists need not ask again for each page.
struct SegmentRuleCache: Sendable {
  struct Key: Sendable, Hashable {
    let text: String
    let events: Int
    let generation: Int
    let revision: Int
    let version: Int
  }

  private var found: [Key: [Int32]] = [:]
  private static let most = 64

  subscript(key: Key) -> [Int32]? { found[key] }

  mutating func keep(_ members: [Int32], for key: Key) {
    if found.count >= Self.most { found = [:] }
    found[key] = members
  }
}

/// Segments by rule.
extension Shop {
  /// Saves a rule under a new id, or under one that is known.
  ///
  /// - Throws: `RuleError.syntax`, `ApplicationError.invalidParameter`, `.notFound`, `.conflict` when there are too many.
  public nonisolated func saveSegmentRule(
    id: String? = nil, name: String, condition: String
  ) async throws -> JSONValue {
    let rule = try SegmentRule(parsing: condition)
    let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !name.isEmpty, name.count <= SavedSegmentRule.longestName else {
      throw ApplicationError.invalidParameter(
        name: "name", value: String(name.prefix(40)),
        expected: "1 to \(SavedSegmentRule.longestName) characters")
    }
    // A category that the shop does not have is told before anything is saved.
    let members = try await customers(meeting: rule)
    let saved = try await ruleChanges.run { [self] in
      let known = try await segmentRules()
      let now = clock()
      var saved = SavedSegmentRule(
        id: "r-" + UUID().uuidString.prefix(8).lowercased(), name: name, rule: rule, createdAt: now,
        updatedAt: now)
      if let id {
        guard let before = known.first(where: { $0.id == id }) else {
          throw ApplicationError.notFound(what: "segment rule", id: id)
        }
        (saved.id, saved.createdAt) = (id, before.createdAt)
      } else if known.count >= SavedSegmentRule.most {
        throw ApplicationError.conflict(
          reason: "The shop has \(known.count) segment rules already; remove one first.")
      }
      try await store.put(saved.document, collection: SavedSegmentRule.collection, key: saved.id)
      return saved
    }
    var answer = saved.document
    answer["customers"] = JSONValue(members.count)
    return answer
  }

  /// Removes a rule.
  public nonisolated func removeSegmentRule(_ id: String) async throws {
    try await ruleChanges.run { [self] in
      guard try await segmentRules().contains(where: { $0.id == id }) else {
        throw ApplicationError.notFound(what: "segment rule", id: id)
      }
      try await store.remove(collection: SavedSegmentRule.collection, key: id)
    }
  }

  /// The rules, by name; one that cannot be read any more is left out.
  nonisolated func segmentRules() async throws -> [SavedSegmentRule] {
    try await store.documents(collection: SavedSegmentRule.collection)
      .compactMap { try? SavedSegmentRule($0.document) }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
  }

  /// One page of the rules with how many customers meet each.
  public nonisolated func segmentRules(page: PageRequest) async throws -> Page {
    var rows: [JSONValue] = []
    for rule in try await segmentRules() {
      var row = rule.document
      do {
        row["customers"] = JSONValue(try await customers(meeting: rule.rule).count)
      } catch let error as RuleError {
        (row["customers"], row["problem"]) = (nil, .string(error.description))
      }
      rows.append(row)
    }
    var answer = try Page.slice(rows, name: "segment-rules", page) { $0 }
    answer.extra = [
      "fields": .array(Self.ruleFields), "all_customers": JSONValue(await customers.entries.count),
    ]
    return answer
  }

  private static let ruleFields: [JSONValue] = SegmentField.names.sorted { $0.key < $1.key }.map {
    name, field in
    ["name": .string(name), "label": SegmentWriter.words(field.label), "kind": .string(field.kind)]
  }

  /// Who would meet a condition: how many, their share of the spend, and some of them.
  ///
  /// - Throws: `RuleError.syntax`.
  public nonisolated func trySegmentRule(_ condition: String) async throws -> JSONValue {
    let rule = try SegmentRule(parsing: condition)
    let members = try await customers(meeting: rule)
    let directory = await customers
    func spend(_ places: some Sequence<Int32>) -> Int64 {
      places.reduce(0) { $0 &+ max(0, directory.entries[Int($1)].spend) }
    }
    let all = (0..<Int32(directory.entries.count))
    let best = members.filter { Int($0) < directory.entries.count }
      .sorted { (directory.entries[Int($1)].spend, $0) < (directory.entries[Int($0)].spend, $1) }
    let rows = await summaries(of: Array(best.prefix(10)))
    let total = spend(all)
    return [
      "condition": .string(condition), "customers": JSONValue(members.count),
      "all_customers": JSONValue(directory.entries.count),
      "share": JSONValue(Double(members.count) / Double(max(1, directory.entries.count))),
      "spend_share": JSONValue(total > 0 ? Double(spend(best)) / Double(total) : 0), "sample": .array(rows),
    ]
  }

  /// Who meets a condition now, by their places in the log's list of customers.
  ///
  /// - Throws: `RuleError.syntax` for names that the shop does not have.
  nonisolated func customers(meeting rule: SegmentRule) async throws -> [Int32] {
    let source = try await ruleSource(rule)
    if let known = source.known { return known }
    var needs: [SegmentField: [String: Double]] = [:]
    for field in rule.fields {
      guard case .need(let subject) = field else { continue }
      needs[field] = try await strengths(ofNeed: subject, rule: rule)
    }
    let (scene, attributes, strengths) = (source.scene, source.described, needs)
    let reading = SegmentRuleReading(ledger: try await segmentLedger(), asOf: source.asOf) { id, field in
      switch field {
      case .need: strengths[field]?[id].map { .number($0) }
      case .segment: scene?.segments(ofCustomer: id).map { .text($0.segment.id) }
      case .group:
        scene?.segments(ofCustomer: id).map { .text($0.group.id.replacingOccurrences(of: "rfm-", with: "")) }
      case .attribute(let name): attributes[id]?.attributes[name].flatMap(Self.value)
      default: nil
      }
    }
    let found = try await Task(executorPreference: BackgroundExecutor.shared) {
      try reading.customers(meeting: rule)
    }.value
    await keep(found, for: source.key)
    return found
  }

  private struct RuleSource: Sendable {
    let key: SegmentRuleCache.Key
    let known: [Int32]?
    let scene: SegmentScene?
    let described: [String: Customer]
    let asOf: Timestamp
  }

  private func ruleSource(_ rule: SegmentRule) throws -> RuleSource {
    try requireReady()
    let key = SegmentRuleCache.Key(
      text: rule.text, events: frame.count, generation: generation, revision: catalogue.revision,
      version: segments?.version ?? 0)
    return RuleSource(
      key: key, known: segmentRuleCache[key], scene: segments == nil ? nil : try segmentScene(),
      described: describedCustomers, asOf: asOf)
  }

  private func keep(_ found: [Int32], for key: SegmentRuleCache.Key) {
    segmentRuleCache.keep(found, for: key)
  }

  private func strengths(ofNeed subject: String, rule: SegmentRule) async throws -> [String: Double] {
    do {
      let found = try await customers(needing: subject, NeedCustomerFilter(), asOf: asOf)
      return Dictionary(found.map { ($0.customerID, $0.strength) }, uniquingKeysWith: max)
    } catch ApplicationError.notFound {
      throw RuleError.syntax([RuleIssue(line: 1, column: 1, message: "the shop knows no need '\(subject)'")])
    }
  }

  private static func value(_ json: JSONValue) -> SegmentFacts.Value? {
    switch json {
    case .string(let text): .text(text)
    case .number(let number): .number(number)
    case .bool(let flag): .text(flag ? "true" : "false")
    default: nil
    }
  }
}
