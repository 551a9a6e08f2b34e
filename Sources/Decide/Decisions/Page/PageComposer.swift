import MathKernels
import Recommendation

/// Makes pages of recommendations: several sources name candidates, the ranker orders them, rules filter and move them,
/// re-ranking spreads them, exploration tries some out.
///
/// ```swift
/// let composer = PageComposer(PageParts(ranker: model, table: table, rules: rules))
/// let page = composer.compose(PageInput(PlacementRequest(customerID: "1"), history: history, facts: RuleRequest(context: "home")))
/// page.entries.map(\.item)
/// ```
/// Sources, in the order in which they stand in for each other: the ranker (beside an item, what the ranker says is like it;
/// beside a cart, what goes into one order with it), then content for what the ranker knows nothing of, then what is popular.
/// Asked for N items a page has N wherever the shop has so many that filters and the request allow.
///
/// A candidate's page score is its source's score brought to 0…1, times the factors of boosts and buries. Filters take out of
/// the whole catalogue, not of a list that was cut before.
///
/// - Complexity: O(what the ranker takes + items) per page, and O(count × candidates) for quotas and diversity.
public struct PageComposer: Sendable {
  /// What pages are made of.
  public let parts: PageParts

  /// A composer over these parts.
  public init(_ parts: PageParts) { self.parts = parts }

  /// Makes a page.
  ///
  /// - Parameters:
  ///   - tracing: whether the trace lists rules and candidates, which takes a few milliseconds more.
  ///   - reasons: at most so many parts of each item's score; all of them add up to it.
  public func compose(_ input: PageInput, tracing: Bool = false, reasons: Int = 3) -> RecommendedPage {
    Composition(input, parts).page(tracing: tracing, reasons: reasons)
  }
}

/// A page in the making.
struct Composition {
  let input: PageInput
  let parts: PageParts
  let effects: RuleEffects
  let scoring: PageScoring
  let mask: PageMask
  /// The scores that are left after everything that takes items out.
  let allowed: [Float]
  let range: ScoreRange?
  private var stopwatch: Stopwatch

  init(_ input: PageInput, _ parts: PageParts) {
    var stopwatch = Stopwatch()
    self.input = input
    self.parts = parts
    effects = parts.rules.effects(for: input.facts)
    stopwatch.note("rules")
    scoring = PageScoring(parts, input.request, input.history)
    stopwatch.note("sources")
    mask = PageMask(input, parts, effects, itemRow: scoring.itemRow)
    var scores = scoring.scores
    mask.apply(to: &scores, source: scoring.source)
    range = ScoreRange(scores)
    if let factor = effects.factor, let range {
      // Moved before the best are taken, so that a boost reaches every item that was scored.
      range.rescale(&scores, by: factor)
    }
    allowed = scores
    stopwatch.note("ranking")
    self.stopwatch = stopwatch
  }

  /// How far down the first source's list quotas are met from before all rows are looked at.
  private static let depth = 1000

  var count: Int { input.request.count }

  /// The page score of a row that the first source scored.
  func pageScore(_ row: Int) -> Double {
    guard allowed[row] > -.infinity else { return 0 }
    return Double(effects.factor == nil ? range?.relative(allowed[row]) ?? 0 : allowed[row])
  }

  // MARK: Candidates

  /// The best rows of the first source.
  func ranked(_ size: Int) -> [PageCandidate] {
    allowed.withUnsafeBufferPointer { TopK.select(size, of: $0) }.map { candidate(Int($0.index)) }
  }

  /// What pins name, as far as they may be shown.
  private var pinned: [PageCandidate] {
    effects.pins.compactMap { pin in
      guard let row = parts.table.row(of: pin.item), mask.allowsPin(row) else { return nil }
      return PageCandidate(row: row, source: .pinned, sourceScore: nil, score: pageScore(row))
    }
  }

