import Foundation
import Learning
import MathKernels

/// Ranking and probability figures of predictions for customers × categories, with bootstrap intervals over customers.
///
/// Resamples draw customers, with all their pairs. The area under the curve and the calibration error of a resample come from
/// each customer's counts in fixed bins: 512 of equal size by score, and 15 of equal width by probability.
struct CustomerFigures {
  /// NDCG@10 of each customer who bought anything, NaN for the others.
  let gains: [Double]
  /// The mean squared error of each customer.
  let errors: [Double]
  let metrics: [String: Double]
  let intervals: [String: ConfidenceInterval]
  static let bins = 512
  static let names = ["ndcg@10", "auc", "brier", "ece"]

  init(
    scores: [Float], predictions: [Double], bought: [Float], categories: Int, resamples: Int = 400,
    seed: UInt64
  ) {
    let labels = bought.map { $0 > 0 }
    let customers = labels.count / max(1, categories)
    gains = (0..<customers).map { customer in
      let pairs = customer * categories..<(customer + 1) * categories
      return NeedEvaluation.ndcg(
        Array(scores[pairs]), labels: Array(labels[pairs]), categories: categories
      ).first ?? .nan
    }
    var errors = [Double](repeating: 0, count: customers)
    for index in labels.indices {
      let error = predictions[index] - (labels[index] ? 1 : 0)
      errors[index / categories] += error * error / Double(categories)
    }
    self.errors = errors
    let ranks = scores.map(Double.init)
    let known = gains.filter { !$0.isNaN }
    metrics = [
      "ndcg@10": known.reduce(0, +) / Double(max(1, known.count)),
      "auc": ClassificationMetrics.areaUnderROC(scores: ranks, labels: labels),
      "brier": ClassificationMetrics.brierScore(predictions: predictions, labels: labels),
      "ece": ClassificationMetrics.expectedCalibrationError(
        predictions: predictions, labels: labels, bins: 15),
    ]
    intervals = Self.intervals(
      Tables(scores: scores, predictions: predictions, labels: labels, categories: categories), gains: gains,
      errors: errors, resamples: resamples, seed: seed)
  }

  /// Each customer's counts in bins.
  private struct Tables: Sendable {
    var positives: [Float]
    var negatives: [Float]
    /// Pairs, sum of probabilities and sum of purchases in each of 15 bins.
    var calibration: [Float]

    init(scores: [Float], predictions: [Double], labels: [Bool], categories: Int) {
      let customers = labels.count / max(1, categories)
      let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      var bin = [Int](repeating: 0, count: scores.count)
      var current = 0
      for (place, index) in order.enumerated() {
        // Equal scores share a bin.
        if place == 0 || scores[index] != scores[order[place - 1]] { current = place * bins / order.count }
        bin[index] = current
      }
      positives = [Float](repeating: 0, count: customers * bins)
      negatives = positives
      calibration = [Float](repeating: 0, count: customers * 45)
      for index in labels.indices {
        let customer = index / categories
        if labels[index] {
          positives[customer * bins + bin[index]] += 1
        } else {
          negatives[customer * bins + bin[index]] += 1
        }
        let place = customer * 45 + 3 * min(14, max(0, Int(predictions[index] * 15)))
        calibration[place] += 1
        calibration[place + 1] += Float(predictions[index])
        calibration[place + 2] += labels[index] ? 1 : 0
      }
    }
  }

  private static func intervals(
    _ tables: Tables, gains: [Double], errors: [Double], resamples: Int, seed: UInt64
  ) -> [String: ConfidenceInterval] {
    let customers = gains.count
    guard customers > 0, resamples > 0 else { return [:] }
    let figures = parallelBlocks(resamples, blockSize: 8) { block in
      block.map { resample -> [Double] in
        var random = RandomSource(seed: seed, stream: UInt64(resample) + 1)
        var positives = [Float](repeating: 0, count: bins)
        var negatives = positives
        var calibration = [Float](repeating: 0, count: 45)
        var (gain, counted, error) = (0.0, 0.0, 0.0)
        for _ in 0..<customers {
          let customer = random.index(below: customers)
          for index in 0..<bins {
            positives[index] += tables.positives[customer * bins + index]
            negatives[index] += tables.negatives[customer * bins + index]
          }
          for index in 0..<45 { calibration[index] += tables.calibration[customer * 45 + index] }
          error += errors[customer]
          if !gains[customer].isNaN { (gain, counted) = (gain + gains[customer], counted + 1) }
        }
        return [
          gain / max(1, counted), area(positives, negatives), error / Double(customers),
          calibrationError(calibration),
        ]
      }
    }.flatMap { $0 }
    var intervals: [String: ConfidenceInterval] = [:]
    for (place, name) in names.enumerated() {
      let sorted = figures.map { $0[place] }.sorted()
      intervals[name] = ConfidenceInterval(
        lower: Statistics.quantile(ofSorted: sorted, at: 0.025),
        upper: Statistics.quantile(ofSorted: sorted, at: 0.975), level: 0.95)
    }
    return intervals
  }

  private static func area(_ positives: [Float], _ negatives: [Float]) -> Double {
    var (below, sum, all) = (0.0, 0.0, 0.0)
    for index in positives.indices {
      sum += Double(positives[index]) * (below + Double(negatives[index]) / 2)
      below += Double(negatives[index])
      all += Double(positives[index])
    }
    return sum / max(1, all * below)
  }

  private static func calibrationError(_ table: [Float]) -> Double {
    var (sum, pairs) = (0.0, 0.0)
    for bin in 0..<15 {
      sum += abs(Double(table[3 * bin + 1]) - Double(table[3 * bin + 2]))
      pairs += Double(table[3 * bin])
    }
    return sum / max(1, pairs)
  }

  /// The 95 % interval of the mean difference of a figure of two models, this one's minus the other's, over the same customers.
  func difference(from other: CustomerFigures, seed: UInt64) -> [String: ConfidenceInterval] {
    let gain = zip(gains, other.gains).map { $0 - $1 }.filter { !$0.isNaN }
    return [
      "ndcg@10": Bootstrap.meanInterval(of: gain, seed: seed),
      "brier": Bootstrap.meanInterval(of: zip(errors, other.errors).map { $0 - $1 }, seed: seed),
    ]
  }
}
