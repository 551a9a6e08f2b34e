import Commerce
import Foundation
import Learning
import MathKernels

/// The words and attributes of a catalogue with what each counts.
struct TermWeights: Sendable, Codable, Equatable {
  /// The entries of one vector, in ascending order of term.
  struct Vector: Sendable, Codable, Equatable {
    @Packed var terms: [Int32]
    @Packed var values: [Float]
  }

  private let configuration: ContentSimilarity.Configuration
  private(set) var terms: Vocabulary
  /// The inverse frequency of each term; 0 for one that is too common to say anything.
  @Packed private var inverse: [Float]
  private let meanLength: Float
  private let described: Int

  /// The weights of the terms of some descriptions, and the items' vectors: items × terms, rows of length one.
  static func learned(
    _ configuration: ContentSimilarity.Configuration, _ descriptions: [ItemDescription], _ items: Vocabulary
  ) -> (weights: TermWeights, vectors: SparseMatrix) {
    var terms = Vocabulary()
    var (rows, columns, values): ([Int32], [Int32], [Float]) = ([], [], [])
    for entry in descriptions {
      guard let row = items.index(of: entry.item) else { continue }
      for (term, count) in occurrences(entry, configuration) {
        rows.append(row)
        columns.append(terms.insert(term))
        values.append(count)
      }
    }
    var matrix = SparseMatrix(
      rows: items.count, columns: terms.count, rowIndices: rows, columnIndices: columns, values: values)
    let weights = TermWeights(configuration, terms, matrix, described: descriptions.count)
    for row in 0..<matrix.rows {
      let range = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
      matrix.values.replaceSubrange(
        range, with: weights.weighted(Array(matrix.columnIndices[range]), Array(matrix.values[range])))
    }
    return (weights, matrix)
  }

  private init(
    _ configuration: ContentSimilarity.Configuration, _ terms: Vocabulary, _ counts: SparseMatrix,
    described: Int
  ) {
    self.configuration = configuration
    self.terms = terms
    self.described = described
    var holders = [Float](repeating: 0, count: counts.columns)
    for column in counts.columnIndices { holders[Int(column)] += 1 }
    // Two items are needed for a word to be common.
    let most = max(2, Float(Double(described) * configuration.commonestShare))
    inverse = holders.map { $0 > most ? 0 : log1p(Float(described) / $0) }
    meanLength = max(1, counts.values.reduce(0, +) / Float(max(1, described)))
  }

  /// The words and attributes of an item with how often each counts.
  private static func occurrences(
    _ entry: ItemDescription, _ configuration: ContentSimilarity.Configuration
  ) -> [(term: String, count: Float)] {
    var found = Words.of(entry.text).map { ($0, Float(1)) }
    for (name, value) in entry.features where configuration.attributeWeight > 0 {
      // A blank never is in a word, so that an attribute cannot be mistaken for one.
      found.append(("\(name) = \(value)", Float(configuration.attributeWeight)))
    }
    return found
  }

  /// The vector of an item that was not learned from; words never seen before are as rare as can be.
  mutating func vector(of entry: ItemDescription) -> Vector {
    var counts: [Int32: Float] = [:]
    for (term, count) in Self.occurrences(entry, configuration) {
      let index = terms.insert(term)
      if Int(index) == inverse.count { inverse.append(log1p(Float(max(1, described)))) }
      counts[index, default: 0] += count
    }
    let columns = counts.keys.sorted()
    return Vector(terms: columns, values: weighted(columns, columns.map { counts[$0] ?? 0 }))
  }

  /// The weights of one item's terms, scaled to length one.
  private func weighted(_ columns: [Int32], _ counts: [Float]) -> [Float] {
    let length = counts.reduce(0, +)
    var squares: Float = 0
    var weights = zip(columns, counts).map { column, frequency in
      let saturated: Float
      switch configuration.weighting {
      case .tfidf: saturated = 1 + log(max(1, frequency))
      case .bm25(let k1, let b):
        let relative = Float(1 - b) + Float(b) * length / meanLength
        saturated = frequency * Float(k1 + 1) / (frequency + Float(k1) * relative)
      }
      let weight = saturated * inverse[Int(column)]
      squares += weight * weight
      return weight
    }
    if squares > 0 { for index in weights.indices { weights[index] /= squares.squareRoot() } }
    return weights
  }
}
