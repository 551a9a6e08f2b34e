import Commerce
import Foundation
import Learning
import MathKernels

/// What `BPR` learned: a vector and a bias per item. The vector of a history is learned when it is asked.
public struct PairwiseFactorModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: BPR.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var counts: [Float]
  @Packed private var vectors: [Float]
  @Packed private var biases: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  private var size: Int { configuration.embeddingSize }

  init(
    _ configuration: BPR.Configuration, items: Vocabulary, popularity: [Float], vectors: [Float],
    biases: [Float]
  ) {
    self.configuration = configuration
    self.items = items
    counts = popularity
    self.vectors = vectors
    self.biases = biases
  }

  /// The part of a history's vector that each of its distinct items is owed, row by row.
  ///
  /// The steps are those of training with the items held still; which others are drawn depends on the history alone.
  private func parts(_ history: CodedHistory) -> (items: [Int32], parts: [Float]) {
    var seen: Set<Int32> = []
    var liked: [Int32] = []
    for (item, weight) in zip(history.items, history.weights) where weight > 0 && counts[Int(item)] > 0 {
      if seen.insert(item).inserted { liked.append(item) }
    }
    let others = counts.indices.filter { counts[$0] > 0 && !seen.contains(Int32($0)) }
    var parts = [Float](repeating: 0, count: liked.count * size)
    guard !liked.isEmpty, !others.isEmpty else { return (liked, parts) }
    liked.sort()
    var random = RandomSource(seed: liked.reduce(UInt64(17)) { $0 &* 31 &+ UInt64(bitPattern: Int64($1)) })
    var whole = [Float](repeating: 0, count: size)
    let steps = configuration.foldingEpochs * liked.count
    // The weight of a step shrinks by regularization with each later one: the same for all parts, applied at the end.
    var scale: Float = 1
    for step in 0..<steps {
      let rate = Float(configuration.learningRate * (1 - 0.9 * Double(step) / Double(steps)))
      let place = random.index(below: liked.count)
      let other = others[random.index(below: others.count)]
      scale *= 1 - rate * Float(configuration.regularization)
      learn(liked[place], other, rate, &whole, &scale, part: place * size, &parts)
    }
    return (liked, parts.map { $0 * scale })
  }

  @inline(__always)
  private func learn(
    _ item: Int32, _ other: Int, _ rate: Float, _ whole: inout [Float], _ scale: inout Float, part: Int,
    _ parts: inout [Float]
  ) {
    let size = size
    vectors.withUnsafeBufferPointer { vectors in
      whole.withUnsafeMutableBufferPointer { whole in
        parts.withUnsafeMutableBufferPointer { parts in
          guard let yi = vectors.baseAddress.map({ $0 + Int(item) * size }),
            let yj = vectors.baseAddress.map({ $0 + other * size }), let x = whole.baseAddress,
            let own = parts.baseAddress.map({ $0 + part })
          else { return }
          let product = scale * (Vectors.dot(x, yi, size) - Vectors.dot(x, yj, size))
          let gain = rate / (1 + exp(biases[Int(item)] - biases[other] + product)) / scale
          Vectors.addProduct(gain, yi, to: x, size)
          Vectors.addProduct(-gain, yj, to: x, size)
          Vectors.addProduct(gain, yi, to: own, size)
          Vectors.addProduct(-gain, yj, to: own, size)
        }
      }
    }
  }

  /// Learns each history's vector and multiplies with all items, by one call of BLAS.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let (width, size) = (items.count, size)
    var users = [Float](repeating: 0, count: histories.count * size)
    for (row, history) in histories.enumerated() {
      let (liked, parts) = parts(history)
      for place in liked.indices {
        for index in 0..<size { users[row * size + index] += parts[place * size + index] }
      }
    }
    vectors.withUnsafeBufferPointer { vectors in
      guard let vectors = vectors.baseAddress, let output = scores.baseAddress else { return }
      Float.gemm(false, true, histories.count, width, size, 1, users, size, vectors, size, 0, output, width)
    }
    for (row, history) in histories.enumerated() {
      for index in 0..<width {
        let score = scores[row * width + index] + biases[index]
        scores[row * width + index] =
          history.isEmpty || counts[index] == 0 || !score.isFinite ? -.infinity : score
      }
    }
  }

  /// The product of the part of the history's vector that an entry is owed with the item's vector.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    let (liked, parts) = parts(history)
    let size = size
    var firsts: [Int] = []
    for item in liked {
      firsts.append(history.items.indices.first { history.items[$0] == item && history.weights[$0] > 0 } ?? 0)
    }
    return items.map { item in
      var row = [Float](repeating: 0, count: history.items.count)
      vectors.withUnsafeBufferPointer { vectors in
        parts.withUnsafeBufferPointer { parts in
          guard let y = vectors.baseAddress.map({ $0 + Int(item) * size }), let base = parts.baseAddress
          else {
            return
          }
          for place in liked.indices { row[firsts[place]] = Vectors.dot(base + place * size, y, size) }
        }
      }
      return row
    }
  }

  /// The item's bias.
  public func base(of history: CodedHistory, to items: [Int32]) -> [Float] { items.map { biases[Int($0)] } }

  /// The cosine of the items' vectors, less for items that few have dealt with.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    VectorLikeness.score(item, vectors, size: size, popularity: popularity, into: scores)
  }
}
