import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct CollaborativeNetworkTests {
  @Test func twoTowerConforms() async throws {
    // The checkerboard has rank two; more numbers would only fit what is withheld.
    let algorithm = TwoTower(
      .init(
        embeddingSize: 4, hiddenSize: 8, dropout: 0, epochs: 15, batchSize: 64, learningRate: 1e-2,
        correction: 1))
    try await RecommenderConformance(algorithm).run()
  }

  @Test func neumfConforms() async throws {
    let algorithm = NeuMF(
      .init(
        embeddingSize: 4, hiddenSizes: [8, 4], dropout: 0, epochs: 15, batchSize: 64, learningRate: 1e-2))
    try await RecommenderConformance(algorithm).run()
  }

  /// Half of the users like the first items, half the others; each has some of them.
  static func groups(seed: UInt64) -> Interactions {
    var random = RandomSource(seed: seed)
    return Interactions(
      (0..<80).flatMap { user in
        (0..<30).filter { _ in random.index(below: 3) == 0 }.enumerated().map { time, item in
          Interaction(user: "u\(user)", item: "i\(item + (user % 2) * 30)", timestamp: Int64(time))
        }
      })
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func itemsOfTheCustomersOwnGroupComeFirst(seed: UInt64) async throws {
    let data = Self.groups(seed: seed)
    let models: [any Recommender] = [
      try await TwoTower(.init(embeddingSize: 8, epochs: 10, batchSize: 64, learningRate: 5e-3)).fit(
        data, context: FitContext(seed: seed)),
      try await NeuMF(.init(embeddingSize: 8, epochs: 10, batchSize: 64, learningRate: 5e-3)).fit(
        data, context: FitContext(seed: seed)),
    ]
    for model in models {
      let first = model.recommend(for: ["i1", "i4", "i7"], count: 10)
      let second = model.recommend(for: ["i31", "i34", "i37"], count: 10)
      #expect(first.allSatisfy { (Int($0.item.dropFirst()) ?? 99) < 30 }, "\(type(of: model))")
      #expect(second.allSatisfy { (Int($0.item.dropFirst()) ?? 0) >= 30 }, "\(type(of: model))")
    }
  }

  @Test func settingsOutsideTheirRangeAreRefused() async {
    let data = Self.groups(seed: 1)
    for wrong in [
      TwoTower.Configuration(embeddingSize: 0), .init(dropout: 1), .init(epochs: 0), .init(correction: .nan),
    ] {
      await #expect(throws: LearningError.self) {
        _ = try await TwoTower(wrong).fit(data, context: FitContext())
      }
    }
    for wrong in [
      NeuMF.Configuration(hiddenSizes: []), .init(hiddenSizes: [0]), .init(negatives: 0), .init(batchSize: 0),
    ] {
      await #expect(throws: LearningError.self) {
        _ = try await NeuMF(wrong).fit(data, context: FitContext())
      }
    }
  }
}
