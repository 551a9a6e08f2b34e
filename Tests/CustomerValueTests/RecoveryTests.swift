import CustomerValue
import Learning
import MathKernels
import Testing

/// Fits on simulated customers find what they were simulated with.
@Suite struct RecoveryTests {
  private static func ages(_ count: Int) -> [Double] { (0..<count).map { 20 + Double($0 % 60) } }

  private static let planted: [PurchaseProcess: [Double]] = [
    .betaGeometric: [0.6, 5, 0.8, 2.4], .modifiedBetaGeometric: [0.7, 6, 0.9, 1.8],
    .pareto: [0.6, 8, 0.7, 12],
  ]

  @Test(arguments: PurchaseProcess.allCases, [1, 2])
  func findsThePlantedParameters(_ process: PurchaseProcess, _ seed: UInt64) async throws {
    let truth = try PurchaseModel(process: process, parameters: try #require(Self.planted[process]))
    let base = try truth.simulatedBase(ages: Self.ages(20_000), seed: seed)
    let model = try await estimators[process]!(PurchaseFitting(starts: 2), base)
    let intervals = try #require(model.parameterIntervals(level: 0.9999))
    for (interval, value) in zip(intervals, truth.parameters) {
      #expect(interval.lower < value && value < interval.upper)
      #expect(interval.upper / interval.lower < 2.5)
    }
    let (found, planted) = (try model.logLikelihood(of: base).value, try truth.logLikelihood(of: base).value)
    #expect(found >= planted)
  }

  @Test(arguments: PurchaseProcess.allCases)
  func findsThePlantedEffectsOfCovariates(_ process: PurchaseProcess) async throws {
    let truth = try PurchaseModel(
      process: process, parameters: try #require(Self.planted[process]),
      covariateNames: ["campaign", "income"],
      buyingCoefficients: [0.5, 0], leavingCoefficients: [-0.4, 0.03])
    let count = 20_000
    var random = RandomSource(seed: 5)
    var values: [Double] = []
    for _ in 0..<count { values += [random.uniform() < 0.4 ? 1 : 0, 20 + 10 * random.normal()] }
    let covariates = try Covariates(
      names: truth.covariateNames, values: Matrix(rows: count, columns: 2, values))
    let base = try truth.simulatedBase(ages: Self.ages(count), covariates: covariates, seed: 9)
    let model = try await estimators[process]!(PurchaseFitting(starts: 1), base)
    let intervals = try #require(model.coefficientIntervals(level: 0.9999))
    for (interval, value) in zip(intervals, truth.buyingCoefficients + truth.leavingCoefficients) {
      #expect(interval.lower < value && value < interval.upper)
    }
    #expect(intervals[0].lower > 0.2 && intervals[2].upper < 0)
    // Those with the campaign buy more often and stay longer, all else equal.
    let history = PurchaseHistory(frequency: 1, recency: 10, age: 30)
    let (with, without) = (
      model.expectedPurchases(after: history, within: 20, covariates: [1, 20]),
      model.expectedPurchases(ofNewCustomerWithin: 20, covariates: [0, 20])
    )
    #expect(with.isFinite && without.isFinite)
    #expect(model.expectedPurchases(ofNewCustomerWithin: 20, covariates: [1, 20]) > without)
    let bare = try base.with(nil)
    #expect(throws: CustomerValueError.self) { try model.logLikelihood(of: bare) }
  }

  /// What is expected of customers is what simulation gives on average.
  @Test(arguments: PurchaseProcess.allCases)
  func expectationsAreTheMeansOfSimulation(_ process: PurchaseProcess) throws {
    let model = try PurchaseModel(process: process, parameters: try #require(Self.planted[process]))
    let base = try model.simulatedBase(ages: Array(repeating: 30, count: 100_000), seed: 3)
    let counts = base.histories.map { Double($0.frequency) }
    let error = (Statistics.variance(counts) / Double(counts.count)).squareRoot()
    #expect(abs(Statistics.mean(counts) - model.expectedPurchases(ofNewCustomerWithin: 30)) < 4 * error)

    // Of one history: the mean over many draws of its future.
    let history = PurchaseHistory(frequency: 3, recency: 18, age: 30, monetaryValue: 20)
    let value = try LifetimeValue(
      purchases: model, spend: GammaGammaModel(p: 6, q: 4, v: 15), horizon: 52, monthlyDiscount: 0)
    let many = try CustomerBase(
      ids: (0..<4000).map(String.init), histories: Array(repeating: history, count: 4000))
    let forecast = try value.forecast(many, levels: [0.998], draws: 200, seed: 11)
    let total = forecast.totalIntervals[0]
    #expect(
      total.purchases.lower < forecast.totalPurchases && forecast.totalPurchases < total.purchases.upper)
    #expect(total.purchases.upper - total.purchases.lower < 0.2 * forecast.totalPurchases)
    let sum = try #require(forecast.totalValue)
    #expect(total.value.lower < sum && sum < total.value.upper)
    #expect(total.value.upper - total.value.lower < 0.25 * sum)
  }

  @Test func gammaGammaFindsThePlantedParameters() async throws {
    let (p, q, v) = (6.0, 3.5, 16.0)
    var random = RandomSource(seed: 4)
    let histories = (0..<20_000).map { index -> PurchaseHistory in
      let count = 1 + index % 6
      let rate = random.gamma(shape: q) / v
      let mean = random.gamma(shape: p * Double(count)) / rate / Double(count)
      return PurchaseHistory(frequency: count, recency: 5, age: 10, monetaryValue: mean)
    }
    let base = try CustomerBase(ids: histories.indices.map(String.init), histories: histories)
    let model = try await GammaGamma(PurchaseFitting(starts: 4)).fit(base, context: FitContext())
    #expect(near(model.p, p, 0.05) && near(model.q, q, 0.05) && near(model.v, v, 0.08))
    let report = try #require(model.report)
    #expect(report.agree)
    let correlation = try #require(model.frequencyCorrelation)
    #expect(abs(correlation) < 0.03)
    // Shrunk towards the mean of all, the less so the more orders there are.
    let average = p * v / (q - 1)
    let few = model.expectedSpend(PurchaseHistory(frequency: 1, recency: 1, age: 2, monetaryValue: 200))
    let often = model.expectedSpend(PurchaseHistory(frequency: 20, recency: 1, age: 2, monetaryValue: 200))
    #expect(average < few && few < often && often < 200)
  }

  @Test func gammaGammaSaysSoWhenAllSpendTheSame() async throws {
    let same = PurchaseHistory(frequency: 2, recency: 5, age: 10, monetaryValue: 10)
    let base = try CustomerBase(
      ids: (0..<50).map(String.init), histories: Array(repeating: same, count: 50))
    await #expect(
      throws: CustomerValueError.notEnoughData(
        needed: "amounts that differ from customer to customer", found: "one amount, 10.0")
    ) { try await GammaGamma().fit(base, context: FitContext()) }
  }

