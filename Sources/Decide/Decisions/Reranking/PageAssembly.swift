/// Puts candidates onto a page one place after another: pins first, then what is worth most among those that quotas allow.
///
/// - Complexity: O(places × candidates), and what the objectives take.
struct PageAssembly {
  private let table: ItemTable
  private let effects: RuleEffects
  private let count: Int
  private var relative: [Double]
  private var diversity: DiversityObjective?
  private var calibration: CalibrationObjective?
  private var tallies: [Tally]

  /// The candidates, with what became of them.
  private(set) var candidates: [PageCandidate]
  /// The candidate at each place, and the rules that put it there; nil where none could be found.
  private(set) var places: [Int?]
  /// The rules that each chosen candidate owes its place to.
  private(set) var placedBy: [Int: [Int]] = [:]

  fileprivate struct Tally {
    var matching = 0
    var each: [Int32: Int] = [:]
  }

  /// - Parameters:
  ///   - candidates: those of the earlier tiers first, best first in each.
  ///   - mix: the customer's shares of categories, for calibration.
  init(
    _ candidates: [PageCandidate], count: Int, table: ItemTable, effects: RuleEffects, content: ItemLikeness,
    mix: [Int32: Double]
  ) {
    self.candidates = candidates
    self.table = table
    self.effects = effects
    self.count = count
    places = [Int?](repeating: nil, count: count)
    tallies = [Tally](repeating: Tally(), count: effects.quotas.count)
    let best = candidates.lazy.filter { $0.source.tier == 0 }.map(\.score).max() ?? 0
    relative = candidates.map { best > 0 ? $0.score / best : 0 }
    if let wanted = effects.diversify, wanted.strength > 0 {
      let rows = candidates.map(\.row)
      diversity = DiversityObjective(wanted.method, strength: wanted.strength, scores: relative) {
        content(rows[$0], rows[$1])
      }
    }
    if let wanted = effects.calibrate, wanted.strength > 0, !mix.isEmpty {
      calibration = CalibrationObjective(target: mix)
    }
  }

  private var reorders: Bool { diversity != nil || calibration != nil }

  /// Fills the page.
  mutating func run() {
    pin()
    for place in places.indices where places[place] == nil {
      guard let next = best(place) else { continue }
      put(next, at: place)
    }
    markDiversity()
  }

  /// Pins take their places as long as no filter takes the item out; what other rules say does not bind them.
  private mutating func pin() {
    for pin in effects.pins where pin.position <= count && places[pin.position - 1] == nil {
      guard
        let index = candidates.firstIndex(where: {
          $0.source == .pinned && table.items[Int32($0.row)] == pin.item
        }),
        candidates[index].fate != .shown
      else { continue }
      placedBy[index, default: []].append(pin.rule)
      put(index, at: pin.position - 1)
    }
  }

  private mutating func put(_ index: Int, at place: Int) {
    places[place] = index
    candidates[index].fate = .shown
    let row = candidates[index].row
    // The same item from another source is not to come twice.
    for other in candidates.indices where other != index && candidates[other].row == row {
      candidates[other].fate = .shown
    }
    for (number, quota) in effects.quotas.enumerated() { tallies[number].add(row, quota, table, effects) }
    diversity?.choose(index)
    calibration?.choose(table.category[row])
  }

  /// The candidate that is worth most at the next place.
  private mutating func best(_ place: Int) -> Int? {
    let demanded = demandedQuota()
    var found: (index: Int, worth: Double)?
    var tier: Int?
    for index in candidates.indices
    where candidates[index].fate != .shown && candidates[index].source != .pinned {
      let candidate = candidates[index]
      if let tier, candidate.source.tier > tier { break }
      if let demanded, !effects.table.matches(rule: effects.quotas[demanded].rule, row: candidate.row) {
        continue
      }
      if let quota = fullQuota(for: candidate.row) {
        candidates[index].fate = .capped
        candidates[index].cappedBy = quota
        continue
      }
      tier = candidate.source.tier
      let worth = worth(of: index)
      if found.map({ worth > $0.worth }) ?? true { found = (index, worth) }
      // Without objectives candidates are in order already.
      if !reorders { break }
    }
    if let demanded, let found { placedBy[found.index, default: []].append(effects.quotas[demanded].rule) }
    return found?.index
  }

