import CustomerValue
import Foundation
import MathKernels
import Testing

/// Twenty customers with ties and two covariates; figures of lifelines 0.30.3 and statsmodels 0.15.0 (`PHReg`, Efron).
@Suite struct SurvivalTests {
  static let durations: [Double] = [5, 8, 8, 12, 3, 3, 9, 15, 1, 7, 7, 7, 10, 2, 14, 6, 6, 11, 4, 13]
  static let events = [1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0].map { $0 == 1 }
  static let x: [Double] = [0, 1, 1, 0, 2, 1, 0, 0, 2, 1, 1, 2, 0, 2, 0, 1, 0, 0, 1, 1]
  static let z: [Double] = [
    0.5, 1.2, -0.3, 0.8, -1.1, 0.4, 0.9, 1.5, -0.6, 0.2, -0.8, 0.1, 0.3, -1.4, 0.7, -0.2, 1.1, 0.6, -0.9,
    0.05,
  ]
  static var data: SurvivalData { get throws { try SurvivalData(durations: durations, events: events) } }
  static let covariates = Matrix(rows: 20, columns: 2, zip(x, z).flatMap { [$0, $1] })

  @Test func kaplanMeierAgreesWithLifelines() throws {
    let curve = try KaplanMeier().fit(Self.data)
    for (time, survival, lower, upper) in [
      (3.0, 0.8, 0.55114556, 0.91981791), (7, 0.5416666666666669, 0.30268082, 0.73012602),
      (10, 0.4126984126984127, 0.18936604, 0.62455995),
    ] {
      #expect(abs(curve.survival(at: time) - survival) < 1e-12)
      let interval = try #require(curve.interval(at: time))
      #expect(abs(interval.lower - lower) < 1e-6 && abs(interval.upper - upper) < 1e-6)
    }
    #expect(curve.median == 8)
    #expect(curve.survival(at: 0.5) == 1 && curve.interval(at: 0.5) == nil)
  }

  @Test func areaUnderTheCurveIsTheMeanWhereAllLeave() throws {
    let curve = try KaplanMeier().fit(
      SurvivalData(durations: [1, 2, 4, 9], events: [true, true, true, true]))
    #expect(abs(curve.restrictedMean(until: 9) - 4) < 1e-12)
    #expect(curve.survival(at: 9) == 0)
  }

  @Test func coxAgreesWithStatsmodelsOnTies() throws {
    let model = try CoxRegression().fit(Self.data, covariates: ["x", "z"], Self.covariates)
    #expect(abs(model.coefficients[0] - 0.74749059) < 2e-5)
    #expect(abs(model.coefficients[1] + 1.4005142) < 2e-5)
    #expect(abs(model.standardErrors[0] - 0.6167846) < 2e-5)
    #expect(abs(model.standardErrors[1] - 0.61028664) < 2e-5)
    #expect(abs(model.logLikelihood + 23.3227277897) < 1e-7)
    #expect(abs(model.concordance - 0.8333333333333334) < 1e-12)
    #expect(model.nullLogLikelihood < model.logLikelihood)
  }

  @Test func robustErrorsAgreeWithLifelinesWithoutTies() throws {
    let data = try SurvivalData(
      durations: [1.1, 2.3, 3.2, 4.7, 5.5, 6.1, 7.9, 8.4, 9.6, 10.2],
      events: [true, true, false, true, true, false, true, true, false, true])
    let rows = Matrix(rows: 10, columns: 1, [1, 0.5, 0.2, 1.4, -0.3, 0.9, -0.5, 0.1, -1, -0.2])
    let robust = try CoxRegression(.init(isRobust: true)).fit(data, covariates: ["x"], rows)
    let plain = try CoxRegression().fit(data, covariates: ["x"], rows)
    #expect(abs(robust.coefficients[0] - 1.21921249) < 2e-5)
    #expect(abs(robust.standardErrors[0] - 0.39005149) < 1e-5)
    #expect(abs(plain.standardErrors[0] - 0.71785042) < 1e-5)
  }

  @Test func riskFollowsFromSurvival() throws {
    let model = try CoxRegression().fit(Self.data, covariates: ["x", "z"], Self.covariates)
    let (now, later) = (model.survival(at: 4, [1, 0.2]), model.survival(at: 9, [1, 0.2]))
    #expect(abs(model.risk(of: [1, 0.2], age: 4, within: 5) - (1 - later / now)) < 1e-12)
    #expect(model.survival(at: 9, [2, 0.2]) < later)
  }

  @Test func discreteHazardsWithoutCovariatesAreTheSharesThatLeave() throws {
    let model = try DiscreteTimeHazard(.init(periodLength: 100, maximumStretches: 1, regularization: 0)).fit(
      SurvivalData(durations: [10, 20, 130, 150, 30], events: [true, true, false, false, true]),
      covariates: [], Matrix(rows: 5, columns: 0))
    // Three left in the first period; the other two lived it through and went out of sight in the second.
    #expect(abs(model.hazard(inPeriod: 0, []) - 0.6) < 1e-6)
    #expect(abs(model.survival(afterPeriods: 2, []) - 0.16) < 1e-6)
  }

  @Test func impossibleDataAreRefused() throws {
    #expect(throws: CustomerValueError.self) { try SurvivalData(durations: [], events: []) }
    #expect(throws: CustomerValueError.self) { try SurvivalData(durations: [-1], events: [true]) }
    let nobodyLeft = try SurvivalData(durations: [1, 2], events: [false, false])
    #expect(throws: CustomerValueError.self) {
      try CoxRegression().fit(nobodyLeft, covariates: ["x"], Matrix(rows: 2, columns: 1, [0, 1]))
    }
    let data = try Self.data
    #expect(throws: CustomerValueError.self) {
      // The second column is twice the first.
      try CoxRegression().fit(
        data, covariates: ["x", "2x"], Matrix(rows: 20, columns: 2, Self.x.flatMap { [$0, 2 * $0] }))
    }
  }
}
