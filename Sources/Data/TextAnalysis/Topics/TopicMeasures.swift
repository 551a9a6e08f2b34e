import Foundation

/// Measures of topics and of groups: how well words hang together, and how well groups agree with known classes.
public enum TopicMeasures {
  /// The mean normalised pointwise mutual information of all pairs of a topic's top words, counted by documents of a reference
  /// corpus: from −1 (never together) through 0 (by chance) to 1 (always together).
  ///
  /// Source: Lau, Newman and Baldwin (2014), https://doi.org/10.3115/v1/E14-1056. Pairs that never meet count −1.
  /// - Complexity: O(terms + documents × words²).
  public static func coherence(of topWords: [String], in documents: [[String]]) -> Double {
    let words = Array(Set(topWords)).sorted()
    guard words.count > 1, !documents.isEmpty else { return .nan }
    let ids = Dictionary(uniqueKeysWithValues: zip(words, words.indices))
    var single = [Double](repeating: 0, count: words.count)
    var pairs = [Double](repeating: 0, count: words.count * words.count)
    for document in documents {
      let present = Set(document.compactMap { ids[$0] }).sorted()
      for (place, first) in present.enumerated() {
        single[first] += 1
        for second in present[(place + 1)...] { pairs[first * words.count + second] += 1 }
      }
    }
    let total = Double(documents.count)
    var sum = 0.0
    for first in words.indices {
      for second in words.indices where second > first {
        let joint = pairs[first * words.count + second] / total
        if joint == 0 {
          sum -= 1
        } else if joint >= 1 {
          sum += 1
        } else {
          sum += log(joint * total * total / (single[first] * single[second])) / -log(joint)
        }
      }
    }
    return sum / Double(words.count * (words.count - 1) / 2)
  }

  /// The share of different words among the top words of all topics: 1 when no two topics share one.
  public static func diversity(of topWords: [[String]]) -> Double {
    let all = topWords.reduce(0) { $0 + $1.count }
    return all == 0 ? .nan : Double(Set(topWords.joined()).count) / Double(all)
  }

  /// How well groups agree with classes.
  public struct Agreement: Sendable, Codable, Equatable {
    /// Whether each group holds members of one class only.
    public var homogeneity: Double
    /// Whether the members of each class are in one group.
    public var completeness: Double
    /// The harmonic mean of both; the same as normalised mutual information with the arithmetic mean.
    public var vMeasure: Double
    /// The share of pairs that agree, beyond chance.
    public var adjustedRand: Double
  }

  /// Compares groups with classes, one label for each member.
  ///
  /// Sources: Rosenberg and Hirschberg (2007), https://aclanthology.org/D07-1043; Hubert and Arabie (1985),
  /// https://doi.org/10.1007/BF01908075.
  public static func agreement(of groups: [Int], with classes: [Int]) -> Agreement {
    precondition(groups.count == classes.count, "each member has a group and a class")
    var (joint, rows, columns): ([[Int]: Double], [Int: Double], [Int: Double]) = ([:], [:], [:])
    for (group, other) in zip(groups, classes) {
      joint[[group, other], default: 0] += 1
      rows[group, default: 0] += 1
      columns[other, default: 0] += 1
    }
    let n = Double(groups.count)
    func entropy(_ counts: some Sequence<Double>) -> Double {
      counts.sorted().reduce(0) { $0 - $1 / n * log($1 / n) }
    }
    let (ofGroups, ofClasses, ofBoth) = (entropy(rows.values), entropy(columns.values), entropy(joint.values))
    let mutual = max(0, ofGroups + ofClasses - ofBoth)
    let homogeneity = ofClasses == 0 ? 1 : mutual / ofClasses
    let completeness = ofGroups == 0 ? 1 : mutual / ofGroups
    let sum = homogeneity + completeness
    func pairs(_ counts: some Sequence<Double>) -> Double { counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 } }
    let expected = n < 2 ? 0 : pairs(rows.values) * pairs(columns.values) / pairs([n])
    let most = (pairs(rows.values) + pairs(columns.values)) / 2
    return Agreement(
      homogeneity: homogeneity, completeness: completeness,
      vMeasure: sum == 0 ? 0 : 2 * homogeneity * completeness / sum,
      adjustedRand: most == expected ? 1 : (pairs(joint.values) - expected) / (most - expected))
  }
}
