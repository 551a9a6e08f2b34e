import Commerce
import Foundation
import Learning
import MathKernels
import Testing

@Suite struct MetricsTests {
  @Test func rankingFiguresAreThoseByHand() {
    let metrics = RankingMetrics(ranks: [2, 5, 40], relevant: 4, cutoff: 10)
    let ideal = (2...5).reduce(0.0) { $0 + 1 / log2(Double($1)) }
    #expect(abs(metrics.ndcg - (1 / log2(3.0) + 1 / log2(6.0)) / ideal) < 1e-12)
    #expect(metrics.hitRate == 1)
    #expect(metrics.recall == 0.5)
    #expect(metrics.precision == 0.2)
    #expect(metrics.reciprocalRank == 0.5)
    let nothing = RankingMetrics(ranks: [RankingMetrics.unranked], relevant: 1, cutoff: 10)
    #expect(nothing == RankingMetrics(ranks: [], relevant: 1, cutoff: 10))
    #expect(nothing.ndcg == 0 && nothing.hitRate == 0)
  }

  @Test func ranksCountTiesAndBrokenScoresAgainstTheItem() {
    let scores: [Float] = [0.5, 0.9, 0.5, .nan, 0.1, -.infinity] + [Float](repeating: 0.5, count: 20)
    scores.withUnsafeBufferPointer { scores in
      #expect(RankingMetrics.pessimisticRank(of: 0.9, among: scores) == 2)
      #expect(RankingMetrics.pessimisticRank(of: 0.5, among: scores) == 24)
      #expect(RankingMetrics.pessimisticRank(of: 0.1, among: scores) == 25)
      #expect(RankingMetrics.pessimisticRank(of: -.infinity, among: scores) == RankingMetrics.unranked)
      #expect(RankingMetrics.pessimisticRank(of: .nan, among: scores) == RankingMetrics.unranked)
    }
  }

  @Test func coverageAndNoveltyFollowTheCatalogue() {
    var metrics = CatalogueMetrics(popularity: [3, 0, 0, 1])
    metrics.add([0, 1])
    metrics.add([0])
    #expect(metrics.coverage == 0.5)
    // Of 4 + 4 counts the items have 4, 1 and 4: 1, 3 and 1 bits.
    #expect(abs(metrics.novelty - 5.0 / 3) < 1e-12)
  }

  @Test func classificationFiguresAgreeWithScikitLearn() {
    let scores = [0.1, 0.4, 0.35, 0.8]
    let labels = [false, false, true, true]
    #expect(ClassificationMetrics.areaUnderROC(scores: scores, labels: labels) == 0.75)
    #expect(ClassificationMetrics.areaUnderROC(scores: [1, 1, 1], labels: [true, false, true]) == 0.5)
    #expect(ClassificationMetrics.areaUnderROC(scores: [1], labels: [true]).isNaN)
    #expect(abs(ClassificationMetrics.logLoss(predictions: scores, labels: labels) - 0.4722879539) < 1e-8)
    #expect(ClassificationMetrics.logLoss(predictions: [0], labels: [true]).isFinite)
    #expect(abs(ClassificationMetrics.brierScore(predictions: scores, labels: labels) - 0.158125) < 1e-12)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func theAreaIntervalHoldsTheArea(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let labels = (0..<500).map { _ in random.uniform() < 0.3 }
    let scores = labels.map { random.normal() + ($0 ? 1 : 0) }
    let interval = ClassificationMetrics.areaUnderROCInterval(scores: scores, labels: labels)
    // Two unit normals one apart: Φ(1/√2) = .7602.
    #expect(interval.lower < 0.7602 && 0.7602 < interval.upper)
    #expect(interval.upper - interval.lower < 0.12)
  }
}

@Suite struct SplitTests {
  @Test func temporalSplitsAtTheMoment() {
    let times: [Int64] = [5, 9, 7, 8]
    #expect(Splits.temporal(timestamps: times, cutoff: 8) == Split(training: [0, 2], test: [1, 3]))
    #expect(Splits.cutoff(timestamps: times, holdingOut: 0.5) == 8)
    #expect(Splits.cutoff(timestamps: [], holdingOut: 0.5) == nil)
    #expect(Splits.cutoff(timestamps: times, holdingOut: 0) == 10)
  }

  @Test func leaveLastOutKeepsShortGroups() {
    let starts = [0, 4, 6, 6, 9]
    #expect(
      Splits.leaveLastOut(starts: starts, minimum: 3)
        == Split(training: [0, 1, 2, 4, 5, 6, 7], test: [3, 8]))
    #expect(
      Splits.leaveLastOut(starts: starts, minimum: 3, back: 1)
        == Split(training: [0, 1, 4, 5, 6], test: [2, 7]))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func foldsHoldEachRowOutOnce(seed: UInt64) {
    let folds = Splits.kFold(count: 103, folds: 5, seed: seed)
    #expect(folds.flatMap(\.test).sorted() == Array(0..<103))
    for fold in folds {
      #expect((20...21).contains(fold.test.count))
      #expect(Set(fold.training).isDisjoint(with: fold.test))
      #expect(fold.training.count + fold.test.count == 103)
    }
    #expect(folds == Splits.kFold(count: 103, folds: 5, seed: seed))
    #expect(folds != Splits.kFold(count: 103, folds: 5, seed: seed + 1))
  }
}

@Suite struct PackedPayloadTests {
  struct Model: FittedModel, Equatable {
    static let formatVersion = 1
    var name: String
    @Packed var floats: [Float]
    @Packed var indices: [Int32]
    @Packed var empty: [Double]
  }

  let model = Model(name: "m", floats: [1.5, -.infinity, 3], indices: [7, -1], empty: [])

  @Test func arraysLieBesideTheJSONAsLittleEndianBytes() throws {
    let data = try PackedPayload.encode(model)
    #expect(data.starts(with: Data("LODE1\n".utf8)))
    #expect(data.suffix(8) == Data([7, 0, 0, 0, 255, 255, 255, 255]))
    #expect(try PackedPayload.decode(Model.self, from: data) == model)
  }

  @Test func modelsGoThroughTheEnvelope() throws {
    let envelope = try ModelEnvelope(
      model, trainedAt: Timestamp(milliseconds: 5), dataFingerprint: "f", metrics: ["a": 1])
    let read = try ModelEnvelope(encoded: envelope.encoded())
    #expect(read == envelope)
    let loaded: Model = try read.model()
    #expect(loaded == model)
  }

  @Test func damagedPayloadsAreErrors() throws {
    let data = try PackedPayload.encode(model)
    #expect(throws: (any Error).self) { try PackedPayload.decode(Model.self, from: data.dropLast()) }
    #expect(throws: (any Error).self) { try PackedPayload.decode(Model.self, from: data.prefix(9)) }
    #expect(throws: (any Error).self) { try PackedPayload.decode(Model.self, from: Data()) }
  }

  @Test func plainCodersKeepArraysToo() throws {
    let plain = Model(name: "p", floats: [2], indices: [3], empty: [])
    #expect(try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(plain)) == plain)
    #expect(try PackedPayload.encode(["a": 1]) == Data("{\"a\":1}".utf8))
  }
}
