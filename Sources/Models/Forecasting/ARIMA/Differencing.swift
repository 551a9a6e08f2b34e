/// How often a series has to be differenced before it is stationary.
///
/// Sources: Kwiatkowski, Phillips, Schmidt and Shin (1992), https://doi.org/10.1016/0304-4076(92)90104-Y; Hyndman and
/// Khandakar (2008), https://doi.org/10.18637/jss.v027.i03
enum Differencing {
  /// The statistic of the KPSS test of a constant level, with Bartlett's window of ⌊3√n/13⌋ lags; above .463 the level is
  /// not constant at 5 %.
  static func kpss(_ values: [Double]) -> Double {
    let count = values.count
    guard count > 1 else { return 0 }
    let mean = values.reduce(0, +) / Double(count)
    let rest = values.map { $0 - mean }
    let lags = Int(3 * Double(count).squareRoot() / 13)
    var (sum, numerator) = (0.0, 0.0)
    for value in rest {
      sum += value
      numerator += sum * sum
    }
    var spread = rest.reduce(0) { $0 + $1 * $1 }
    for lag in 1..<max(1, lags + 1) {
      var product = 0.0
      for index in lag..<max(lag, count) { product += rest[index] * rest[index - lag] }
      spread += 2 * (1 - Double(lag) / Double(lags + 1)) * product
    }
    return numerator / (Double(count) * spread)
  }

  /// How many differences it takes until the KPSS test no longer rejects a constant level at 5 %.
  static func differences(_ values: [Double], atMost limit: Int) -> Int {
    var rest = values.filter { !$0.isNaN }
    for order in 0..<max(0, limit) {
      if isConstant(rest) || kpss(rest) <= 0.463 { return order }
      rest = ARIMAData.difference(rest, 1)
    }
    return max(0, limit)
  }

  /// How many seasonal differences it takes until the season's strength is at most .64.
  static func seasonalDifferences(_ values: [Double], seasonLength: Int, atMost limit: Int) -> Int {
    var rest = values
    for order in 0..<max(0, limit) {
      if isConstant(rest) || rest.count < 2 * seasonLength
        || SeasonalStrength.of(
          TimeSeries(values: rest, seasonLength: seasonLength).filled().values, seasonLength: seasonLength)
          <= 0.64
      {
        return order
      }
      rest = ARIMAData.difference(rest, seasonLength)
    }
    return max(0, limit)
  }

  /// Whether all known values are the same.
  static func isConstant(_ values: [Double]) -> Bool {
    guard let first = values.first(where: { !$0.isNaN }) else { return true }
    return values.allSatisfy { $0.isNaN || abs($0 - first) <= 1e-10 * abs(first) }
  }
}
