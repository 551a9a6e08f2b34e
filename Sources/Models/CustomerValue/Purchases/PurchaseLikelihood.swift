import MathKernels

/// The mean negative log-likelihood of a base, with its gradient, ready to be minimised.
///
/// Its variables are the logarithms of the four parameters, then a coefficient of buying for each covariate and one of leaving,
/// both for covariates divided by their standard deviations.
struct PurchaseLikelihood: Sendable {
  /// Customers with the same history, and how many.
  private struct Row: Sendable {
    var slot: Int32
    var frequency: Double
    var recency: Double
    var age: Double
    var weight: Double
  }

  let process: PurchaseProcess
  let penalizer: Double
  /// How long a unit of the penalised parameters is: the highest age, as `lifetimes` has it.
  let penaltyUnit: Double
  let covariates: Matrix<Double>?
  /// The standard deviation of each covariate.
  let scales: [Double]
  let customers: Double
  private let rows: [Row]
  private let frequencies: [Double]

  init(_ base: CustomerBase, process: PurchaseProcess, penalizer: Double) {
    self.process = process
    self.penalizer = penalizer
    customers = Double(base.count)
    penaltyUnit = max(base.histories.lazy.map(\.age).max() ?? 0, .leastNormalMagnitude)
    let distinct = Set(base.histories.map(\.frequency)).sorted()
    let slots = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int32($0)) })
    frequencies = distinct.map(Double.init)
    var rows = base.histories.map { history in
      Row(
        slot: slots[history.frequency] ?? 0, frequency: Double(history.frequency),
        recency: history.recency, age: history.age, weight: 1)
    }
    if let covariates = base.covariates, !covariates.names.isEmpty {
      let columns = covariates.names.count
      let deviations = (0..<columns).map { column in
        Self.deviation((0..<base.count).map { covariates.values[$0, column] })
      }
      var scaled = covariates.values
      for row in 0..<base.count {
        for column in 0..<columns { scaled[row, column] /= deviations[column] }
      }
      (self.covariates, scales) = (scaled, deviations)
    } else {
      (covariates, scales) = (nil, [])
      rows = Self.merged(rows)
    }
    self.rows = rows
  }

  /// How many variables there are.
  var size: Int { 4 + 2 * scales.count }

  private static func merged(_ rows: [Row]) -> [Row] {
    let sorted = rows.sorted { ($0.slot, $0.recency, $0.age) < ($1.slot, $1.recency, $1.age) }
    var result: [Row] = []
    for row in sorted {
      if let last = result.last, last.slot == row.slot, last.recency == row.recency, last.age == row.age {
        result[result.count - 1].weight += 1
      } else {
        result.append(row)
      }
    }
    return result
  }

  private static func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
    return squares > 0 ? squares.squareRoot() : 1
  }

  /// The mean negative log-likelihood with the penalty, and its gradient; infinite outside ±40, where a parameter's logarithm
  /// says nothing any more.
  ///
  /// - Complexity: O(customers · (1 + covariates)), on all cores; the sum does not depend on how many there are.
  func callAsFunction(_ variables: [Double]) -> (value: Double, gradient: [Double]) {
    guard variables.allSatisfy({ abs($0) < 40 }) else {
      return (.infinity, variables.map { _ in 0 })
    }
    let parameters = SIMD4(variables[0], variables[1], variables[2], variables[3]).mapped(exponential)
    let blocks =
      covariates == nil
      ? sharedBlocks(parameters) : individualBlocks(parameters, Array(variables[4...]))
    var value = 0.0
    var gradient = [Double](repeating: 0, count: size)
    for block in blocks {
      value -= block.value
      for k in 0..<size { gradient[k] -= block.gradient[k] }
    }
    value /= customers
    for k in 0..<size { gradient[k] /= customers }
    if penalizer > 0 {
      for k in 0..<4 {
        let scaled = process.timeParameters[k] > 0 ? parameters[k] / penaltyUnit : parameters[k]
        value += penalizer * scaled * scaled
        gradient[k] += 2 * penalizer * scaled * scaled
      }
      for k in 4..<size {
        value += penalizer * variables[k] * variables[k]
        gradient[k] += 2 * penalizer * variables[k]
      }
    }
    return (value, gradient)
  }

  private typealias Block = (value: Double, gradient: [Double])

  private func sharedBlocks(_ parameters: SIMD4<Double>) -> [Block] {
    let table = frequencies.map { process.frequencyTerms($0, parameters) }
    return parallelBlocks(rows.count, blockSize: 4096) { block -> Block in
      var (value, gradient) = (0.0, SIMD4<Double>.zero)
      for row in rows[block] {
        let shared = table[Int(row.slot)]
        let own = process.timeTerms(row.frequency, row.recency, row.age, parameters)
        value += row.weight * (shared.value + own.value)
        gradient += row.weight * (shared.gradient + own.gradient)
      }
      return (value, [gradient[0], gradient[1], gradient[2], gradient[3]])
    }
  }

  private func individualBlocks(_ parameters: SIMD4<Double>, _ coefficients: [Double]) -> [Block] {
    guard let covariates else { return [] }
    let columns = scales.count
    let leaving = process.leavingParameter
    return parallelBlocks(rows.count, blockSize: 1024) { block -> Block in
      var value = 0.0
      var gradient = [Double](repeating: 0, count: size)
      for index in block {
        let row = rows[index]
        let own = process.shifted(parameters, by: coefficients) { covariates[index, $0] }
        let shared = process.frequencyTerms(row.frequency, own)
        let times = process.timeTerms(row.frequency, row.recency, row.age, own)
        value += shared.value + times.value
        let slopes = shared.gradient + times.gradient
        for k in 0..<4 { gradient[k] += slopes[k] }
        for column in 0..<columns {
          let z = covariates[index, column]
          gradient[4 + column] -= z * slopes[1]
          gradient[4 + columns + column] += leaving.sign * z * slopes[leaving.index]
        }
      }
      return (value, gradient)
    }
  }
}

extension PurchaseProcess {
  /// A customer's own parameters: α · e^(−γ'z), which is a rate of buying e^(γ'z) times as high, and a · e^(δ'z) or β · e^(−δ'z),
  /// which is leaving sooner; `coefficients` are γ and then δ.
  func shifted(
    _ parameters: SIMD4<Double>, by coefficients: [Double], _ covariate: (Int) -> Double
  ) -> SIMD4<Double> {
    let columns = coefficients.count / 2
    var (buying, going) = (0.0, 0.0)
    for column in 0..<columns {
      let z = covariate(column)
      buying += coefficients[column] * z
      going += coefficients[columns + column] * z
    }
    var result = parameters
    result[1] *= exponential(-buying)
    let leaving = leavingParameter
    result[leaving.index] *= exponential(leaving.sign * going)
    return result
  }
}
