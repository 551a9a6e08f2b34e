import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Synchronization
import Testing

@Suite struct SequenceModelTests {
  /// A network small enough for the conformance suite, whose data are a few dozen sequences.
  static func training(_ loss: SequenceLoss = .full, epochs: Int = 40, start: ItemStart = .random)
    -> SequenceTraining
  {
    SequenceTraining(epochs: epochs, batchSize: 16, learningRate: 5e-3, loss: loss, start: start)
  }

  static func sasrec(_ loss: SequenceLoss = .full, epochs: Int = 40, start: ItemStart = .random) -> SASRec {
    SASRec(
      .init(
        embeddingSize: 16, blocks: 1, heads: 2, dropout: 0.1, historyLength: 30,
        training: training(loss, epochs: epochs, start: start)))
  }

  @Test(arguments: [
    (SequenceLoss.full, ItemStart.random), (.sampled(negatives: 20, correction: 1), .neighbours),
  ])
  func sasrecConforms(loss: SequenceLoss, start: ItemStart) async throws {
    // The suite's checkerboard has no order to learn; the circles below are what these models must solve instead.
    try await RecommenderConformance(Self.sasrec(loss, epochs: 5, start: start), isPersonal: false).run()
  }

  @Test func gru4recConforms() async throws {
    let algorithm = GRU4Rec(
      .init(embeddingSize: 16, dropout: 0, historyLength: 30, training: Self.training(epochs: 5)))
    try await RecommenderConformance(algorithm, isPersonal: false).run()
  }

  /// Users who go round a circle of items, some of them the other way.
  static func circles(seed: UInt64, items: Int = 30, users: Int = 120) -> Interactions {
    var random = RandomSource(seed: seed)
    return Interactions(
      (0..<users).flatMap { user in
        let (start, step) = (random.index(below: items), user % 3 == 0 ? items - 1 : 1)
        return (0..<8 + random.index(below: 6)).map { time in
          Interaction(
            user: "u\(user)", item: "i\((start + time * step) % items)", timestamp: Int64(time))
        }
      })
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func theOrderOfItemsTellsWhatComesNext(seed: UInt64) async throws {
    // Going up or down can be told from two items only, not from the last one alone.
    let models: [any Recommender] = [
      try await Self.sasrec().fit(Self.circles(seed: seed), context: FitContext(seed: seed)),
      try await GRU4Rec(.init(embeddingSize: 16, dropout: 0, historyLength: 30, training: Self.training()))
        .fit(Self.circles(seed: seed), context: FitContext(seed: seed)),
    ]
    for model in models {
      var right = 0
      for place in 0..<30 {
        let up = (0..<4).map { HistoryItem("i\((place + $0) % 30)") }
        let down = (0..<4).map { HistoryItem("i\((place + 30 - $0) % 30)") }
        if model.recommend(for: up, count: 1)[0].item == "i\((place + 4) % 30)" { right += 1 }
        if model.recommend(for: down, count: 1)[0].item == "i\((place + 26) % 30)" { right += 1 }
      }
      #expect(right >= 54, "\(type(of: model)) finds \(right) of 60")
    }
  }

  @Test func settingsAreOnOneLevelUnderTheirUsualNames() throws {
    var algorithm = try RecommendationAlgorithm.named("SASRec")
    try algorithm.set("epochs", to: .number(3))
    try algorithm.set("start", to: .string("random"))
    try algorithm.set("loss", to: .string("full"))
    let text = String(decoding: try JSONEncoder().encode(algorithm.configuration), as: UTF8.self)
    let read = try JSONDecoder().decode(SASRec.Configuration.self, from: Data(text.utf8))
    #expect(read == SASRec.Configuration(training: .init(epochs: 3, loss: .full, start: .random)))
  }

  @Test func onlyTheLatestItemsAreRead() async throws {
    var algorithm = Self.sasrec(epochs: 2)
    algorithm.configuration.historyLength = 5
    let model = try await algorithm.fit(Self.circles(seed: 1), context: FitContext())
    let latest: [HistoryItem] = ["i1", "i2", "i3", "i4", "i5"]
    let long = ["i20", "i21", "i22"] + latest
    let (short, full) = (
      model.recommend(for: latest, count: 30, repeatPurchases: .allow),
      model.recommend(for: long, count: 30, repeatPurchases: .allow)
    )
    #expect(zip(short, full).allSatisfy { $0.item == $1.item && abs($0.score - $1.score) < 1e-5 })
    // What is seen but not liked is not read either.
    let weighed = model.recommend(
      for: [HistoryItem("i25", weight: 0)] + latest, count: 30, repeatPurchases: .allow)
    #expect(weighed.map(\.item) == short.map(\.item))
  }

  @Test func trainingWithPatienceStopsAndReportsItsFigure() async throws {
    var algorithm = Self.sasrec(epochs: 400)
    algorithm.configuration.training.patience = 3
    let reports = Reports()
    _ = try await algorithm.fit(
      Self.circles(seed: 2), context: FitContext(onProgress: { reports.add($0) }))
    let figures = reports.all.compactMap { $0.metrics["validation"] }
    #expect(figures.count < 400)
    let best = try #require(figures.max())
    #expect(best > 0.5)
    #expect(figures.firstIndex(of: best) == figures.count - 4)
  }

  @Test func settingsOutsideTheirRangeAreRefused() async {
    let data = Self.circles(seed: 1)
    let wrong: [SASRec.Configuration] = [
      .init(embeddingSize: 0), .init(heads: 3), .init(dropout: 1), .init(dropout: .nan),
      .init(historyLength: 0), .init(blocks: 0), .init(training: .init(epochs: 0)),
      .init(training: .init(learningRate: .nan)), .init(training: .init(batchSize: 0)),
      .init(training: .init(loss: .sampled(negatives: 0, correction: 1))),
      .init(training: .init(loss: .sampled(negatives: 5, correction: 2))),
    ]
    for configuration in wrong {
      await #expect(throws: LearningError.self) {
        _ = try await SASRec(configuration).fit(data, context: FitContext())
      }
    }
  }

