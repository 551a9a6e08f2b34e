import CustomerValue
import Foundation
import Learning
import MathKernels
import Testing

@Suite struct PurchaseModelTests {
  /// A process with its parameters.
  struct Point: Sendable, CustomTestStringConvertible {
    var process: PurchaseProcess
    var parameters: [Double]
    var testDescription: String { "\(process.name) \(parameters)" }
    func model() throws -> PurchaseModel { try PurchaseModel(process: process, parameters: parameters) }
  }

  /// Parameters of each process, with α below and above β, and a near 1.
  static let points: [Point] = [
    Point(process: .betaGeometric, parameters: [0.2426, 4.4135, 0.7929, 2.4258]),
    Point(process: .betaGeometric, parameters: [1.7, 6, 1, 0.4]),
    Point(process: .modifiedBetaGeometric, parameters: [0.5248, 6.183, 0.8914, 1.614]),
    Point(process: .modifiedBetaGeometric, parameters: [0.9, 3, 2.5, 4]),
    Point(process: .pareto, parameters: [0.5533, 10.5775, 0.6062, 11.6684]),
    Point(process: .pareto, parameters: [0.8, 25, 1, 3]),
  ]

  /// Histories of all kinds: one-time buyers, loyal and lost ones, a very frequent one, one who came today.
  static let histories = [
    PurchaseHistory(frequency: 0, recency: 0, age: 30), PurchaseHistory(frequency: 0, recency: 0, age: 0),
    PurchaseHistory(frequency: 2, recency: 30.43, age: 38.86),
    PurchaseHistory(frequency: 1, recency: 1.7, age: 38.86),
    PurchaseHistory(frequency: 26, recency: 12, age: 38.86),
    PurchaseHistory(frequency: 300, recency: 38.86, age: 38.86),
    PurchaseHistory(frequency: 5, recency: 20, age: 20.0001),
  ]

  static func base(_ columns: Int = 0) throws -> CustomerBase {
    let covariates =
      columns == 0
      ? nil
      : try Covariates(
        names: (0..<columns).map { "z\($0)" },
        values: Matrix(
          rows: histories.count, columns: columns,
          (0..<histories.count * columns).map { sin(Double($0) * 1.7) * 2 }))
    return try CustomerBase(
      ids: histories.indices.map { "c\($0)" }, histories: histories, covariates: covariates)
  }

  @Test(arguments: points)
  func theGradientIsThatOfFiniteDifferences(_ point: Point) throws {
    let model = try point.model()
    let base = try Self.base()
    let (_, gradient) = try model.logLikelihood(of: base)
    for index in 0..<4 {
      func value(_ step: Double) throws -> Double {
        var parameters = model.parameters
        parameters[index] *= exp(step)
        return try PurchaseModel(process: model.process, parameters: parameters).logLikelihood(of: base).value
      }
      let difference = (try value(1e-5) - value(-1e-5)) / 2e-5
      #expect(abs(difference - gradient[index]) < 1e-7 * (1 + abs(gradient[index])))
    }
  }

  @Test(arguments: PurchaseProcess.allCases)
  func theGradientOfCovariatesIsThatOfFiniteDifferences(_ process: PurchaseProcess) throws {
    let base = try Self.base(2)
    let coefficients = [0.3, -0.2, 0.1, 0.4]
    func model(_ coefficients: [Double]) throws -> PurchaseModel {
      try PurchaseModel(
        process: process, parameters: [0.6, 5, 0.9, 4], covariateNames: ["z0", "z1"],
        buyingCoefficients: Array(coefficients[..<2]), leavingCoefficients: Array(coefficients[2...]))
    }
    let gradient = try model(coefficients).logLikelihood(of: base).gradient
    #expect(gradient.count == 8)
    for index in 0..<4 {
      var (above, below) = (coefficients, coefficients)
      above[index] += 1e-5
      below[index] -= 1e-5
      let difference =
        (try model(above).logLikelihood(of: base).value - model(below).logLikelihood(of: base).value) / 2e-5
      #expect(abs(difference - gradient[4 + index]) < 1e-7 * (1 + abs(gradient[4 + index])))
    }
  }

  /// The likelihood of Pareto/NBD by its definition: the rate and the lifetime integrated over a fine grid of the lifetime.
  @Test(arguments: points.filter { $0.process == .pareto })
  func paretosLikelihoodIsTheIntegralOverLifetimes(_ point: Point) throws {
    let model = try point.model()
    let (r, alpha, s, beta) = (
      model.parameters[0], model.parameters[1], model.parameters[2], model.parameters[3]
    )
    for history in [Self.histories[0], Self.histories[2], Self.histories[3], Self.histories[4]] {
      let x = Double(history.frequency)
      func weight(_ u: Double) -> Double { pow(alpha + u, -r - x) * pow(beta + u, -s - 1) }
      let steps = 200_000
      let width = (history.age - history.recency) / Double(steps)
      let integral = (0..<steps).reduce(0.0) { sum, step in
        sum + width * weight(history.recency + (Double(step) + 0.5) * width)
      }
      let here = pow(alpha + history.age, -r - x) * pow(beta + history.age, -s)
      let expected =
        lgamma(r + x) - lgamma(r) + r * log(alpha) + s * log(beta) + log(here + s * integral)
      let base = try CustomerBase(ids: ["c"], histories: [history])
      #expect(abs(try model.logLikelihood(of: base).value - expected) < 1e-7)
      #expect(abs(model.probabilityAlive(history) - here / (here + s * integral)) < 1e-7)
    }
  }

