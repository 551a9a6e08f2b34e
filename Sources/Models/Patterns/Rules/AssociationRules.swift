import MathKernels

/// Who buys these items buys those too.
public struct AssociationRule: Sendable, Hashable {
  /// The items that are there, by code, ascending.
  public var antecedent: [Int32]
  /// The items that then are there too, by code, ascending.
  public var consequent: [Int32]
  /// The baskets with all of them.
  public var count: Int
  /// The baskets with the antecedent.
  public var antecedentCount: Int
  /// The baskets with the consequent.
  public var consequentCount: Int
  /// All baskets.
  public var baskets: Int
  /// The probability of so many joint baskets if the two had nothing to do with each other (Fisher's exact test).
  public var pValue: Double
  /// The share of chance findings among the rules with a p-value as small (Benjamini and Hochberg).
  public var qValue: Double

  /// The share of the baskets with all items.
  public var support: Double { Double(count) / Double(baskets) }
  /// The share of the antecedent's baskets that have the consequent too.
  public var confidence: Double { Double(count) / Double(antecedentCount) }
  /// The confidence over the share of all baskets that have the consequent; 1 for independence.
  public var lift: Double { confidence * Double(baskets) / Double(consequentCount) }
  /// The share of the baskets with all items beyond what independence would give.
  public var leverage: Double {
    support - Double(antecedentCount) / Double(baskets) * Double(consequentCount) / Double(baskets)
  }
  /// How many times rarer the antecedent comes without the consequent than by chance; infinite when it never does.
  public var conviction: Double {
    let missing = 1 - Double(consequentCount) / Double(baskets)
    return confidence < 1 ? missing / (1 - confidence) : .infinity
  }
}

/// Rules from frequent sets, each with a test of whether it is more than chance.
///
/// ```swift
/// let sets = try FPGrowth().mine(baskets, ItemsetRequest(support: 0.01, of: baskets.count), context: FitContext())
/// let rules = AssociationRules(minimumConfidence: 0.3).rules(from: sets, baskets: baskets.count)
/// ```
/// All frequent sets up to the length of the longest must be given. The q-values reckon with every rule that was looked at,
/// not only with those that are confident enough to be shown.
///
/// - Complexity: O(sets × parts).
/// Source: Agrawal and Srikant (1994), https://www.vldb.org/conf/1994/P487.PDF; measures: Brin, Motwani, Ullman and Tsur
/// (1997), https://doi.org/10.1145/253260.253325; tests: Hämäläinen and Webb (2019),
/// https://doi.org/10.1007/s10618-018-0590-x
public struct AssociationRules: Sendable, Equatable {
  /// Rules of less confidence are left out.
  public var minimumConfidence: Double
  /// Rules of less lift are left out.
  public var minimumLift: Double
  /// How many items a consequent may have at most.
  public var longestConsequent: Int
  /// Rules with a larger q-value are left out.
  public var largestQValue: Double

  /// What rules are asked for.
  public init(
    minimumConfidence: Double = 0.2, minimumLift: Double = 1, longestConsequent: Int = 1,
    largestQValue: Double = 0.05
  ) {
    (self.minimumConfidence, self.minimumLift) = (minimumConfidence, minimumLift)
    (self.longestConsequent, self.largestQValue) = (longestConsequent, largestQValue)
  }

  /// The rules, those of the greatest lift first.
  ///
  /// - Throws: `PatternError.invalidParameter`.
  public func rules(from sets: FrequentItemsets, baskets: Int) throws -> [AssociationRule] {
    try check()
    let index = ItemsetIndex(sets)
    var rules: [AssociationRule] = []
    for set in sets.indices where sets.items(ofSet: set).count > 1 {
      let items = Array(sets.items(ofSet: set))
      for consequent in Self.parts(of: items, upTo: min(longestConsequent, items.count - 1)) {
        let antecedent = items.filter { !consequent.contains($0) }
        guard let first = index.index(of: antecedent), let second = index.index(of: consequent) else {
          continue
        }
        let counts = (sets.count(ofSet: set), sets.count(ofSet: first), sets.count(ofSet: second))
        let p = HypothesisTests.fisherExact(
          both: counts.0, first: counts.1, second: counts.2, total: baskets, .greater)
        rules.append(
          AssociationRule(
            antecedent: antecedent, consequent: consequent, count: counts.0, antecedentCount: counts.1,
            consequentCount: counts.2, baskets: baskets, pValue: p, qValue: 1))
      }
    }
    for (place, q) in HypothesisTests.benjaminiHochberg(rules.map(\.pValue)).enumerated() {
      rules[place].qValue = q
    }
    return rules.filter {
      $0.confidence >= minimumConfidence && $0.lift >= minimumLift && $0.qValue <= largestQValue
    }
    .sorted { ($1.lift, $1.count) < ($0.lift, $0.count) }
  }

  private func check() throws {
    for (name, value) in [("minimumConfidence", minimumConfidence), ("largestQValue", largestQValue)]
    where !(0...1).contains(value) {
      throw PatternError.invalidParameter(name: name, value: value, expected: "a number from 0 to 1")
    }
    guard minimumLift >= 0 else {
      throw PatternError.invalidParameter(
        name: "minimumLift", value: minimumLift, expected: "a number of at least 0")
    }
    guard longestConsequent >= 1 else {
      throw PatternError.invalidParameter(
        name: "longestConsequent", value: Double(longestConsequent), expected: "a whole number of at least 1")
    }
  }

  /// The parts of a set with one item up to a number of items.
  private static func parts(of items: [Int32], upTo length: Int) -> [[Int32]] {
    var (parts, last) = ([[Int32]](), items.map { [$0] })
    for size in 1...max(1, length) {
      parts += last
      guard size < length else { break }
      last = last.flatMap { part in items.filter { $0 > part.last! }.map { part + [$0] } }
    }
    return parts
  }
}
