/// How much of a series is its season: 1 − Var(remainder) / Var(season + remainder) of its decomposition by STL.
///
/// The decomposition is the one of R's `mstl` for one season: seasonal windows of 11 seasons, no robustness.
///
/// Source: Wang, Smith and Hyndman (2006), https://doi.org/10.1007/s10618-005-0039-x
enum SeasonalStrength {
  private static let window = 11

  /// The strength, from 0 to 1; 0 for a series of at most two seasons.
  ///
  /// - Complexity: that of `STL`.
  static func of(_ values: [Double], seasonLength: Int) -> Double {
    guard seasonLength > 1, values.count > 2 * seasonLength else { return 0 }
    let parts = try? STL(seasonLength: seasonLength, seasonalWindow: window).decompose(values)
    return parts?.seasonalStrengths.first ?? 0
  }
}
