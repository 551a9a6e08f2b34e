import MathKernels

/// How rules that were found in some baskets fare in others, such as those of later weeks.
///
/// ```swift
/// let outcomes = RuleValidation.outcomes(of: rules, in: laterBaskets)
/// print(outcomes.filter(\.holds).count, "of", rules.count)
/// ```
/// Both must name their items by the same codes.
///
/// - Complexity: O(rules × baskets with a rule's rarest item).
public enum RuleValidation {
  /// How a rule fared.
  public struct Outcome: Sendable, Equatable {
    /// The rule with the counts, p-value and q-value of the other baskets.
    public var rule: AssociationRule
    /// Its confidence there, between these bounds with 95 % (Wilson); nil when its antecedent did not occur.
    public var confidence: ConfidenceInterval?
    /// Whether it is more than chance there too, by a false-discovery rate of 5 %.
    public var holds: Bool
  }

  /// The outcomes, in the order of the rules.
  public static func outcomes(of rules: [AssociationRule], in baskets: Baskets) -> [Outcome] {
    var lists = [[Int32]](repeating: [], count: baskets.items.count)
    for basket in 0..<baskets.count {
      for code in baskets[basket] { lists[Int(code)].append(Int32(basket)) }
    }
    func holders(_ items: [Int32]) -> [Int32] {
      let own = items.map { Int($0) < lists.count ? lists[Int($0)] : [] }.sorted { $0.count < $1.count }
      guard let rarest = own.first else { return [] }
      return own.dropFirst().reduce(rarest) { intersection($0, $1) }
    }
    var recounted = rules.map { rule -> AssociationRule in
      let (first, second) = (holders(rule.antecedent), holders(rule.consequent))
      let both = intersection(first, second).count
      var rule = rule
      (rule.count, rule.antecedentCount, rule.consequentCount) = (both, first.count, second.count)
      rule.baskets = baskets.count
      rule.pValue = HypothesisTests.fisherExact(
        both: both, first: first.count, second: second.count, total: baskets.count, .greater)
      return rule
    }
    for (place, q) in HypothesisTests.benjaminiHochberg(recounted.map(\.pValue)).enumerated() {
      recounted[place].qValue = q
    }
    return recounted.map { rule in
      Outcome(
        rule: rule,
        confidence: rule.antecedentCount > 0
          ? Statistics.wilsonInterval(successes: rule.count, of: rule.antecedentCount) : nil,
        holds: rule.antecedentCount > 0 && rule.qValue <= 0.05)
    }
  }

  /// What two ascending lists have in common.
  private static func intersection(_ a: [Int32], _ b: [Int32]) -> [Int32] {
    var (common, i, j) = ([Int32](), 0, 0)
    while i < a.count, j < b.count {
      if a[i] == b[j] { common.append(a[i]) }
      let (x, y) = (a[i], b[j])
      if x <= y { i += 1 }
      if y <= x { j += 1 }
    }
    return common
  }
}
