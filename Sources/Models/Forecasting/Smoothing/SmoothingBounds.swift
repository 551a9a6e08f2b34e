/// Which smoothing parameters a model may have: the usual ranges, in which each state is a weighted mean of the past, and
/// the admissible ones, in which old errors fade.
///
/// Source: Hyndman, Koehler, Ord and Snyder (2008), Forecasting with Exponential Smoothing, chapter 10,
/// https://doi.org/10.1007/978-3-540-71918-2
enum SmoothingBounds {
  static let smallest = 0.0001
  static let largest = 0.9999
  static let damping = 0.8...0.98

  /// Where the search begins.
  static func start(_ form: ETSForm, seasonLength: Int, largestSlope: Double) -> SmoothingParameters {
    let span = largest - smallest
    let length = form.season == .none ? 1.0 : Double(seasonLength)
    var start = SmoothingParameters(level: smallest + 0.2 * span / length)
    if form.trend != .none { start.slope = smallest + 0.1 * (min(largestSlope, start.level) - smallest) }
    if form.season != .none { start.season = smallest + 0.05 * (min(largest, 1 - start.level) - smallest) }
    if form.trend == .damped {
      start.damping = damping.lowerBound + 0.99 * (damping.upperBound - damping.lowerBound)
    }
    return start
  }

  /// Whether the parameters lie in both ranges.
  ///
  /// Without seasons, and without trend, the usual ranges lie inside the admissible ones.
  @inline(__always)
  static func allow(
    _ p: SmoothingParameters, _ form: ETSForm, seasonLength: Int, largestSlope: Double,
    scratch: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard p.level >= smallest, p.level <= largest else { return false }
    let trend = form.trend != .none
    if trend, !(p.slope >= smallest && p.slope <= min(p.level, largestSlope)) { return false }
    if form.trend == .damped, !damping.contains(p.damping) { return false }
    guard form.season != .none else { return true }
    guard p.season >= smallest, p.season <= min(1 - p.level, largest) else { return false }
    return !trend || fades(p, seasonLength: seasonLength, scratch: scratch)
  }

  /// Whether the errors fade in a seasonal model with trend: whether all roots of its characteristic polynomial lie in the
  /// unit circle, by Schur and Cohn's recursion.
  ///
  /// - Parameter scratch: room for 2·(seasonLength + 2) numbers.
  /// - Complexity: O(m²) for seasons of m steps.
  static func fades(
    _ p: SmoothingParameters, seasonLength m: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Bool {
    let (α, β, γ, φ) = (p.level, p.slope, p.season, p.damping)
    // Coefficients from the highest power, 1, down to the constant.
    var row = scratch
    var next = scratch + m + 2
    row[0] = 1
    row[1] = α + β - φ
    for power in 2..<max(2, m) { row[power] = α + β - α * φ }
    row[m] = α + β - α * φ + γ - 1
    row[m + 1] = φ * (1 - α - γ)
    var degree = m + 1
    while degree > 0 {
      let reflection = row[degree]
      if abs(reflection) >= 1 { return false }
      let rest = 1 / (1 - reflection * reflection)
      for k in 0..<degree { next[k] = (row[k] - reflection * row[degree - k]) * rest }
      swap(&row, &next)
      degree -= 1
    }
    return true
  }
}
