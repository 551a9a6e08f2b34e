import Commerce
import MathKernels
import Recommendation

/// Why an item is not on a page, and the smallest changes that would bring it there.
public struct WhyNot: Sendable {
  /// A change that was tried and works.
  public struct Change: Sendable, Equatable {
    /// What would be changed.
    public enum Kind: String, Sendable, Codable {
      /// The customer would have had these items as well.
      case addToHistory = "history"
      /// The customer would not have had these items.
      case removeFromHistory = "history_without"
      /// These rules would not hold.
      case rules
      /// Items bought before might come again.
      case repeatPurchases = "repeat_purchases"
    }

    /// What would be changed.
    public var kind: Kind
    /// The items concerned.
    public var items: [String]
    /// The names of the rules concerned.
    public var rules: [String]
    /// The place that the item would take.
    public var rankAfter: Int

    /// A change that works.
    public init(kind: Kind, items: [String], rules: [String], rankAfter: Int) {
      self.kind = kind
      self.items = items
      self.rules = rules
      self.rankAfter = rankAfter
    }
  }

  /// The item.
  public var item: String
  /// Its place among all that may be shown, counted from 1; nil when it may not be shown or no source scored it.
  public var rank: Int?
  /// What became of it.
  public var fate: CandidateFate
  /// The names of the rules that keep it away.
  public var rules: [String]
  /// Its page score.
  public var score: Double?
  /// The page score of the last item shown.
  public var threshold: Double?
  /// Changes that bring it onto the page, the smallest first.
  public var changes: [Change] = []
  /// How many changes of the history were tried.
  public var tried = 0
}

extension PageComposer {
  /// Finds out why an item is not on a page, and searches the smallest change of rules, repeats or history that brings it
  /// there. Every change answered was tried: the page made anew holds the item.
  ///
  /// Of additions to the history, the two hundred items most like the wanted one are tried one by one, then, when no single
  /// one is enough, as many of the best of them together as are needed, up to five; of removals, each of the fifty items of
  /// the history that speak most for the page's present items.
  ///
  /// Source of the idea of counterfactual explanations by one's own actions: Ghazimatin and others (2020),
  /// https://doi.org/10.1145/3336191.3371824; here the question is why not, and additions are searched too.
  ///
  /// - Complexity: that of a few hundred pages.
  public func whyNot(_ item: String, on input: PageInput) -> WhyNot {
    // What exploration shows is chance, no reason.
    var parts = parts
    parts.rules = parts.rules.withoutExploration()
    return CounterfactualSearch(item, input, PageComposer(parts)).run()
  }
}

/// The search for what would bring an item onto a page.
private struct CounterfactualSearch {
  private static let neighbours = 200
  private static let removals = 50
  private static let most = 5
  private static let suspectsTried = 30
  private static let answered = 6

  private let item: String
  private let input: PageInput
  private let composer: PageComposer
  private let now: Composition
  private let page: RecommendedPage

  init(_ item: String, _ input: PageInput, _ composer: PageComposer) {
    self.item = item
    self.input = input
    self.composer = composer
    now = Composition(input, composer.parts)
    page = composer.compose(input, tracing: true, reasons: .max)
  }

  func run() -> WhyNot {
    guard let row = composer.parts.table.row(of: item) else {
      return WhyNot(item: item, fate: .notInCatalogue, rules: [])
    }
    let names = now.effects.table.rules.rules.map(\.name)
    var answer = WhyNot(
      item: item, rank: rank(of: row, in: now), fate: fate(of: row),
      rules: now.keepers(of: row).map { names[$0] },
      score: now.allowed[row] > -.infinity ? now.pageScore(row) : nil,
      threshold: page.entries.last(where: { $0.source == now.scoring.source })?.score)
    guard answer.fate != .shown else { return answer }
    answer.changes = withoutRules(row, names)
    if answer.fate == .boughtBefore, let after = place(changing: { $0.request.repeatPurchases = .allow }) {
      answer.changes.append(.init(kind: .repeatPurchases, items: [], rules: [], rankAfter: after))
    }
    if now.mask.obstacle(row, now.scoring.source) == nil {
      let (changes, tried) = withOtherHistory(row)
      answer.changes += changes
      answer.tried = tried
    }
    answer.changes.sort {
      ($0.items.count + $0.rules.count, $0.rankAfter) < ($1.items.count + $1.rules.count, $1.rankAfter)
    }
    answer.changes = Array(answer.changes.prefix(Self.answered))
    return answer
  }

  private func fate(of row: Int) -> CandidateFate {
    if page.entries.contains(where: { $0.item == item }) { return .shown }
    if let fate = now.mask.obstacle(row, now.scoring.source) { return fate }
    if let candidate = page.trace.candidates.first(where: { $0.item == item }) { return candidate.fate }
    return now.allowed[row] > -.infinity ? .outranked : .noCandidate
  }

  private func rank(of row: Int, in composition: Composition) -> Int? {
    Composition.rank(of: row, in: composition.allowed)
  }

