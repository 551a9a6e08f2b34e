/// A score taken apart: a base and signed contributions that add up to it.
public struct Explanation: Sendable, Codable, Equatable {
  /// One named part of a score.
  public struct Contribution: Sendable, Codable, Equatable {
    /// The name of the feature.
    public var feature: String
    /// The feature's value for this case; nil when it is missing.
    public var value: Double?
    /// What the feature adds to the score, in `unit`.
    public var contribution: Double

    /// One part.
    public init(feature: String, value: Double?, contribution: Double) {
      self.feature = feature
      self.value = value
      self.contribution = contribution
    }
  }

  /// The score before anything is known about the case.
  public var base: Double
  /// The parts, largest magnitude first.
  public var contributions: [Contribution]
  /// What calibration moves the score by.
  public var calibration: Double
  /// The scale on which the parts add up, such as `log-odds`.
  public var unit: String

  /// A score taken apart; the parts are put in order of magnitude.
  public init(base: Double, contributions: [Contribution], calibration: Double = 0, unit: String) {
    self.base = base
    self.contributions = contributions.sorted { abs($0.contribution) > abs($1.contribution) }
    self.calibration = calibration
    self.unit = unit
  }

  /// The score: base, contributions and calibration added up.
  public var total: Double { contributions.reduce(base + calibration) { $0 + $1.contribution } }
}
