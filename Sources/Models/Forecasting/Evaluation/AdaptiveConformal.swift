import Learning
import MathKernels

/// Intervals for a stream of forecasts whose errors change: after each miss they widen, after each hit they narrow a little.
///
/// Adaptive conformal inference: the level asked of the past scores moves by `rate` times how far the last hit or miss was
/// from the promise. Over a long run the share of values inside comes to the level, whatever the errors do.
///
/// ```swift
/// var conformal = AdaptiveConformal(level: 0.9)
/// for step in values.indices {
///   let half = conformal.halfWidth          // infinite until it has seen enough
///   conformal.update(score: abs(values[step] - forecasts[step]))
/// }
/// ```
/// Source: Gibbs and Candès (2021), https://arxiv.org/abs/2106.00170
///
/// - Complexity: O(w log w) an update for a window of w scores.
public struct AdaptiveConformal: Sendable, Codable, Equatable {
  /// The share of values that should lie inside.
  public let level: Double
  /// How fast it reacts.
  public let rate: Double
  /// How many past scores count.
  public let window: Int
  /// The level asked of the past scores at present.
  public private(set) var currentLevel: Double
  /// How many values were inside so far.
  public private(set) var inside = 0
  /// How many values came so far.
  public private(set) var count = 0
  private var scores: [Double] = []

  /// A stream's intervals.
  ///
  /// - Throws: `ForecastError.invalidParameter`.
  public init(level: Double, rate: Double = 0.02, window: Int = 200) throws {
    guard level > 0, level < 1 else {
      throw ForecastError.invalidParameter(name: "level", value: "\(level)", expected: "above 0, below 1")
    }
    try checkRate(rate, "rate")
    guard window > 0 else {
      throw ForecastError.invalidParameter(name: "window", value: "\(window)", expected: "at least 1")
    }
    (self.level, self.rate, self.window, currentLevel) = (level, rate, window, level)
  }

  /// How far the next value may lie from its forecast; infinite while too few scores are known to promise it.
  public var halfWidth: Double {
    guard currentLevel < 1 else { return .infinity }
    let rank = Int((Double(scores.count + 1) * max(0, currentLevel)).rounded(.up))
    guard rank >= 1 else { return 0 }
    return rank <= scores.count ? scores.sorted()[rank - 1] : .infinity
  }

  /// Takes in how far a value lay from its forecast.
  public mutating func update(score: Double) {
    let hit = score <= halfWidth
    count += 1
    if hit { inside += 1 }
    currentLevel += rate * ((hit ? 0 : 1) - (1 - level))
    scores.append(score)
    if scores.count > window { scores.removeFirst() }
  }
}
