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
    let vectors = vectors(data.descriptions, items)
    try context.checkpoint(step: 1, of: 1)
    return ContentModel(configuration, items: items, popularity: popularity, vectors: vectors)
  }

  /// Items × terms, rows of length one.
  private func vectors(_ descriptions: [ItemDescription], _ items: Vocabulary) -> SparseMatrix {
    var terms = Vocabulary()
    var (rows, columns, values): ([Int32], [Int32], [Float]) = ([], [], [])
    for entry in descriptions {
      guard let row = items.index(of: entry.item) else { continue }
      for word in Words.of(entry.text) {
        rows.append(row)
        columns.append(terms.insert(word))
        values.append(1)
      }
      for (name, value) in entry.features where configuration.attributeWeight > 0 {
        rows.append(row)
        // A blank never is in a word, so that an attribute cannot be mistaken for one.
        columns.append(terms.insert("\(name) = \(value)"))
        values.append(Float(configuration.attributeWeight))
      }
    }
    let counts = SparseMatrix(
      rows: items.count, columns: terms.count, rowIndices: rows, columnIndices: columns, values: values)
    return weighted(counts, described: descriptions.count)
  }

  private func weighted(_ counts: SparseMatrix, described: Int) -> SparseMatrix {
    var holders = [Float](repeating: 0, count: counts.columns)
    for column in counts.columnIndices { holders[Int(column)] += 1 }
    // Two items are needed for a word to be common.
    let most = max(2, Float(Double(described) * configuration.commonestShare))
    let inverse = holders.map { $0 > most ? 0 : log1p(Float(described) / $0) }
    let meanLength = counts.values.reduce(0, +) / Float(max(1, described))
    var result = counts
    for row in 0..<counts.rows {
      let range = counts.rowStarts[row]..<counts.rowStarts[row + 1]
      let length = counts.values[range].reduce(0, +)
      var squares: Float = 0
      for entry in range {
        let frequency = counts.values[entry]
        let saturated: Float
        switch configuration.weighting {
        case .tfidf: saturated = 1 + log(max(1, frequency))
        case .bm25(let k1, let b):
          let relative = Float(1 - b) + Float(b) * length / meanLength
          saturated = frequency * Float(k1 + 1) / (frequency + Float(k1) * relative)
        }
        result.values[entry] = saturated * inverse[Int(counts.columnIndices[entry])]
        squares += result.values[entry] * result.values[entry]
      }
      for entry in range where squares > 0 { result.values[entry] /= squares.squareRoot() }
    }
    return result
  }
}

/// Words of a text.
enum Words {
  /// Runs of letters and digits in lower case; of scripts without blanks, pairs of neighbouring characters and single ones
  /// where they stand alone.
  static func of(_ text: String) -> [String] {
    var words: [String] = []
    var run = ""
    var ideographs: [Unicode.Scalar] = []
    func end() {
      if !run.isEmpty { words.append(run) }
      run = ""
      if ideographs.count == 1 { words.append(String(ideographs[0])) }
      for (first, second) in zip(ideographs, ideographs.dropFirst()) {
        var pair = String.UnicodeScalarView()
        pair.append(first)
        pair.append(second)
        words.append(String(pair))
      }
      ideographs = []
    }
    for scalar in text.lowercased().unicodeScalars {
      if isIdeograph(scalar) {
        if !run.isEmpty { end() }
        ideographs.append(scalar)
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        if !ideographs.isEmpty { end() }
        run.unicodeScalars.append(scalar)
      } else {
        end()
      }
    }
    end()
    return words
  }

  /// Han, kana and Hangul.
  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF,
      0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