  @Test(arguments: points)
  func aCustomerWhoStaysAwayIsLessAndLessLikelyToComeBack(_ point: Point) throws {
    let model = try point.model()
    for frequency in [1, 3, 40] {
      var before = 1.0
      for away in [0.0, 0.5, 2, 8, 30, 200, 5000] {
        let alive = model.probabilityAlive(
          PurchaseHistory(frequency: frequency, recency: 20, age: 20 + away))
        #expect(alive <= before && alive >= 0)
        before = alive
      }
      #expect(before < 0.1)
    }
  }

  @Test(arguments: points)
  func expectationsStartAtNothingAndGrowWithTheHorizon(_ point: Point) throws {
    let model = try point.model()
    for history in Self.histories {
      var before = 0.0
      #expect(model.expectedPurchases(after: history, within: 0) == 0)
      for horizon in [1e-6, 0.1, 1, 10, 100, 1000] {
        let expected = model.expectedPurchases(after: history, within: horizon)
        #expect(expected > before && expected.isFinite)
        before = expected
      }
    }
    // At first a new customer buys at the mean rate, r / α, as far as still there.
    let (r, alpha) = (model.parameters[0], model.parameters[1])
    let stays =
      model.process == .modifiedBetaGeometric
      ? model.parameters[3] / (model.parameters[2] + model.parameters[3]) : 1
    let soon = model.expectedPurchases(ofNewCustomerWithin: 1e-6)
    #expect(near(soon, stays * r / alpha * 1e-6, 1e-5))
  }

  /// a = 1 in BG/NBD and s = 1 in Pareto/NBD make the published formulas 0/0.
  @Test(arguments: [(PurchaseProcess.betaGeometric, 2), (.modifiedBetaGeometric, 2), (.pareto, 2)])
  func expectationsAreSmoothWhereTheFormulasAreZeroOverZero(_ process: PurchaseProcess, _ index: Int) throws {
    func expected(_ value: Double) throws -> Double {
      var parameters = [0.7, 5, 1, 3.0]
      parameters[index] = value
      return try PurchaseModel(process: process, parameters: parameters).expectedPurchases(
        after: PurchaseHistory(frequency: 2, recency: 10, age: 14), within: 30)
    }
    let (below, at, above) = (try expected(1 - 1e-4), try expected(1), try expected(1 + 1e-4))
    #expect(near(at, (below + above) / 2, 1e-7))
  }

  @Test func aSavedModelPredictsTheSame() throws {
    for model in try Self.points.map({ try $0.model() }) {
      let loaded = try JSONDecoder().decode(PurchaseModel.self, from: JSONEncoder().encode(model))
      #expect(loaded == model)
    }
  }

  @Test(arguments: PurchaseProcess.allCases)
  func refusesParametersThatCannotBe(_ process: PurchaseProcess) {
    for parameters in [[1, 1, 1], [0, 1, 1, 1], [1, .nan, 1, 1], [1, 1, -1, 1], [1, 1, 1, .infinity]] {
      #expect(throws: CustomerValueError.self) {
        try PurchaseModel(process: process, parameters: parameters)
      }
    }
  }
}

@Suite struct CustomerBaseTests {
  static let wrong: [(PurchaseHistory, String)] = [
    (PurchaseHistory(frequency: -1, recency: 0, age: 3), "frequency"),
    (PurchaseHistory(frequency: 1, recency: -2, age: 3), "recency"),
    (PurchaseHistory(frequency: 1, recency: 4, age: 3), "recency"),
    (PurchaseHistory(frequency: 0, recency: 1, age: 3), "recency"),
    (PurchaseHistory(frequency: 1, recency: 0, age: 3), "recency"),
    (PurchaseHistory(frequency: 1, recency: .nan, age: 3), "recency"),
    (PurchaseHistory(frequency: 0, recency: 0, age: .infinity), "age"),
    (PurchaseHistory(frequency: 1, recency: 1, age: 3, monetaryValue: .nan), "monetary value"),
  ]

  @Test(arguments: wrong.indices)
  func namesTheCustomerAndTheFieldThatCannotBe(_ index: Int) {
    let (history, field) = Self.wrong[index]
    do {
      _ = try CustomerBase(
        ids: ["ok", "odd"], histories: [PurchaseHistory(frequency: 0, recency: 0, age: 1), history])
      Issue.record("accepted")
    } catch {
      guard case CustomerValueError.invalidHistory("odd", field, _, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test(arguments: PurchaseProcess.allCases)
  func saysWhatIsMissingWhenThereIsTooLittle(_ process: PurchaseProcess) async throws {
    let one = try CustomerBase(ids: ["a"], histories: [PurchaseHistory(frequency: 2, recency: 3, age: 5)])
    let none = try CustomerBase(ids: [], histories: [])
    let lookers = try CustomerBase(
      ids: ["a", "b", "c", "d", "e"],
      histories: Array(repeating: PurchaseHistory(frequency: 0, recency: 0, age: 5), count: 5))
    for base in [one, none, lookers] {
      await #expect(throws: CustomerValueError.self) {
        try await estimators[process]!(PurchaseFitting(), base)
      }
    }
    await #expect(throws: CustomerValueError.self) {
      try await GammaGamma().fit(lookers, context: FitContext())
    }
  }

  @Test func refusesSettingsThatCannotBe() async throws {
    let base = try PurchaseModelTests.base()
    for fitting in [
      PurchaseFitting(penalizer: -1), PurchaseFitting(starts: 0), PurchaseFitting(penalizer: .nan),
    ] {
      await #expect(throws: CustomerValueError.self) {
        try await BetaGeometricNBD(fitting).fit(base, context: FitContext())
      }
    }
  }
}