  @Test func aPenaltyPullsParametersTowardsNothing() async throws {
    let truth = try PurchaseModel(process: .betaGeometric, parameters: [0.6, 5, 0.8, 2.4])
    let base = try truth.simulatedBase(ages: Self.ages(500), seed: 8)
    let plain = try await BetaGeometricNBD().fit(base, context: FitContext())
    let pulled = try await BetaGeometricNBD(PurchaseFitting(penalizer: 0.1)).fit(base, context: FitContext())
    #expect(pulled.parameters[3] < plain.parameters[3])
    let (less, most) = (try #require(pulled.report).logLikelihood, try #require(plain.report).logLikelihood)
    #expect(less < most)
  }

  @Test func theSameSeedGivesTheSameModel() async throws {
    let truth = try PurchaseModel(process: .pareto, parameters: [0.6, 8, 0.7, 12])
    let base = try truth.simulatedBase(ages: Self.ages(3_000), seed: 8)
    let (again, other) = (
      try truth.simulatedBase(ages: Self.ages(3_000), seed: 8),
      try truth.simulatedBase(ages: Self.ages(3_000), seed: 9)
    )
    #expect(again == base && other != base)
    let first = try await ParetoNBD().fit(base, context: FitContext(seed: 1))
    let second = try await ParetoNBD().fit(base, context: FitContext(seed: 1))
    #expect(first == second)
  }

  @Test func aCancelledFitEnds() async throws {
    let truth = try PurchaseModel(process: .pareto, parameters: [0.6, 8, 0.7, 12])
    let base = try truth.simulatedBase(ages: Self.ages(3_000), seed: 8)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await ParetoNBD().fit(base, context: FitContext())
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
