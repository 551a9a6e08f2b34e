import Foundation
import MathKernels

/// What sets a segment apart from all other customers.
///
/// ```swift
/// let profiles = try SegmentProfiles().profiles(of: table, labels)
/// for profile in profiles { print(profile.name.en, profile.size, profile.traits.map(\.effect)) }
/// ```
/// For numbers the effect is the difference of means over the standard deviation of both groups; for categories the difference
/// of shares over the like. Segments are made of the same columns, so that tests tell what is more than noise, not that there
/// are segments; what counts is the effect. Trait by trait the false-discovery rate is held over all segments.
///
/// - Complexity: O(rows × columns + segments × columns).
/// Sources: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, https://doi.org/10.4324/9780203771587;
/// Welch (1947), https://doi.org/10.1093/biomet/34.1-2.28
public struct SegmentProfiles: Sendable {
  /// The least effect that is a trait.
  public var leastEffect: Double
  /// The false-discovery rate.
  public var largestQValue: Double
  /// How many traits a segment has at most.
  public var mostTraits: Int

  /// The description.
  public init(leastEffect: Double = 0.3, largestQValue: Double = 0.05, mostTraits: Int = 6) {
    (self.leastEffect, self.largestQValue) = (leastEffect, largestQValue)
    self.mostTraits = mostTraits
  }

  /// One thing that sets a segment apart.
  public struct Trait: Sendable, Codable, Equatable {
    /// The column.
    public var column: String
    /// The category; nil for numbers.
    public var category: String?
    /// The segment's mean, or the share of its customers with the category.
    public var inside: Double
    /// That of all others.
    public var outside: Double
    /// The standardised difference.
    public var effect: Double
    /// The share of chance findings among differences as clear.
    public var qValue: Double
  }

  /// One segment.
  public struct Profile: Sendable, Codable, Equatable {
    /// Its number.
    public var segment: Int
    /// A short name.
    public var name: Wording
    /// How many customers.
    public var size: Int
    /// Their share of all.
    public var share: Double
    /// What sets it apart, the greatest effect first.
    public var traits: [Trait]
  }

  /// The segments' profiles.
  ///
  /// - Throws: `SegmentationError.shapeMismatch` when there is not a segment for each customer.
  public func profiles(of table: CustomerTable, _ labels: [Int]) throws -> [Profile] {
    guard labels.count == table.ids.count else {
      throw SegmentationError.shapeMismatch(
        expected: "a segment for each of \(table.ids.count) customers", found: "\(labels.count)")
    }
    let count = (labels.max() ?? -1) + 1
    let sizes = Segments.sizes(labels, count)
    var found: [(segment: Int, trait: Trait)] = []
    for column in table.columns {
      switch column.values {
      case .numbers(let values): found += numbers(column.name, values, labels, count)
      case .categories(let values): found += shares(column.name, values, labels, sizes)
      }
    }
    let adjusted = HypothesisTests.benjaminiHochberg(found.map(\.trait.qValue))
    for index in found.indices { found[index].trait.qValue = adjusted[index] }
    let traits = (0..<count).map { segment in
      Array(
        found.filter {
          $0.segment == segment && abs($0.trait.effect) >= leastEffect && $0.trait.qValue <= largestQValue
        }.map(\.trait).sorted { abs($0.effect) > abs($1.effect) }.prefix(mostTraits))
    }
    let names = SegmentNaming.names(traits)
    return (0..<count).map { segment in
      Profile(
        segment: segment, name: names[segment], size: sizes[segment],
        share: Double(sizes[segment]) / Double(max(1, labels.count)), traits: traits[segment])
    }
  }

  private struct Moments {
    var count = 0.0
    var sum = 0.0
    var squares = 0.0
    var mean: Double { count > 0 ? sum / count : 0 }
    var variance: Double { count > 1 ? max(0, (squares - sum * sum / count) / (count - 1)) : 0 }
  }