  /// The item's place on the page when something is changed; nil when it is not on it.
  private func place(
    with parts: PageParts? = nil, changing change: (inout PageInput) -> Void = { _ in }
  ) -> Int? {
    var changed = input
    change(&changed)
    let made = Composition(changed, parts ?? composer.parts).page(tracing: false)
    return made.entries.first { $0.item == item && $0.source != .explored }?.position
  }

  // MARK: Rules

  /// Leaves out each rule that may keep the item away, then all of them.
  private func withoutRules(_ row: Int, _ names: [String]) -> [WhyNot.Change] {
    let isBehindQuota = fate(of: row) == .capped || fate(of: row) == .diversity
    var suspects = Set(now.keepers(of: row))
    suspects.formUnion(now.effects.movers(of: row))
    if isBehindQuota { suspects.formUnion(now.effects.quotas.map(\.rule)) }
    if fate(of: row) == .diversity {
      if let rule = now.effects.diversify?.rule { suspects.insert(rule) }
      if let rule = now.effects.calibrate?.rule { suspects.insert(rule) }
    }
    for entry in page.entries {
      suspects.formUnion(entry.rules.compactMap { names.firstIndex(of: $0) })
    }
    let ordered = Array(suspects.sorted().prefix(Self.suspectsTried))
    func change(without rules: [Int]) -> WhyNot.Change? {
      var parts = composer.parts
      parts.rules = parts.rules.without(rules)
      return place(with: parts).map {
        WhyNot.Change(kind: .rules, items: [], rules: rules.map { names[$0] }, rankAfter: $0)
      }
    }
    let single = ordered.compactMap { change(without: [$0]) }
    guard single.isEmpty, ordered.count > 1 else { return single }
    return change(without: ordered).map { [$0] } ?? []
  }

  // MARK: History

  private func withOtherHistory(_ row: Int) -> (changes: [WhyNot.Change], tried: Int) {
    guard now.scoring.source == .model || now.scoring.source == .similar else { return ([], 0) }
    let near = nearest(row)
    let added = near.map { (items: [$0], rank: rank(row, adding: [$0])) }
    var tried = added.count
    var changes = added.filter { $0.rank.map { $0 <= now.count } ?? false }
      .sorted { ($0.rank ?? 0, $0.items[0]) < ($1.rank ?? 0, $1.items[0]) }
      .prefix(3).compactMap { confirmed($0.items, .addToHistory) }
    if changes.isEmpty {
      let best = added.sorted { ($0.rank ?? .max, $0.items[0]) < ($1.rank ?? .max, $1.items[0]) }
        .prefix(Self.most).map { $0.items[0] }
      for size in 2...Self.most where best.count >= size {
        tried += 1
        if let change = confirmed(Array(best.prefix(size)), .addToHistory) {
          changes.append(change)
          break
        }
      }
    }
    let rivals = speakers
    tried += rivals.count
    changes += rivals.compactMap { confirmed([$0], .removeFromHistory) }
      .sorted { ($0.rankAfter, $0.items[0]) < ($1.rankAfter, $1.items[0]) }.prefix(2)
    return (changes, tried)
  }

  /// The items most like the wanted one, without those that the customer has had.
  private func nearest(_ row: Int) -> [String] {
    let ranker = composer.parts.ranker
    guard row < composer.parts.table.rankedCount else { return [] }
    let known = Set(input.history.map(\.item))
    return ranker.similarItems(to: item, count: Self.neighbours + known.count).map(\.item)
      .filter { !known.contains($0) }.prefix(Self.neighbours).map { $0 }
  }

  /// The wanted item's rank when items are added to the history, before quotas and diversity.
  private func rank(_ row: Int, adding items: [String]) -> Int? {
    rank(of: row, in: Composition(adding(items), composer.parts))
  }

  private func adding(_ items: [String]) -> PageInput {
    var changed = input
    changed.history += items.map { HistoryItem($0, ageDays: 0) }
    changed.had.formUnion(items)
    return changed
  }

  private func confirmed(_ items: [String], _ kind: WhyNot.Change.Kind) -> WhyNot.Change? {
    let after = place(changing: {
      if kind == .addToHistory {
        $0.history += items.map { HistoryItem($0, ageDays: 0) }
        $0.had.formUnion(items)
      } else {
        $0.history.removeAll { items.contains($0.item) }
      }
    })
    return after.map { WhyNot.Change(kind: kind, items: items, rules: [], rankAfter: $0) }
  }

  /// The items of the history that speak most for what is on the page.
  private var speakers: [String] {
    var sums: [String: Double] = [:]
    for entry in page.entries {
      for reason in entry.reasons where reason.kind == .similar {
        if let item = reason.item, let part = reason.contribution { sums[item, default: 0] += part }
      }
    }
    let known = Set(input.history.map(\.item))
    return sums.filter { known.contains($0.key) }.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
      .prefix(Self.removals).map(\.key)
  }
}

extension RuleTable {
  /// The table as if some rules were not there; the others keep their places.
  func without(_ rules: [Int]) -> RuleTable {
    var copy = self
    copy.disable(Set(rules))
    return copy
  }
}
