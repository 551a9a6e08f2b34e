import Commerce
import Foundation
import Learning
import MathKernels

/// Interactions with a vector for each item that has one: of its picture, of its place in a graph, of its text.
public struct VectorInteractions: Sendable {
  /// Users × items × time × weight.
  public var interactions: Interactions
  /// The vectors by item, all of one length; items without interactions may be among them.
  public var vectors: [String: [Float]]

  /// Interactions and vectors.
  public init(_ interactions: Interactions, vectors: [String: [Float]]) {
    self.interactions = interactions
    self.vectors = vectors
  }
}

/// Recommends items whose vectors point where those of the history do: for items that nobody has dealt with yet.
///
/// ```swift
/// let data = VectorInteractions(interactions, vectors: ["sneaker": encoder.vector(of: picture)])
/// let model = try await VectorSimilarity().fit(data, context: FitContext())
/// model.recommend(for: ["boot"], count: 10)
/// ```
/// `score(j) = Σ over the history of weight(i) · s(i, j) / Σ weight(i)`, with s the cosine of the vectors less their common mean,
/// or its positive part to the power of `sharpness`. Items without a vector have no score.
///
/// Source: the cosine of item profiles in content-based filtering, Pazzani and Billsus (2007),
/// https://doi.org/10.1007/978-3-540-72079-9_10; subtracting the mean: Mu and Viswanath (2018),
/// https://arxiv.org/abs/1702.01417.
///
/// - Complexity: O(items × size) to fit, O(history × items × size) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range or vectors of different lengths or that are not
///   finite, `notEnoughData` without a vector.
public struct VectorSimilarity: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// Whether the mean of all vectors is taken off each.
    public var centred: Bool
    /// To what power a likeness counts: above 1 the nearest items of the history speak loudest. At 1 the cosine itself counts.
    public var sharpness: Double

    /// By default the cosine of centred vectors.
    public init(centred: Bool = true, sharpness: Double = 1) {
      self.centred = centred
      self.sharpness = sharpness
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Brings all vectors to length one.
  public func fit(_ data: VectorInteractions, context: FitContext) async throws -> VectorSimilarityModel {
    try SettingCheck.require("sharpness", configuration.sharpness, 0.1...100)
    guard let size = data.vectors.values.first?.count, size > 0 else {
      throw LearningError.notEnoughData(needed: "at least one item with a vector", found: "none")
    }
    for (item, vector) in data.vectors {
      guard vector.count == size, vector.allSatisfy(\.isFinite) else {
        throw LearningError.invalidParameter(
          name: "vector of \(item)", value: "\(vector.count) numbers", expected: "\(size) finite numbers")
      }
    }
    try context.checkpoint(step: 0, of: 1)
    var items = data.interactions.items
    for item in data.vectors.keys.sorted() { _ = items.insert(item) }
    var popularity = Popularity.scores(data.interactions)
    popularity += [Float](repeating: 0, count: items.count - popularity.count)
    let vectors = unitVectors(data.vectors, items, size)
    try context.checkpoint(step: 1, of: 1)
    return VectorSimilarityModel(
      configuration, items: items, popularity: popularity, size: size, vectors: vectors)
  }

  /// One row for each item: of length one, or zero where there is no vector.
  private func unitVectors(_ vectors: [String: [Float]], _ items: Vocabulary, _ size: Int) -> [Float] {
    var rows = [Float](repeating: 0, count: items.count * size)
    var mean = [Double](repeating: 0, count: size)
    if configuration.centred, vectors.count > 1 {
      for item in items.ids {
        for (index, value) in (vectors[item] ?? []).enumerated() {
          mean[index] += Double(value) / Double(vectors.count)
        }
      }
    }
    for (row, item) in items.ids.enumerated() {
      guard let vector = vectors[item] else { continue }
      let moved = zip(vector, mean).map { Double($0) - $1 }
      let length = moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0, length.isFinite else { continue }
      for (index, value) in moved.enumerated() { rows[row * size + index] = Float(value / length) }
    }
    return rows
  }
}

