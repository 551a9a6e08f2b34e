import Foundation
import Learning
import MathKernels

/// A fitted model of how likely a case comes true: a click, a purchase, a liking.
public protocol ClickModel: FittedModel {
  /// The fields it reads, in order.
  var fields: [String] { get }

  /// The logit of each case before calibration; finite.
  func logits(_ rows: [[FieldValue]]) -> [Double]

  /// What validation found: how logits become probabilities.
  var calibration: LogitCalibration { get }
}

/// The line that takes a model's logits to calibrated ones; the order of cases stays as it is.
///
/// Source: Platt (1999), by `PlattScaling`.
public struct LogitCalibration: Sendable, Codable, Equatable {
  /// What a logit is multiplied with; above 0.
  public let slope: Double
  /// What is added.
  public let offset: Double

  /// No change.
  public static let none = LogitCalibration(slope: 1, offset: 0)

  /// A line.
  public init(slope: Double, offset: Double) { (self.slope, self.offset) = (slope, offset) }

  /// The line that fits these cases best; none where they say nothing, or would turn the order round.
  init(logits: [Double], labels: [Bool]) {
    guard labels.contains(true), labels.contains(false),
      let scaling = try? PlattScaling(scores: logits, labels: labels), scaling.slope < 0,
      scaling.slope.isFinite, scaling.offset.isFinite
    else {
      self = .none
      return
    }
    // Its line gives the log-odds of a no.
    self.init(slope: -scaling.slope, offset: -scaling.offset)
  }

  func probability(_ logit: Double) -> Double {
    let moved = slope * logit + offset
    return moved >= 0 ? 1 / (1 + exp(-moved)) : exp(moved) / (1 + exp(moved))
  }
}

extension ClickModel {
  /// The calibrated probability of each case, one value a field and case; unknown names count as missing.
  ///
  /// - Throws: `LearningError.invalidParameter` when a case has another number of values than the model has fields.
  public func probabilities(_ rows: [[FieldValue]]) throws -> [Double] {
    for row in rows where row.count != fields.count {
      throw LearningError.invalidParameter(
        name: "row", value: "\(row.count) values", expected: "\(fields.count), one a field")
    }
    return parallelBlocks(rows.count, blockSize: 1024) { block in
      logits(Array(rows[block])).map(calibration.probability)
    }.flatMap { $0 }
  }

  /// The figures on held-out cases: `auc`, `log_loss`, `brier`, `ece`.
  public func evaluate(_ table: ClickTable) throws -> [String: Double] {
    let found = try probabilities(table.rows)
    return [
      "auc": ClassificationMetrics.areaUnderROC(scores: found, labels: table.labels),
      "log_loss": ClassificationMetrics.logLoss(predictions: found, labels: table.labels),
      "brier": ClassificationMetrics.brierScore(predictions: found, labels: table.labels),
      "ece": ClassificationMetrics.expectedCalibrationError(predictions: found, labels: table.labels),
    ]
  }
}

extension Array where Element == Double {
  /// The area under the ROC curve as a figure to maximise: .5 where there is only one kind of label.
  func area(_ labels: [Bool]) -> Double {
    let area = ClassificationMetrics.areaUnderROC(scores: self, labels: labels)
    return area.isNaN ? 0.5 : area
  }
}
