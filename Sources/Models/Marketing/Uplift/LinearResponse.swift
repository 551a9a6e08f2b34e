import Foundation
import Learning
import MathKernels

/// A penalised linear or logistic regression on standardised columns; a gap counts as the column's mean.
struct LinearResponse: Sendable, Codable {
  let names: [String]
  let means: [Double]
  let deviations: [Double]
  /// The intercept first.
  let weights: [Double]
  let isLogistic: Bool

  private static let mostSteps = 50
  private static let tolerance = 1e-8

  /// - Complexity: O(steps × rows × columns²); one step for a linear one.
  static func fit(
    _ table: FeatureMatrix, outcomes: [Double], isBinary: Bool, regularization: Double
  ) throws -> LinearResponse {
    let columns = table.columnCount
    let values = (0..<columns).map { column in
      (0..<table.rowCount).map { Double(table[$0, column]) }.filter { !$0.isNaN }
    }
    let means = values.map { $0.isEmpty ? 0 : Statistics.mean($0) }
    let deviations = values.map { $0.count < 2 ? 0 : Statistics.standardDeviation($0) }
    var model = LinearResponse(
      names: table.names, means: means, deviations: deviations,
      weights: [Double](repeating: 0, count: columns + 1),
      isLogistic: isBinary)
    let design = model.design(table)
    var weights = [Double](repeating: 0, count: columns + 1)
    for _ in 0..<(isBinary ? mostSteps : 1) {
      let next = try step(design, outcomes, weights, isBinary, regularization)
      let change = zip(next, weights).reduce(0) { max($0, abs($1.0 - $1.1)) }
      weights = next
      if change < tolerance { break }
    }
    model = LinearResponse(
      names: table.names, means: means, deviations: deviations, weights: weights, isLogistic: isBinary)
    return model
  }

  func predict(_ table: FeatureMatrix) throws -> [Double] {
    guard table.names == names else {
      throw MarketingError.shapeMismatch(
        expected: "the columns \(names.joined(separator: ","))", found: table.names.joined(separator: ","))
    }
    let design = design(table)
    return (0..<table.rowCount).map { row in
      let margin = zip(design.row(row), weights).reduce(0) { $0 + $1.0 * $1.1 }
      return isLogistic ? SpecialFunctions.logistic(margin) : margin
    }
  }

  private func design(_ table: FeatureMatrix) -> Matrix<Double> {
    var matrix = Matrix<Double>(rows: table.rowCount, columns: names.count + 1)
    for row in 0..<table.rowCount {
      matrix[row, 0] = 1
      for column in names.indices where deviations[column] > 0 {
        let value = Double(table[row, column])
        matrix[row, column + 1] = value.isNaN ? 0 : (value - means[column]) / deviations[column]
      }
    }
    return matrix
  }

  /// One step of Newton's method; for the linear model that is the solution.
  private static func step(
    _ design: Matrix<Double>, _ outcomes: [Double], _ weights: [Double], _ isLogistic: Bool,
    _ regularization: Double
  ) throws -> [Double] {
    var scaled = design
    var working = [Double](repeating: 0, count: design.rows)
    for row in 0..<design.rows {
      var (weight, target) = (1.0, outcomes[row])
      if isLogistic {
        let margin = zip(design.row(row), weights).reduce(0) { $0 + $1.0 * $1.1 }
        let chance = SpecialFunctions.logistic(margin)
        weight = max(chance * (1 - chance), 1e-6)
        target = margin + (outcomes[row] - chance) / weight
      }
      let root = weight.squareRoot()
      for column in 0..<design.columns { scaled[row, column] *= root }
      working[row] = target * root
    }
    var gram = scaled.gram()
    // The intercept is all but free; a trace of penalty keeps constant columns solvable.
    for column in 0..<design.columns {
      gram[column, column] += column == 0 ? 1e-9 : max(regularization, 1e-6)
    }
    let right = scaled.multiplied(
      by: Matrix(rows: design.rows, columns: 1, working), transposingSelf: true)
    return try gram.solvingSymmetricPositiveDefinite(right.elements)
  }
}
