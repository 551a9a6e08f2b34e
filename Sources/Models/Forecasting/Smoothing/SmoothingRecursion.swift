import Foundation

/// The recursion all models of exponential smoothing share, over raw memory and without allocation.
///
/// Each step forecasts f from level, slope and season, and moves each of them by its share of the error. The loop is
/// written once and compiled for each form, so that no step asks which parts there are.
struct SmoothingRecursion {
  let form: ETSForm
  let parameters: SmoothingParameters
  var level: Double
  var slope: Double
  /// The seasons in the order of time; the one of the next step is at `position`.
  let seasons: UnsafeMutablePointer<Double>
  let seasonLength: Int
  var position = 0

  /// The sum of squared errors (relative ones where they are multiplicative) and of log |forecast| (0 where they are additive).
  struct Outcome {
    var squares: Double
    var logForecasts: Double
  }

  /// Runs over `count` values.
  ///
  /// - Parameters:
  ///   - fitted: where to write the forecasts, if anywhere.
  mutating func run(
    _ values: UnsafePointer<Double>, count: Int, fitted: UnsafeMutablePointer<Double>? = nil
  ) -> Outcome {
    switch (form.error, form.season) {
    case (.additive, .none): runTrend(values, count, false, false, false, fitted)
    case (.additive, .additive): runTrend(values, count, false, true, false, fitted)
    case (.additive, .multiplicative): runTrend(values, count, false, true, true, fitted)
    case (.multiplicative, .none): runTrend(values, count, true, false, false, fitted)
    case (.multiplicative, .additive): runTrend(values, count, true, true, false, fitted)
    case (.multiplicative, .multiplicative): runTrend(values, count, true, true, true, fitted)
    }
  }

  @inline(__always)
  private mutating func runTrend(
    _ values: UnsafePointer<Double>, _ count: Int, _ relative: Bool, _ seasonal: Bool, _ factors: Bool,
    _ fitted: UnsafeMutablePointer<Double>?
  ) -> Outcome {
    switch form.trend {
    case .none: loop(values, count, relative, seasonal, factors, false, false, fitted)
    case .additive: loop(values, count, relative, seasonal, factors, true, false, fitted)
    case .damped: loop(values, count, relative, seasonal, factors, true, true, fitted)
    }
  }

  /// A seasonal model whose factors come near 0 divides by this at least.
  private static let smallest = 1e-10

  @inline(__always)
  private mutating func loop(
    _ values: UnsafePointer<Double>, _ count: Int, _ relative: Bool, _ seasonal: Bool, _ factors: Bool,
    _ trend: Bool, _ damped: Bool, _ fitted: UnsafeMutablePointer<Double>?
  ) -> Outcome {
    let (α, β, γ, φ) = (parameters.level, parameters.slope, parameters.season, parameters.damping)
    let (seasons, seasonLength) = (seasons, seasonLength)
    var (level, slope, position) = (level, slope, position)
    var (squares, logs, product) = (0.0, 0.0, 1.0)
    for step in 0..<count {
      let y = values[step]
      let growth = damped ? φ * slope : slope
      let base = trend ? level + growth : level
      let season = seasonal ? seasons[position] : 0
      let forecast = factors ? base * season : seasonal ? base + season : base
      if let fitted { fitted[step] = forecast }
      let difference = y - forecast
      let error = relative ? difference / forecast : difference
      // What the value says of the level, less the level expected.
      let surprise = factors ? y / (abs(season) < Self.smallest ? Self.smallest : season) - base : difference
      level = base + α * surprise
      if trend { slope = growth + β * surprise }
      if factors {
        seasons[position] = season + γ * (relative ? error * season : y / base - season)
      } else if seasonal {
        seasons[position] = season + γ * difference
      }
      if seasonal {
        position += 1
        if position == seasonLength { position = 0 }
      }
      squares += error * error
      if relative {
        // One logarithm for many forecasts.
        product *= abs(forecast)
        if !(product < 1e150 && product > 1e-150) {
          logs += log(product)
          product = 1
        }
      }
    }
    (self.level, self.slope, self.position) = (level, slope, position)
    return Outcome(squares: squares, logForecasts: relative ? logs + log(product) : 0)
  }
}
