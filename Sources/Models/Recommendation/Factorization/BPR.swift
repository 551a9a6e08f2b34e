import Commerce
import Foundation
import Learning
import MathKernels

/// Matrix factorization that learns from pairs: what a user dealt with shall score above what the user did not.
///
/// ```swift
/// let model = try await BPR(.init(embeddingSize: 64)).fit(interactions, context: FitContext(seed: 7))
/// model.recommend(for: ["tea", "milk"], count: 10)   // any history: its vector is learned when it is asked
/// ```
/// Maximizes `Σ ln σ(s(u, i) − s(u, j)) − λ(|xᵤ|² + |yᵢ|² + |yⱼ|² + b(i)² + b(j)²)` by stochastic gradients, with
/// `s(u, i) = b(i) + xᵤ·yᵢ`, i an item of the user and j one drawn among all others. One thread goes through the draws, so that
/// the same seed gives the same model.
///
/// A user is what the history says: after training, vectors of histories are learned by the same steps on fixed items, in
/// draws that depend on the history alone. Each step is owed to one item of the history, so the parts of a score add up.
///
/// Source: Rendle, Freudenthaler, Gantner and Schmidt-Thieme (2009), https://arxiv.org/abs/1205.2618. The learning rate
/// falls linearly to a tenth.
///
/// - Complexity: O(epochs × interactions × f) to fit, f the embedding's size, on one core;
///   O(foldingEpochs × history × f + items × f) to score.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct BPR: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// f: how many numbers describe a user or an item.
    public var embeddingSize: Int
    /// How often as many pairs are drawn as there are interactions.
    public var epochs: Int
    /// The length of a step.
    public var learningRate: Double
    /// λ: the strength of the regularization.
    public var regularization: Double
    /// How many times a history is gone through to learn its vector.
    public var foldingEpochs: Int

    /// The defaults do well on MovieLens 100K.
    public init(
      embeddingSize: Int = 64, epochs: Int = 60, learningRate: Double = 0.05, regularization: Double = 0.01,
      foldingEpochs: Int = 20
    ) {
      self.embeddingSize = embeddingSize
      self.epochs = epochs
      self.learningRate = learningRate
      self.regularization = regularization
      self.foldingEpochs = foldingEpochs
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Draws pairs and takes a step for each.
  public func fit(_ data: Interactions, context: FitContext) async throws -> PairwiseFactorModel {
    try SettingCheck.require("embeddingSize", configuration.embeddingSize, 1...4096)
    try SettingCheck.require("epochs", configuration.epochs, 1...100_000)
    try SettingCheck.require("learningRate", configuration.learningRate, 1e-6...10)
    try SettingCheck.require("regularization", configuration.regularization, 0...10)
    try SettingCheck.require("foldingEpochs", configuration.foldingEpochs, 1...10_000)
    try data.requireSomething()
    try context.checkpoint(step: 0, of: configuration.epochs)
    let matrix = data.matrix
    var training = BPRTraining(configuration, matrix, seed: context.seed)
    for epoch in 1...configuration.epochs {
      let loss = training.pass(rate: rate(epoch))
      guard loss.isFinite else {
        throw LearningError.invalidParameter(
          name: "learningRate", value: "\(configuration.learningRate)",
          expected: "a smaller number: the loss grew without bound")
      }
      try context.checkpoint(step: epoch, of: configuration.epochs, metrics: ["loss": loss])
    }
    return PairwiseFactorModel(
      configuration, items: data.items, popularity: Popularity.scores(data), vectors: training.items,
      biases: training.biases)
  }

  private func rate(_ epoch: Int) -> Float {
    Float(configuration.learningRate * (1 - 0.9 * Double(epoch - 1) / Double(configuration.epochs)))
  }
}

/// The state of a run of `BPR`.
struct BPRTraining {
  private let configuration: BPR.Configuration
  private let matrix: SparseMatrix
  private let userOfEntry: [Int32]
  private let known: [Int32]
  private let size: Int
  private var random: RandomSource
  private var users: [Float]
  private(set) var items: [Float]
  private(set) var biases: [Float]

  init(_ configuration: BPR.Configuration, _ matrix: SparseMatrix, seed: UInt64) {
    self.configuration = configuration
    self.matrix = matrix
    size = configuration.embeddingSize
    random = RandomSource(seed: seed)
    var owners: [Int32] = []
    owners.reserveCapacity(matrix.count)
    for user in 0..<matrix.rows {
      for _ in matrix.rowStarts[user]..<matrix.rowStarts[user + 1] { owners.append(Int32(user)) }
    }
    userOfEntry = owners
    known = Array(Set(matrix.columnIndices)).sorted()
    users = RatingFactors.random(matrix.rows * size, size, &random)
    items = RatingFactors.random(matrix.columns * size, size, &random)
    biases = [Float](repeating: 0, count: matrix.columns)
  }

  /// Draws as many pairs as there are entries; returns the mean loss met on the way.
  mutating func pass(rate: Float) -> Double {
    let size = size
    let keep = 1 - rate * Float(configuration.regularization)
    var loss = 0.0
    for _ in 0..<matrix.count {
      let entry = random.index(below: matrix.count)
      let user = Int(userOfEntry[entry])
      let (liked, other) = (Int(matrix.columnIndices[entry]), Int(known[random.index(below: known.count)]))
      guard !holds(user, Int32(other)) else { continue }
      users.withUnsafeMutableBufferPointer { users in
        items.withUnsafeMutableBufferPointer { items in
          guard let users = users.baseAddress, let items = items.baseAddress else { return }
          let (x, yi, yj) = (users + user * size, items + liked * size, items + other * size)
          let difference = biases[liked] - biases[other] + Vectors.dot(x, yi, size) - Vectors.dot(x, yj, size)
          let gain = rate / (1 + exp(difference))
          loss += Double(log1p(exp(-difference)))
          for index in 0..<size {
            let (u, i, j) = (x[index], yi[index], yj[index])
            x[index] = keep * u + gain * (i - j)
            yi[index] = keep * i + gain * u
            yj[index] = keep * j - gain * u
          }
          biases[liked] = keep * biases[liked] + gain
          biases[other] = keep * biases[other] - gain
        }
      }
    }
    return loss / Double(max(1, matrix.count))
  }

  private func holds(_ user: Int, _ item: Int32) -> Bool {
    matrix.columnIndices.withUnsafeBufferPointer { columns in
      let row = UnsafeBufferPointer(rebasing: columns[matrix.rowStarts[user]..<matrix.rowStarts[user + 1]])
      let place = TransitionModel.lowerBound(row, item)
      return place < row.count && row[place] == item
    }
  }
}
