/// Least squares with a handful of columns.
enum LeastSquares {
  /// The coefficients that bring Σ columns·coefficients nearest to `y`; a column that adds nothing gets 0.
  ///
  /// Normal equations, eliminated with pivots: enough for a few columns of like size.
  ///
  /// - Complexity: O(n·k² + k³).
  static func solve(columns: [[Double]], _ y: [Double]) -> [Double] {
    let size = columns.count
    var table = columns.map { column in
      columns.map { dot(column, $0) } + [dot(column, y)]
    }
    var solved = [Bool](repeating: false, count: size)
    let scale = (0..<size).map { table[$0][$0] }
    for pivot in 0..<size {
      // What is left of the column once the earlier ones are taken out.
      guard table[pivot][pivot] > 1e-11 * scale[pivot], scale[pivot] > 0 else { continue }
      solved[pivot] = true
      for row in 0..<size where row != pivot {
        let factor = table[row][pivot] / table[pivot][pivot]
        guard factor != 0 else { continue }
        for column in pivot...size { table[row][column] -= factor * table[pivot][column] }
      }
    }
    return (0..<size).map { solved[$0] ? table[$0][size] / table[$0][$0] : 0 }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }
}