  /// What is like the item, the cart or the history by its words, among the rows that the first source did not score.
  func byContent(_ size: Int) -> [PageCandidate] {
    // What is like the cart is what could take its place.
    guard let content = parts.content, size > 0, input.request.context != .cart else { return [] }
    let besideItem = input.request.context == .item ? input.request.itemID : nil
    let history = besideItem.map { [HistoryItem($0)] } ?? input.history
    let coded = content.coded(history)
    guard !coded.isEmpty else { return [] }
    var scores = [Float](repeating: -.infinity, count: content.items.count)
    scores.withUnsafeMutableBufferPointer { content.score([coded], into: $0) }
    var best = TopK(size)
    for (index, score) in scores.enumerated() where score > best.threshold {
      guard let row = parts.table.row(of: content.items[Int32(index)]), isOpen(row, .content) else {
        continue
      }
      best.offer(Int32(row), score * (effects.factor?[row] ?? 1))
    }
    let found = best.sorted()
    let highest = max(found.first?.score ?? 1, .leastNormalMagnitude)
    return found.map {
      PageCandidate(
        row: Int($0.index), source: .content, sourceScore: $0.score, score: Double($0.score / highest))
    }
  }

  /// The most popular rows that no source before has scored.
  private func byPopularity(_ size: Int, where passes: (Int) -> Bool = { _ in true }) -> [PageCandidate] {
    guard size > 0 else { return [] }
    let popularity = parts.ranker.popularity
    var best = TopK(size)
    for row in 0..<parts.table.count {
      let known = row < popularity.count ? popularity[row] : 0
      let weight = known * (effects.factor?[row] ?? 1)
      if weight > best.threshold, passes(row), isOpen(row, .popular) { best.offer(Int32(row), weight) }
    }
    let found = best.sorted()
    let highest = max(found.first?.score ?? 1, .leastNormalMagnitude)
    return found.map {
      PageCandidate(
        row: Int($0.index), source: .popular, sourceScore: $0.score, score: Double($0.score / highest))
    }
  }

  /// Whether a row may be shown and the first source has nothing to say about it.
  private func isOpen(_ row: Int, _ source: CandidateSource) -> Bool {
    !(scoring.scores[row] > -.infinity) && mask.obstacle(row, source) == nil
  }

  // MARK: The page

  /// The page before exploration. Where quotas leave gaps, what they still let in is looked for in the whole shop.
  func assembled(tracing: Bool) -> PageAssembly {
    let chooses = effects.diversify != nil || effects.calibrate != nil || !effects.quotas.isEmpty
    var size = chooses ? max(100, 10 * count) : count + (effects.explore == nil ? 0 : 20)
    if tracing { size = max(size, count + 50) }
    let ranked = ranked(size)
    var candidates = pinned + ranked + demanded(besides: ranked)
    if ranked.count < size { candidates += byContent(size) + byPopularity(size) }
    candidates = Self.byTier(candidates)
    while true {
      var assembly = PageAssembly(
        candidates, count: count, table: parts.table, effects: effects,
        content: ItemLikeness(table: parts.table, content: parts.content), mix: categoryMix)
      assembly.run()
      guard assembly.places.contains(nil) else { return assembly }
      let more = letIn(by: assembly)
      if more.isEmpty { return assembly }
      candidates = Self.byTier(candidates + more)
    }
  }

  /// The best rows that match each minimum: they may lie far below the others.
  private func demanded(besides ranked: [PageCandidate]) -> [PageCandidate] {
    let known = Set(ranked.map(\.row))
    return effects.quotas.filter(\.isMinimum).flatMap { quota in
      demanded(by: quota) { effects.table.matches(rule: quota.rule, row: $0) && !known.contains($0) }
    }
  }

  private func demanded(by quota: RuleEffects.Quota, where isWanted: (Int) -> Bool) -> [PageCandidate] {
    // More than the quota asks for: another quota may let in only some of them.
    let scored = best(10 * quota.number, where: isWanted)
    // What is new has no score: it is wanted all the same.
    return scored.count < quota.number ? scored + byPopularity(10 * quota.number, where: isWanted) : scored
  }

