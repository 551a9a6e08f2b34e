/// Where the Kalman filter of a stationary ARMA process starts: the variance of its values and the first gain.
///
/// The autocovariances of the autoregressive part come from its partial autocorrelations by Levinson's recursion, those
/// of the whole process by the moving average's own; so the covariance that Gardner's method solves O(r²) equations for
/// takes O(r²) operations, and only the column that the recursions of Chandrasekhar need is made.
///
/// Source: Brockwell and Davis (1991), Time Series: Theory and Methods, sections 3.3 and 5.2,
/// https://doi.org/10.1007/978-1-4419-0320-4
final class ARMAStart {
  /// T·P·Z′: the first gain times its variance.
  let gain: UnsafeMutablePointer<Double>
  /// The variance of the process, for errors of variance 1.
  private(set) var variance = 1.0

  private let capacity: Int
  private let triangle: UnsafeMutablePointer<Double>
  private let partials: UnsafeMutablePointer<Double>
  private let auto: UnsafeMutablePointer<Double>
  private let moving: UnsafeMutablePointer<Double>
  private let covariance: UnsafeMutablePointer<Double>
  private let responses: UnsafeMutablePointer<Double>

  init(capacity: Int) {
    self.capacity = capacity
    let room = { (count: Int) -> UnsafeMutablePointer<Double> in
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: count)
      pointer.initialize(repeating: 0, count: count)
      return pointer
    }
    gain = room(capacity + 8)
    triangle = room(capacity * capacity)
    (partials, moving, covariance, responses) = (
      room(capacity), room(capacity), room(capacity), room(capacity)
    )
    auto = room(2 * capacity + 8)
  }

  deinit {
    for pointer in [gain, triangle, partials, auto, moving, covariance, responses] { pointer.deallocate() }
  }

  /// Finds the start for the coefficients set; false where they are not stationary.
  func prepare(_ model: ARMALikelihood) -> Bool {
    let states = model.states
    let (p, q) = (model.phiLags.last ?? 0, model.thetaLags.last ?? 0)
    guard autocovariances(model, p, upTo: states + q) else { return false }
    mix(model, p, q, states)
    let (phi, theta) = (model.phi, model.theta)
    responses[0] = 1
    for k in 1..<max(states, 2) {
      var value = k <= q ? theta[k - 1] : 0
      for lag in model.phiLags {
        if lag > k { break }
        value += phi[lag - 1] * responses[k - lag]
      }
      responses[k] = value
    }
    gain.update(repeating: 0, count: states + 8)
    for lag in model.phiLags {
      let coefficient = phi[lag - 1]
      for i in 0..<lag { gain[i] += coefficient * covariance[lag - 1 - i] }
    }
    for lag in model.thetaLags {
      let coefficient = theta[lag - 1]
      for i in 0..<lag { gain[i] += coefficient * responses[lag - 1 - i] }
    }
    variance = covariance[0]
    return variance.isFinite && variance > 0
  }

  /// The autocovariances of the autoregressive part up to a lag.
  private func autocovariances(_ model: ARMALikelihood, _ p: Int, upTo last: Int) -> Bool {
    guard p > 0 else { return true }
    let phi = model.phi
    for index in 0..<p { triangle[(p - 1) * capacity + index] = phi[index] }
    var total = 1.0
    for order in stride(from: p - 1, through: 0, by: -1) {
      let row = triangle + order * capacity
      let partial = row[order]
      let left = 1 - partial * partial
      guard left > 0 else { return false }
      partials[order] = partial
      total /= left
      guard order > 0 else { break }
      let previous = row - capacity
      let inverse = 1 / left
      for index in 0..<order { previous[index] = (row[index] + partial * row[order - 1 - index]) * inverse }
    }
    auto[0] = total
    var error = total
    for lag in 1...p {
      var value = partials[lag - 1] * error
      if lag > 1 {
        let row = triangle + (lag - 2) * capacity
        for index in 1..<lag { value += row[index - 1] * auto[lag - index] }
      }
      auto[lag] = value
      error *= 1 - partials[lag - 1] * partials[lag - 1]
    }
    for lag in p + 1..<max(last + 1, p + 1) {
      var value = 0.0
      for back in model.phiLags { value += phi[back - 1] * auto[lag - back] }
      auto[lag] = value
    }
    return true
  }

  /// The autocovariances of the whole process at the lags below `states`.
  private func mix(_ model: ARMALikelihood, _ p: Int, _ q: Int, _ states: Int) {
    guard q > 0 else {
      for k in 0..<states { covariance[k] = p > 0 ? auto[k] : k == 0 ? 1 : 0 }
      return
    }
    moving.update(repeating: 0, count: max(q + 1, states))
    let theta = model.theta
    moving[0] = 1
    for (index, lag) in model.thetaLags.enumerated() {
      moving[lag] += theta[lag - 1]
      for other in model.thetaLags[...index] { moving[lag - other] += theta[lag - 1] * theta[other - 1] }
    }
    guard p > 0 else {
      for k in 0..<states { covariance[k] = k <= q ? moving[k] : 0 }
      return
    }
    for k in 0..<states { covariance[k] = moving[0] * auto[k] }
    for lag in 1...q where moving[lag] != 0 {
      let share = moving[lag]
      for k in 0..<states { covariance[k] += share * (auto[abs(k - lag)] + auto[k + lag]) }
    }
  }

  /// The whole covariance of the first state, row by row, for filters that carry it.
  func fullCovariance(_ model: ARMALikelihood, into result: UnsafeMutablePointer<Double>, stride: Int) {
    let (states, phi, theta) = (model.states, model.phi, model.theta)
    result[0] = variance
    for k in 1..<max(1, states) {
      result[k] = gain[k - 1] - phi[k - 1] * variance
    }
    for i in Swift.stride(from: states - 1, to: 0, by: -1) {
      result[i * stride] = result[i]
      for k in Swift.stride(from: states - 1, to: 0, by: -1) {
        let (right, below) = (k + 1 < states ? result[k + 1] : 0, i + 1 < states ? result[i + 1] : 0)
        let diagonal = i + 1 < states && k + 1 < states ? result[(i + 1) * stride + k + 1] : 0
        result[i * stride + k] =
          phi[i] * phi[k] * variance + phi[i] * right + phi[k] * below + diagonal
          + theta[i - 1] * theta[k - 1]
      }
    }
  }
}
