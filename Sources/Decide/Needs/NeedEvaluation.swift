import Features
import Foundation
import Learning
import MathKernels

/// How good needs are foretold on the last 28 days of a log, beside simple baselines.
public struct NeedEvaluation: Sendable, Codable, Equatable {
  /// The figures of one model.
  public struct Row: Sendable, Codable, Equatable {
    /// The model's name.
    public var name: String
    /// `ndcg@10`, `auc`, `brier`, `ece`.
    public var metrics: [String: Double]
    /// The 95 % confidence intervals of the first three, over customers.
    public var intervals: [String: ConfidenceInterval]
    /// Stated against observed by tenths of all pairs, in order of probability.
    public var calibration: [Calibration.Bin]

    /// The largest difference between stated and observed over the tenths.
    public var worstDecile: Double { calibration.map { abs($0.meanPrediction - $0.observedRate) }.max() ?? 0 }
  }

  /// The name of the learned model's row.
  public static let boosting = "gradient boosting"

  /// The models, the learned one last.
  public var table: [Row]
  /// What was tested on what, for people.
  public var protocolDescription: String
  /// How many customers, categories and pairs were tested, and the share of pairs bought.
  public var customers: Int
  /// How many categories.
  public var categories: Int
  /// The share of pairs bought within the test window.
  public var positiveShare: Double
  /// How many rounds of trees the validation window asked for.
  public var rounds: Int
  /// The expected spend of all pairs over the test window divided by what was spent.
  public var spendRatio: Double
  /// How long each part took.
  public var seconds: [String: Double] = [:]

  /// The learned model's row.
  public var learned: Row? { table.first { $0.name == Self.boosting } }

  init(windows: NeedWindows, margins: [Float], calibrator: LevelCalibration, rounds: Int, seed: UInt64) throws
  {
    let (test, validation) = (windows.test, windows.validation)
    categories = windows.space.count
    customers = test.firstDays.count / categories
    let labels = test.firstDays.map { $0 != PurchaseOutcomes.never }
    positiveShare = Double(labels.lazy.filter { $0 }.count) / Double(labels.count)
    self.rounds = rounds
    spendRatio = Self.spendRatio(test, margins: margins, calibrator: calibrator)
    protocolDescription =
      "Test: the last 28 days; validation (early stop, calibration): the 28 before; training: windows that ended before "
      + "those. \(customers) customers (of a large shop a sample) × \(categories) categories, all pairs; NDCG with ties "
      + "counted against the model. "
      + "The model that is served is trained again with the last windows included; these figures belong to the one before."
    let truth = validation.firstDays.map { $0 != PurchaseOutcomes.never }
    var rows: [Row] = []
    var decayed: (ndcg: Double, row: Row)?
    for (index, baseline) in test.baselines.enumerated() {
      let earlier = validation.baselines[index].scores
      let curve = try IsotonicRegression(scores: earlier.map(Double.init), labels: truth.map { $0 ? 1 : 0 })
      let predictions = baseline.scores.map { curve(Double($0)) }
      let row = Self.row(
        baseline.name, scores: baseline.scores, predictions: predictions, labels: labels,
        categories: categories,
        seed: seed)
      guard baseline.name.hasPrefix("decayed") else {
        rows.append(row)
        continue
      }
      // The half-life is chosen on the validation window.
      let ndcg = Self.ndcg(earlier, labels: truth, categories: categories).reduce(0, +)
      if decayed.map({ ndcg > $0.ndcg }) ?? true { decayed = (ndcg, row) }
    }
    if let decayed { rows.insert(decayed.row, at: min(2, rows.count)) }
    let strengths = margins.map { calibrator(Double($0)) }
    rows.append(
      Self.row(
        Self.boosting, scores: margins, predictions: strengths, labels: labels, categories: categories,
        seed: seed))
    table = rows
  }

  private static func spendRatio(_ test: NeedWindow, margins: [Float], calibrator: LevelCalibration) -> Double
  {
    guard let snapshot = test.snapshot else { return .nan }
    let categories = snapshot.spendPerPurchase.count
    var expected = 0.0
    for pair in margins.indices {
      let strength = calibrator(Double(margins[pair]))
      let facts = PairFacts(
        test.rows, row: pair * NeedFeatures.width, column: pair % categories, strength: strength,
        snapshot: snapshot)
      expected += facts.value
    }
    let spent = test.spend.reduce(0, +)
    return spent == 0 ? .nan : expected / Double(spent)
  }

  private static func row(
    _ name: String, scores: [Float], predictions: [Double], labels: [Bool], categories: Int, seed: UInt64
  ) -> Row {
    let gains = ndcg(scores, labels: labels, categories: categories)
    var errors = [Double](repeating: 0, count: labels.count / categories)
    for index in labels.indices {
      let error = predictions[index] - (labels[index] ? 1 : 0)
      errors[index / categories] += error * error / Double(categories)
    }
    let ranks = scores.map(Double.init)
    return Row(
      name: name,
      metrics: [
        "ndcg@10": gains.reduce(0, +) / Double(max(1, gains.count)),
        "auc": ClassificationMetrics.areaUnderROC(scores: ranks, labels: labels),
        "brier": ClassificationMetrics.brierScore(predictions: predictions, labels: labels),
        "ece": ClassificationMetrics.expectedCalibrationError(
          predictions: predictions, labels: labels, bins: 15),
      ],
      intervals: [
        "ndcg@10": Bootstrap.meanInterval(of: gains, seed: seed),
        "auc": ClassificationMetrics.areaUnderROCInterval(scores: ranks, labels: labels),
        "brier": Bootstrap.meanInterval(of: errors, seed: seed),
      ],
      calibration: Calibration.reliability(
        predictions: predictions, labels: labels, bins: 10, binning: .equalCount))
  }

  /// NDCG@10 of each customer who bought anything, ties counted against the model.
  static func ndcg(_ scores: [Float], labels: [Bool], categories: Int) -> [Double] {
    let discounts = (0..<10).map { 1 / log2(Double($0) + 2) }
    return parallelBlocks(labels.count / categories, blockSize: 128) { block in
      block.compactMap { customer -> Double? in
        let pairs = customer * categories..<(customer + 1) * categories
        let positives = labels[pairs].lazy.filter { $0 }.count
        guard positives > 0 else { return nil }
        let order = pairs.sorted {
          scores[$0] != scores[$1] ? scores[$0] > scores[$1] : !labels[$0] && labels[$1]
        }
        let gain = zip(order.prefix(10), discounts).reduce(0.0) { $0 + (labels[$1.0] ? $1.1 : 0) }
        return gain / discounts.prefix(positives).reduce(0, +)
      }
    }.flatMap { $0 }
  }
}