  /// Candidates of earlier tiers first, each tier in its order.
  private static func byTier(_ candidates: [PageCandidate]) -> [PageCandidate] {
    candidates.enumerated().sorted {
      ($0.element.source.tier, $0.offset) < ($1.element.source.tier, $1.offset)
    }.map(\.element)
  }

  /// The best rows that are no candidates yet and that quotas still let in: scored ones, else popular ones.
  private func letIn(by assembly: PageAssembly) -> [PageCandidate] {
    guard !effects.quotas.isEmpty else { return [] }
    let known = Set(assembly.candidates.lazy.filter { $0.source != .pinned }.map(\.row))
    // What quotas still let in mostly stands a little further down: looking there takes less than judging every row.
    let near = allowed.withUnsafeBufferPointer { TopK.select(Self.depth, of: $0) }
      .filter { !known.contains(Int($0.index)) && assembly.isOpen(Int($0.index)) }.prefix(10 * count)
    if near.count >= assembly.places.count(where: { $0 == nil }) {
      return near.map { candidate(Int($0.index)) }
    }
    let scored = best(10 * count) { !known.contains($0) && assembly.isOpen($0) }
    return scored.isEmpty ? byPopularity(10 * count) { !known.contains($0) && assembly.isOpen($0) } : scored
  }

  /// The best rows of the first source that pass.
  private func best(_ size: Int, where passes: (Int) -> Bool) -> [PageCandidate] {
    var best = TopK(size)
    for (row, score) in allowed.enumerated() where score > best.threshold && score > -.infinity && passes(row)
    {
      best.offer(Int32(row), score)
    }
    return best.sorted().map { candidate(Int($0.index)) }
  }

  private func candidate(_ row: Int) -> PageCandidate {
    PageCandidate(
      row: row, source: scoring.source, sourceScore: scoring.scores[row], score: pageScore(row))
  }

  /// The customer's shares of categories, by weight.
  private var categoryMix: [Int32: Double] {
    guard effects.calibrate != nil else { return [:] }
    var mix: [Int32: Double] = [:]
    for entry in input.history where entry.weight > 0 {
      guard let row = parts.table.row(of: entry.item), parts.table.category[row] >= 0 else { continue }
      mix[parts.table.category[row], default: 0] += Double(entry.weight)
    }
    return mix
  }

  func page(tracing: Bool, reasons limit: Int = 3) -> RecommendedPage {
    var stopwatch = stopwatch
    let assembly = assembled(tracing: tracing)
    let exploration = exploration(of: assembly)
    let eligible = openPlaces(of: assembly)
    let drawn = exploration?.draw(places: eligible, seed: input.seed) ?? [:]
    let trials = exploration.map { Set(eligible.suffix(min($0.slots, $0.pool.count))) } ?? []
    var shown: [(place: Int, candidate: PageCandidate, index: Int?)] = []
    for (place, index) in assembly.places.enumerated() {
      if let candidate = drawn[place] {
        shown.append((place, candidate, nil))
      } else if let index {
        shown.append((place, assembly.candidates[index], index))
      }
    }
    let reasons = reasons(
      for: shown.map { ($0.candidate, drawn[$0.place] != nil) }, assembly, shown.map(\.index), limit: limit)
    let names = effects.table.rules.rules.map(\.name)
    let entries = shown.enumerated().map { position, entry in
      let isDrawn = drawn[entry.place] != nil
      var propensity = 1.0
      if let exploration, trials.contains(entry.place) {
        propensity = isDrawn ? exploration.share / Double(exploration.pool.count) : 1 - exploration.share
      }
      let rules =
        effects.movers(of: entry.candidate.row) + (entry.index.flatMap { assembly.placedBy[$0] } ?? [])
      return RecommendedPage.Entry(
        item: parts.table.items[Int32(entry.candidate.row)], position: position + 1,
        score: entry.candidate.score,
        sourceScore: entry.candidate.sourceScore.map(Double.init),
        source: isDrawn ? .explored : entry.candidate.source, propensity: propensity,
        rules: rules.map { names[$0] }, reasons: reasons[position])
    }
    stopwatch.note("reranking")
    var trace = PageTrace()
    trace.diversity = effects.diversify.map { ($0.method, $0.strength) }
    trace.calibration = effects.calibrate?.strength
    trace.exploration = exploration.map {
      ($0.share, $0.slots, entries.filter { $0.source == .explored }.map(\.position))
    }
    trace.sources = sources(assembly, entries)
    if tracing { addDetails(to: &trace, assembly, entries) }
    stopwatch.note("trace")
    trace.milliseconds = stopwatch.milliseconds
    return RecommendedPage(entries: entries, fallback: fallback(entries), trace: trace)
  }

