import Foundation
import Learning
import MathKernels

/// Counts in how many documents each term stands, and weighs terms by it: TF-IDF.
///
/// ```swift
/// let model = try await TermStatistics().fit([["screen", "good"], ["screen", "bad"]], context: FitContext())
/// model.inverseDocumentFrequency(of: "bad")   // ln(3 / 2) + 1
/// ```
/// The weight is tf · (ln((1 + n) / (1 + df)) + 1), each document's vector of unit length: scikit-learn's `TfidfVectorizer`.
/// Source: Spärck Jones (1972), https://doi.org/10.1108/eb026526
/// - Complexity: O(terms).
/// - Throws: `TextError.notEnoughData` when no term is frequent enough, `TextError.invalidParameter`.
public struct TermStatistics: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// A term that stands in fewer documents is left out.
    public var leastDocuments: Int
    /// A term that stands in a larger share of the documents is left out.
    public var greatestShare: Double
    /// At most so many terms are kept, those in most documents first.
    public var vocabularySize: Int
    /// Whether counts enter by 1 + ln(tf).
    public var logarithmicCounts: Bool

    /// Settings.
    public init(
      leastDocuments: Int = 1, greatestShare: Double = 1, vocabularySize: Int = 100_000,
      logarithmicCounts: Bool = false
    ) {
      (self.leastDocuments, self.greatestShare) = (leastDocuments, greatestShare)
      (self.vocabularySize, self.logarithmicCounts) = (vocabularySize, logarithmicCounts)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// Statistics with these settings.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// Counts the terms of documents.
  public func fit(_ data: [[String]], context: FitContext) async throws -> TermStatisticsModel {
    try fit(data)
  }

  /// The same for callers that cannot wait.
  public func fit(_ data: [[String]]) throws -> TermStatisticsModel {
    guard configuration.vocabularySize > 0 else {
      throw TextError.invalidParameter(
        name: "vocabularySize", value: "\(configuration.vocabularySize)", expected: "at least 1")
    }
    var counts: [String: Int] = [:]
    for document in data { for term in Set(document) { counts[term, default: 0] += 1 } }
    let most = configuration.greatestShare * Double(data.count)
    let kept = counts.filter { $0.value >= configuration.leastDocuments && Double($0.value) <= most }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(configuration.vocabularySize)
      .sorted { $0.key < $1.key }
    guard !kept.isEmpty else {
      throw TextError.notEnoughData(
        what: "terms in \(configuration.leastDocuments) documents or more", needed: 1, found: 0)
    }
    return TermStatisticsModel(
      terms: kept.map(\.key), documentCounts: kept.map { Int32($0.value) }, documents: data.count,
      logarithmicCounts: configuration.logarithmicCounts)
  }
}

/// In how many documents each term stands.
public struct TermStatisticsModel: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// The terms in alphabetical order.
  public let terms: [String]
  /// How many documents there were.
  public let documents: Int
  @Packed private var documentCounts: [Int32]
  private let logarithmicCounts: Bool
  private let indices: [String: Int32]

  private enum CodingKeys: String, CodingKey { case terms, documents, documentCounts, logarithmicCounts }

  init(terms: [String], documentCounts: [Int32], documents: Int, logarithmicCounts: Bool) {
    (self.terms, self.documents, self.logarithmicCounts) = (terms, documents, logarithmicCounts)
    self.documentCounts = documentCounts
    indices = Dictionary(zip(terms, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// Loads the statistics.
  ///
  /// - Throws: `LearningError.corruptModel`, `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let terms = try container.decode([String].self, forKey: .terms)
    let counts = try container.decode(Packed<Int32>.self, forKey: .documentCounts).wrappedValue
    guard terms.count == counts.count else {
      throw LearningError.corruptModel(reason: "there are \(terms.count) terms and \(counts.count) counts")
    }
    self.init(
      terms: terms, documentCounts: counts, documents: try container.decode(Int.self, forKey: .documents),
      logarithmicCounts: try container.decode(Bool.self, forKey: .logarithmicCounts))
  }

  /// Saves the statistics.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(terms, forKey: .terms)
    try container.encode(documents, forKey: .documents)
    try container.encode(_documentCounts, forKey: .documentCounts)
    try container.encode(logarithmicCounts, forKey: .logarithmicCounts)
  }

  /// The place of a term; nil when it is not known.
  public func index(of term: String) -> Int? { indices[term].map(Int.init) }

  /// In how many documents a term stands.
  public func documentCount(of term: String) -> Int { index(of: term).map { Int(documentCounts[$0]) } ?? 0 }

  /// How rare a term is: ln((1 + n) / (1 + df)) + 1; an unknown term is the rarest.
  public func inverseDocumentFrequency(of term: String) -> Double {
    log(Double(1 + documents) / Double(1 + documentCount(of: term))) + 1
  }

  /// The TF-IDF vectors of documents, one row of unit length each; a document without known terms is a row of zeros.
  public func vectors(of documents: [[String]]) -> SparseMatrix {
    var (starts, columns, values): ([Int], [Int32], [Float]) = ([0], [], [])
    for document in documents {
      for (column, value) in vector(of: document) {
        columns.append(column)
        values.append(value)
      }
      starts.append(columns.count)
    }
    return SparseMatrix(
      rows: documents.count, columns: terms.count, rowStarts: starts, columnIndices: columns, values: values)
  }

  private func vector(of document: [String]) -> [(Int32, Float)] {
    var counts: [Int32: Int] = [:]
    for term in document { if let index = indices[term] { counts[index, default: 0] += 1 } }
    let weighted = counts.map { index, count in
      let frequency = logarithmicCounts ? 1 + log(Double(count)) : Double(count)
      let rarity = log(Double(1 + documents) / Double(1 + documentCounts[Int(index)])) + 1
      return (index, frequency * rarity)
    }.sorted { $0.0 < $1.0 }
    let length = weighted.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
    return weighted.map { ($0.0, Float($0.1 / length)) }
  }
}
