import Foundation
import MathKernels

/// Linear separation of two classes with an L2 penalty, one example at a time in the dual.
///
/// Minimizes `½‖w‖² + C · Σ loss(yᵢ w·xᵢ)`; the intercept is the weight of a constant feature of 1 and is penalized as the
/// others are, as LIBLINEAR does with its bias.
///
/// Sources: squared hinge, Hsieh et al. (2008), https://doi.org/10.1145/1390156.1390208, with their shrinking; logistic,
/// Yu, Huang and Lin (2011), https://doi.org/10.1007/s10994-010-5221-8, by Newton steps on each dual variable.
public struct DualCoordinateDescent: Sendable {
  /// What an example on the wrong side, or too close, costs.
  public enum Loss: String, Sendable, Codable {
    /// `max(0, 1 − margin)²`: the support vector machine with squared slack.
    case squaredHinge
    /// `ln(1 + exp(−margin))`: logistic regression.
    case logistic
  }

  /// The loss.
  public var loss: Loss
  /// `C`, the price of losses against the penalty.
  public var cost: Double
  /// How far the optimality conditions may be violated at the end.
  public var tolerance: Double
  /// After how many passes over the examples it stops at the latest.
  public var maximumPasses: Int

  /// A solver.
  public init(
    loss: Loss = .squaredHinge, cost: Double = 1, tolerance: Double = 0.01, maximumPasses: Int = 200
  ) {
    self.loss = loss
    self.cost = cost
    self.tolerance = tolerance
    self.maximumPasses = maximumPasses
  }

  /// The weights of the features and, last, the intercept.
  ///
  /// - Parameters:
  ///   - rows: the examples.
  ///   - labels: which of them are positive.
  ///   - examples: the rows to learn from; nil for all.
  ///   - positiveCost: how much dearer a loss on a positive example is.
  /// - Complexity: O(passes × entries).
  public func weights(
    _ rows: SparseMatrix, _ labels: [Bool], examples: [Int]? = nil, positiveCost: Double = 1,
    seed: UInt64 = 42
  ) -> [Double] {
    precondition(labels.count == rows.rows, "as many labels as rows are needed")
    var weights = [Double](repeating: 0, count: rows.columns + 1)
    var alpha = [Double](repeating: 0, count: rows.rows)
    // Plain pointers: the loops below visit each entry dozens of times.
    weights.withUnsafeMutableBufferPointer { weights in
      alpha.withUnsafeMutableBufferPointer { alpha in
        rows.rowStarts.withUnsafeBufferPointer { starts in
          rows.columnIndices.withUnsafeBufferPointer { columns in
            rows.values.withUnsafeBufferPointer { values in
              var problem = DualProblem(
                starts: starts, columns: columns, values: values, weights: weights, alpha: alpha,
                labels: labels, examples: examples ?? Array(0..<rows.rows),
                costs: (cost, cost * positiveCost), random: RandomSource(seed: seed))
              switch loss {
              case .squaredHinge: problem.minimizeSquaredHinge(tolerance, maximumPasses)
              case .logistic: problem.minimizeLogistic(tolerance, maximumPasses)
              }
            }
          }
        }
      }
    }
    return weights
  }
}

/// One problem with its dual variables while it is solved.
private struct DualProblem {
  let starts: UnsafeBufferPointer<Int>
  let columns: UnsafeBufferPointer<Int32>
  let values: UnsafeBufferPointer<Float>
  /// The weights of the features and, last, the intercept.
  let weights: UnsafeMutableBufferPointer<Double>
  let alpha: UnsafeMutableBufferPointer<Double>
  let labels: [Bool]
  var examples: [Int]
  let costs: (negative: Double, positive: Double)
  var random: RandomSource

  /// The squared length of an example, its constant feature among it.
  private func norm(_ row: Int) -> Double {
    var sum = 1.0
    for position in starts[row]..<starts[row + 1] {
      sum += Double(values[position]) * Double(values[position])
    }
    return sum
  }