  private func numbers(_ name: String, _ values: [Double], _ labels: [Int], _ count: Int) -> [(Int, Trait)] {
    let known = values.filter(\.isFinite)
    guard !known.isEmpty else { return [] }
    let middle = Statistics.mean(known)
    var own = [Moments](repeating: Moments(), count: count)
    for (row, value) in values.enumerated() where value.isFinite {
      // Around the middle, so that squares lose nothing.
      let shifted = value - middle
      own[labels[row]].count += 1
      own[labels[row]].sum += shifted
      own[labels[row]].squares += shifted * shifted
    }
    return (0..<count).compactMap { segment -> (Int, Trait)? in
      let (a, b) = (own[segment], others(own, than: segment))
      guard a.count > 1, b.count > 1 else { return nil }
      let pooled =
        ((a.count - 1) * a.variance + (b.count - 1) * b.variance) / (a.count + b.count - 2)
      guard pooled > 0 else { return nil }
      let (errorA, errorB) = (a.variance / a.count, b.variance / b.count)
      let error = errorA + errorB
      let freedom =
        error * error / (errorA * errorA / (a.count - 1) + errorB * errorB / (b.count - 1))
      let t = error > 0 ? (a.mean - b.mean) / error.squareRoot() : 0
      return (
        segment,
        Trait(
          column: name, category: nil, inside: a.mean + middle, outside: b.mean + middle,
          effect: (a.mean - b.mean) / pooled.squareRoot(),
          qValue: error > 0 ? StudentDistribution.twoSided(t, degreesOfFreedom: freedom) : 1)
      )
    }
  }

  private func others(_ moments: [Moments], than segment: Int) -> Moments {
    moments.enumerated().reduce(into: Moments()) { sum, entry in
      guard entry.offset != segment else { return }
      sum.count += entry.element.count
      sum.sum += entry.element.sum
      sum.squares += entry.element.squares
    }
  }

  /// Twice the smaller tail of Fisher's test.
  private func exact(both: Int, _ size: Int, _ all: Int, _ total: Int) -> Double {
    let tails = HypothesisTests.Alternative.allCases.map {
      HypothesisTests.fisherExact(both: both, first: size, second: all, total: total, $0)
    }
    return min(1, 2 * (tails.min() ?? 0.5))
  }

  private func shares(_ name: String, _ values: [String], _ labels: [Int], _ sizes: [Int]) -> [(Int, Trait)] {
    var counts: [String: [Int]] = [:]
    for (row, value) in values.enumerated() where !value.isEmpty {
      counts[value, default: [Int](repeating: 0, count: sizes.count)][labels[row]] += 1
    }
    let common = counts.sorted { ($1.value.reduce(0, +), $0.key) < ($0.value.reduce(0, +), $1.key) }.prefix(
      50)
    return common.flatMap { value, inSegments -> [(Int, Trait)] in
      let all = inSegments.reduce(0, +)
      return sizes.indices.compactMap { segment -> (Int, Trait)? in
        let (size, rest) = (sizes[segment], labels.count - sizes[segment])
        guard size > 0, rest > 0, all < labels.count else { return nil }
        let both = inSegments[segment]
        let (a, b) = (Double(both) / Double(size), Double(all - both) / Double(rest))
        let share = Double(all) / Double(labels.count)
        let isFew = min(Double(size), Double(rest)) * min(share, 1 - share) < 5
        let p =
          isFew
          ? exact(both: both, size, all, labels.count)
          : HypothesisTests.twoProportions(successes: both, of: size, versus: all - both, of: rest).pValue
        return (
          segment,
          Trait(
            column: name, category: value, inside: a, outside: b,
            effect: (a - b) / (share * (1 - share)).squareRoot(), qValue: p)
        )
      }
    }
  }
}

/// Short names from what sets segments apart.
enum SegmentNaming {
  /// A name for each segment; those that would be the same take another trait, or their number.
  static func names(_ traits: [[SegmentProfiles.Trait]]) -> [Wording] {
    var names = traits.map { name($0, 2) }
    for (index, own) in names.enumerated() where names.filter({ $0 == own }).count > 1 {
      names[index] = name(traits[index], 3)
    }
    for index in names.indices where names.filter({ $0 == names[index] }).count > 1 {
      names[index].zh += "(\(index + 1))"
      names[index].en += " (\(index + 1))"
    }
    return names
  }

  private static func name(_ traits: [SegmentProfiles.Trait], _ count: Int) -> Wording {
    var columns: Set<String> = []
    let chosen = traits.filter { columns.insert($0.column).inserted }.prefix(count)
    guard !chosen.isEmpty else { return Wording(zh: "无明显特征", en: "Nothing stands out") }
    return Wording(
      zh: chosen.map { words($0).zh }.joined(separator: "·"),
      en: chosen.map { words($0).en }.joined(separator: ", "))
  }

  private static func words(_ trait: SegmentProfiles.Trait) -> Wording {
    let (more, much) = (trait.effect > 0, abs(trait.effect) >= 1.5)
    if let category = trait.category {
      return Wording(
        zh: "\(more ? "多为" : "少有")\(category)", en: "\(more ? "mostly" : "rarely") \(category)")
    }
    return Wording(
      zh: "\(trait.column)\(much ? "很" : "较")\(more ? "高" : "低")",
      en: "\(much ? "very " : "")\(more ? "high" : "low") \(trait.column)")
  }
}
