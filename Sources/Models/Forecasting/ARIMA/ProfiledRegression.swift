/// The generalised least squares of a filtered series on its filtered regressors, from their products alone.
final class ProfiledRegression {
  let columns: Int
  /// The products of the columns, each divided by the variance of its step; the first column is the series. The lower
  /// triangle is used.
  let gram: UnsafeMutablePointer<Double>
  private let factor: UnsafeMutablePointer<Double>
  private let solution: UnsafeMutablePointer<Double>

  init(columns: Int) {
    self.columns = columns
    gram = .allocate(capacity: columns * columns)
    factor = .allocate(capacity: columns * columns)
    solution = .allocate(capacity: columns)
    gram.initialize(repeating: 0, count: columns * columns)
    factor.initialize(repeating: 0, count: columns * columns)
    solution.initialize(repeating: 0, count: columns)
  }

  deinit {
    gram.deallocate()
    factor.deallocate()
    solution.deallocate()
  }

  /// Forgets all products.
  func reset() { gram.update(repeating: 0, count: columns * columns) }

  /// The coefficients found by `solve`, of the first `active` columns after the series.
  func coefficients(_ active: Int) -> [Double] { (1..<max(1, active)).map { solution[$0] } }

  /// The squares left of the series after its regression on the columns up to `active`; nil where they are collinear,
  /// or nothing is left.
  func solve(_ active: Int) -> Double? {
    for i in 1..<max(1, active) {
      for j in 1...i {
        var value = gram[i * columns + j]
        for k in 1..<j { value -= factor[i * columns + k] * factor[j * columns + k] }
        if i == j {
          guard value > 1e-12 * gram[i * columns + i] else { return nil }
          factor[i * columns + i] = value.squareRoot()
        } else {
          factor[i * columns + j] = value / factor[j * columns + j]
        }
      }
    }
    var squares = gram[0]
    for i in 1..<max(1, active) {
      var value = gram[i * columns]
      for k in 1..<i { value -= factor[i * columns + k] * solution[k] }
      solution[i] = value / factor[i * columns + i]
      squares -= solution[i] * solution[i]
    }
    for i in stride(from: active - 1, to: 0, by: -1) {
      for k in i + 1..<max(active, i + 1) { solution[i] -= factor[k * columns + i] * solution[k] }
      solution[i] /= factor[i * columns + i]
    }
    return squares.isFinite && squares > 0 ? squares : nil
  }

  /// The standard errors of the coefficients for errors of variance 1, after `solve`.
  func standardErrors(_ active: Int) -> [Double] {
    (1..<max(1, active)).map { column in
      // The column of the inverse's root: L·v = e, whose square is the diagonal of the inverse.
      var v = [Double](repeating: 0, count: active)
      var sum = 0.0
      for i in column..<active {
        var value = i == column ? 1.0 : 0
        for k in column..<i { value -= factor[i * columns + k] * v[k] }
        v[i] = value / factor[i * columns + i]
        sum += v[i] * v[i]
      }
      return sum.squareRoot()
    }
  }
}
