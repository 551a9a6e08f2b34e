import Foundation
import MathKernels

/// Which items go together, and which stand in for each other.
///
/// ```swift
/// let relations = try ItemRelations().relations(in: baskets)
/// print(relations.filter { $0.kind == .substitutes })
/// ```
/// Large baskets hold nearly everything, so that plain lift calls almost any two items complements. Here the joint baskets of
/// two items are compared with those expected when baskets keep their sizes and items their counts: c₁c₂ Σ s(s − 1) / S²,
/// S being all items bought. Complements come together more often than that. Substitutes come together less often, and what
/// else is bought with them is alike: the cosine of their positive pointwise mutual information with all other items.
///
/// - Complexity: O(items² + baskets × size²); memory for a count of each two of the items looked at.
/// Source: the null model is that of Chung and Lu (2002), https://doi.org/10.1007/PL00012580, for baskets and items;
/// mutual information: Bullinaria and Levy (2007), https://doi.org/10.3758/BF03193020
public struct ItemRelations: Sendable, Equatable {
  /// How many items are looked at: the most frequent ones.
  public var mostItems: Int
  /// Two items of fewer expected joint baskets are passed over: their absence says nothing.
  public var leastExpected: Double
  /// How alike the company of two substitutes must be, 0 to 1.
  public var leastSimilarity: Double
  /// The false-discovery rate.
  public var largestQValue: Double

  /// What relations are looked for.
  public init(
    mostItems: Int = 2_000, leastExpected: Double = 5, leastSimilarity: Double = 0.3,
    largestQValue: Double = 0.05
  ) {
    (self.mostItems, self.leastExpected) = (mostItems, leastExpected)
    (self.leastSimilarity, self.largestQValue) = (leastSimilarity, largestQValue)
  }

  /// What two items are to each other.
  public struct Relation: Sendable, Equatable {
    /// What they are.
    public enum Kind: String, Sendable, Codable, CaseIterable {
      /// They are bought together.
      case complements
      /// One is bought instead of the other.
      case substitutes
    }

    /// The items' codes, the smaller first.
    public var items: [Int32]
    /// What they are.
    public var kind: Kind
    /// The baskets with both.
    public var count: Int
    /// The baskets with both that chance would give, sizes and counts being what they are.
    public var expected: Double
    /// How alike the company is in which they are bought, 0 to 1.
    public var similarity: Double
    /// The share of chance findings among the relations as clear as this one.
    public var qValue: Double
    /// The joint baskets over the expected ones.
    public var ratio: Double { Double(count) / expected }
  }

  /// The relations, the clearest first: complements by their ratio, then substitutes by theirs.
  ///
  /// - Throws: `PatternError.invalidParameter`.
  public func relations(in baskets: Baskets) throws -> [Relation] {
    guard (2...5_000).contains(mostItems) else {
      throw PatternError.invalidParameter(
        name: "mostItems", value: Double(mostItems), expected: "a number from 2 to 5000")
    }
    let pairs = PairCounts(baskets, mostItems: mostItems)
    let tested = pairs.tested(leastExpected: leastExpected)
    let q = HypothesisTests.benjaminiHochberg(tested.map(\.pValue))
    let found = zip(tested, q).filter { $1 <= largestQValue }
    let company = Company(pairs)
    return found.compactMap { pair, q -> Relation? in
      let similarity = company.similarity(pair.first, pair.second)
      let isMore = Double(pair.count) > pair.expected
      guard isMore || similarity >= leastSimilarity else { return nil }
      return Relation(
        items: [pairs.codes[pair.first], pairs.codes[pair.second]].sorted(),
        kind: isMore ? .complements : .substitutes, count: pair.count, expected: pair.expected,
        similarity: similarity, qValue: q)
    }
    .sorted { a, b in
      a.kind != b.kind
        ? a.kind == .complements : a.kind == .complements ? a.ratio > b.ratio : a.ratio < b.ratio
    }
  }
}

