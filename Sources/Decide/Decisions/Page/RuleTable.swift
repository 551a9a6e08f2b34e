import Commerce
import MathKernels
import Synchronization

/// A shop's rules worked out for every item, so that a page has only to look them up.
///
/// Which items a rule's condition matches does not depend on the request; which rules are active does. What the active ones
/// together do to each item is worked out once for each combination of them that occurs.
///
/// - Complexity: O(rules × items) to make, O(rules) to put an item.
public struct RuleTable: Sendable {
  /// The rules.
  public let rules: RuleSet
  /// The version under which the shop keeps them; 0 for none.
  public let version: Int
  /// When ages were taken.
  public let compiledAt: Timestamp
  // By rule, by row; empty for a rule without a condition on items.
  private var matches: [[Bool]]
  private var disabled: Set<Int> = []
  private var cache = EffectsCache()

  /// The rules for a table's items.
  ///
  /// - Parameter item: looks an item up; items that are not in the catalogue have nothing but an id.
  public init(
    _ rules: RuleSet, version: Int = 0, items: ItemTable, at moment: Timestamp, item: (String) -> Item?
  ) {
    self.rules = rules
    self.version = version
    compiledAt = moment
    matches = rules.rules.map { rule in
      guard let condition = rule.action.condition else { return [] }
      return items.items.ids.map { condition.matches(item($0) ?? Item(itemID: $0), at: moment) }
    }
  }

  /// Works out the rules for an item that is new or has changed.
  public mutating func put(_ item: Item, row: Int) {
    for (index, rule) in rules.rules.enumerated() {
      guard let condition = rule.action.condition else { continue }
      let isMatch = condition.matches(item, at: compiledAt)
      if row == matches[index].count { matches[index].append(isMatch) } else { matches[index][row] = isMatch }
    }
    cache = EffectsCache()
  }

  /// Leaves some rules out.
  mutating func disable(_ rules: Set<Int>) {
    disabled.formUnion(rules)
    cache = EffectsCache()
  }

  /// The table without rules that try items out: what chance shows is no answer to a question.
  func withoutExploration() -> RuleTable {
    without(
      rules.rules.indices.filter { if case .explore = rules.rules[$0].action { true } else { false } })
  }

  /// Whether a rule's condition matches a row.
  func matches(rule: Int, row: Int) -> Bool { !matches[rule].isEmpty && matches[rule][row] }

  /// What the rules that are active for a request do together.
  func effects(for request: RuleRequest) -> RuleEffects {
    let active = rules.rules.indices.filter {
      !disabled.contains($0) && rules.rules[$0].isActive(for: request)
    }
    if let known = cache[active] { return known }
    // The effects must not hold the cache that holds them: neither would ever go.
    var bare = self
    bare.cache = EffectsCache()
    let made = RuleEffects(bare, active: active)
    cache.store(made, for: active)
    return made
  }
}

/// What some rules do together.
struct RuleEffects: Sendable {
  /// A limit on how many of a page's items match.
  struct Quota: Sendable {
    enum Scope: Sendable {
      /// So many of each category or brand.
      case each(ItemGroup)
      /// So many of those that match the rule.
      case matching
    }
    var rule: Int
    var number: Int
    var scope: Scope
    var isMinimum: Bool
  }

  /// The rules.
  let table: RuleTable
  /// The active ones, by their place.
  let active: [Int]
  /// −infinity for rows that are taken out, 0 for others: added to scores in one pass. Nil when none is taken out.
  private var penalty: [Float]?
  /// What page scores are multiplied with; nil when nothing is.
  private(set) var factor: [Float]?
  private(set) var quotas: [Quota] = []
  private(set) var pins: [(rule: Int, item: String, position: Int)] = []
  private(set) var diversify: (rule: Int, method: DiversityMethod, strength: Double)?
  private(set) var calibrate: (rule: Int, strength: Double)?
  private(set) var explore: (rule: Int, share: Double, slots: Int)?
  private(set) var fatigue: (rule: Int, shows: Int, days: Double)?
  private(set) var substitutesRule: Int?

  init(_ table: RuleTable, active: [Int]) {
    self.table = table
    self.active = active
    for rule in active { add(rule) }
  }

