import Commerce
import Customers
import Decisions
import Features
import Foundation

/// What segments by rule are like: described as those that were found, when they are asked for.
struct RuleSegmentCache: Sendable {
  struct Key: Sendable, Hashable {
    let text: String
    let events: Int
    let generation: Int
    let version: Int
  }

  private var found: [Key: ShopSegments.Segment] = [:]
  private static let most = 32

  subscript(key: Key) -> ShopSegments.Segment? { found[key] }

  mutating func keep(_ segment: ShopSegments.Segment, for key: Key) {
    if found.count >= Self.most { found = [:] }
    found[key] = segment
  }
}

extension Shop {
  /// So many of a segment by rule, and so many others, have their needs compared.
  private static let sampled = 1_000

  /// The line of a segment by rule in the list: its size and money, without what takes long to find out.
  nonisolated func row(of rule: SavedSegmentRule, _ scene: SegmentScene) async throws -> JSONValue {
    var segment = try await described(rule, scene)
    segment.needs = []
    return Self.json(rule, SegmentWriter(model: scene.model).row(segment, kind: "rule", place: nil))
  }

  /// All of a segment by rule.
  nonisolated func detail(of rule: SavedSegmentRule, _ scene: SegmentScene) async throws -> JSONValue {
    let writer = SegmentWriter(model: scene.model)
    var segment = try await described(rule, scene)
    if segment.needs.isEmpty, segment.size > 1 {
      segment.needs = try await ruleNeeds(rule)
      await keep(segment, for: rule, scene)
    }
    var detail = Self.json(rule, writer.detail(segment, kind: "rule", place: nil))
    detail.take(writer.facts(), ["as_of", "date", "days"])
    detail["customers"] = JSONValue(await customers.entries.count)
    return detail
  }

  private nonisolated static func json(_ rule: SavedSegmentRule, _ row: JSONValue) -> JSONValue {
    var row = row
    row["name"] = ["zh": .string(rule.name), "en": .string(rule.name)]
    row["rule"] = .string(rule.rule.text)
    return row
  }

  private nonisolated func described(_ rule: SavedSegmentRule, _ scene: SegmentScene) async throws
    -> ShopSegments.Segment
  {
    if let known = await ruleSegments[key(rule, scene)] { return known }
    let members: [Int32]
    do {
      members = try await customers(meeting: rule.rule)
    } catch let error as RuleError {
      // A category that was there when the rule was saved may be gone.
      return nobody(rule, scene.model, why: error.description)
    }
    let (ledger, model, all) = (try await segmentLedger(), scene.model, await customers.entries.count)
    let table = ledger.table(
      through: model.day, days: model.days, departments: SegmentFeature.departments(in: model.features))
    let own = Set(members)
    let labels = table.customers.map { own.contains($0) ? 1 : 0 }
    let found = try SegmentDescriber(
      table: table, customers: ledger.frame.customers, currency: model.currency
    ).segments(labels, count: 2)
    var segment = found.count > 1 ? found[1] : nobody(rule, model, why: nil)
    segment.id = rule.id
    // Of all customers, also those who bought nothing in the days that traits are counted over.
    segment.size = members.count
    segment.share = Double(members.count) / Double(max(1, all))
    await keep(segment, for: rule, scene)
    return segment
  }

  private nonisolated func nobody(_ rule: SavedSegmentRule, _ model: ShopSegments, why: String?)
    -> ShopSegments.Segment
  {
    .nobody(
      id: rule.id, name: BilingualText(en: rule.name, zh: rule.name),
      description: BilingualText(
        en: why ?? "None of them bought anything in the days counted.", zh: why ?? "统计期间内没有人购买。"),
      features: model.features.count)
  }

  private func key(_ rule: SavedSegmentRule, _ scene: SegmentScene) -> RuleSegmentCache.Key {
    RuleSegmentCache.Key(
      text: rule.rule.text, events: frame.count, generation: generation, version: scene.live.version)
  }

  private func keep(_ segment: ShopSegments.Segment, for rule: SavedSegmentRule, _ scene: SegmentScene) {
    ruleSegments.keep(segment, for: key(rule, scene))
  }

  /// What a sample of the segment needs against a sample of the others, each weighing by its share.
  private nonisolated func ruleNeeds(_ rule: SavedSegmentRule) async throws -> [ShopSegments.Need] {
    guard let (predictor, states, moment) = await needSources() else { return [] }
    let names = await frame.customers
    let own = Set(try await customers(meeting: rule.rule).map { names[$0] })
    let (inside, outside) = (
      states.customers.ids.indices.filter { own.contains(states.customers.ids[$0]) },
      states.customers.ids.indices.filter { !own.contains(states.customers.ids[$0]) }
    )
    func spread(_ rows: [Int]) -> [Int] {
      let step = max(1, rows.count / Self.sampled)
      return stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    }
    let (first, second) = (spread(inside), spread(outside))
    let sample = (first + second).map { states.states[$0] }
    let labels = [Int32](repeating: 0, count: first.count) + [Int32](repeating: 1, count: second.count)
    return try SegmentNeeds(predictor: predictor).measure(
      sample, groups: [(labels, 2)], weights: [Double(inside.count), Double(outside.count)], asOf: moment)[0][
        0]
  }
}
