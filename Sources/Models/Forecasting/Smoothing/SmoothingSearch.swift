import Foundation

/// Finds the smoothing parameters and first states of one form that make a series likeliest.
///
/// One search serves all forms of a series and allocates its memory once.
final class SmoothingSearch {
  /// What the search makes small.
  enum Criterion {
    /// −2 log likelihood, but for a constant: n·log Σe² (+ 2 Σ log |forecast| for multiplicative errors).
    case likelihood
    /// The mean squared error of one step.
    case meanSquare
  }

  /// What was found for one form.
  struct Solution {
    var form: ETSForm
    var parameters: SmoothingParameters
    var level: Double
    var slope: Double
    /// The seasons of the first season, oldest first.
    var seasons: [Double]
    /// The criterion's value.
    var value: Double
    /// How many parameters and states were fitted.
    var fittedCount: Int
  }

  private let values: [Double]
  private let seasonLength: Int
  private let criterion: Criterion
  private let largestSlope: Double
  private let simplex: NelderMead
  private let seasons: UnsafeMutablePointer<Double>
  private let scratch: UnsafeMutablePointer<Double>
  private let point: UnsafeMutablePointer<Double>

  init(
    _ values: [Double], seasonLength: Int, criterion: Criterion = .likelihood,
    largestSlope: Double = SmoothingBounds.largest
  ) {
    self.largestSlope = largestSlope
    (self.values, self.seasonLength, self.criterion) = (values, seasonLength, criterion)
    let capacity = seasonLength + 6
    simplex = NelderMead(capacity: capacity)
    seasons = .allocate(capacity: seasonLength)
    scratch = .allocate(capacity: 2 * (seasonLength + 2))
    point = .allocate(capacity: capacity)
  }

  deinit {
    seasons.deallocate()
    scratch.deallocate()
    point.deallocate()
  }

  /// The best of one form; nil when the series is too short for it, or nothing finite is found.
  func solve(_ form: ETSForm, start: SmoothingStart, maximumEvaluations: Int = 2000) -> Solution? {
    let size = form.smoothingCount + form.stateCount(seasonLength: seasonLength)
    guard size < values.count - 1 else { return nil }
    lay(SmoothingBounds.start(form, seasonLength: seasonLength, largestSlope: largestSlope), start, form)
    return values.withUnsafeBufferPointer { buffer -> Solution? in
      guard let base = buffer.baseAddress else { return nil }
      let found = simplex.minimize(point, size: size, maximumEvaluations: maximumEvaluations) { trial in
        self.evaluate(trial, form, base)
      }
      guard let value = found else { return nil }
      let recursion = unpack(point, form)
      return Solution(
        form: form, parameters: recursion.parameters, level: recursion.level, slope: recursion.slope,
        seasons: form.season == .none ? [] : (0..<seasonLength).map { seasons[$0] }, value: value,
        fittedCount: size)
    }
  }

  private func lay(_ parameters: SmoothingParameters, _ start: SmoothingStart, _ form: ETSForm) {
    var index = 0
    func put(_ value: Double) {
      point[index] = value
      index += 1
    }
    put(parameters.level)
    if form.trend != .none { put(parameters.slope) }
    if form.season != .none { put(parameters.season) }
    if form.trend == .damped { put(parameters.damping) }
    put(start.level)
    if form.trend != .none { put(start.slope) }
    if form.season != .none { start.seasons.forEach(put) }
  }

  /// A trial's recursion, its seasons written to `seasons`.
  @inline(__always)
  private func unpack(_ trial: UnsafePointer<Double>, _ form: ETSForm) -> SmoothingRecursion {
    var index = 1
    var parameters = SmoothingParameters(level: trial[0])
    if form.trend != .none {
      parameters.slope = trial[index]
      index += 1
    }
    if form.season != .none {
      parameters.season = trial[index]
      index += 1
    }
    if form.trend == .damped {
      parameters.damping = trial[index]
      index += 1
    }
    let level = trial[index]
    index += 1
    var slope = 0.0
    if form.trend != .none {
      slope = trial[index]
      index += 1
    }
    if form.season != .none {
      var sum = 0.0
      for back in 0..<seasonLength - 1 {
        let season = trial[index + back]
        seasons[seasonLength - 1 - back] = season
        sum += season
      }
      seasons[0] = (form.season == .multiplicative ? Double(seasonLength) : 0) - sum
    }
    return SmoothingRecursion(
      form: form, parameters: parameters, level: level, slope: slope, seasons: seasons,
      seasonLength: seasonLength)
  }

  @inline(__always)
  private func evaluate(_ trial: UnsafePointer<Double>, _ form: ETSForm, _ base: UnsafePointer<Double>)
    -> Double
  {
    var recursion = unpack(trial, form)
    guard
      SmoothingBounds.allow(
        recursion.parameters, form, seasonLength: seasonLength, largestSlope: largestSlope, scratch: scratch)
    else { return .infinity }
    if form.season == .multiplicative {
      for index in 0..<seasonLength where seasons[index] < 0 { return .infinity }
    }
    let outcome = recursion.run(base, count: values.count)
    return value(of: outcome)
  }

  private func value(of outcome: SmoothingRecursion.Outcome) -> Double {
    let count = Double(values.count)
    switch criterion {
    case .meanSquare: return outcome.squares / count
    // A perfect fit is infinitely likely; a floor keeps it comparable.
    case .likelihood: return max(count * log(outcome.squares) + 2 * outcome.logForecasts, -1e10)
    }
  }
}
