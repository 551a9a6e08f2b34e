import Commerce

/// The algorithms that train on libtorch.
extension RecommendationAlgorithm {
  static let sasRec = RecommendationAlgorithm(
    "SASRec", SASRec.Configuration(),
    axes: [
      TuningAxis("epochs", 3, 6, 12, 24), TuningAxis("dropout", 0.1, 0.3, 0.5), TuningAxis("blocks", 1, 2),
    ]
  ) { SASRec($0) }

  static let gru4Rec = RecommendationAlgorithm(
    "GRU4Rec", GRU4Rec.Configuration(),
    axes: [TuningAxis("epochs", 3, 6, 12, 24), TuningAxis("dropout", 0.1, 0.3, 0.5)]
  ) { GRU4Rec($0) }

  static let twoTower = RecommendationAlgorithm(
    "TwoTower", TwoTower.Configuration(),
    axes: [
      TuningAxis("correction", 1, 0.75, 0.5), TuningAxis("dropout", 0.1, 0.3, 0.5),
      TuningAxis("epochs", 10, 20, 40),
    ]
  ) { TwoTower($0) }

  static let neuMF = RecommendationAlgorithm(
    "NeuMF", NeuMF.Configuration(),
    axes: [
      TuningAxis("dropout", 0.1, 0.3, 0.5), TuningAxis("negatives", 2, 4, 8),
      TuningAxis("epochs", 10, 20, 40),
    ]
  ) { NeuMF($0) }
}