  @Test func aModelWhoseNetworkIsNotItsOwnIsRefused() async throws {
    let model = try await Self.sasrec(epochs: 1).fit(Self.circles(seed: 1), context: FitContext())
    var text = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
    text = text.replacingOccurrences(of: "\"blocks\":1", with: "\"blocks\":2")
    #expect(throws: LearningError.self) {
      _ = try JSONDecoder().decode(SASRecModel.self, from: Data(text.utf8))
    }
  }

  @Test func sasrecReachesItsFloorOnMovieLens() async throws {
    guard let path = MovieLens.path("ml-100k.inter") else { return }
    let data = try InteractionFile(path: path).read()
    let split = Splits.leaveLastOut(starts: data.userStarts, minimum: 3)
    let training = data.selecting(split.training)
    let model = try await SASRec(
      .init(
        embeddingSize: 32, blocks: 1, dropout: 0.2,
        training: .init(epochs: 12, batchSize: 64, learningRate: 3e-3, loss: .full, start: .neighbours))
    ).fit(training, context: FitContext())
    let users = Array(0..<data.users.count)
    let histories = users.map { user in
      training.rows(ofUser: user).map { HistoryItem(data.items[training.item[$0]]) }
    }
    var gain = 0.0
    for (user, list) in zip(users, model.recommend(forEach: histories, count: 10)) {
      let target = data.items[data.item[data.userStarts[user + 1] - 1]]
      if let place = list.firstIndex(where: { $0.item == target }) { gain += 1 / log2(Double(place) + 2) }
    }
    let ndcg = gain / Double(users.count)
    #expect(ndcg > 0.055, "NDCG@10 \(ndcg)")
  }
}

/// Where MovieLens 100K lies.
enum MovieLens {
  /// A file of the set; nil when it has not been fetched.
  static func path(_ name: String) -> String? {
    let cache = ProcessInfo.processInfo.environment["LODE_CACHE"] ?? ".cache"
    let path = "\(cache)/data/movielens-100k/\(name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}

/// Reports of progress in the order in which they came.
final class Reports: Sendable {
  private let reports = Mutex<[FitProgress]>([])
  func add(_ report: FitProgress) { reports.withLock { $0.append(report) } }
  var all: [FitProgress] { reports.withLock { $0 } }
}
