import Foundation

/// The downhill simplex of Nelder and Mead, without allocation inside the search.
///
/// It follows Nash's Algorithm 19: all vertices but the first are moved off by one step in one coordinate each, the step a
/// tenth of the largest coordinate; reflection 1, expansion 2, contraction ½; the search ends when the values of the worst
/// and best vertex differ by less than the tolerance. That is also how R's `optim` does it, so that its optima can be
/// compared with ours.
///
/// Sources: Nelder and Mead (1965), https://doi.org/10.1093/comjnl/7.4.308; Nash (1990), Compact Numerical Methods for
/// Computers, 2nd edition, chapter 14, https://doi.org/10.1201/9781315139784
///
/// - Complexity: one or two evaluations a step, and O(d²) to find the centre of d + 1 vertices.
struct NelderMead: ~Copyable {
  /// Room for one more vertex than coordinates and the centre.
  private let vertices: UnsafeMutablePointer<Double>
  private let values: UnsafeMutablePointer<Double>
  private let trial: UnsafeMutablePointer<Double>
  private let capacity: Int

  /// Room for problems of up to this many coordinates.
  init(capacity: Int) {
    self.capacity = capacity
    vertices = .allocate(capacity: (capacity + 2) * capacity + 1)
    values = .allocate(capacity: capacity + 2)
    trial = .allocate(capacity: capacity + 1)
  }

  deinit {
    vertices.deallocate()
    values.deallocate()
    trial.deallocate()
  }

  /// Moves `point`, of `size` coordinates, to where `function` is smallest nearby, and returns its value there; nil when it is
  /// not finite at the start.
  ///
  /// - Parameters:
  ///   - steps: how far to move each coordinate at first; the same step for all by default.
  @inline(__always)
  borrowing func minimize(
    _ point: UnsafeMutablePointer<Double>, size: Int, tolerance: Double = Double.ulpOfOne.squareRoot(),
    maximumEvaluations: Int = 2000, step given: Double? = nil,
    _ function: (UnsafePointer<Double>) -> Double
  ) -> Double? {
    precondition(size <= capacity, "the search has room for \(capacity) coordinates")
    let start = function(point)
    guard start.isFinite else { return nil }
    let threshold = tolerance * (abs(start) + tolerance)
    var evaluations = 1
    var spread = layOut(point, size: size, step: given)
    values[0] = start
    var (best, mustEvaluate) = (0, true)
    while true {
      if mustEvaluate {
        for vertex in 0...size where vertex != best {
          values[vertex] = finite(function(vertices + vertex * size))
          evaluations += 1
        }
        mustEvaluate = false
      }
      let worst = rank(size: size, best: &best)
      let (low, high) = (values[best], values[worst])
      if high <= low + threshold || evaluations > maximumEvaluations { break }
      let centre = vertices + (size + 1) * size
      findCentre(size: size, without: worst, into: centre)
      let worstVertex = vertices + worst * size
      for k in 0..<size { trial[k] = 2 * centre[k] - worstVertex[k] }
      let reflected = finite(function(trial))
      evaluations += 1
      if reflected < low {
        // Try as far again in the same direction; `centre` keeps the reflected point.
        for k in 0..<size {
          let farther = 2 * trial[k] - centre[k]
          centre[k] = trial[k]
          trial[k] = farther
        }
        let expanded = finite(function(trial))
        evaluations += 1
        let expands = expanded < reflected
        for k in 0..<size { worstVertex[k] = expands ? trial[k] : centre[k] }
        values[worst] = expands ? expanded : reflected
        continue
      }
      if reflected < high {
        for k in 0..<size { worstVertex[k] = trial[k] }
        values[worst] = reflected
      }
      for k in 0..<size { trial[k] = (worstVertex[k] + centre[k]) / 2 }
      let contracted = finite(function(trial))
      evaluations += 1
      if contracted < values[worst] {
        for k in 0..<size { worstVertex[k] = trial[k] }
        values[worst] = contracted
      } else if reflected >= high {
        let shrunk = shrink(size: size, towards: best)
        mustEvaluate = true
        if shrunk >= spread { break }
        spread = shrunk
      }
    }
    for k in 0..<size { point[k] = vertices[best * size + k] }
    return values[best]
  }

  private func finite(_ value: Double) -> Double { value.isFinite ? value : 1e35 }

  private func layOut(_ point: UnsafePointer<Double>, size: Int, step given: Double?) -> Double {
    var step = given ?? 0
    if given == nil {
      for k in 0..<size { step = max(step, abs(point[k]) / 10) }
      if step == 0 { step = 0.1 }
    }
    var total = 0.0
    for vertex in 0...size {
      for k in 0..<size { vertices[vertex * size + k] = point[k] }
      guard vertex > 0 else { continue }
      let coordinate = vertices + vertex * size + vertex - 1
      // A coordinate so large that the step is lost in it takes a larger one.
      var move = step
      while coordinate.pointee == point[vertex - 1] {
        coordinate.pointee = point[vertex - 1] + move
        move *= 10
      }
      total += move
    }
    return total
  }

  private func rank(size: Int, best: inout Int) -> Int {
    var (low, high, worst) = (values[best], values[best], best)
    let first = best
    for vertex in 0...size where vertex != first {
      if values[vertex] < low { (best, low) = (vertex, values[vertex]) }
      if values[vertex] > high { (worst, high) = (vertex, values[vertex]) }
    }
    return worst
  }

  private func findCentre(size: Int, without worst: Int, into centre: UnsafeMutablePointer<Double>) {
    for k in 0..<size { centre[k] = -vertices[worst * size + k] }
    for vertex in 0...size {
      let row = vertices + vertex * size
      for k in 0..<size { centre[k] += row[k] }
    }
    for k in 0..<size { centre[k] /= Double(size) }
  }

  private func shrink(size: Int, towards best: Int) -> Double {
    var total = 0.0
    let target = vertices + best * size
    for vertex in 0...size where vertex != best {
      let row = vertices + vertex * size
      for k in 0..<size {
        row[k] = (row[k] - target[k]) / 2 + target[k]
        total += abs(row[k] - target[k])
      }
    }
    return total
  }
}
