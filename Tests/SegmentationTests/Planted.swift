import MathKernels

/// Round clouds of rows around planted centers.
struct Planted {
  let points: Matrix<Double>
  let labels: [Int]

  /// `size` rows around each center, whose numbers are drawn up to `apart`; the spread of a cloud is 1.
  init(centers: Int, size: Int, columns: Int, apart: Double, seed: UInt64) {
    var random = RandomSource(seed: seed)
    var (values, labels) = ([Double](), [Int]())
    let means = (0..<centers * columns).map { _ in random.uniform() * apart }
    for _ in 0..<size {
      for center in 0..<centers {
        for column in 0..<columns { values.append(means[center * columns + column] + random.normal()) }
        labels.append(center)
      }
    }
    points = Matrix(rows: labels.count, columns: columns, values)
    self.labels = labels
  }

  /// The rows of a matrix in another order.
  static func reordered(_ points: Matrix<Double>, _ order: [Int]) -> Matrix<Double> {
    Matrix(rows: order.count, columns: points.columns, order.flatMap { points.row($0) })
  }
}
