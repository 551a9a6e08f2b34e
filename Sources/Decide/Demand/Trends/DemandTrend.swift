import MathKernels

/// How the demand for a category, brand, department or attribute moves.
public struct DemandTrend: Sendable, Equatable {
  /// What trends are reckoned of.
  public enum Level: String, Sendable, CaseIterable {
    /// The category at which needs are mined.
    case category
    /// A brand or maker.
    case brand
    /// The broadest category of its items' paths.
    case department
    /// A value of an attribute of items, such as a package size.
    case attribute
  }

  /// Which way it goes, beyond the shop's own growth.
  public enum Direction: String, Sendable, CaseIterable {
    /// Its units and its share of the shop rise, and neither by chance.
    case rising
    /// Its units and its share of the shop fall, and neither by chance.
    case falling
    /// Neither is sure.
    case steady
  }

  /// A relative change within 13 weeks and how sure it is.
  public struct Change: Sendable, Equatable {
    /// The change, `.1` for a rise by a tenth.
    public var value: Double
    /// Where it lies with 95 % confidence.
    public var interval: ConfidenceInterval
    /// The two-sided p-value of no trend.
    public var pValue: Double
    /// The p-value adjusted for all subjects of the level.
    public var qValue: Double
  }

  /// What it is of.
  public let level: Level
  /// The category, brand, department, or `attribute=value`.
  public let id: String
  /// Units in the weeks looked at.
  public let units: Double
  /// What was paid for them, in minor units.
  public let amount: Double
  /// How its units change.
  public internal(set) var change: Change
  /// How its share of the shop's order lines changes.
  public internal(set) var shareChange: Change
  /// Units in each of those weeks.
  public let series: [Double]

  /// Rising or falling when both the units and the share do, each at a false discovery rate of 5 %.
  public var direction: Direction {
    guard change.qValue <= 0.05, shareChange.qValue <= 0.05, change.value * shareChange.value > 0 else {
      return .steady
    }
    return change.value > 0 ? .rising : .falling
  }

  /// `category:COFFEE`.
  public var subject: String { "\(level.rawValue):\(id)" }
}
