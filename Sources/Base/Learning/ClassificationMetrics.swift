import Foundation
import MathKernels

/// How good stated probabilities of a yes/no outcome are.
///
/// ```swift
/// ClassificationMetrics.areaUnderROC(scores: [0.1, 0.4, 0.35, 0.8], labels: [false, false, true, true])   // 0.75
/// ```
public enum ClassificationMetrics {
  /// The probability that a positive case scores above a negative one, ties counted half; NaN without both kinds.
  ///
  /// The Mann–Whitney statistic. Source: Hanley and McNeil (1982), https://doi.org/10.1148/radiology.143.1.7063747
  /// - Complexity: O(n log n).
  public static func areaUnderROC(scores: [Double], labels: [Bool]) -> Double {
    precondition(scores.count == labels.count, "as many labels as scores are needed")
    let positives = labels.lazy.filter { $0 }.count
    let negatives = labels.count - positives
    guard positives > 0, negatives > 0 else { return .nan }
    let ranks = Statistics.midranks(scores)
    var sum = 0.0
    for index in ranks.indices where labels[index] { sum += ranks[index] }
    let n = Double(positives)
    return (sum - n * (n + 1) / 2) / (n * Double(negatives))
  }

  /// A confidence interval for the area under the ROC curve, from Hanley and McNeil's standard error.
  public static func areaUnderROCInterval(
    scores: [Double], labels: [Bool], level: Double = 0.95
  ) -> ConfidenceInterval {
    let area = areaUnderROC(scores: scores, labels: labels)
    let positives = Double(labels.lazy.filter { $0 }.count)
    let negatives = Double(labels.count) - positives
    let (q1, q2) = (area / (2 - area), 2 * area * area / (1 + area))
    let spread =
      area * (1 - area) + (positives - 1) * (q1 - area * area) + (negatives - 1) * (q2 - area * area)
    let half = NormalDistribution.quantile((1 + level) / 2) * (spread / (positives * negatives)).squareRoot()
    return ConfidenceInterval(lower: max(0, area - half), upper: min(1, area + half), level: level)
  }

  /// The mean negative log-likelihood in nats; probabilities are kept `1e-15` away from 0 and 1. NaN without cases.
  public static func logLoss(predictions: [Double], labels: [Bool]) -> Double {
    precondition(predictions.count == labels.count, "as many labels as predictions are needed")
    var sum = 0.0
    for index in predictions.indices {
      let p = min(max(predictions[index], 1e-15), 1 - 1e-15)
      sum -= labels[index] ? log(p) : log1p(-p)
    }
    return sum / Double(predictions.count)
  }

  /// The mean squared difference between probability and outcome.
  public static func brierScore(predictions: [Double], labels: [Bool]) -> Double {
    Calibration.brierScore(predictions: predictions, labels: labels)
  }

  /// The expected calibration error over bins of equal width.
  public static func expectedCalibrationError(predictions: [Double], labels: [Bool], bins: Int = 15) -> Double
  {
    Calibration.expectedError(predictions: predictions, labels: labels, bins: bins)
  }
}