  private mutating func add(_ rule: Int) {
    let table = table
    switch table.rules.rules[rule].action {
    case .filterOut: remove { table.matches(rule: rule, row: $0) }
    case .filterTo: remove { !table.matches(rule: rule, row: $0) }
    case .boost(let factor, _), .bury(let factor, _): multiply(by: Float(factor), rule)
    case .pin(let item, let position): pins.append((rule, item, position))
    case .quotaAtMostPer(let number, let group):
      quotas.append(Quota(rule: rule, number: number, scope: .each(group), isMinimum: false))
    case .quotaAtMost(let number, _):
      quotas.append(Quota(rule: rule, number: number, scope: .matching, isMinimum: false))
    case .quotaAtLeast(let number, _):
      quotas.append(Quota(rule: rule, number: number, scope: .matching, isMinimum: true))
    case .diversify(let method, let strength): diversify = (rule, method, strength)
    case .calibrate(let strength): calibrate = (rule, strength)
    case .explore(let share, let slots): explore = (rule, share, slots)
    case .fatigue(let shows, let days): fatigue = (rule, shows, days)
    case .holdBackSubstitutes: substitutesRule = rule
    }
  }

  private mutating func remove(_ isRemoved: (Int) -> Bool) {
    var rows = penalty ?? [Float](repeating: 0, count: table.rowCount)
    for row in rows.indices where isRemoved(row) { rows[row] = -.infinity }
    penalty = rows
  }

  /// Sets the scores of the rows that filters take out to −infinity.
  func applyFilters(to scores: inout [Float]) {
    guard let penalty else { return }
    precondition(penalty.count == scores.count, "filters know every row")
    scores.withUnsafeMutableBufferPointer { scores in
      penalty.withUnsafeBufferPointer { penalty in
        guard let scores = scores.baseAddress, let first = penalty.baseAddress else { return }
        Vectors.addProduct(1, first, to: scores, penalty.count)
      }
    }
  }

  private mutating func multiply(by number: Float, _ rule: Int) {
    var rows = factor ?? [Float](repeating: 1, count: table.rowCount)
    // Boosts of one item may meet, but not so that a score is no number any more.
    for row in rows.indices where table.matches(rule: rule, row: row) {
      rows[row] = min(rows[row] * number, 1e6)
    }
    factor = rows
  }

  /// Whether filters take a row out.
  func isRemoved(_ row: Int) -> Bool { penalty.map { $0[row] < 0 } ?? false }

  /// The filters that take a row out.
  func removers(of row: Int) -> [Int] {
    guard isRemoved(row) else { return [] }
    return active.filter { rule in
      switch table.rules.rules[rule].action {
      case .filterOut: table.matches(rule: rule, row: row)
      case .filterTo: !table.matches(rule: rule, row: row)
      default: false
      }
    }
  }

  /// The boosts and buries that a row's score is multiplied with.
  func movers(of row: Int) -> [Int] {
    guard let factor, factor[row] != 1 else { return [] }
    return active.filter { rule in
      switch table.rules.rules[rule].action {
      case .boost, .bury: table.matches(rule: rule, row: row)
      default: false
      }
    }
  }
}

extension RuleTable {
  /// How many rows the rules with conditions were worked out for.
  fileprivate var rowCount: Int { matches.first { !$0.isEmpty }?.count ?? 0 }
}

extension RuleAction {
  /// The condition on items, when there is one.
  var condition: ItemCondition? {
    switch self {
    case .filterOut(let condition), .filterTo(let condition), .boost(_, let condition),
      .bury(_, let condition),
      .quotaAtMost(_, let condition), .quotaAtLeast(_, let condition):
      condition
    default: nil
    }
  }
}

/// What combinations of active rules do, as far as they have occurred; a few at a time.
private final class EffectsCache: Sendable {
  private static let capacity = 16
  private let known = Mutex<[[Int]: RuleEffects]>([:])

  subscript(active: [Int]) -> RuleEffects? { known.withLock { $0[active] } }

  func store(_ effects: RuleEffects, for active: [Int]) {
    known.withLock {
      if $0.count >= Self.capacity { $0.removeAll() }
      $0[active] = effects
    }
  }
}
