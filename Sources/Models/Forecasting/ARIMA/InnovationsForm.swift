/// How a fitted ARIMA process came to its last value and goes on from it.
///
/// A value h steps ahead is its forecast plus the errors until then, each times its response; that gives intervals, and
/// sample paths that are exact draws, whatever is still unsettled of the filter.
struct InnovationsForm {
  /// The one-step forecasts of the series; NaN where there is none.
  var predictions: [Double]
  /// The forecasts.
  var means: [Double]
  /// The variances of the errors to come, as multiples of the model's.
  var variances: [Double]
  /// What the error of each step to come adds to its own step and the ones after it.
  var responses: [[Double]]

  /// The variances of the forecasts, as multiples of the model's.
  var forecastVariances: [Double] {
    means.indices.map { step in
      (0...step).reduce(0) { sum, origin in
        let response = responses[origin][step - origin]
        return sum + response * response * variances[origin]
      }
    }
  }

  /// Runs the process of these factors over the first column of its data and beyond.
  init(_ model: ARMALikelihood, factors: [Double], horizon: Int) {
    factors.withUnsafeBufferPointer { buffer in
      let none = 0.0
      withUnsafePointer(to: none) { model.expand(buffer.baseAddress ?? $0, stationary: false) }
    }
    (predictions, means, variances, responses) = ([], [], [], [])
    guard model.start.prepare(model) else { return }
    if model.data.hasMissing { runDiffuse(model, horizon) } else { runDifferenced(model, horizon) }
  }

  private mutating func runDifferenced(_ model: ARMALikelihood, _ horizon: Int) {
    let count = model.data.differenced[0].count
    model.predictions[0].update(repeating: 0, count: model.padded + 4)
    model.gain.update(from: model.start.gain, count: model.padded + 4)
    model.change.update(from: model.start.gain, count: model.padded + 4)
    var (variance, weight, settled) = (model.start.variance, -1 / model.start.variance, false)
    let levels = model.data.levels[0]
    predictions = [Double](repeating: .nan, count: model.data.lost)
    for t in 0..<count {
      model.step(t, variance)
      predictions.append(levels[model.data.lost + t] - model.errors[0])
      if !settled { settled = model.advance(&variance, &weight, check: t & 7 == 7) }
    }
    let rows = firstRows(model, horizon)
    var ahead = levels
    for step in 0..<horizon {
      variances.append(variance)
      var response = [1.0]
      for lag in 0..<max(0, horizon - step - 1) {
        var value = 0.0
        for state in 0..<model.states { value += rows[lag][state] * model.gain[state] }
        response.append(value / variance)
      }
      responses.append(integrated(response, model))
      var mean = 0.0
      for state in 0..<model.states { mean += rows[step][state] * model.predictions[0][state] }
      for (lag, value) in model.data.lags { mean += value * ahead[ahead.count - lag] }
      ahead.append(mean)
      means.append(mean)
      if !settled { settled = model.advance(&variance, &weight, check: true) }
    }
  }

  /// The first rows of the powers of the transition: what a state shows of itself after so many steps.
  private func firstRows(_ model: ARMALikelihood, _ count: Int) -> [[Double]] {
    var row = [Double](repeating: 0, count: model.states)
    row[0] = 1
    return (0..<count).map { _ in
      let current = row
      for state in 1..<max(1, model.states) { row[state] = current[state - 1] }
      row[0] = current.indices.reduce(0) { $0 + current[$1] * model.phi[$1] }
      return current
    }
  }

  /// Undoes the differences.
  private func integrated(_ values: [Double], _ model: ARMALikelihood) -> [Double] {
    var result = values
    for index in result.indices {
      for (lag, value) in model.data.lags where index >= lag { result[index] += value * result[index - lag] }
    }
    return result
  }

  private mutating func runDiffuse(_ model: ARMALikelihood, _ horizon: Int) {
    let filter = model.diffuse
    filter.begin(columns: 1)
    for value in model.data.levels[0] {
      let prediction = filter.seen(filter.states[0])
      predictions.append(filter.variance < 1e4 ? prediction : .nan)
      filter.advance(errors: value.isNaN ? nil : [value - prediction])
    }
    var state = filter.states[0]
    for step in 0..<horizon {
      variances.append(filter.variance)
      means.append(filter.seen(state))
      var (response, moved) = ([1.0], filter.transition(filter.gain.map { $0 / filter.variance }))
      for _ in 0..<max(0, horizon - step - 1) {
        response.append(filter.seen(moved))
        moved = filter.transition(moved)
      }
      responses.append(response)
      state = filter.transition(state)
      filter.advance(errors: [0])
    }
  }
}
