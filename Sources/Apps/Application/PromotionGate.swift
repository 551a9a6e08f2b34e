import Learning
import MathKernels
import Recommendation

/// Whether a recommender that was just trained may go live.
///
/// It must not be worse than what is live by more than a twentieth of it, by the lower bound of the paired difference of
/// NDCG@10 over the same users of the same held-out days; and by the lower bound of its own figure it must not be below what is
/// popular. The first version of a shop has nothing to be compared with and goes live. The live algorithm trained on newer data
/// is held back only when what is popular is better beyond chance.
public struct PromotionGate: Sendable {
  /// How an algorithm does on the held-out days.
  public struct Figures: Sendable {
    /// The algorithm with its settings: equal ones learn the same.
    public var algorithm: String
    /// NDCG@10 of each user measured, in the same order for all algorithms.
    public var ndcgByUser: [Double]

    /// How an algorithm does.
    public init(algorithm: String, ndcgByUser: [Double]) {
      self.algorithm = algorithm
      self.ndcgByUser = ndcgByUser
    }

    init(_ report: RecommendationEvaluation.Report) {
      self.init(
        algorithm: "\(report.name) \(String(decoding: report.configuration.serialized, as: UTF8.self))",
        ndcgByUser: report.ndcgByUser)
    }

    var mean: Double { Statistics.mean(ndcgByUser) }
  }

  /// What the gate says.
  public struct Verdict: Sendable, Equatable {
    /// Whether the new version may go live.
    public let isPassed: Bool
    /// Why, or why not.
    public let reason: String
  }

  /// The share of the live version's figure that may be lost.
  public var tolerance: Double
  private static let metric = "NDCG@10"

  /// A gate; by default a twentieth may be lost.
  public init(tolerance: Double = 0.05) { self.tolerance = tolerance }

  /// Whether a new version may take the place of the live one.
  ///
  /// - Parameters:
  ///   - live: the algorithm that is live, fitted on the same data; nil when nothing is.
  ///   - floor: what is popular.
  public func verdict(on new: Figures, against live: Figures?, floor: Figures?) -> Verdict {
    guard let live else { return Verdict(isPassed: true, reason: "nothing was live before") }
    guard !new.ndcgByUser.isEmpty, new.ndcgByUser.count == live.ndcgByUser.count else {
      return Verdict(isPassed: false, reason: "held back: it could not be compared with the live version")
    }
    if live.algorithm == new.algorithm { return Self.again(new, floor) }
    let own = Self.interval(of: new.ndcgByUser).lower
    if let floor, floor.algorithm != new.algorithm, own < floor.mean {
      return Verdict(
        isPassed: false,
        reason:
          "held back: the lower bound of its \(Self.metric), \(Self.text(own)), is below that of what is popular, "
          + Self.text(floor.mean))
    }
    let differences = zip(new.ndcgByUser, live.ndcgByUser).map { $0 - $1 }
    let worst = Self.interval(of: differences).lower
    let allowed = tolerance * live.mean
    guard worst >= -allowed else {
      return Verdict(
        isPassed: false,
        reason:
          "held back: its \(Self.metric) may be lower than the live version's by \(Self.text(-worst)), and at most "
          + "\(Self.text(allowed)) is allowed")
    }
    return Verdict(
      isPassed: true,
      reason: "its \(Self.metric) is better than the live version's by at least \(Self.text(worst))")
  }

  /// The live algorithm on newer data is held back only when it has come down below what is popular, beyond chance.
  private static func again(_ new: Figures, _ floor: Figures?) -> Verdict {
    if let floor, floor.ndcgByUser.count == new.ndcgByUser.count,
      interval(of: zip(new.ndcgByUser, floor.ndcgByUser).map { $0 - $1 }).upper < 0
    {
      return Verdict(
        isPassed: false,
        reason: "held back: its \(metric), \(text(new.mean)), has come down below that of what is popular, "
          + text(floor.mean))
    }
    return Verdict(isPassed: true, reason: "the algorithm that is live, trained on newer data")
  }

  private static func interval(of figures: [Double]) -> ConfidenceInterval {
    Bootstrap.meanInterval(of: figures, resamples: 1000, level: 0.95, seed: 42)
  }

  private static func text(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }
}
