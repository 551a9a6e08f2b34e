import Foundation
import MathKernels

/// Customers in order of time, as the partial likelihood reads them.
struct CoxSample {
  /// The value, gradient and negative Hessian of the log-likelihood.
  struct Likelihood {
    var value = 0.0
    var gradient: [Double]
    var information: Matrix<Double>
  }

  /// Customers who were watched for the same time.
  struct Tie {
    var time: Double
    var rows: Range<Int>
    /// Those of them who left.
    var left: [Int]
  }

  let means: [Double]
  let count: Int
  let eventCount: Int
  /// Centred covariates, the longest time first.
  let rows: Matrix<Double>
  let weights: [Double]
  let ties: [Tie]

  init(_ data: SurvivalData, _ covariates: Matrix<Double>) {
    let order = (0..<data.count).sorted { (data.durations[$0], $1) > (data.durations[$1], $0) }
    let columns = covariates.columns
    let total = data.weights.reduce(0, +)
    let means = (0..<columns).map { column in
      (0..<data.count).reduce(0) { $0 + data.weights[$1] * covariates[$1, column] } / total
    }
    var rows = Matrix<Double>(rows: data.count, columns: columns)
    var ties: [Tie] = []
    for (place, index) in order.enumerated() {
      for column in 0..<columns { rows[place, column] = covariates[index, column] - means[column] }
      if ties.last?.time != data.durations[index] {
        ties.append(Tie(time: data.durations[index], rows: place..<place, left: []))
      }
      ties[ties.count - 1].rows = ties[ties.count - 1].rows.lowerBound..<place + 1
      if data.events[index] { ties[ties.count - 1].left.append(place) }
    }
    self.means = means
    self.rows = rows
    self.ties = ties
    weights = order.map { data.weights[$0] }
    count = data.count
    eventCount = data.events.count { $0 }
  }

  func margin(_ row: Int, _ point: [Double]) -> Double {
    var sum = 0.0
    for column in point.indices { sum += rows[row, column] * point[column] }
    return sum
  }

  /// Sums over rows of weight · hazard ratio · (1, x, x·xᵀ).
  struct Sums {
    var zero = 0.0
    var one: [Double]
    var two: [Double]

    init(_ columns: Int) {
      one = [Double](repeating: 0, count: columns)
      two = [Double](repeating: 0, count: columns * columns)
    }

    mutating func add(_ weight: Double, _ x: ArraySlice<Double>) {
      zero += weight
      let (start, columns) = (x.startIndex, one.count)
      for i in 0..<columns {
        let product = weight * x[start + i]
        one[i] += product
        for j in i..<columns { two[i * columns + j] += product * x[start + j] }
      }
    }
  }

  func likelihood(_ point: [Double], penalty: Double) -> Likelihood {
    let columns = point.count
    var result = Likelihood(
      gradient: point.map { -penalty * $0 }, information: Matrix(rows: columns, columns: columns))
    result.value = -penalty / 2 * point.reduce(0) { $0 + $1 * $1 }
    for column in 0..<columns { result.information[column, column] = penalty }
    var risk = Sums(columns)
    for tie in ties {
      for row in tie.rows { risk.add(weights[row] * exp(margin(row, point)), rows.row(row)) }
      guard !tie.left.isEmpty else { continue }
      var gone = Sums(columns)
      for row in tie.left {
        gone.add(weights[row] * exp(margin(row, point)), rows.row(row))
        result.value += weights[row] * margin(row, point)
        for column in 0..<columns { result.gradient[column] += weights[row] * rows[row, column] }
      }
      let meanWeight = tie.left.reduce(0) { $0 + weights[$1] } / Double(tie.left.count)
      for place in tie.left.indices {
        let share = Double(place) / Double(tie.left.count)
        add(risk, gone, share: share, weight: meanWeight, to: &result)
      }
    }
    for i in 0..<columns {
      for j in 0..<i { result.information[i, j] = result.information[j, i] }
    }
    return result
  }

  /// One of Efron's terms: of those who left together, the share that is taken as gone already.
  private func add(_ risk: Sums, _ gone: Sums, share: Double, weight: Double, to result: inout Likelihood) {
    let columns = risk.one.count
    let zero = risk.zero - share * gone.zero
    result.value -= weight * log(zero)
    for i in 0..<columns {
      let first = (risk.one[i] - share * gone.one[i]) / zero
      result.gradient[i] -= weight * first
      for j in i..<columns {
        let second = (risk.two[i * columns + j] - share * gone.two[i * columns + j]) / zero
        let other = (risk.one[j] - share * gone.one[j]) / zero
        result.information[i, j] += weight * (second - first * other)
      }
    }
  }

  /// The cumulative hazard of a customer with average covariates, after each time at which somebody left.
  ///
  /// Ties share the hazard as Efron's likelihood does.
  func baseline(_ point: [Double]) -> (times: [Double], values: [Double]) {
    var (risk, steps) = (0.0, [(time: Double, step: Double)]())
    for tie in ties {
      for row in tie.rows { risk += weights[row] * exp(margin(row, point)) }
      guard !tie.left.isEmpty else { continue }
      let gone = tie.left.reduce(0) { $0 + weights[$1] * exp(margin($1, point)) }
      let weight = tie.left.reduce(0) { $0 + weights[$1] } / Double(tie.left.count)
      let step = tie.left.indices.reduce(0.0) {
        $0 + weight / (risk - Double($1) / Double(tie.left.count) * gone)
      }
      steps.append((tie.time, step))
    }
    var (sum, values) = (0.0, [Double]())
    for step in steps.reversed() {
      sum += step.step
      values.append(sum)
    }
    return (steps.reversed().map(\.time), values)
  }
}
