import Foundation
import MathKernels

/// The segments of a mixture in the form that densities are reckoned from.
///
/// Each covariance is turned and scaled to the unit one, so that a block's distances are one matrix product.
struct MixtureDensity: Sendable {
  static let blockRows = 1024

  let weights: [Double]
  let means: [[Double]]
  private let whitening: [Matrix<Double>]
  private let whitenedMeans: [[Double]]
  /// The logarithm of weight and density at the mean.
  private let peaks: [Double]

  /// - Throws: `MathError` for a covariance that is not finite; nil for one without volume.
  init?(weights: [Double], means: [[Double]], covariances: [Matrix<Double>]) throws {
    var (whitening, whitenedMeans, peaks) = ([Matrix<Double>](), [[Double]](), [Double]())
    for (index, covariance) in covariances.enumerated() {
      guard covariance.elements.allSatisfy(\.isFinite), weights[index] > 0 else { return nil }
      let axes = try SymmetricEigen(covariance)
      let greatest = axes.values.last ?? 0
      guard let least = axes.values.first, least > 0, least > greatest * 1e-14 else { return nil }
      var matrix = axes.vectors
      for row in 0..<matrix.rows {
        let scale = 1 / axes.values[row].squareRoot()
        for column in 0..<matrix.columns { matrix[row, column] *= scale }
      }
      let mean = Matrix(rows: 1, columns: means[index].count, means[index])
      whitenedMeans.append(mean.multiplied(by: matrix, transposingOther: true).elements)
      whitening.append(matrix)
      let logVolume = axes.values.reduce(0) { $0 + log($1) }
      peaks.append(log(weights[index]) - (Double(matrix.rows) * log(2 * .pi) + logVolume) / 2)
    }
    (self.weights, self.means) = (weights, means)
    (self.whitening, self.whitenedMeans, self.peaks) = (whitening, whitenedMeans, peaks)
  }

  /// Each row's probability to be of each segment, row by row, and the sum of the rows' log densities.
  func posteriors(_ points: Matrix<Double>, serially: Bool) -> (values: [Double], logLikelihood: Double) {
    let (count, columns) = (weights.count, points.columns)
    let parts = parallelBlocks(points.rows, blockSize: Self.blockRows, serially: serially) {
      block -> ([Double], Double) in
      var result = [Double](repeating: 0, count: block.count * count)
      var turned = [Double](repeating: 0, count: block.count * columns)
      points.elements.withUnsafeBufferPointer { x in
        turned.withUnsafeMutableBufferPointer { y in
          for segment in 0..<count {
            whitening[segment].elements.withUnsafeBufferPointer { matrix in
              Double.gemm(
                false, true, block.count, columns, columns, 1,
                x.baseAddress! + block.lowerBound * columns,
                columns, matrix.baseAddress!, columns, 0, y.baseAddress!, columns)
            }
            whitenedMeans[segment].withUnsafeBufferPointer { mean in
              for row in 0..<block.count {
                var sum = 0.0
                for column in 0..<columns {
                  let difference = y[row * columns + column] - mean[column]
                  sum += difference * difference
                }
                result[row * count + segment] = peaks[segment] - sum / 2
              }
            }
          }
        }
      }
      let logDensity = Self.normalize(&result, count)
      return (result, logDensity)
    }
    return (parts.flatMap(\.0), parts.reduce(0) { $0 + $1.1 })
  }

  /// Log densities become probabilities; returns the sum of the rows' log densities.
  private static func normalize(_ values: inout [Double], _ count: Int) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: values.count, by: count) {
      var greatest = -Double.infinity
      for index in start..<start + count { greatest = max(greatest, values[index]) }
      var sum = 0.0
      for index in start..<start + count {
        values[index] = exp(values[index] - greatest)
        sum += values[index]
      }
      for index in start..<start + count { values[index] /= sum }
      total += greatest + log(sum)
    }
    return total
  }
}
