import Foundation
import Learning
import MathKernels

/// How good stated risks are: rank, size, and what acting on them would cost.
///
/// ```swift
/// let figures = try ChurnEvaluation(risks: [0.9, 0.2, 0.6, 0.1], left: [true, false, true, false])
/// figures.areaUnderROC        // 1
/// figures.lift(at: 0.25)      // 2: among the quarter at most risk twice as many leave as among all
/// ```
public struct ChurnEvaluation: Sendable, Codable, Equatable {
  /// The customers at most risk, up to some share of all.
  public struct CurvePoint: Sendable, Codable, Equatable {
    /// Which share of customers is contacted, the ones at most risk first.
    public var share: Double
    /// How many these are.
    public var contacted: Int
    /// The least risk among them: who is at or above it is contacted.
    public var threshold: Double
    /// How many of them leave.
    public var leavers: Int
    /// The share of them that leaves.
    public var precision: Double
    /// The share of all leavers that is among them.
    public var captured: Double
    /// How many times more often they leave than all.
    public var lift: Double
    /// What contacting them and missing the others costs for each customer: `Costs`.
    public var cost: Double
  }

  /// What mistakes cost, in any unit of money.
  public struct Costs: Sendable, Codable, Equatable {
    /// A contact with a customer.
    public var contact: Double
    /// A customer who leaves without having been contacted.
    public var loss: Double

    /// Costs; by default a loss is worth ten contacts.
    public init(contact: Double = 1, loss: Double = 10) { (self.contact, self.loss) = (contact, loss) }
  }

  /// How many customers were measured.
  public let count: Int
  /// How many of them left.
  public let leavers: Int
  /// The probability that one who left had a higher risk than one who stayed.
  public let areaUnderROC: Double
  /// Its interval of level 0.95, by Hanley and McNeil.
  public let areaInterval: ConfidenceInterval
  /// The mean squared difference between risk and outcome.
  public let brierScore: Double
  /// The mean difference between stated and observed share, over ten bins of equal width.
  public let calibrationError: Double
  /// The mean negative log-likelihood.
  public let logLoss: Double
  /// Stated against observed in these bins.
  public let reliability: [Calibration.Bin]
  /// From nobody contacted to all, in steps of 5 %.
  public let curve: [CurvePoint]
  /// What the curve's costs count.
  public let costs: Costs

  /// Measures risks.
  ///
  /// - Complexity: O(n log n).
  /// - Throws: `CustomerValueError.notEnoughData` without a customer of either kind.
  public init(risks: [Double], left: [Bool], costs: Costs = Costs()) throws {
    let leavers = left.count { $0 }
    guard risks.count == left.count, leavers > 0, leavers < left.count else {
      throw CustomerValueError.notEnoughData(
        needed: "customers who left and customers who stayed, with a risk each",
        found: "\(leavers) who left and \(left.count - leavers) who stayed, \(risks.count) risks")
    }
    count = left.count
    self.leavers = leavers
    self.costs = costs
    areaUnderROC = ClassificationMetrics.areaUnderROC(scores: risks, labels: left)
    areaInterval = ClassificationMetrics.areaUnderROCInterval(scores: risks, labels: left)
    brierScore = ClassificationMetrics.brierScore(predictions: risks, labels: left)
    calibrationError = ClassificationMetrics.expectedCalibrationError(
      predictions: risks, labels: left, bins: 10)
    logLoss = ClassificationMetrics.logLoss(predictions: risks, labels: left)
    reliability = Calibration.reliability(predictions: risks, labels: left, bins: 10)
    curve = Self.curve(risks, left, leavers, costs)
  }

  private static func curve(
    _ risks: [Double], _ left: [Bool], _ leavers: Int, _ costs: Costs
  ) -> [CurvePoint] {
    let order = risks.indices.sorted { (risks[$1], $0) < (risks[$0], $1) }
    var (found, next) = (0, 0)
    return (0...20).map { step in
      let contacted = (order.count * step + 10) / 20
      while next < contacted {
        if left[order[next]] { found += 1 }
        next += 1
      }
      let precision = contacted > 0 ? Double(found) / Double(contacted) : 0
      let rate = Double(leavers) / Double(order.count)
      let cost = costs.contact * Double(contacted) + costs.loss * Double(leavers - found)
      return CurvePoint(
        share: Double(step) / 20, contacted: contacted,
        threshold: contacted > 0 ? risks[order[contacted - 1]] : 1, leavers: found, precision: precision,
        captured: Double(found) / Double(leavers), lift: contacted > 0 ? precision / rate : 0,
        cost: cost / Double(order.count))
    }
  }

  /// How many times more often the share at most risk leaves than all do; the nearest step of 5 %.
  public func lift(at share: Double) -> Double {
    curve[min(max(Int((share * 20).rounded()), 0), 20)].lift
  }

  /// The point of the curve that costs least.
  public var cheapest: CurvePoint { curve.min { $0.cost < $1.cost } ?? curve[0] }
}
