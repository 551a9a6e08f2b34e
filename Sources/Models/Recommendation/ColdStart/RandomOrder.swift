import Commerce
import Learning
import MathKernels

/// Ranks by lot, the same for the same seed and history: what any ranking has to beat.
struct RandomOrder: Estimator {
  struct Configuration: Codable, Sendable {}

  func fit(_ data: Interactions, context: FitContext) async throws -> RandomOrderModel {
    try context.checkpoint(step: 1, of: 1)
    return RandomOrderModel(items: data.items, counts: Popularity.scores(data), seed: context.seed)
  }
}

struct RandomOrderModel: Recommender {
  static let formatVersion = 1
  let items: Vocabulary
  let counts: [Float]
  let seed: UInt64

  var popularity: [Float] { counts }

  func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    for (row, history) in histories.enumerated() {
      let stream = history.items.reduce(UInt64(1)) {
        ($0 &* 0x100_0000_01B3) ^ UInt64(UInt32(bitPattern: $1))
      }
      var random = RandomSource(seed: seed, stream: stream | 1)
      for index in 0..<items.count { scores[row * items.count + index] = Float(random.uniform()) }
    }
  }

  func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    items.map { _ in [Float](repeating: 0, count: history.items.count) }
  }

  func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
  }
}