  private func worth(of index: Int) -> Double {
    let own = diversity?.gain(of: index) ?? relative[index]
    guard let calibration, let strength = effects.calibrate?.strength else { return own }
    return (1 - strength) * own
      - strength * calibration.divergence(adding: table.category[candidates[index].row])
  }

  /// A minimum that can only be met when all the places left go to it and to the other minima.
  private func demandedQuota() -> Int? {
    let open = effects.quotas.indices.filter { number in
      let quota = effects.quotas[number]
      guard quota.isMinimum, tallies[number].matching < quota.number else { return false }
      return candidates.contains {
        $0.fate == .outranked && $0.source != .pinned && effects.table.matches(rule: quota.rule, row: $0.row)
          && fullQuota(for: $0.row) == nil
      }
    }
    let missing = open.reduce(0) { $0 + effects.quotas[$1].number - tallies[$1].matching }
    return places.count { $0 == nil } <= missing ? open.first : nil
  }

  /// The rule of a quota that is full for a row; nil when the row may come onto the page.
  private func fullQuota(for row: Int) -> Int? {
    effects.quotas.indices.first { number in
      let quota = effects.quotas[number]
      guard !quota.isMinimum else { return false }
      switch quota.scope {
      case .matching:
        return effects.table.matches(rule: quota.rule, row: row) && tallies[number].matching >= quota.number
      case .each(let group):
        let code = table.group(row, by: group)
        return code >= 0 && tallies[number].each[code, default: 0] >= quota.number
      }
    }.map { effects.quotas[$0].rule }
  }

  /// Whether quotas still let a row come onto the page.
  func isOpen(_ row: Int) -> Bool { fullQuota(for: row) == nil }

  /// Whether quotas would let a row take the place of one that is on the page, whatever so many others of its kind that
  /// take other places.
  func allows(_ row: Int, insteadOf place: Int, besides others: Int) -> Bool {
    guard let index = places[place], !effects.quotas.isEmpty else { return true }
    let leaving = candidates[index].row
    return effects.quotas.indices.allSatisfy { number in
      let quota = effects.quotas[number]
      switch quota.scope {
      case .each(let group):
        let code = table.group(row, by: group)
        let freed = table.group(leaving, by: group) == code ? 1 : 0
        return code < 0 || tallies[number].each[code, default: 0] - freed + others < quota.number
      case .matching:
        let comes = effects.table.matches(rule: quota.rule, row: row) ? 1 : 0
        let goes = effects.table.matches(rule: quota.rule, row: leaving) ? 1 : 0
        let then = tallies[number].matching + comes - goes
        return quota.isMinimum
          ? comes == 1 || goes == 0 || then - others >= min(quota.number, tallies[number].matching)
          : comes == 0 || then + others <= quota.number
      }
    }
  }

  /// Says of what others overtook by diversity or calibration that this is why it is not shown.
  private mutating func markDiversity() {
    guard reorders else { return }
    let shown = places.compactMap { $0 }.filter { candidates[$0].source != .pinned }
    guard let last = shown.max() else { return }
    for index in candidates.indices where index < last && candidates[index].fate == .outranked {
      candidates[index].fate = .diversity
    }
  }
}

extension PageAssembly.Tally {
  fileprivate mutating func add(
    _ row: Int, _ quota: RuleEffects.Quota, _ table: ItemTable, _ effects: RuleEffects
  ) {
    switch quota.scope {
    case .matching: if effects.table.matches(rule: quota.rule, row: row) { matching += 1 }
    case .each(let group):
      let code = table.group(row, by: group)
      if code >= 0 { each[code, default: 0] += 1 }
    }
  }
}
