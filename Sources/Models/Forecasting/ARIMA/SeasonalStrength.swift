/// How much of a series is its season: 1 − Var(remainder) / Var(season + remainder) of its decomposition by STL.
///
/// The decomposition is the one of R's `mstl` for one season: seasonal windows of 11 seasons, no robustness.
///
/// Sources: Cleveland, Cleveland, McRae and Terpenning (1990), STL: A Seasonal-Trend Decomposition Procedure Based on
/// Loess, Journal of Official Statistics 6, 3–73, https://www.wessa.net/download/stl.pdf; Wang, Smith and Hyndman (2006),
/// https://doi.org/10.1007/s10618-005-0039-x
enum SeasonalStrength {
  /// The strength, from 0 to 1; 0 for a series of at most two seasons.
  ///
  /// - Complexity: O(n · m) for a season of m steps.
  static func of(_ values: [Double], seasonLength: Int) -> Double {
    let count = values.count
    guard seasonLength > 1, count > 2 * seasonLength else { return 0 }
    let window = 11
    let trendWindow = nextOdd((1.5 * Double(seasonLength) / (1 - 1.5 / Double(window))).rounded(.up))
    let lowWindow = nextOdd(Double(seasonLength))
    var season = [Double](repeating: 0, count: count)
    var trend = season
    for _ in 0..<2 {
      let extended = cycles((0..<count).map { values[$0] - trend[$0] }, seasonLength, window)
      let averaged = average(average(average(extended, seasonLength), seasonLength), 3)
      let low = loess(averaged, lowWindow, degree: 1)
      season = (0..<count).map { extended[$0 + seasonLength] - low[$0] }
      trend = loess((0..<count).map { values[$0] - season[$0] }, trendWindow, degree: 1)
    }
    let remainder = (0..<count).map { values[$0] - season[$0] - trend[$0] }
    let whole = variance(zip(remainder, season).map { $0 + $1 })
    return whole > 0 ? max(0, min(1, 1 - variance(remainder) / whole)) : 0
  }

  private static func nextOdd(_ value: Double) -> Int { Int(value) | 1 }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }

  /// Smooths the values of each step of the season on their own, and one season further on both sides.
  private static func cycles(_ values: [Double], _ seasonLength: Int, _ window: Int) -> [Double] {
    var result = [Double](repeating: 0, count: values.count + 2 * seasonLength)
    for phase in 0..<seasonLength {
      let cycle = stride(from: phase, to: values.count, by: seasonLength).map { values[$0] }
      let length = cycle.count
      let smooth = loess(cycle, window, degree: 0)
      let first = local(cycle, at: -1, 0, min(window, length) - 1, window, 0) ?? smooth[0]
      let last = local(cycle, at: Double(length), max(0, length - window), length - 1, window, 0)
      for (index, value) in ([first] + smooth + [last ?? smooth[length - 1]]).enumerated() {
        result[phase + index * seasonLength] = value
      }
    }
    return result
  }

  private static func average(_ values: [Double], _ window: Int) -> [Double] {
    var sum = values[..<window].reduce(0, +)
    var result = [sum / Double(window)]
    for index in window..<max(window, values.count) {
      sum += values[index] - values[index - window]
      result.append(sum / Double(window))
    }
    return result
  }

  /// Local regression at every tenth of a window, with straight lines between.
  private static func loess(_ values: [Double], _ window: Int, degree: Int) -> [Double] {
    let count = values.count
    guard count > 1 else { return values }
    let jump = min((window + 9) / 10, count - 1)
    let half = (window + 1) / 2
    var result = values
    var knots = Array(stride(from: 0, to: count, by: jump))
    if knots.last != count - 1 { knots.append(count - 1) }
    for knot in knots {
      let left = window >= count ? 0 : min(max(0, knot - half + 1), count - window)
      let right = window >= count ? count - 1 : left + window - 1
      result[knot] = local(values, at: Double(knot), left, right, window, degree) ?? values[knot]
    }
    for (a, b) in zip(knots, knots.dropFirst()) where b - a > 1 {
      let slope = (result[b] - result[a]) / Double(b - a)
      for index in a + 1..<b { result[index] = result[a] + slope * Double(index - a) }
    }
    return result
  }

  /// The regression of degree 0 or 1 around one point, weighted by the cubes of the distances.
  private static func local(
    _ values: [Double], at x: Double, _ left: Int, _ right: Int, _ window: Int, _ degree: Int
  ) -> Double? {
    var reach = max(x - Double(left), Double(right) - x)
    if window > values.count { reach += Double((window - values.count) / 2) }
    var weights = [Double](repeating: 0, count: right - left + 1)
    var total = 0.0
    for index in weights.indices {
      let distance = abs(Double(left + index) - x)
      guard distance <= 0.999 * reach else { continue }
      let ratio = distance <= 0.001 * reach ? 0 : distance / reach
      let root = 1 - ratio * ratio * ratio
      weights[index] = root * root * root
      total += weights[index]
    }
    guard total > 0 else { return nil }
    for index in weights.indices { weights[index] /= total }
    if degree > 0, reach > 0 {
      let center = weights.indices.reduce(0) { $0 + weights[$1] * Double(left + $1) }
      let spread = weights.indices.reduce(0) {
        $0 + weights[$1] * (Double(left + $1) - center) * (Double(left + $1) - center)
      }
      if spread.squareRoot() > 0.001 * Double(values.count - 1) {
        let slope = (x - center) / spread
        for index in weights.indices { weights[index] *= 1 + slope * (Double(left + index) - center) }
      }
    }
    return weights.indices.reduce(0) { $0 + weights[$1] * values[left + $1] }
  }
}
