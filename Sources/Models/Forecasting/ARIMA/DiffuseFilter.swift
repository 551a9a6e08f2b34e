import Foundation

/// The Kalman filter of an ARIMA model with its levels in the state, for series with missing values.
///
/// The levels before the series are unknown: they start with a variance of 10⁶ times that of the errors, and the values
/// that they absorb count for nothing in the likelihood. A step costs O(s²) for the s states with their levels.
///
/// Source: Harvey (1990), Forecasting, Structural Time Series Models and the Kalman Filter, section 3.4,
/// https://doi.org/10.1017/CBO9781107049994
final class DiffuseFilter {
  private unowned let model: ARMALikelihood
  private let lost: Int
  private var covariance: [Double] = []
  private var moved: [Double] = []
  private(set) var states: [[Double]] = []
  private(set) var gain: [Double] = []
  private(set) var variance = 1.0

  init(_ model: ARMALikelihood) {
    self.model = model
    lost = model.data.lost
  }

  private var size: Int { model.states + lost }

  /// Starts all columns; after `ARMAStart.prepare`.
  func begin(columns: Int) {
    covariance = [Double](repeating: 0, count: size * size)
    moved = covariance
    covariance.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      model.start.fullCovariance(model, into: base, stride: size)
      for level in model.states..<size { base[level * size + level] = 1e6 }
    }
    states = [[Double]](repeating: [Double](repeating: 0, count: size), count: columns)
    gain = [Double](repeating: 0, count: size)
    observe()
  }

  /// The variance of the next value and its covariance with the states.
  private func observe() {
    let size = self.size
    for row in 0..<size { gain[row] = covariance[row * size] }
    for (lag, value) in model.data.lags {
      let level = model.states + lag - 1
      for row in 0..<size { gain[row] += value * covariance[row * size + level] }
    }
    variance = seen(gain)
  }

  /// What a state shows of itself: the ARMA value and the levels.
  func seen(_ state: [Double]) -> Double {
    var value = state[0]
    for (lag, share) in model.data.lags { value += share * state[model.states + lag - 1] }
    return value
  }

  /// Takes in the errors of the columns, or none where the value is missing, and moves on to the next step.
  func advance(errors: [Double]?) {
    let size = self.size
    if let errors {
      for (column, error) in errors.enumerated() {
        let scaled = error / variance
        for row in 0..<size { states[column][row] += gain[row] * scaled }
      }
      covariance.withUnsafeMutableBufferPointer { covariance in
        for row in 0..<size {
          let scaled = gain[row] / variance
          for column in 0..<size { covariance[row * size + column] -= scaled * gain[column] }
        }
      }
    }
    for column in states.indices { states[column] = transition(states[column]) }
    shift(from: &covariance, to: &moved)
    transpose(&moved)
    shift(from: &moved, to: &covariance)
    for row in 0..<model.states {
      let a = row == 0 ? 1 : model.theta[row - 1]
      for column in 0..<model.states {
        covariance[row * size + column] += a * (column == 0 ? 1 : model.theta[column - 1])
      }
    }
    observe()
  }

  /// The state one step later.
  func transition(_ state: [Double]) -> [Double] {
    var result = state
    for index in 0..<model.states {
      result[index] = model.phi[index] * state[0] + (index + 1 < model.states ? state[index + 1] : 0)
    }
    guard lost > 0 else { return result }
    result[model.states] = seen(state)
    for index in model.states + 1..<max(size, model.states + 1) { result[index] = state[index - 1] }
    return result
  }

  /// The transition of all columns of a matrix at once.
  private func shift(from source: inout [Double], to target: inout [Double]) {
    let (size, states) = (self.size, model.states)
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        for row in 0..<states {
          let coefficient = model.phi[row]
          for column in 0..<size {
            target[row * size + column] =
              coefficient * source[column] + (row + 1 < states ? source[(row + 1) * size + column] : 0)
          }
        }
        guard lost > 0 else { return }
        for column in 0..<size { target[states * size + column] = source[column] }
        for (lag, share) in model.data.lags {
          let level = states + lag - 1
          for column in 0..<size { target[states * size + column] += share * source[level * size + column] }
        }
        for row in states + 1..<max(size, states + 1) {
          for column in 0..<size { target[row * size + column] = source[(row - 1) * size + column] }
        }
      }
    }
  }

  private func transpose(_ matrix: inout [Double]) {
    let size = self.size
    matrix.withUnsafeMutableBufferPointer { matrix in
      for row in 0..<size {
        for column in 0..<row { matrix.swapAt(row * size + column, column * size + row) }
      }
    }
  }

  /// Runs over all columns; the sum of the logarithms of the variances, and how many values counted.
  func run() -> (logs: Double, count: Int) {
    let regression = model.regression
    regression.reset()
    begin(columns: model.active)
    var (logs, counted) = (0.0, 0)
    for t in model.data.levels[0].indices {
      guard !model.data.levels[0][t].isNaN else {
        advance(errors: nil)
        continue
      }
      let errors = (0..<model.active).map { model.data.levels[$0][t] - seen(states[$0]) }
      if variance < 1e4 {
        counted += 1
        logs += log(variance)
        for i in 0..<model.active {
          for j in 0...i { regression.gram[i * regression.columns + j] += errors[i] * errors[j] / variance }
        }
      }
      advance(errors: errors)
    }
    return (logs, counted)
  }
}
