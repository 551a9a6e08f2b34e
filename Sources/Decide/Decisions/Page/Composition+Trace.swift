import MathKernels
import Recommendation

extension Composition {
  private static let looked = 200
  private static let listed = 50
  private static let boughtListed = 8

  /// Adds what rules did and what became of the candidates.
  func addDetails(to trace: inout PageTrace, _ assembly: PageAssembly, _ entries: [RecommendedPage.Entry]) {
    let before = scoring.scores.withUnsafeBufferPointer { TopK.select(Self.looked, of: $0) }.map {
      Int($0.index)
    }
    trace.rules = deeds(before, assembly, entries)
    trace.candidates = candidates(assembly, before, entries)
  }

  /// What each rule did to the first two hundred candidates and to the page.
  private func deeds(
    _ before: [Int], _ assembly: PageAssembly, _ entries: [RecommendedPage.Entry]
  ) -> [PageTrace.RuleDeed] {
    let active = Set(effects.active)
    let capped = assembly.candidates.compactMap(\.cappedBy)
    return effects.table.rules.rules.enumerated().map { rule, described in
      PageTrace.RuleDeed(
        rule: rule, isActive: active.contains(rule),
        removed: before.count { effects.removers(of: $0).contains(rule) || isHidden($0, by: rule) }
          + capped.count { $0 == rule },
        moved: entries.count { $0.rules.contains(described.name) })
    }
  }

  /// Whether a rule that is not a filter keeps a row from the page.
  private func isHidden(_ row: Int, by rule: Int) -> Bool {
    switch mask.obstacle(row, scoring.source) {
    case .fatigued: effects.fatigue?.rule == rule
    case .heldBack: effects.substitutesRule == rule
    default: false
    }
  }

  private func candidates(
    _ assembly: PageAssembly, _ before: [Int], _ entries: [RecommendedPage.Entry]
  ) -> [PageTrace.Candidate] {
    let places = Dictionary(entries.map { ($0.item, $0.position) }) { first, _ in first }
    var list: [PageTrace.Candidate] = []
    var seen: Set<Int> = []
    func add(_ candidate: PageCandidate, _ fate: CandidateFate, _ rules: [Int]) {
      guard seen.insert(candidate.row).inserted else { return }
      let item = parts.table.items[Int32(candidate.row)]
      // An item that exploration put aside is not shown after all.
      let place = places[item]
      let became = place != nil ? .shown : fate == .shown ? .outranked : fate
      list.append(
        PageTrace.Candidate(
          item: item, source: candidate.source, sourceScore: candidate.sourceScore.map(Double.init),
          sourceRank: rank(of: candidate), score: candidate.score, place: place, fate: became,
          rules: rules.map { effects.table.rules.rules[$0].name }))
    }
    for candidate in assembly.candidates.prefix(Self.looked) {
      add(
        candidate, candidate.fate, effects.movers(of: candidate.row) + (candidate.cappedBy.map { [$0] } ?? [])
      )
    }
    var alreadyHad = 0
    for row in before {
      // That an item is of another category or was bought says little: a few of them will do.
      guard let fate = mask.obstacle(row, scoring.source), fate != .noCandidate else { continue }
      if fate == .boughtBefore { alreadyHad += 1 }
      if fate == .boughtBefore, alreadyHad > Self.boughtListed { continue }
      let blank = PageCandidate(
        row: row, source: scoring.source, sourceScore: scoring.scores[row],
        score: Double(range?.relative(scoring.scores[row]) ?? 0))
      add(blank, fate, keepers(of: row))
    }
    let shown = list.filter { $0.place != nil }
    let rest = list.filter { $0.place == nil }.sorted {
      ($0.source.tier, -$0.score) < ($1.source.tier, -$1.score)
    }
    return shown.sorted { ($0.place ?? 0) < ($1.place ?? 0) } + rest.prefix(max(0, Self.listed - shown.count))
  }

  /// The rules that keep a row from the page.
  func keepers(of row: Int) -> [Int] {
    switch mask.obstacle(row, scoring.source) {
    case .removed: effects.removers(of: row)
    case .fatigued: effects.fatigue.map { [$0.rule] } ?? []
    case .heldBack: effects.substitutesRule.map { [$0] } ?? []
    default: []
    }
  }

  /// A candidate's place in the first source's own order, before rules.
  private func rank(of candidate: PageCandidate) -> Int? { Self.rank(of: candidate.row, in: scoring.scores) }

  /// The place of a row in the order of some scores, counted from 1: of equal ones the first row goes before. Nil for one that
  /// has no score.
  static func rank(of row: Int, in scores: [Float]) -> Int? {
    let score = scores[row]
    guard score > -.infinity else { return nil }
    return 1 + scores.count { $0 > score } + scores[..<row].count { $0 == score }
  }
}
