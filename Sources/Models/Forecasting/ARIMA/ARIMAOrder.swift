/// The orders of an ARIMA model: how many past values, differences and past errors it has, within and across seasons.
///
/// ```swift
/// let airline = ARIMAOrder(0, 1, 1, seasonal: (0, 1, 1))
/// ```
public struct ARIMAOrder: Sendable, Codable, Hashable {
  /// How many past values the next one depends on.
  public var p: Int
  /// How many differences are taken first.
  public var d: Int
  /// How many past errors the next value depends on.
  public var q: Int
  /// How many values of past seasons the next one depends on.
  public var seasonalP: Int
  /// How many seasonal differences are taken first.
  public var seasonalD: Int
  /// How many errors of past seasons the next value depends on.
  public var seasonalQ: Int

  /// Orders p, d and q, and for seasons P, D and Q.
  public init(_ p: Int, _ d: Int, _ q: Int, seasonal: (Int, Int, Int) = (0, 0, 0)) {
    (self.p, self.d, self.q) = (p, d, q)
    (seasonalP, seasonalD, seasonalQ) = seasonal
  }

  /// Whether any part of it looks across seasons.
  public var isSeasonal: Bool { seasonalP + seasonalD + seasonalQ > 0 }
  /// How many coefficients of past values and errors there are.
  public var coefficientCount: Int { p + q + seasonalP + seasonalQ }

  /// As the field writes it: `ARIMA(2,1,1)(0,1,0)[12]`.
  public func description(seasonLength: Int) -> String {
    let base = "ARIMA(\(p),\(d),\(q))"
    return isSeasonal ? base + "(\(seasonalP),\(seasonalD),\(seasonalQ))[\(seasonLength)]" : base
  }

  /// How many values the differences cost at the start of a series.
  func lostToDifferences(seasonLength: Int) -> Int { d + seasonalD * seasonLength }

  func validate(seasonLength: Int) throws {
    for (name, value) in [
      ("p", p), ("d", d), ("q", q), ("P", seasonalP), ("D", seasonalD), ("Q", seasonalQ),
    ] where value < 0 || value > 50 {
      throw ForecastError.invalidParameter(name: name, value: "\(value)", expected: "an order from 0 to 50")
    }
    if isSeasonal, seasonLength < 2 {
      throw ForecastError.invalidParameter(
        name: "seasonLength", value: "\(seasonLength)", expected: "at least 2 for a seasonal model")
    }
  }
}
