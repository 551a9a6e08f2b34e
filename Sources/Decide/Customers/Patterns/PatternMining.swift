import Learning
import MathKernels
import Patterns

/// Finds what is bought together and one after another in a shop, and tries it on later weeks.
///
/// ```swift
/// let patterns = try await PatternMining().fit(OrderTable(frame, catalogue: index, calendar: .utc, asOf: now), context: FitContext())
/// print(patterns.rules.filter(\.holds).count, "of", patterns.rules.count, "rules hold in the later weeks")
/// ```
/// The last quarter of the time is held back. Rules come from FP-Growth: of up to three categories, and of pairs of items; the
/// false-discovery rate is that of all rules looked at. Relations are those of `ItemRelations`, sequences of `NextPurchases`.
///
/// - Complexity: that of FP-Growth, plus O(items looked at² + orders · size²) for relations.
public struct PatternMining: Estimator {
  /// What is looked for.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The share of the orders that a rule of categories is in at least.
    public var minSupport = 0.005
    /// The orders that a rule of items is in at least.
    public var minItemOrders = 30
    /// The share of the antecedent's orders with the consequent at least.
    public var minConfidence = 0.1
    /// The lift at least.
    public var minLift = 1.1
    /// How many rules of each level are kept.
    public var mostRules = 3_000
    /// How many relations of each level are kept.
    public var mostRelations = 1_000
    /// How many items relations are looked for among.
    public var relatedItems = 1_500
    /// How many days later counts as next.
    public var windowDays = 28
    /// How many sequences are kept.
    public var mostSequences = 500

    /// The usual search.
    public init() {}
  }

  /// What is looked for.
  public var configuration: Configuration

  /// Looks for patterns.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Fewer orders hold no patterns worth showing.
  public static let fewestOrders = 200
  private static let steps = 5

  /// Finds the patterns.
  ///
  /// - Throws: `PatternError`, also where there are too few orders; `CancellationError`.
  public func fit(_ data: OrderTable, context: FitContext) async throws -> ShopPatterns {
    guard data.count >= Self.fewestOrders else {
      throw PatternError.notEnoughData(needed: "\(Self.fewestOrders) orders", found: "\(data.count)")
    }
    let (first, last) = (data.firstDay, data.lastDay)
    let split = first + (last - first) * 3 / 4
    guard split > first, last > split else {
      throw PatternError.notEnoughData(needed: "orders of several days", found: "\(last - first + 1) days")
    }
    var found = ShopPatterns(
      firstDay: first, splitDay: split, endDay: last, earlierOrders: 0, laterOrders: 0, rules: [],
      relations: [], sequences: [], windowDays: configuration.windowDays)
    found.earlierOrders = data.days.count { $0 <= split }
    found.laterOrders = data.count - found.earlierOrders
    for (step, level) in OrderTable.Level.allCases.enumerated() {
      let earlier = data.baskets(level, days: first...split)
      let later = data.baskets(level, days: (split + 1)...last)
      try context.checkpoint(step: 2 * step, of: Self.steps)
      found.rules += try rules(level, earlier, later)
      try context.checkpoint(step: 2 * step + 1, of: Self.steps)
      found.relations += try relations(level, earlier, later)
    }
    try context.checkpoint(step: Self.steps - 1, of: Self.steps)
    found.sequences = try NextPurchases(
      windowDays: configuration.windowDays, mostFound: configuration.mostSequences
    ).sequences(in: data, split: split)
    try context.checkpoint(step: Self.steps, of: Self.steps)
    return found
  }

  private func request(_ level: OrderTable.Level, _ baskets: Baskets) -> ItemsetRequest {
    level == .category
      ? ItemsetRequest(support: configuration.minSupport, of: baskets.count, maximumLength: 3)
      : ItemsetRequest(
        minimumCount: max(
          configuration.minItemOrders, Int(Double(baskets.count) * configuration.minSupport / 20)),
        maximumLength: 2)
  }

  private func rules(
    _ level: OrderTable.Level, _ earlier: Baskets, _ later: Baskets
  ) throws -> [ShopPatterns.Rule] {
    guard earlier.count > 0 else { return [] }
    let sets = try FPGrowth().mine(earlier, request(level, earlier), context: FitContext())
    try Task.checkCancellation()
    let rules = try AssociationRules(
      minimumConfidence: configuration.minConfidence, minimumLift: configuration.minLift
    ).rules(from: sets, baskets: earlier.count)
    let kept = rules.sorted { ($1.leverage, $1.lift) < ($0.leverage, $0.lift) }
      .prefix(configuration.mostRules)
    let names = earlier.items
    return zip(kept, RuleValidation.outcomes(of: Array(kept), in: later)).map { rule, outcome in
      ShopPatterns.Rule(
        level: level, antecedent: rule.antecedent.map { names[$0] },
        consequent: rule.consequent.map { names[$0] }, earlier: .init(rule), later: .init(outcome.rule),
        laterConfidence: outcome.confidence, holds: outcome.holds)
    }
  }

  private func relations(
    _ level: OrderTable.Level, _ earlier: Baskets, _ later: Baskets
  ) throws -> [ShopPatterns.Relation] {
    let search = ItemRelations(mostItems: configuration.relatedItems)
    let found = try search.relations(in: earlier)
    var check = search
    (check.leastExpected, check.leastSimilarity) = (2, 0)
    // All pairs, so that those which are not more than chance are known too.
    check.largestQValue = 1
    let tried = Dictionary(
      try check.relations(in: later).map { ($0.items, $0) }, uniquingKeysWith: { first, _ in first })
    let names = earlier.items
    let relations = found.map { relation -> ShopPatterns.Relation in
      let other = tried[relation.items]
      return ShopPatterns.Relation(
        level: level, names: relation.items.map { names[$0] }, kind: relation.kind, count: relation.count,
        expected: relation.expected, similarity: relation.similarity, qValue: relation.qValue,
        laterCount: other?.count, laterExpected: other?.expected,
        holds: other.map { $0.kind == relation.kind && $0.qValue <= 0.05 } ?? false)
    }
    func kept(_ kind: ItemRelations.Relation.Kind) -> ArraySlice<ShopPatterns.Relation> {
      relations.filter { $0.kind == kind }.prefix(configuration.mostRelations)
    }
    return Array(kept(.complements)) + Array(kept(.substitutes))
  }
}
