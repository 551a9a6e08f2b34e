/// Which parts a model of exponential smoothing has and how they come together: ETS(error, trend, season).
///
/// ```swift
/// ETSForm("MAdM")?.description   // "ETS(M,Ad,M)"
/// ```
/// Source: Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing, chapter 2,
/// https://doi.org/10.1007/978-3-540-71918-2
public struct ETSForm: Sendable, Codable, Hashable, CustomStringConvertible {
  /// How the error enters.
  public enum Error: String, Sendable, Codable, CaseIterable {
    /// It is added to the forecast.
    case additive = "A"
    /// It is a share of the forecast.
    case multiplicative = "M"
  }

  /// How the level moves on.
  public enum Trend: String, Sendable, Codable, CaseIterable {
    /// It stays.
    case none = "N"
    /// It grows by the slope.
    case additive = "A"
    /// It grows by a slope that fades.
    case damped = "Ad"
  }

  /// How the seasons enter.
  public enum Season: String, Sendable, Codable, CaseIterable {
    /// There are none.
    case none = "N"
    /// They are added.
    case additive = "A"
    /// They are factors.
    case multiplicative = "M"
  }

  /// How the error enters.
  public var error: Error
  /// How the level moves on.
  public var trend: Trend
  /// How the seasons enter.
  public var season: Season

  /// A form.
  public init(_ error: Error, _ trend: Trend, _ season: Season) {
    (self.error, self.trend, self.season) = (error, trend, season)
  }

  /// The form the field writes so: `ANN`, `AAdN`, `MAdM`; nil for any other text.
  public init?(_ text: String) {
    guard let first = text.first, let last = text.last, text.count >= 3,
      let error = Error(rawValue: String(first)), let season = Season(rawValue: String(last)),
      let trend = Trend(rawValue: String(text.dropFirst().dropLast()))
    else { return nil }
    self.init(error, trend, season)
  }

  /// The name the field uses, such as `ETS(M,Ad,M)`.
  public var description: String { "ETS(\(error.rawValue),\(trend.rawValue),\(season.rawValue))" }

  /// The forms an automatic choice compares: all but those of additive errors and multiplicative seasons, whose variance
  /// may be infinite.
  public static let admissible: [ETSForm] = Error.allCases.flatMap { error in
    [Trend.none, .damped, .additive].flatMap { trend in
      Season.allCases.compactMap { season in
        error == .additive && season == .multiplicative ? nil : ETSForm(error, trend, season)
      }
    }
  }

  /// Whether every value must be above 0.
  var needsPositiveValues: Bool { error == .multiplicative || season == .multiplicative }
  /// How many smoothing parameters it has.
  var smoothingCount: Int {
    1 + (trend == .none ? 0 : 1) + (season == .none ? 0 : 1) + (trend == .damped ? 1 : 0)
  }
  /// How many free states it starts from, with seasons of this length.
  func stateCount(seasonLength: Int) -> Int {
    1 + (trend == .none ? 0 : 1) + (season == .none ? 0 : seasonLength - 1)
  }
}

/// How fast the parts of a model learn from its errors.
public struct SmoothingParameters: Sendable, Codable, Equatable {
  /// Of the level: α.
  public var level = 0.0
  /// Of the slope: β, below α; 0 without trend.
  public var slope = 0.0
  /// Of the seasons: γ, below 1 − α; 0 without seasons.
  public var season = 0.0
  /// The share of the slope that is left after a step: φ, 1 without damping.
  public var damping = 1.0

  /// Parameters.
  public init(level: Double = 0, slope: Double = 0, season: Double = 0, damping: Double = 1) {
    (self.level, self.slope, self.season, self.damping) = (level, slope, season, damping)
  }
}
