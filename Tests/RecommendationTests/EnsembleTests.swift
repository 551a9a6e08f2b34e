import Commerce
import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct EnsembleTests {
  private static let quick = GradientBoosting.Configuration(
    objective: .ndcgRanking, rounds: 20, learningRate: 0.2, maxDepth: 3, minChildWeight: 0, threads: 1)

  @Test func lambdaMARTConforms() async throws {
    let members = [EnsembleMember("EASE", ["regularization": 5]), EnsembleMember("Popularity")]
    let settings = LambdaMART.Configuration(members: members, candidates: 60, boosting: Self.quick)
    try await RecommenderConformance(LambdaMART(settings)).run()
  }

  @Test func aBlendAddsUpItsMembers() async throws {
    let data = LinearOracleTests.fixture
    let members = [EnsembleMember("EASE", ["regularization": 2.5]), EnsembleMember("Popularity")]
    let model = try await Blend(.init(members: members, weights: [1, 0.5])).fit(data, context: FitContext())
    // EASE for i3 alone: its row, by its largest entry; popularity by that of i2, which five users have.
    let row = LinearOracleTests.ease[3]
    let counts = [4.0, 4, 5, 3, 3, 4]
    let largest = row.map { abs($0) }.max() ?? .nan
    for found in model.recommend(for: ["i3"], count: 5) {
      let item = try #require(Int(found.item.dropFirst()))
      #expect(abs(found.score - row[item] / largest - 0.5 * counts[item] / 5) < 1e-5)
      #expect(abs(found.reasons.reduce(0) { $0 + $1.contribution } - found.score) < 1e-5)
      #expect(found.reasons.contains { $0.because == "i3" })
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func weightsFollowTheMemberThatFindsTheHeldOutItems(seed: UInt64) async throws {
    // Items follow each other in a ring, and others buy hits alone: three members for what is popular outvote the one that
    // knows what comes next, until the weights are found.
    var random = RandomSource(seed: seed)
    let ring = (0..<80).map { _ in
      let start = random.index(below: 30)
      return (0..<6).map { "i\((start + $0) % 30)" }
    }
    let data = ModelOracleTests.interactions(ring + (0..<60).map { ["hit\($0 % 2)", "hit2", "own\($0)"] })
    let members = [
      EnsembleMember("Popularity"), EnsembleMember("Popularity", ["halfLifeDays": 30]),
      EnsembleMember("Popularity", ["halfLifeDays": 90]),
      EnsembleMember("DecayedTransitions", ["backwardWeight": 0]),
    ]
    func next(_ weights: [Double]?) async throws -> [String] {
      let blend = Blend(.init(members: members, weights: weights))
      return try await blend.fit(data, context: FitContext(seed: seed)).recommend(
        for: ["i3", "i4", "i5"], count: 1
      ).map(
        \.item)
    }
    #expect(try await next([1, 1, 1, 0.5]) == ["hit2"])
    #expect(try await next(nil) == ["i6"])
  }

  @Test(arguments: [UInt64(1), 2])
  func rankingLearnsWhatIsDueAgain(seed: UInt64) async throws {
    // Everyone buys a staple every week and another thing once; the staple comes back, whatever is popular.
    let day = Int64(86_400_000)
    var random = RandomSource(seed: seed)
    var rows: [Interaction] = []
    for user in 0..<60 {
      for week in 0..<12 {
        rows.append(
          Interaction(user: "u\(user)", item: "staple\(user % 10)", timestamp: Int64(week * 7) * day))
        rows.append(
          Interaction(
            user: "u\(user)", item: "once\(random.index(below: 40))-\(week)",
            timestamp: Int64(week * 7 + 1) * day))
      }
    }
    let settings = LambdaMART.Configuration(
      members: [EnsembleMember("Popularity"), EnsembleMember("PersonalFrequency", ["halfLifeDays": 5])],
      holdOut: .lastDays(7), repeatPurchases: .allow, boosting: Self.quick)
    let model = try await LambdaMART(settings).fit(Interactions(rows), context: FitContext(seed: seed))
    let history =
      (0..<12).map { HistoryItem("staple3", ageDays: Double(7 * $0 + 7)) } + [
        HistoryItem("once1-3", ageDays: 6)
      ]
    let list = model.recommend(for: history, count: 1, repeatPurchases: .allow)
    #expect(list.map(\.item) == ["staple3"])
    let why = try #require(try model.explain("staple3", for: history))
    #expect(abs(why.total - list[0].score) < 1e-4)
    #expect(why.contributions.contains { $0.feature == "count" && $0.value == 12 })
    #expect(try model.explain("nothing", for: history) == nil)
  }

  @Test func anyRecommenderIsSavedAndLoadedByItsKind() async throws {
    let data = RecommenderConformance<EASE>.random(seed: 13)
    for name in RecommendationAlgorithm.names {
      var algorithm = try RecommendationAlgorithm.named(name)
      if name == "ImplicitALS" || name == "BPR" { try algorithm.set("epochs", to: .number(2)) }
      if name == "LambdaMART" {
        try algorithm.set("boosting", to: try JSONValue(encoding: Self.quick))
      }
      let model = try AnyRecommender(try await algorithm.fit(data, context: FitContext()))
      let loaded = try PackedPayload.decode(AnyRecommender.self, from: PackedPayload.encode(model))
      #expect(loaded.recommend(for: ["i3", "i5"], count: 9) == model.recommend(for: ["i3", "i5"], count: 9))
      #expect(type(of: loaded.model) == type(of: model.model))
    }
    struct Other: FittedModel { static let formatVersion = 1 }
    let envelope = try ModelEnvelope(
      Other(), trainedAt: Timestamp(milliseconds: 0), dataFingerprint: "", metrics: [:])
    #expect(throws: LearningError.self) { try AnyRecommender.saved(in: envelope) }
  }
}

@Suite struct ContentTests {
  private static let catalogue = [
    ItemDescription("green", text: "Green tea, loose", attributes: ["brand": "Leaf"]),
    ItemDescription("black", text: "Black tea", attributes: ["brand": "Leaf"]),
    ItemDescription("cup", text: "A cup for coffee", attributes: ["brand": "Clay"]),
    ItemDescription("pot", text: "pot", attributes: ["brand": "Clay"]),
    ItemDescription("龙井", text: "西湖龙井茶", attributes: [:]),
    ItemDescription("茶具", text: "龙井茶具", attributes: [:]),
  ]
  /// The suite's interactions with descriptions that say nothing but each item's colour, and its own name.
  private struct Described: Estimator {
    let weighting: ContentSimilarity.TermWeighting
    func fit(_ data: Interactions, context: FitContext) async throws -> ContentModel {
      guard data.weight.contains(where: { $0 > 0 }) else {
        throw LearningError.notEnoughData(needed: "an interaction", found: "none")
      }
      let descriptions = data.items.ids.enumerated().map { index, id in
        let number = Int(id.dropFirst()) ?? index
        return ItemDescription(id, text: "thing\(number / 10)", attributes: ["colour": "\(number % 2)"])
      }
      var settings = ContentSimilarity.Configuration(weighting: weighting)
      settings.commonestShare = 1
      return try await ContentSimilarity(settings).fit(
        DescribedInteractions(data, descriptions: descriptions), context: context)
    }
  }

  @Test(arguments: [ContentSimilarity.TermWeighting.tfidf, .bm25(k1: 1.2, b: 0.75)])
  func contentConforms(weighting: ContentSimilarity.TermWeighting) async throws {
    try await RecommenderConformance(Described(weighting: weighting)).run()
  }

  @Test func newItemsAreRecommendedByTheirWordsAlone() async throws {
    let data = Interactions([Interaction(user: "ann", item: "black"), Interaction(user: "bob", item: "gone")])
    let model = try await ContentSimilarity().fit(
      DescribedInteractions(data, descriptions: Self.catalogue), context: FitContext())
    let list = model.recommend(for: ["black"], count: 2)
    #expect(list.map(\.item) == ["green", "gone"])
    #expect(list.map(\.origin) == [.model, .popularityFallback])
    #expect(list[0].reasons.map(\.because) == ["black"])
    #expect(model.similarItems(to: "cup", count: 3).map(\.item) == ["pot"])
    // Pairs of characters: 龙井, 井茶 are shared.
    #expect(model.similarItems(to: "龙井", count: 3).map(\.item) == ["茶具"])
  }

  @Test func cosinesOfWordsAgreeWithTheFormulaByHand() async throws {
    let items = [
      ItemDescription("x", text: "a b"), ItemDescription("y", text: "a c c"), ItemDescription("z", text: "d"),
    ]
    let model = try await ContentSimilarity(.init(weighting: .tfidf, commonestShare: 1)).fit(
      DescribedInteractions(Interactions([]), descriptions: items), context: FitContext())
    let (shared, alone) = (log1p(1.5), log1p(3.0))
    let x = (shared * shared + alone * alone).squareRoot()
    let twice = (1 + log(2.0)) * alone
    let y = (shared * shared + twice * twice).squareRoot()
    let found = model.similarItems(to: "x", count: 5)
    #expect(found.map(\.item) == ["y"])
    #expect(abs(found[0].similarity - shared * shared / (x * y)) < 1e-6)
    await #expect(throws: LearningError.self) {
      _ = try await ContentSimilarity().fit(
        DescribedInteractions(Interactions([]), descriptions: []), context: FitContext())
    }
  }

  /// Tenth of the films never learned from: their titles and classes alone rank them far better than chance.
  @Test(.enabled(if: MovieLensTests.isThere, "scripts/fetch-data movielens-100k has not been run"))
  func unseenFilmsAreFoundByTheirDescriptions() async throws {
    let path = MovieLensTests.path.replacingOccurrences(of: "ml-100k.inter", with: "ml-100k.item")
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
    let catalogue = lines.map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let year = fields[2].prefix(3)
      return ItemDescription(
        fields[0], text: fields[1] + " " + fields[3], attributes: ["decade": String(year)])
    }
    let data = try InteractionFile(path: MovieLensTests.path).read()
    let isCold = data.items.ids.map { (Int($0) ?? 0) % 10 == 3 }
    let warm = data.selecting((0..<data.count).filter { !isCold[Int(data.item[$0])] })
    let model = try await ContentSimilarity().fit(
      DescribedInteractions(warm, descriptions: catalogue), context: FitContext())
    let cold = Set(data.items.ids.enumerated().filter { isCold[$0.offset] }.map(\.element))
    var (better, pairs) = (0.0, 0.0)
    for user in stride(from: 0, to: data.users.count, by: 10) {
      let liked = Set(
        data.rows(ofUser: user).map { data.items[data.item[$0]] }.filter { cold.contains($0) })
      let history = warm.rows(ofUser: user).map { HistoryItem(warm.items[warm.item[$0]]) }
      let list = model.recommend(for: history, count: cold.count, candidates: cold).map {
        liked.contains($0.item)
      }
      var likedAbove = 0.0
      for isLiked in list {
        if isLiked {
          likedAbove += 1
        } else {
          (better, pairs) = (better + likedAbove, pairs + Double(liked.count))
        }
      }
    }
    // The area under the curve of a coin is one half.
    #expect(better / pairs > 0.55)
  }
}