  /// The inner product of the weights with an example.
  private func product(_ row: Int) -> Double {
    var sum = weights[weights.count - 1]
    for position in starts[row]..<starts[row + 1] {
      sum += weights[Int(columns[position])] * Double(values[position])
    }
    return sum
  }

  private func add(_ factor: Double, _ row: Int) {
    for position in starts[row]..<starts[row + 1] {
      weights[Int(columns[position])] += factor * Double(values[position])
    }
    weights[weights.count - 1] += factor
  }

  mutating func minimizeSquaredHinge(_ tolerance: Double, _ passes: Int) {
    let norms = (0..<alpha.count).map(norm)
    var active = examples.count
    var bound = Double.infinity
    for _ in 0..<passes {
      var (greatest, least) = (-Double.infinity, Double.infinity)
      shuffle(active)
      var index = 0
      while index < active {
        let row = examples[index]
        let sign: Double = labels[row] ? 1 : -1
        let ridge = 0.5 / (labels[row] ? costs.positive : costs.negative)
        let gradient = sign * product(row) - 1 + alpha[row] * ridge
        var projected = gradient
        if alpha[row] == 0 {
          if gradient > bound {
            // It stays at zero for now: set aside until the others have settled.
            active -= 1
            examples.swapAt(index, active)
            continue
          }
          projected = min(gradient, 0)
        }
        (greatest, least) = (max(greatest, projected), min(least, projected))
        if abs(projected) > 1e-12 {
          let old = alpha[row]
          alpha[row] = max(0, old - gradient / (norms[row] + ridge))
          add((alpha[row] - old) * sign, row)
        }
        index += 1
      }
      if greatest - least <= tolerance {
        if active == examples.count { return }
        (active, bound) = (examples.count, .infinity)
      } else {
        bound = greatest > 0 ? greatest : .infinity
      }
    }
  }

  mutating func minimizeLogistic(_ tolerance: Double, _ passes: Int) {
    // Pairs of dual variables, one the cost less the other; both stay inside (0, cost).
    let norms = (0..<alpha.count).map(norm)
    for row in examples {
      let cost = labels[row] ? costs.positive : costs.negative
      alpha[row] = min(0.001 * cost, 1e-8)
      add((labels[row] ? 1 : -1) * alpha[row], row)
    }
    var innerTolerance = 0.01
    for _ in 0..<passes {
      shuffle(examples.count)
      var (steps, violation) = (0, 0.0)
      for row in examples {
        let sign: Double = labels[row] ? 1 : -1
        let cost = labels[row] ? costs.positive : costs.negative
        let (norm, slope) = (norms[row], sign * product(row))
        // The variable that is nearer to zero is the one to move.
        let isFirst = 0.5 * norm * (cost - 2 * alpha[row]) + slope >= 0
        let old = isFirst ? alpha[row] : cost - alpha[row]
        let direction = isFirst ? slope : -slope
        var new = cost - old < 0.5 * cost ? 0.1 * old : old
        var gradient = norm * (new - old) + direction + log(new / (cost - new))
        violation = max(violation, abs(gradient))
        var count = 0
        while count <= 100, abs(gradient) >= innerTolerance {
          let curvature = norm + cost / (cost - new) / new
          let next = new - gradient / curvature
          new = next <= 0 ? new * 0.1 : next
          gradient = norm * (new - old) + direction + log(new / (cost - new))
          count += 1
        }
        guard count > 0 else { continue }
        steps += count
        let first = isFirst ? new : cost - new
        add(sign * (first - alpha[row]), row)
        alpha[row] = first
      }
      if violation < tolerance { return }
      if steps <= examples.count / 10 { innerTolerance = max(1e-8, 0.1 * innerTolerance) }
    }
  }

  private mutating func shuffle(_ count: Int) {
    for index in 0..<count { examples.swapAt(index, index + random.index(below: count - index)) }
  }
}
