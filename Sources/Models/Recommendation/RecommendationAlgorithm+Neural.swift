import Commerce

extension RecommendationAlgorithm {
  /// The algorithms that train on libtorch.
  static let neural: [RecommendationAlgorithm] = [
    RecommendationAlgorithm(
      "SASRec", SASRec.Configuration(),
      axes: [
        ("epochs", numbers(3, 6, 12, 24)), ("dropout", numbers(0.1, 0.3, 0.5)), ("blocks", numbers(1, 2)),
      ]
    ) { SASRec($0) },
    RecommendationAlgorithm(
      "GRU4Rec", GRU4Rec.Configuration(),
      axes: [("epochs", numbers(3, 6, 12, 24)), ("dropout", numbers(0.1, 0.3, 0.5))]
    ) { GRU4Rec($0) },
    RecommendationAlgorithm(
      "TwoTower", TwoTower.Configuration(),
      axes: [
        ("correction", numbers(1, 0.75, 0.5)), ("dropout", numbers(0.1, 0.3, 0.5)),
        ("epochs", numbers(10, 20, 40)),
      ]
    ) { TwoTower($0) },
    RecommendationAlgorithm(
      "NeuMF", NeuMF.Configuration(),
      axes: [
        ("dropout", numbers(0.1, 0.3, 0.5)), ("negatives", numbers(2, 4, 8)), ("epochs", numbers(10, 20, 40)),
      ]
    ) { NeuMF($0) },
  ]
}
