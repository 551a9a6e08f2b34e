import Foundation
import Learning
import MathKernels
import Testing

@Suite struct PenalizedLogisticRegressionTests {
  static let rows = Matrix<Double>(
    rows: 8, columns: 2, [1, 2, 2, 1, 3, 5, 4, 3, 5, 8, 6, 1, 7, 2, 8, 9])
  static let labels: [Double] = [0, 0, 1, 0, 1, 0, 1, 1]

  @Test func agreesWithStatsmodelsWithoutPenalty() throws {
    let rows = Matrix(rows: 8, columns: 1, (1...8).map(Double.init))
    let model = try PenalizedLogisticRegression(.init(regularization: 0)).fit(
      .init(names: ["x"], features: rows, labels: Self.labels))
    #expect(abs(model.intercept + 2.67337962) < 1e-5)
    #expect(abs(model.coefficients[0] - 0.59408436) < 1e-6)
    #expect(abs(model.standardErrors[0] - 0.43224158) < 1e-5)
  }

  @Test func agreesWithScikitLearnWithPenalty() throws {
    // LogisticRegression(C=0.5) on columns of unit spread, brought back to their own units.
    let model = try PenalizedLogisticRegression(.init(regularization: 2)).fit(
      .init(names: ["a", "b"], features: Self.rows, labels: Self.labels))
    #expect(abs(model.coefficients[0] - 0.19845144) < 1e-5)
    #expect(abs(model.coefficients[1] - 0.23635165) < 1e-5)
    #expect(abs(model.intercept + 1.7663049233569819) < 1e-4)
  }

  @Test func contributionsAddUpToTheMargin() throws {
    let model = try PenalizedLogisticRegression().fit(
      .init(names: ["a", "b"], features: Self.rows, labels: Self.labels))
    for row in 0..<8 {
      let parts = model.contributions(Self.rows.row(row))
      #expect(abs(parts.reduce(model.base, +) - model.margin(Self.rows.row(row))) < 1e-12)
    }
  }

  @Test func weightsCountAsRepeatedRows() throws {
    let twice = Matrix<Double>(rows: 3, columns: 1, [1, 1, 3])
    let once = Matrix<Double>(rows: 2, columns: 1, [1, 3])
    let fitting = PenalizedLogisticRegression(.init(regularization: 1))
    let repeated = try fitting.fit(.init(names: ["x"], features: twice, labels: [0, 0, 1]))
    let weighted = try fitting.fit(.init(names: ["x"], features: once, labels: [0, 1], weights: [2, 1]))
    #expect(abs(repeated.coefficients[0] - weighted.coefficients[0]) < 1e-8)
  }

  @Test func separatedClassesDoNotConvergeWithoutPenalty() throws {
    let rows = Matrix<Double>(rows: 4, columns: 1, [1, 2, 3, 4])
    let data = PenalizedLogisticRegression.Dataset(names: ["x"], features: rows, labels: [0, 0, 1, 1])
    let free = try? PenalizedLogisticRegression(.init(regularization: 0)).fit(data)
    let held = try PenalizedLogisticRegression(.init(regularization: 1)).fit(data)
    #expect(held.coefficients[0].isFinite && held.coefficients[0] > 0)
    // Without a penalty the coefficient runs away, or the search says that it does not end.
    #expect((free?.coefficients[0] ?? .infinity) > 5 * held.coefficients[0])
  }

  @Test func impossibleDataAreRefused() {
    let fitting = PenalizedLogisticRegression()
    #expect(throws: LearningError.self) {
      try fitting.fit(.init(names: [], features: Matrix(rows: 0, columns: 0), labels: []))
    }
    #expect(throws: LearningError.self) {
      try fitting.fit(.init(names: ["x"], features: Matrix(rows: 1, columns: 1, [.nan]), labels: [1]))
    }
    #expect(throws: LearningError.self) {
      try fitting.fit(.init(names: ["x"], features: Matrix(rows: 1, columns: 1, [1]), labels: [2]))
    }
  }
}
