import Foundation
import MathKernels

/// Logistic regressions of many outcomes on the same rows, solved side by side.
struct HeadSolver {
  private let rows: Matrix<Float>
  private let bought: [Float]
  private let axes: Matrix<Float>
  private let lengths: [Float]
  private let categories: Int
  private var solved: Matrix<Float>
  private var curvature: [Float]
  private var losses: [Double] = []
  private var before: Matrix<Float>

  /// Rows whose last column is constant, turned into the axes in which the others do not correlate.
  init(_ rows: Matrix<Float>, bought: [Float]) throws {
    let width = rows.columns
    self.bought = bought
    categories = bought.count / rows.rows
    let gram = rows.gram()
    let parts = try SymmetricEigen(
      Matrix<Double>(
        rows: width - 1, columns: width - 1,
        (0..<width - 1).flatMap { row in gram.row(row).dropLast().map(Double.init) }))
    var axes = Matrix<Float>.identity(width)
    for row in 0..<width - 1 {
      for column in 0..<width - 1 { axes[row, column] = Float(parts.vectors[row, column]) }
    }
    self.axes = axes
    self.rows = rows.multiplied(by: axes, transposingOther: true)
    lengths = parts.values.map { Float(max(0, $0)) } + [Float(rows.rows)]
    var weights = Matrix<Float>(rows: categories, columns: width)
    var curvature = [Float](repeating: 0, count: categories)
    for category in 0..<categories {
      var sum = 0.0
      for row in 0..<rows.rows { sum += Double(bought[row * categories + category]) }
      let rate = (sum + 0.5) / Double(rows.rows + 1)
      weights[category, width - 1] = Float(log(rate / (1 - rate)))
      curvature[category] = Float(min(0.25, 2 * rate * (1 - rate)))
    }
    (solved, before, self.curvature) = (weights, weights, curvature)
  }

  /// The weights in the axes of the rows as they were given: categories × width.
  func weights() -> [Float] { solved.multiplied(by: axes).elements }

  /// Makes steps with one penalty, from where the last run ended.
  mutating func run(rounds: Int, penalty: Float) throws {
    losses = [Double](repeating: .infinity, count: categories)
    for _ in 0..<rounds {
      try Task.checkCancellation()
      step(penalty: penalty)
    }
    let worse = keepBetter(evaluate(gradient: false).losses, penalty: penalty)
    for category in 0..<categories where worse[category] {
      for column in 0..<rows.columns { solved[category, column] = before[category, column] }
    }
  }

  private mutating func step(penalty: Float) {
    let width = rows.columns
    let (gradient, found) = evaluate(gradient: true)
    let worse = keepBetter(found, penalty: penalty)
    for category in 0..<categories where !worse[category] {
      for column in 0..<width {
        // The constant is not drawn to zero.
        let pull = column == width - 1 ? 0 : penalty
        let slope = gradient[category, column] - pull * solved[category, column]
        before[category, column] = solved[category, column]
        solved[category, column] += slope / (curvature[category] * lengths[column] + pull + 1e-3)
      }
    }
    for category in 0..<categories where worse[category] {
      // Half of the step that went too far.
      for column in 0..<width {
        solved[category, column] = (solved[category, column] + before[category, column]) / 2
      }
    }
  }

  /// Notes each category's loss, and marks those whose last step made it worse.
  private mutating func keepBetter(_ found: [Double], penalty: Float) -> [Bool] {
    let width = rows.columns
    return (0..<categories).map { category in
      var squares = 0.0
      for column in 0..<width - 1 { squares += Double(solved[category, column] * solved[category, column]) }
      let loss = found[category] + Double(penalty) / 2 * squares
      guard loss <= losses[category] + 1e-6 * abs(loss) else {
        curvature[category] = min(0.25, curvature[category] * 2)
        return true
      }
      losses[category] = loss
      return false
    }
  }

  /// Xᵀ(y − p) for each category, and its log-loss.
  private func evaluate(gradient wanted: Bool) -> (gradient: Matrix<Float>, losses: [Double]) {
    let (width, categories, now) = (rows.columns, categories, solved)
    let (rows, bought) = (rows, bought)
    let parts = parallelBlocks(rows.rows, blockSize: 2048) { block in
      let part = Matrix(
        rows: block.count, columns: width,
        Array(rows.elements[block.lowerBound * width..<block.upperBound * width]))
      var errors = part.multiplied(by: now, transposingOther: true)
      var losses = [Double](repeating: 0, count: categories)
      let start = block.lowerBound * categories
      errors.elements.withUnsafeMutableBufferPointer { errors in
        for row in 0..<block.count {
          for category in 0..<categories {
            let index = row * categories + category
            let (margin, outcome) = (errors[index], bought[start + index])
            let tail = exp(-abs(margin))
            let loss = log1p(tail) + (outcome > 0 ? max(0, -margin) : max(0, margin))
            losses[category] += Double(loss)
            errors[index] = outcome - (margin >= 0 ? 1 / (1 + tail) : tail / (1 + tail))
          }
        }
      }
      return (
        wanted ? errors.multiplied(by: part, transposingSelf: true) : Matrix(rows: 0, columns: 0), losses
      )
    }
    var gradient = Matrix<Float>(rows: wanted ? categories : 0, columns: width)
    var losses = [Double](repeating: 0, count: categories)
    for (part, loss) in parts {
      for index in part.elements.indices { gradient.elements[index] += part.elements[index] }
      for category in 0..<categories { losses[category] += loss[category] }
    }
    return (gradient, losses)
  }
}