/// In how many baskets each two of the most frequent items are.
struct PairCounts {
  let codes: [Int32]
  let counts: [Int]
  /// Of items i < j at i × n + j.
  private(set) var joint: [Int32]
  /// Σ s(s − 1) / S².
  private let pairRate: Double

  struct Tested {
    var first: Int
    var second: Int
    var count: Int
    var expected: Double
    var pValue: Double
  }

  init(_ baskets: Baskets, mostItems: Int) {
    let all = baskets.itemCounts
    let order = all.indices.sorted { (all[$1], $0) < (all[$0], $1) }.prefix(mostItems).filter { all[$0] > 0 }
    codes = order.map(Int32.init)
    counts = order.map { all[$0] }
    var place = [Int](repeating: -1, count: all.count)
    for (index, code) in order.enumerated() { place[code] = index }
    let n = order.count
    joint = [Int32](repeating: 0, count: n * n)
    var (bought, pairs) = (0.0, 0.0)
    for basket in 0..<baskets.count {
      let size = Double(baskets[basket].count)
      bought += size
      pairs += size * (size - 1)
      let own = baskets[basket].map { place[Int($0)] }.filter { $0 >= 0 }.sorted()
      for (index, first) in own.enumerated() {
        for second in own[(index + 1)...] { joint[first * n + second] += 1 }
      }
    }
    pairRate = bought > 0 ? pairs / (bought * bought) : 0
  }

  func count(_ a: Int, _ b: Int) -> Int { Int(joint[min(a, b) * codes.count + max(a, b)]) }

  func expected(_ a: Int, _ b: Int) -> Double { Double(counts[a]) * Double(counts[b]) * pairRate }

  func tested(leastExpected: Double) -> [Tested] {
    var tested: [Tested] = []
    for first in codes.indices {
      for second in codes.indices.dropFirst(first + 1) {
        let expected = expected(first, second)
        guard expected >= leastExpected else { break }
        let count = count(first, second)
        tested.append(
          Tested(
            first: first, second: second, count: count, expected: expected,
            pValue: Self.poissonTest(count, mean: expected)))
      }
    }
    return tested
  }

  /// Two-sided, by the root of the deviance; close to the exact one for means of five and more.
  private static func poissonTest(_ count: Int, mean: Double) -> Double {
    let k = Double(count)
    let deviance = 2 * ((k > 0 ? k * log(k / mean) : 0) - (k - mean))
    return erfc((max(0, deviance) / 2).squareRoot())
  }
}

/// In which company items are bought: positive pointwise mutual information with every other item.
private struct Company {
  private var rows: [[(item: Int32, weight: Float)]] = []
  private var lengths: [Double] = []

  init(_ pairs: PairCounts) {
    for item in pairs.codes.indices {
      var row: [(item: Int32, weight: Float)] = []
      for other in pairs.codes.indices where other != item {
        let count = pairs.count(item, other)
        guard count > 0 else { continue }
        let information = log(Double(count) / pairs.expected(item, other))
        if information > 0 { row.append((Int32(other), Float(information))) }
      }
      rows.append(row)
      lengths.append(row.reduce(0) { $0 + Double($1.weight * $1.weight) }.squareRoot())
    }
  }

  /// The cosine of two items' company, each other left out.
  func similarity(_ a: Int, _ b: Int) -> Double {
    var (sum, i, j) = (0.0, 0, 0)
    let (first, second) = (rows[a], rows[b])
    while i < first.count, j < second.count {
      if first[i].item == second[j].item { sum += Double(first[i].weight * second[j].weight) }
      let (x, y) = (first[i].item, second[j].item)
      if x <= y { i += 1 }
      if y <= x { j += 1 }
    }
    return lengths[a] > 0 && lengths[b] > 0 ? sum / (lengths[a] * lengths[b]) : 0
  }
}
