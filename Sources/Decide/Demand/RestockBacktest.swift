import MathKernels

/// What the forecasts would have saved in stock, replayed over past weeks.
public struct RestockBacktest: Sendable, Codable, Equatable {
  /// What a policy came to.
  public struct Outcome: Sendable, Codable, Equatable {
    /// What it cost.
    public var cost: Double
    /// The share of the demand served at once.
    public var fillRate: Double
    /// Units thrown away.
    public var waste: Double

    /// An outcome.
    public init(cost: Double, fillRate: Double, waste: Double) {
      (self.cost, self.fillRate, self.waste) = (cost, fillRate, waste)
    }
  }

  /// Weeks replayed.
  public var weeks: Int
  /// Items replayed.
  public var items: Int
  /// Orders by the forecasts.
  public var policy: Outcome
  /// Orders of so many weeks of the last four weeks' mean.
  public var baseline: Outcome
  /// By which share the forecasts' cost is below the other.
  public var saving: Double
  /// The ends of its interval of 95 percent, over items.
  public var interval: ConfidenceInterval
}
