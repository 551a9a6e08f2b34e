import Commerce

extension RecommendationAlgorithm {
  /// All algorithms, the simplest first: where two are equally good, tuning takes the one that comes first.
  static let all: [RecommendationAlgorithm] = [
    popularity, personalFrequency, itemKNN, decayedTransitions, userKNN, rp3Beta, ease, slim, pureSVD,
    sessionKNN, implicitALS, bpr, sasRec, gru4Rec, twoTower, neuMF, blend, lambdaMART,
  ]

  private static let popularity = RecommendationAlgorithm(
    "Popularity", Popularity.Configuration(),
    axes: [TuningAxis("halfLifeDays", [.null, .number(7), .number(30), .number(90), .number(365)])]
  ) { Popularity($0) }

  private static let personalFrequency = RecommendationAlgorithm(
    "PersonalFrequency", PersonalFrequency.Configuration(),
    axes: [
      TuningAxis("halfLifeDays", [.null, .number(30), .number(60), .number(120), .number(240)]),
      TuningAxis("popularityHalfLifeDays", [.null, .number(14), .number(60)]),
    ]
  ) { PersonalFrequency($0) }

  private static let itemKNN = RecommendationAlgorithm(
    "ItemKNN", ItemKNN.Configuration(),
    axes: [
      TuningAxis("similarity", [["cosine": [:]], ["tfidf": [:]], bm25(100, 0.8), bm25(1.2, 0.2)]),
      TuningAxis("shrink", 0, 1, 10, 50), TuningAxis("neighbours", 100, 250, 500),
    ]
  ) { ItemKNN($0) }

  private static let implicitALS = RecommendationAlgorithm(
    "ImplicitALS", ImplicitALS.Configuration(),
    axes: [
      TuningAxis("confidence", 1, 10, 40), TuningAxis("regularization", 0.01, 0.1, 1, 10),
      TuningAxis("frequencyScaling", 0, 0.5, 1), TuningAxis("embeddingSize", 32, 64, 128),
    ]
  ) { ImplicitALS($0) }

  private static let decayedTransitions = RecommendationAlgorithm(
    "DecayedTransitions", DecayedTransitions.Configuration(),
    axes: [
      TuningAxis("window", 5, 10, 20), TuningAxis("distanceDecay", 0.8, 0.9, 1),
      TuningAxis("backwardWeight", 0.6, 0.8, 1), TuningAxis("rowExponent", 0.1, 0.2, 0.4),
      TuningAxis("popularityExponent", 0, 0.1, 0.2), TuningAxis("historyDecay", 0.6, 0.7, 0.8),
    ]
  ) { DecayedTransitions($0) }

  private static let ease = RecommendationAlgorithm(
    "EASE", EASE.Configuration(),
    axes: [TuningAxis("regularization", 50, 100, 200, 500, 1000, 2000), weightings]
  ) { EASE($0) }

  private static let rp3Beta = RecommendationAlgorithm(
    "RP3Beta", RP3Beta.Configuration(),
    axes: [
      TuningAxis("beta", 0.2, 0.4, 0.5, 0.6), TuningAxis("alpha", 0.7, 0.9, 1, 1.15),
      TuningAxis("neighbours", 100, 200, 300, 500),
    ]
  ) { RP3Beta($0) }

  private static let userKNN = RecommendationAlgorithm(
    "UserKNN", UserKNN.Configuration(),
    axes: [
      TuningAxis("neighbours", 50, 100, 200, 400),
      TuningAxis("inverseFrequency", [.bool(false), .bool(true)]),
      TuningAxis("shrink", 0, 10, 50), weightings,
    ]
  ) { UserKNN($0) }

  private static let slim = RecommendationAlgorithm(
    "SLIM", SLIM.Configuration(),
    axes: [TuningAxis("l2", 10, 30, 100, 300), TuningAxis("l1", 0.1, 0.3, 1, 3, 10)]
  ) { SLIM($0) }

  private static let pureSVD = RecommendationAlgorithm(
    "PureSVD", PureSVD.Configuration(),
    axes: [
      TuningAxis("embeddingSize", 20, 30, 50, 100, 200), TuningAxis("columnScaling", 0.5, 0.75, 1, 1.25),
    ]
  ) { PureSVD($0) }

  private static let sessionKNN = RecommendationAlgorithm(
    "SessionKNN", SessionKNN.Configuration(),
    axes: [
      TuningAxis("historyDecay", 0.6, 0.7, 0.8, 0.9), TuningAxis("distanceDecay", 0.8, 0.9, 1),
      TuningAxis("neighbours", 100, 500, 2000), TuningAxis("inverseFrequency", 0, 0.5, 1),
    ]
  ) { SessionKNN($0) }

  private static let bpr = RecommendationAlgorithm(
    "BPR", BPR.Configuration(),
    axes: [
      TuningAxis("regularization", 0.003, 0.01, 0.03), TuningAxis("learningRate", 0.02, 0.05, 0.1),
      TuningAxis("epochs", 30, 60, 120), TuningAxis("embeddingSize", 32, 64, 128),
    ]
  ) { BPR($0) }

  private static let blend = RecommendationAlgorithm(
    "Blend", Blend.Configuration(), axes: [TuningAxis("normalization", [.string("score"), .string("rank")])]
  ) { Blend($0) }

  private static let lambdaMART = RecommendationAlgorithm(
    "LambdaMART", LambdaMART.Configuration(), axes: [TuningAxis("candidates", 50, 100, 200)]
  ) { LambdaMART($0) }

  private static let weightings = TuningAxis(
    "weighting", InteractionWeighting.allCases.map { .string($0.rawValue) })

  private static func bm25(_ k1: Double, _ b: Double) -> JSONValue {
    ["bm25": ["k1": .number(k1), "b": .number(b)]]
  }
}
