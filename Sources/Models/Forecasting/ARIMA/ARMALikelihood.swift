import Foundation

/// The Gaussian likelihood of seasonal ARMA models of one differenced series, exact or conditional on its start.
///
/// The exact one runs the Kalman filter of the Harvey form in the recursions of Chandrasekhar, which carry a rank-one
/// change of the state's covariance instead of the covariance, so that a step costs O(r) for r = max(p + P·m,
/// q + Q·m + 1) states, and stops updating the gain once it has settled. The regressors are filtered beside the series
/// and their coefficients found by generalised least squares at every evaluation, so that the optimiser sees the
/// coefficients of the ARMA part alone. All memory is taken once.
///
/// Sources: Gardner, Harvey and Phillips (1980), https://doi.org/10.2307/2346910; Morf, Sidhu and Kailath (1974),
/// https://doi.org/10.1109/TAC.1974.1100576; Mélard (1984), https://doi.org/10.2307/2347672.
final class ARMALikelihood {
  let data: ARIMAData
  let seasonLength: Int
  /// How many columns there are, the series included.
  let active: Int
  /// The order being evaluated.
  private(set) var order = ARIMAOrder(0, 0, 0)

  /// How many states there are, and that rounded up to whole vectors.
  private(set) var states = 1
  private(set) var padded = 4
  let phi: UnsafeMutablePointer<Double>
  let theta: UnsafeMutablePointer<Double>
  private(set) var phiLags: [Int] = []
  private(set) var thetaLags: [Int] = []
  let columns: [UnsafeMutablePointer<Double>]
  let predictions: [UnsafeMutablePointer<Double>]
  let gain: UnsafeMutablePointer<Double>
  let change: UnsafeMutablePointer<Double>
  let errors: UnsafeMutablePointer<Double>
  let start: ARMAStart
  let regression: ProfiledRegression
  /// The squares left at the last evaluation, each divided by the variance of its step.
  private(set) var squares = 0.0
  private(set) lazy var diffuse = DiffuseFilter(self)

  /// Room for all models up to these orders.
  init(_ data: ARIMAData, largest: ARIMAOrder, seasonLength: Int) {
    self.data = data
    self.seasonLength = seasonLength
    active = data.differenced.count
    let capacity = Self.states(largest, seasonLength) + 12
    let room = { (count: Int) -> UnsafeMutablePointer<Double> in
      let pointer = UnsafeMutablePointer<Double>.allocate(capacity: count)
      pointer.initialize(repeating: 0, count: count)
      return pointer
    }
    (phi, theta, gain, change) = (room(capacity), room(capacity), room(capacity), room(capacity))
    let length = data.differenced[0].count
    columns = data.differenced.map { column in
      let pointer = room(length + 1)
      for index in column.indices { pointer[index] = column[index] }
      return pointer
    }
    predictions = data.differenced.map { _ in room(capacity) }
    errors = room((length + 1) * data.differenced.count)
    start = ARMAStart(capacity: capacity)
    regression = ProfiledRegression(columns: data.differenced.count)
  }

  deinit {
    for pointer in columns + predictions + [phi, theta, gain, change, errors] { pointer.deallocate() }
  }

  private static func states(_ order: ARIMAOrder, _ seasonLength: Int) -> Int {
    max(order.p + order.seasonalP * seasonLength, order.q + order.seasonalQ * seasonLength + 1)
  }

  /// Makes ready for a model.
  func configure(_ order: ARIMAOrder) {
    self.order = order
    states = Self.states(order, seasonLength)
    padded = (states + 3) & ~3
  }

  // MARK: - Coefficients

