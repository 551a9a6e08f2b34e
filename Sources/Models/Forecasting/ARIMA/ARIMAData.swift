/// A series and its regressors made ready for the likelihoods of all models of the same differences.
///
/// The first column is the series less its regression, found on the differences by least squares; the others are the
/// regressors. The rest of the regression is found with each likelihood, so that its values stay near 0.
struct ARIMAData {
  /// The levels: the series less its first regression, then the regressors.
  let levels: [[Double]]
  /// The same after the differences.
  let differenced: [[Double]]
  /// The first regression, one coefficient for each regressor.
  let offsets: [Double]
  /// The coefficients δ of the differences, y_t = w_t + Σ δ_i y_{t−i}, as lags and values.
  let lags: [(lag: Int, value: Double)]
  /// How many values the differences cost.
  let lost: Int
  /// How many values of the series are known.
  let known: Int
  /// Whether any is missing.
  var hasMissing: Bool { known < levels[0].count }
  /// How many values the likelihood counts.
  var used: Int { known - lost }

  /// Differences the columns and takes the first regression off the series; nil where the regressors are collinear.
  init?(values: [Double], regressors: [[Double]], d: Int, seasonalD: Int, seasonLength: Int) {
    lags = Self.lags(d: d, seasonalD: seasonalD, seasonLength: seasonLength)
    lost = d + seasonalD * seasonLength
    known = values.count { !$0.isNaN }
    let difference = { (column: [Double]) -> [Double] in
      var result = column
      for _ in 0..<seasonalD { result = Self.difference(result, seasonLength) }
      for _ in 0..<d { result = Self.difference(result, 1) }
      return result
    }
    let w = difference(values)
    let x = regressors.map(difference)
    // Where missing values leave too few differences, the regression starts from 0.
    let rows = w.indices.filter { !w[$0].isNaN }
    if rows.count > x.count {
      guard let found = Self.leastSquares(w, x, rows) else { return nil }
      offsets = found
    } else {
      offsets = x.map { _ in 0 }
    }
    var (level, residual) = (values, w)
    for (column, offset) in offsets.enumerated() {
      for index in level.indices { level[index] -= offset * regressors[column][index] }
      for index in residual.indices { residual[index] -= offset * x[column][index] }
    }
    levels = [level] + regressors
    differenced = [residual] + x
  }

  /// The differences of the values so many steps apart.
  static func difference(_ values: [Double], _ lag: Int) -> [Double] {
    values.count <= lag ? [] : (lag..<values.count).map { values[$0] - values[$0 - lag] }
  }

  /// The lags of 1 − (1 − B)^d (1 − B^m)^D.
  private static func lags(d: Int, seasonalD: Int, seasonLength: Int) -> [(lag: Int, value: Double)] {
    var polynomial = [1.0]
    for step in [Int](repeating: 1, count: d) + [Int](repeating: seasonLength, count: seasonalD) {
      let shifted = [Double](repeating: 0, count: step) + polynomial
      polynomial += [Double](repeating: 0, count: step)
      for index in polynomial.indices { polynomial[index] -= shifted[index] }
    }
    return polynomial.indices.dropFirst().filter { polynomial[$0] != 0 }.map { ($0, -polynomial[$0]) }
  }

  /// The coefficients of the least squares of `w` on the columns, at these rows; nil where they are collinear.
  static func leastSquares(_ w: [Double], _ columns: [[Double]], _ rows: [Int]) -> [Double]? {
    let count = columns.count
    guard count > 0 else { return [] }
    // By Gram and Schmidt, which needs no normal equations and shows a column that adds nothing.
    var (basis, triangle) = ([[Double]](), [Double](repeating: 0, count: count * count))
    for (index, column) in columns.enumerated() {
      var rest = rows.map { column[$0] }
      let size = rest.reduce(0) { $0 + $1 * $1 }
      for _ in 0..<2 {
        for (other, direction) in basis.enumerated() {
          let share = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
          triangle[other * count + index] += share
          for row in rest.indices { rest[row] -= share * direction[row] }
        }
      }
      let left = rest.reduce(0) { $0 + $1 * $1 }
      guard left > 1e-14 * size, left > 0 else { return nil }
      triangle[index * count + index] = left.squareRoot()
      basis.append(rest.map { $0 / left.squareRoot() })
    }
    let target = rows.map { w[$0] }
    var solution = basis.map { zip(target, $0).reduce(0) { $0 + $1.0 * $1.1 } }
    for row in stride(from: count - 1, through: 0, by: -1) {
      for column in row + 1..<max(count, row + 1) {
        solution[row] -= triangle[row * count + column] * solution[column]
      }
      solution[row] /= triangle[row * count + row]
    }
    return solution
  }
}
