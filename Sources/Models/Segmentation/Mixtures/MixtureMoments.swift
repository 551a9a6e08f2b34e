import MathKernels

/// Weights, means and scatters of segments to which rows belong in part.
struct MixtureMoments {
  /// How many rows each segment has, in parts.
  let weights: [Double]
  let means: [[Double]]
  /// Σ r (x − μ)(x − μ)ᵀ.
  let scatters: [Matrix<Double>]

  init(_ points: Matrix<Double>, posteriors: [Double], segments count: Int, serially: Bool) {
    let columns = points.columns
    let sums = parallelBlocks(points.rows, blockSize: MixtureDensity.blockRows, serially: serially) { block in
      var sums = [Double](repeating: 0, count: count * (columns + 1))
      points.elements.withUnsafeBufferPointer { x in
        for row in block {
          for segment in 0..<count {
            let (part, start) = (posteriors[row * count + segment], segment * (columns + 1))
            sums[start] += part
            for column in 0..<columns { sums[start + 1 + column] += part * x[row * columns + column] }
          }
        }
      }
      return sums
    }
    var total = [Double](repeating: 0, count: count * (columns + 1))
    for part in sums { for index in total.indices { total[index] += part[index] } }
    let weights = (0..<count).map { total[$0 * (columns + 1)] }
    let means = (0..<count).map { segment in
      (0..<columns).map { total[segment * (columns + 1) + 1 + $0] / weights[segment] }
    }
    (self.weights, self.means) = (weights, means)
    scatters = Self.scatters(points, posteriors, means, serially)
  }

  private static func scatters(
    _ points: Matrix<Double>, _ posteriors: [Double], _ means: [[Double]], _ serially: Bool
  ) -> [Matrix<Double>] {
    let (count, columns) = (means.count, points.columns)
    let parts = parallelBlocks(points.rows, blockSize: MixtureDensity.blockRows, serially: serially) {
      block in
      var result = [Double](repeating: 0, count: count * columns * columns)
      var centered = [Double](repeating: 0, count: block.count * columns)
      for segment in 0..<count {
        let mean = means[segment]
        points.elements.withUnsafeBufferPointer { x in
          for row in block {
            let root = posteriors[row * count + segment].squareRoot()
            let place = (row - block.lowerBound) * columns
            for column in 0..<columns {
              centered[place + column] = root * (x[row * columns + column] - mean[column])
            }
          }
        }
        result.withUnsafeMutableBufferPointer { result in
          centered.withUnsafeBufferPointer { centered in
            Double.syrk(
              true, columns, block.count, 1, centered.baseAddress!, columns, 0,
              result.baseAddress! + segment * columns * columns, columns)
          }
        }
      }
      return result
    }
    return (0..<count).map { segment in
      var matrix = Matrix<Double>(rows: columns, columns: columns)
      for part in parts {
        for row in 0..<columns {
          for column in row..<columns {
            matrix[row, column] += part[(segment * columns + row) * columns + column]
          }
        }
      }
      for row in 0..<columns { for column in 0..<row { matrix[row, column] = matrix[column, row] } }
      return matrix
    }
  }
}