  private func fallback(_ entries: [RecommendedPage.Entry]) -> CandidateSource? {
    if entries.contains(where: { $0.source == .popular }) { return .popular }
    return entries.contains { $0.source == .content } ? .content : nil
  }

  private func sources(_ assembly: PageAssembly, _ entries: [RecommendedPage.Entry]) -> [PageTrace.Source] {
    let named = Dictionary(grouping: assembly.candidates, by: \.source).mapValues(\.count)
    return CandidateSource.allCases.compactMap { source in
      // Of the first source all that it scored and that may be shown, not only those that were looked at.
      let count = source == scoring.source ? scoredCount : named[source] ?? 0
      let used = entries.count { $0.source == source }
      return count > 0 || used > 0 ? PageTrace.Source(source: source, named: count, used: used) : nil
    }
  }

  /// How many rows the first source scored that may be shown.
  private var scoredCount: Int {
    allowed.withUnsafeBufferPointer { allowed in
      allowed.baseAddress.map { Vectors.countNotBelow(-.greatestFiniteMagnitude, $0, allowed.count) } ?? 0
    }
  }

  // MARK: Exploration

  /// The places, counted from 0, that are filled and not pinned.
  private func openPlaces(of assembly: PageAssembly) -> [Int] {
    assembly.places.indices.filter { place in
      assembly.places[place].map { assembly.candidates[$0].source != .pinned } ?? false
    }
  }

  /// What may be tried out: the next candidates in order, and what nobody has dealt with yet.
  private func exploration(of assembly: PageAssembly) -> PageExploration? {
    guard let wanted = effects.explore, wanted.share > 0, wanted.slots > 0 else { return nil }
    let places = openPlaces(of: assembly).suffix(wanted.slots)
    guard !places.isEmpty else { return nil }
    // An item may be a candidate of two sources, and is one item all the same.
    var seen: Set<Int> = []
    func fits(_ candidate: PageCandidate) -> Bool {
      places.allSatisfy { assembly.allows(candidate.row, insteadOf: $0, besides: places.count - 1) }
        && seen.insert(candidate.row).inserted
    }
    let next = assembly.candidates.filter { $0.fate == .outranked && $0.source != .pinned && fits($0) }
    var pool = Array(next.prefix(20))
    let known = Set(pool.map(\.row) + assembly.places.compactMap { $0.map { assembly.candidates[$0].row } })
    pool += byContent(10).filter { !known.contains($0.row) && fits($0) }
    guard !pool.isEmpty else { return nil }
    return PageExploration(share: wanted.share, slots: min(wanted.slots, pool.count), pool: pool)
  }
}

/// Notes how long each stage took.
struct Stopwatch {
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant
  private(set) var milliseconds: [String: Double] = [:]

  init() { last = clock.now }

  mutating func note(_ stage: String) {
    let now = clock.now
    milliseconds[stage, default: 0] += last.duration(to: now) / .milliseconds(1)
    last = now
  }
}
