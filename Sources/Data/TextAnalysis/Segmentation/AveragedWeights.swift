/// Weights while they are learned, with their average over all steps.
///
/// The average is kept as in Daumé (2006), http://hal3.name/docs/daume06thesis.pdf, figure 2.3: each change is also added
/// times the number of its step, so that a step costs no more than its changes.
final class AveragedWeights<Row: SIMD & Sendable> where Row.Scalar == Float {
  /// The present weights.
  let values: UnsafeMutablePointer<Row>
  private let weighted: UnsafeMutablePointer<Row>
  /// How many rows there are.
  let count: Int
  /// The number of the present step, from 1.
  var step: Float = 1

  init(count: Int) {
    self.count = count
    values = .allocate(capacity: count)
    weighted = .allocate(capacity: count)
    values.initialize(repeating: Row(repeating: 0), count: count)
    weighted.initialize(repeating: Row(repeating: 0), count: count)
  }

  deinit {
    values.deallocate()
    weighted.deallocate()
  }

  @inline(__always)
  func add(_ change: Row, to row: Int) {
    values[row] += change
    weighted[row] += change * step
  }

  /// The mean of a row's weights over all steps so far.
  func average(_ row: Int) -> Row { values[row] - weighted[row] / step }
}
