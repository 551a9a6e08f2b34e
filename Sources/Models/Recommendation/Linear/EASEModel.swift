import Commerce
import Learning
import MathKernels

/// What `EASE` learned: for each item how much it speaks for every other, or for its neighbours.
public struct EASEModel: Recommender {
  /// Which weights the model has.
  public enum Form: Sendable, Codable, Equatable {
    /// Those of every pair of items.
    case exact
    /// Those from each item's nearest neighbours.
    case neighbourhoods(size: Int)
  }

  /// The version of the saved form.
  public static let formatVersion = 1
  /// Which weights the model has.
  public let form: Form
  /// The items known to the model.
  public let items: Vocabulary
  /// How an item of the history counts.
  public let weighting: InteractionWeighting
  @Packed private var counts: [Float]
  @Packed private var weights: [Float]
  private let sparse: ItemWeightModel?

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(items: Vocabulary, weighting: InteractionWeighting, popularity: [Float], weights: [Float]) {
    form = .exact
    self.items = items
    self.weighting = weighting
    counts = popularity
    self.weights = weights
    sparse = nil
  }

  init(sparse: ItemWeightModel, neighbours: Int) {
    form = .neighbourhoods(size: neighbours)
    items = sparse.items
    weighting = sparse.weighting
    counts = sparse.popularity
    weights = []
    self.sparse = sparse
  }

  /// How much one item speaks for another; nil when either is unknown.
  public func weight(from source: String, to target: String) -> Float? {
    guard let source = items.index(of: source), let target = items.index(of: target) else { return nil }
    let history = CodedHistory(items: [source], weights: [1])
    return contributions(of: history, to: [target])[0][0]
  }

  /// Sums the rows of the history's items.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    if let sparse { return sparse.score(histories, into: scores) }
    let width = items.count
    let unknown = counts.indices.filter { counts[$0] == 0 }
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for (row, history) in histories.enumerated() {
        let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
        guard !history.isEmpty, let base = sums.baseAddress else {
          sums.update(repeating: -.infinity)
          continue
        }
        sums.update(repeating: 0)
        for (item, share) in zip(history.items, weighting.shares(history)) where share > 0 {
          Vectors.addProduct(share, weights + Int(item) * width, to: base, width)
        }
        for index in unknown { sums[index] = -.infinity }
        for index in 0..<width where !sums[index].isFinite { sums[index] = -.infinity }
      }
    }
  }

  /// Share times weight for each entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    if let sparse { return sparse.contributions(of: history, to: items) }
    let shares = weighting.shares(history)
    return items.map { item in
      zip(history.items, shares).map { source, share in
        share > 0 ? share * weights[Int(source) * self.items.count + Int(item)] : 0
      }
    }
  }

  /// How much the item speaks for others, where it does.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    if let sparse { return sparse.scoreSimilar(to: item, into: scores) }
    let width = items.count
    for index in 0..<width {
      let weight = weights[Int(item) * width + index]
      scores[index] = weight > 0 ? weight : -.infinity
    }
  }
}
