import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends by the largest singular vectors of users × items, everything unknown counting as zero.
///
/// ```swift
/// let model = try await PureSVD(.init(embeddingSize: 50)).fit(interactions, context: FitContext(seed: 7))
/// model.recommend(for: ["tea", "milk"], count: 10)   // any history: it is projected on the items' vectors
/// ```
/// With V the right singular vectors of the largest singular values, `score(j) = Σ over the history of weight(i) · v(i) · v(j)`.
/// Columns may be divided by their length to the power of `1 − columnScaling` first, which holds popular items back.
///
/// Sources: Cremonesi, Koren and Turrin (2010), https://doi.org/10.1145/1864708.1864721; the vectors by randomized subspace
/// iteration after Halko, Martinsson and Tropp (2011), https://doi.org/10.1137/090771806; the scaling after Nikolakopoulos and
/// others (2019), https://doi.org/10.1007/s10115-018-1197-7.
///
/// - Complexity: O(iterations × (interactions × f + items × f²)), f the embedding's size, on all cores.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct PureSVD: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers describe an item; no more than there are users or items.
    public var embeddingSize: Int
    /// How often the subspace is multiplied with the data.
    public var iterations: Int
    /// 1 leaves columns as they are, 0 makes them all of length one.
    public var columnScaling: Double
    /// How an item that a user dealt with counts.
    public var weighting: InteractionWeighting

    /// By default fifty numbers and eight iterations.
    public init(
      embeddingSize: Int = 50, iterations: Int = 8, columnScaling: Double = 1,
      weighting: InteractionWeighting = .binary
    ) {
      self.embeddingSize = embeddingSize
      self.iterations = iterations
      self.columnScaling = columnScaling
      self.weighting = weighting
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Iterates the subspace.
  public func fit(_ data: Interactions, context: FitContext) async throws -> PureSVDModel {
    try SettingCheck.require("embeddingSize", configuration.embeddingSize, 1...4096)
    try SettingCheck.require("iterations", configuration.iterations, 1...1000)
    try SettingCheck.require("columnScaling", configuration.columnScaling, -2...2)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.iterations)
    var matrix = configuration.weighting.matrix(data)
    let scales = Self.scales(matrix, configuration.columnScaling)
    for entry in matrix.values.indices { matrix.values[entry] *= scales[Int(matrix.columnIndices[entry])] }
    let vectors = try SingularVectors(matrix, count: configuration.embeddingSize, seed: context.seed).run(
      iterations: configuration.iterations
    ) { try context.checkpoint(step: $0, of: configuration.iterations) }
    return PureSVDModel(configuration, data, vectors, scales: scales)
  }

  /// What columns are multiplied with: their length to the power of `scaling − 1`.
  private static func scales(_ matrix: SparseMatrix, _ scaling: Double) -> [Float] {
    guard scaling != 1 else { return [Float](repeating: 1, count: matrix.columns) }
    return matrix.transposed().rowNorms().map { $0 > 0 ? Float(pow(Double($0), scaling - 1)) : 0 }
  }
}

/// What `PureSVD` learned: a vector per item.
public struct PureSVDModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: PureSVD.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  /// The largest singular values, descending.
  public let singularValues: [Double]
  @Packed private var counts: [Float]
  @Packed private var scales: [Float]
  @Packed private var vectors: [Float]
  private let size: Int

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(
    _ configuration: PureSVD.Configuration, _ data: Interactions, _ found: SingularVectors.Result,
    scales: [Float]
  ) {
    self.configuration = configuration
    items = data.items
    counts = Popularity.scores(data)
    singularValues = found.values
    vectors = found.vectors.elements
    size = found.vectors.columns
    self.scales = scales
  }

  /// Projects each history and multiplies with all items.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let (width, size) = (items.count, size)
    var users = [Float](repeating: 0, count: histories.count * size)
    users.withUnsafeMutableBufferPointer { users in
      vectors.withUnsafeBufferPointer { vectors in
        guard let users = users.baseAddress, let vectors = vectors.baseAddress,
          let output = scores.baseAddress
        else { return }
        for (row, history) in histories.enumerated() {
          for (item, share) in zip(history.items, configuration.weighting.shares(history)) where share > 0 {
            Vectors.addProduct(
              share * scales[Int(item)], vectors + Int(item) * size, to: users + row * size, size)
          }
        }
        // One pass over the items' vectors for all histories. A general product would first copy them for its own layout,
        // which for the one history of a page takes longer than the products.
        for item in 0..<width {
          for row in 0..<histories.count {
            output[row * width + item] = Vectors.dot(users + row * size, vectors + item * size, size)
          }
        }
      }
    }
    let counts = counts
    for (row, history) in histories.enumerated() {
      let own = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      if history.isEmpty {
        own.update(repeating: -.infinity)
      } else {
        for index in 0..<width where !(counts[index] > 0 && own[index].isFinite) { own[index] = -.infinity }
      }
    }
  }

  /// Share times the product of the two items' vectors.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    let shares = configuration.weighting.shares(history)
    return vectors.withUnsafeBufferPointer { vectors in
      guard let base = vectors.baseAddress else { return items.map { _ in [] } }
      return items.map { item in
        zip(history.items, shares).map { source, share in
          share > 0
            ? share * scales[Int(source)]
              * Vectors.dot(base + Int(source) * size, base + Int(item) * size, size) : 0
        }
      }
    }
  }

  /// The cosine of the items' vectors, less for items that few have dealt with.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    VectorLikeness.score(item, vectors, size: size, popularity: popularity, into: scores)
  }
}
