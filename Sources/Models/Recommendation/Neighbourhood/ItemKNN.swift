import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends items like those of the history: item-based nearest neighbours.
///
/// ```swift
/// let model = try await ItemKNN(.init(similarity: .bm25(k1: 1.2, b: 0.2), neighbours: 250))
///   .fit(interactions, context: FitContext())
/// model.similarItems(to: "tea", count: 5)
/// ```
/// Items are rows over users. Cosine takes the weights as they are; TF-IDF takes their square roots times the inverse
/// frequency of the user, then the cosine; BM25 weights items as documents and users as terms and takes the inner product.
/// Each item keeps its `neighbours` most similar others. `score(j) = Σ over the history of weight(i) · similarity(i, j)`.
///
/// Sources: Sarwar and others (2001), https://doi.org/10.1145/371920.372071; Deshpande and Karypis (2004),
/// https://doi.org/10.1145/963770.963776 for the neighbourhoods. The inverse frequency is never negative here.
///
/// - Complexity: O(Σ over users of (items of the user)²) to fit, O(history × neighbours + items) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct ItemKNN: Estimator {
  /// How the likeness of two items is measured.
  public enum Similarity: Sendable, Codable, Equatable {
    /// The cosine of the weights.
    case cosine
    /// The cosine of TF-IDF weights.
    case tfidf
    /// The inner product of BM25 weights.
    case bm25(k1: Double, b: Double)
  }

  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How likeness is measured.
    public var similarity: Similarity
    /// How many neighbours each item keeps.
    public var neighbours: Int
    /// Added to the denominator of a cosine, so that likeness seen on few users counts less.
    public var shrink: Double

    /// By default BM25 with 250 neighbours.
    public init(similarity: Similarity = .bm25(k1: 1.2, b: 0.2), neighbours: Int = 250, shrink: Double = 0) {
      self.similarity = similarity
      self.neighbours = neighbours
      self.shrink = shrink
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Finds each item's neighbours.
  public func fit(_ data: Interactions, context: FitContext) async throws -> ItemKNNModel {
    try validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 1)
    let byItem = weighted(data.matrix.transposed())
    let isInnerProduct = if case .bm25 = configuration.similarity { true } else { false }
    let nearest = byItem.nearestRows(
      configuration.neighbours, normalized: !isInnerProduct, shrink: Float(configuration.shrink))
    try context.checkpoint(step: 1, of: 1)
    return ItemKNNModel(
      configuration, items: data.items, popularity: Popularity.scores(data), nearest: nearest)
  }

  private func validate() throws {
    guard configuration.neighbours > 0 else {
      throw LearningError.invalidParameter(
        name: "neighbours", value: "\(configuration.neighbours)", expected: "a positive number")
    }
    guard configuration.shrink >= 0, configuration.shrink.isFinite else {
      throw LearningError.invalidParameter(
        name: "shrink", value: "\(configuration.shrink)", expected: "a number of at least 0")
    }
    if case .bm25(let k1, let b) = configuration.similarity, !(k1 > 0 && k1.isFinite && (0...1).contains(b)) {
      throw LearningError.invalidParameter(
        name: "similarity", value: "bm25(k1: \(k1), b: \(b))", expected: "a positive k1 and a b from 0 to 1")
    }
  }

  private func weighted(_ matrix: SparseMatrix) -> SparseMatrix {
    if case .cosine = configuration.similarity { return matrix }
    var userCounts = [Double](repeating: 0, count: matrix.columns)
    for column in matrix.columnIndices { userCounts[Int(column)] += 1 }
    let inverseFrequency = userCounts.map { Float(max(0, log(Double(matrix.rows)) - log1p($0))) }
    let sums = (0..<matrix.rows).map { matrix.row($0).values.reduce(0, +) }
    let meanSum = max(sums.reduce(0, +) / Float(max(1, matrix.rows)), .leastNormalMagnitude)
    var result = matrix
    for row in 0..<matrix.rows {
      for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
        let frequency = inverseFrequency[Int(matrix.columnIndices[entry])]
        let value = matrix.values[entry]
        if case .bm25(let k1, let b) = configuration.similarity {
          let length = Float(1 - b) + Float(b) * sums[row] / meanSum
          result.values[entry] = value * Float(k1 + 1) / (Float(k1) * length + value) * frequency
        } else {
          result.values[entry] = value.squareRoot() * frequency
        }
      }
    }
    return result
  }
}

/// What `ItemKNN` learned: each item's neighbours with their similarities.
public struct ItemKNNModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ItemKNN.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var counts: [Float]
  @Packed private var rowStarts: [Int64]
  @Packed private var columns: [Int32]
  @Packed private var values: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(_ configuration: ItemKNN.Configuration, items: Vocabulary, popularity: [Float], nearest: SparseMatrix)
  {
    self.configuration = configuration
    self.items = items
    counts = popularity
    rowStarts = nearest.rowStarts.map(Int64.init)
    columns = nearest.columnIndices
    values = nearest.values
  }

  /// Sums the similarities to the items of the history.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          for (item, weight) in zip(history.items, history.weights) where weight > 0 {
            for entry in Int(rowStarts[Int(item)])..<Int(rowStarts[Int(item) + 1]) {
              sums[Int(columns[entry])] += weight * values[entry]
            }
          }
        }
      }
      if let sums = sums.baseAddress { Vectors.keepPositive(sums, width) }
    }
  }

  /// Weight times similarity for each entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    items.map { item in
      zip(history.items, history.weights).map { source, weight in
        weight > 0 ? weight * similarity(from: Int(source), to: item) : 0
      }
    }
  }

  private func similarity(from source: Int, to item: Int32) -> Float {
    let range = Int(rowStarts[source])..<Int(rowStarts[source + 1])
    return columns.withUnsafeBufferPointer { columns in
      let row = UnsafeBufferPointer(rebasing: columns[range])
      let place = TransitionModel.lowerBound(row, item)
      return place < row.count && row[place] == item ? values[range.lowerBound + place] : 0
    }
  }

  /// The kept similarities of the item.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
    for entry in Int(rowStarts[Int(item)])..<Int(rowStarts[Int(item) + 1]) {
      scores[Int(columns[entry])] = values[entry]
    }
  }
}