  /// The coefficients of the model's four factors from the optimiser's: partial autocorrelations where `stationary`.
  func factors(_ x: UnsafePointer<Double>, stationary: Bool) -> [Double] {
    var result = Array(UnsafeBufferPointer(start: x, count: order.coefficientCount))
    guard stationary else { return result }
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      LagPolynomial.stationary(x, order.p, into: base)
      let seasonal = order.p + order.q
      LagPolynomial.stationary(x + seasonal, order.seasonalP, into: base + seasonal)
    }
    return result
  }

  /// Multiplies the factors out to φ and θ.
  func expand(_ x: UnsafePointer<Double>, stationary: Bool) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: order.coefficientCount + 1) { factors in
      guard let base = factors.baseAddress else { return }
      base.update(from: x, count: order.coefficientCount)
      let seasonal = order.p + order.q
      if stationary {
        LagPolynomial.stationary(x, order.p, into: base)
        LagPolynomial.stationary(x + seasonal, order.seasonalP, into: base + seasonal)
      }
      phi.update(repeating: 0, count: padded + 8)
      theta.update(repeating: 0, count: padded + 8)
      multiply(base, order.p, base + seasonal, order.seasonalP, -1, into: phi)
      multiply(base + order.p, order.q, base + seasonal + order.seasonalP, order.seasonalQ, 1, into: theta)
    }
    Self.collect(phi, order.p + order.seasonalP * seasonLength, &phiLags)
    Self.collect(theta, order.q + order.seasonalQ * seasonLength, &thetaLags)
  }

  private func multiply(
    _ short: UnsafePointer<Double>, _ shortCount: Int, _ long: UnsafePointer<Double>, _ longCount: Int,
    _ sign: Double, into result: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<shortCount { result[i] += short[i] }
    for j in 0..<longCount {
      let lag = (j + 1) * seasonLength - 1
      result[lag] += long[j]
      for i in 0..<shortCount { result[lag + i + 1] += sign * short[i] * long[j] }
    }
  }

  private static func collect(_ values: UnsafePointer<Double>, _ count: Int, _ lags: inout [Int]) {
    lags.removeAll(keepingCapacity: true)
    for index in 0..<count where values[index] != 0 { lags.append(index + 1) }
  }

  // MARK: - Likelihoods

  /// Half of minus twice the mean log-likelihood, without its constant: what the optimiser lowers.
  func exact(_ x: UnsafePointer<Double>, stationary: Bool = true) -> Double {
    expand(x, stationary: stationary)
    guard start.prepare(self) else { return .infinity }
    let (logs, count) = data.hasMissing ? diffuse.run() : filter()
    guard count > 0, solve() else { return .infinity }
    return 0.5 * (log(squares / Double(count)) + logs / Double(count))
  }

  /// Half of the logarithm of the mean square of the errors, the first ones taken as 0.
  func conditional(_ x: UnsafePointer<Double>) -> Double {
    expand(x, stationary: false)
    let skipped = order.p + order.seasonalP * seasonLength
    let count = data.differenced[0].count
    guard skipped < count else { return .infinity }
    regression.reset()
    for column in 0..<active { recurse(columns[column], errors + column * count, skipped, count) }
    for i in 0..<active {
      for j in 0...i {
        var sum = 0.0
        let (a, b) = (errors + i * count, errors + j * count)
        for t in skipped..<count { sum += a[t] * b[t] }
        regression.gram[i * regression.columns + j] = sum
      }
    }
    guard solve() else { return .infinity }
    return 0.5 * log(squares / Double(count - skipped))
  }

  private func solve() -> Bool {
    guard let found = regression.solve(active) else { return false }
    squares = found
    return true
  }

  /// e_t = w_t − Σ φ w − Σ θ e from `skipped` on.
  private func recurse(
    _ w: UnsafePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ skipped: Int, _ count: Int
  ) {
    for t in 0..<count { e[t] = t < skipped ? 0 : w[t] }
    for lag in phiLags {
      let coefficient = phi[lag - 1]
      for t in skipped..<count { e[t] -= coefficient * w[t - lag] }
    }
    guard !thetaLags.isEmpty else { return }
    thetaLags.withUnsafeBufferPointer { lags in
      for t in skipped..<count {
        var value = e[t]
        for lag in lags {
          if t < lag { break }
          value -= theta[lag - 1] * e[t - lag]
        }
        e[t] = value
      }
    }
  }

  /// Runs the filter over all columns; the sum of the logarithms of the variances, and how many values it saw.
  private func filter() -> (logs: Double, count: Int) {
    let count = data.differenced[0].count
    regression.reset()
    for column in 0..<active { predictions[column].update(repeating: 0, count: padded + 4) }
    gain.update(from: start.gain, count: padded + 4)
    change.update(from: start.gain, count: padded + 4)
    var (variance, weight) = (start.variance, -1 / start.variance)
    var (logs, product) = (0.0, 1.0)
    var settled = false
    for t in 0..<count {
      step(t, variance)
      product *= variance
      if product > 1e100 || product < 1e-100 {
        logs += log(product)
        product = 1
      }
      if !settled {
        settled = advance(&variance, &weight, check: t & 7 == 7)
      }
    }
    return (logs + log(product), count)
  }

  /// Predicts the next values of all columns after those of step `t`.
  @inline(__always)
  func step(_ t: Int, _ variance: Double) {
    let inverse = 1 / variance
    for column in 0..<active {
      let a = predictions[column]
      let observed = columns[column][t]
      let level = a[0]
      let error = observed - level
      errors[column] = error
      let scaled = error * inverse
      let (levels, errors) = (SIMD4<Double>(repeating: level), SIMD4<Double>(repeating: scaled))
      var index = 0
      while index < padded {
        let next =
          Self.load(a, index &+ 1) + Self.load(phi, index) * levels + Self.load(gain, index) * errors
        Self.store(next, a, index)
        index &+= 4
      }
    }
    let gram = regression.gram
    for i in 0..<active {
      let scaled = errors[i] * inverse
      for j in 0...i { gram[i &* regression.columns &+ j] += scaled * errors[j] }
    }
  }

  /// Moves gain and variance on by one step; whether they have settled.
  @inline(__always)
  func advance(_ variance: inout Double, _ weight: inout Double, check: Bool) -> Bool {
    let first = change[0]
    let (old, scaled) = (first / variance, weight * first)
    let (firsts, olds, weights) = (
      SIMD4<Double>(repeating: first), SIMD4<Double>(repeating: old), SIMD4<Double>(repeating: scaled)
    )
    var index = 0
    while index < padded {
      let moved = Self.load(change, index &+ 1) + Self.load(phi, index) * firsts
      let before = Self.load(gain, index)
      Self.store(moved - before * olds, change, index)
      Self.store(before + moved * weights, gain, index)
      index &+= 4
    }
    let next = variance + first * scaled
    weight *= variance / next
    variance = next
    guard check else { return false }
    var largest = 0.0
    for index in 0..<states { largest = max(largest, change[index] * change[index]) }
    return largest * abs(weight) < 1e-13 * variance
  }

  @inline(__always)
  private static func load(_ pointer: UnsafeMutablePointer<Double>, _ index: Int) -> SIMD4<Double> {
    UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inline(__always)
  private static func store(_ value: SIMD4<Double>, _ pointer: UnsafeMutablePointer<Double>, _ index: Int) {
    UnsafeMutableRawPointer(pointer + index).storeBytes(of: value, as: SIMD4<Double>.self)
  }
}
