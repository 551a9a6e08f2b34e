import Commerce
import Foundation
import Learning
import MathKernels

/// What is known of an item besides who dealt with it.
public struct ItemDescription: Sendable, Codable, Equatable {
  /// The item's external id.
  public var item: String
  /// Words: its name, its text.
  public var text: String
  /// Attributes by name, such as its brand.
  public var attributes: [String: String]
  /// Attributes with several values by name, such as its genres.
  public var lists: [String: [String]]

  /// An item described.
  public init(
    _ item: String, text: String, attributes: [String: String] = [:], lists: [String: [String]] = [:]
  ) {
    self.item = item
    self.text = text
    self.attributes = attributes
    self.lists = lists
  }

  /// Each name with each of its values, in a fixed order.
  var features: [(name: String, value: String)] {
    (attributes.map { ($0.key, $0.value) } + lists.flatMap { name, values in Set(values).map { (name, $0) } })
      .sorted { $0 < $1 }
  }
}

/// Interactions with what is known of the items, those without interactions among them.
public struct DescribedInteractions: Sendable {
  /// Users × items × time × weight.
  public var interactions: Interactions
  /// The items of the catalogue.
  public var descriptions: [ItemDescription]

  /// Interactions and descriptions.
  public init(_ interactions: Interactions, descriptions: [ItemDescription]) {
    self.interactions = interactions
    self.descriptions = descriptions
  }
}

/// Recommends items whose words and attributes are like those of the history: for items that nobody has dealt with yet.
///
/// ```swift
/// let catalogue = [ItemDescription("green", text: "green tea, loose", attributes: ["brand": "Leaf"])]
/// let model = try await ContentSimilarity().fit(
///   DescribedInteractions(interactions, descriptions: catalogue), context: FitContext())
/// model.recommend(for: ["black tea"], count: 10)
/// ```
/// An item is a vector over words and attributes, weighted by TF-IDF or BM25 and of length one.
/// `score(j) = Σ over the history of weight(i) · cosine(i, j)`. Words are runs of letters and digits in lower case; in scripts
/// that are written without blanks, pairs of neighbouring characters. The most popular items fill a list, as everywhere.
///
/// Sources: Salton and Buckley (1988), https://doi.org/10.1016/0306-4573(88)90021-0; Robertson and Zaragoza (2009),
/// https://doi.org/10.1561/1500000019.
///
/// - Complexity: O(words) to fit; O(Σ over the history's words of (items with the word) + items) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without described items.
public struct ContentSimilarity: Estimator {
  /// How a word counts.
  public enum TermWeighting: Sendable, Codable, Equatable {
    /// `(1 + ln tf) · idf`.
    case tfidf
    /// Saturating in tf, less for long texts.
    case bm25(k1: Double, b: Double)
  }

  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How a word counts.
    public var weighting: TermWeighting
    /// How often an attribute counts as a word would.
    public var attributeWeight: Double
    /// Words in more than this share of the items say nothing.
    public var commonestShare: Double

    /// By default BM25, attributes counting double.
    public init(
      weighting: TermWeighting = .bm25(k1: 1.2, b: 0.75), attributeWeight: Double = 2,
      commonestShare: Double = 0.5
    ) {
      self.weighting = weighting
      self.attributeWeight = attributeWeight
      self.commonestShare = commonestShare
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Weighs the words of all items.
  public func fit(_ data: DescribedInteractions, context: FitContext) async throws -> ContentModel {
    try SettingCheck.require("attributeWeight", configuration.attributeWeight, 0...1000)
    try SettingCheck.require("commonestShare", configuration.commonestShare, 0...1)
    if case .bm25(let k1, let b) = configuration.weighting {
      try SettingCheck.require("k1", k1, 1e-6...1e6)
      try SettingCheck.require("b", b, 0...1)
    }
    guard !data.descriptions.isEmpty else {
      throw LearningError.notEnoughData(needed: "at least one described item", found: "none")
    }
    try context.checkpoint(step: 0, of: 1)
    var items = data.interactions.items
    var popularity = Popularity.scores(data.interactions)
    for entry in data.descriptions { _ = items.insert(entry.item) }
    popularity += [Float](repeating: 0, count: items.count - popularity.count)
    let (weights, vectors) = TermWeights.learned(configuration, data.descriptions, items)
    try context.checkpoint(step: 1, of: 1)
    return ContentModel(
      configuration, items: items, popularity: popularity, weights: weights, vectors: vectors)
  }
}