/// What `VectorSimilarity` learned: the items' vectors, of length one.
public struct VectorSimilarityModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: VectorSimilarity.Configuration
  /// The items known to the model, those without interactions among them.
  public let items: Vocabulary
  /// How many numbers a vector has.
  public let size: Int
  @Packed private var counts: [Float]
  @Packed private var vectors: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(
    _ configuration: VectorSimilarity.Configuration, items: Vocabulary, popularity: [Float], size: Int,
    vectors: [Float]
  ) {
    self.configuration = configuration
    self.items = items
    self.size = size
    counts = popularity
    self.vectors = vectors
  }

  /// Whether each item has a vector.
  private var isPlaced: [Bool] {
    (0..<items.count).map { row in vectors[row * size..<(row + 1) * size].contains { $0 != 0 } }
  }

  /// The entries of a history that speak: of positive weight, with a vector.
  private func speaking(_ history: CodedHistory, _ isPlaced: [Bool]) -> [Int] {
    history.items.indices.filter { history.weights[$0] > 0 && isPlaced[Int(history.items[$0])] }
  }

  private func sharpened(_ cosine: Float) -> Float {
    configuration.sharpness == 1 ? cosine : pow(max(0, cosine), Float(configuration.sharpness))
  }

  private func row(_ item: Int32) -> ArraySlice<Float> { vectors[Int(item) * size..<(Int(item) + 1) * size] }

  /// The likenesses of some items (rows) with all items.
  private func likenesses(_ rows: [Int32]) -> [Float] {
    let width = items.count
    var found = [Float](repeating: 0, count: rows.count * width)
    let gathered = rows.flatMap { row($0) }
    if !rows.isEmpty {
      Float.gemm(
        false, true, rows.count, width, size, 1, gathered, size, vectors, size, 0, &found, width)
    }
    return found
  }

  /// The weighted mean of the likenesses with the items of the history.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let (width, isPlaced) = (items.count, isPlaced)
    for (row, history) in histories.enumerated() {
      let own = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      let speaking = speaking(history, isPlaced)
      guard !speaking.isEmpty else {
        own.update(repeating: -.infinity)
        continue
      }
      own.update(repeating: 0)
      let total = speaking.reduce(Float(0)) { $0 + history.weights[$1] }
      let found = likenesses(speaking.map { history.items[$0] })
      for (place, entry) in speaking.enumerated() {
        let share = history.weights[entry] / total
        for index in 0..<width { own[index] += share * sharpened(found[place * width + index]) }
      }
      for index in 0..<width where !isPlaced[index] { own[index] = -.infinity }
    }
  }

  /// Weight times likeness over the sum of weights, for each entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    let speaking = speaking(history, isPlaced)
    let total = speaking.reduce(Float(0)) { $0 + history.weights[$1] }
    return items.map { item in
      var parts = [Float](repeating: 0, count: history.items.count)
      for entry in speaking {
        let cosine = zip(row(history.items[entry]), row(item)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        parts[entry] = history.weights[entry] / total * sharpened(cosine)
      }
      return parts
    }
  }

  /// The cosine with the item.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    let isPlaced = isPlaced
    let found = likenesses([item])
    for index in scores.indices {
      scores[index] = isPlaced[index] && isPlaced[Int(item)] ? found[index] : -.infinity
    }
  }
}

extension VectorSimilarityModel {
  private enum CodingKeys: String, CodingKey { case configuration, items, size, counts, vectors }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try values.decode(VectorSimilarity.Configuration.self, forKey: .configuration)
    items = try values.decode(Vocabulary.self, forKey: .items)
    size = try values.decode(Int.self, forKey: .size)
    _counts = try values.decode(Packed<Float>.self, forKey: .counts)
    _vectors = try values.decode(Packed<Float>.self, forKey: .vectors)
    guard size > 0, counts.count == items.count, vectors.count == items.count * size else {
      throw LearningError.corruptModel(
        reason: "it has not one vector and one popularity for each of its items")
    }
  }
}
