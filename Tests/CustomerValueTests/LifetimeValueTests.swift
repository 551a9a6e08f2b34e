import Commerce
import CustomerValue
import Learning
import Testing

@Suite struct LifetimeValueTests {
  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func agreesWithLifetimesOnCDNOW() async throws {
    let base = try CDNOW.summary()
    let value = try LifetimeValue(
      purchases: try await BetaGeometricNBD().fit(base, context: FitContext()),
      spend: try await GammaGamma().fit(base, context: FitContext()), horizon: 12 * TimeUnit.week.perMonth)
    let forecast = try value.forecast(base)
    let (first, total) = (
      try #require(forecast.customers[0].lifetimeValue), try #require(forecast.totalValue)
    )
    #expect(abs(first - 36.2785) < 1e-3)
    #expect(abs(total - 71_509.90) < 0.1)
    #expect(forecast.customers[0].intervals.isEmpty && forecast.totalIntervals.isEmpty)
  }

  private func value(
    discount: Double = 0.01, horizon: Double = 30, margin: Double = 1
  ) throws -> LifetimeValue {
    try LifetimeValue(
      purchases: PurchaseModel(process: .pareto, parameters: [0.6, 8, 0.7, 12]),
      spend: GammaGammaModel(p: 6, q: 4, v: 15), horizon: horizon, monthlyDiscount: discount, margin: margin)
  }

  private func base() throws -> CustomerBase {
    try CustomerBase(
      ids: ["loyal", "lost", "once"],
      histories: [
        PurchaseHistory(frequency: 9, recency: 29, age: 30, monetaryValue: 40),
        PurchaseHistory(frequency: 9, recency: 5, age: 30, monetaryValue: 40),
        PurchaseHistory(frequency: 0, recency: 0, age: 10),
      ])
  }

  @Test func theSameSeedGivesTheSameIntervals() throws {
    let (value, base) = (try value(), try base())
    let first = try value.forecast(base, levels: [0.8, 0.95], draws: 300, seed: 5)
    let again = try value.forecast(base, levels: [0.8, 0.95], draws: 300, seed: 5)
    let other = try value.forecast(base, levels: [0.8, 0.95], draws: 300, seed: 6)
    #expect(again == first && other != first)
  }

  @Test func intervalsNestAndLoyalCustomersAreWorthMost() throws {
    let forecast = try value().forecast(try base(), levels: [0.8, 0.95], draws: 2000)
    let (loyal, lost, once) = (forecast.customers[0], forecast.customers[1], forecast.customers[2])
    let (most, least) = (try #require(loyal.lifetimeValue), try #require(lost.lifetimeValue))
    #expect(most > 10 * least)
    #expect(loyal.probabilityAlive > 0.9 && lost.probabilityAlive < 0.2)
    #expect(once.expectedSpend == 6.0 * 15 / 3)
    for customer in forecast.customers {
      let (inner, outer) = (customer.intervals[0], customer.intervals[1])
      #expect(outer.value.lower <= inner.value.lower && inner.value.upper <= outer.value.upper)
      #expect(inner.purchases.lower >= 0)
    }
    #expect(loyal.intervals[1].purchases.upper > loyal.expectedPurchases)
    #expect(lost.intervals[0].value.lower == 0)
  }

  @Test func discountAndMarginTakeFromTheValueAlone() throws {
    let base = try base()
    let (plain, discounted, half) = (
      try value(discount: 0).forecast(base), try value(discount: 0.05).forecast(base),
      try value(discount: 0, margin: 0.5).forecast(base)
    )
    for index in 0..<3 {
      let full = try #require(plain.customers[index].lifetimeValue)
      let (later, part) = (
        try #require(discounted.customers[index].lifetimeValue),
        try #require(half.customers[index].lifetimeValue)
      )
      #expect(
        near(
          full, plain.customers[index].expectedPurchases * (plain.customers[index].expectedSpend ?? 0), 1e-12)
      )
      #expect(later < full && near(part, full / 2, 1e-12))
      #expect(discounted.customers[index].expectedPurchases == plain.customers[index].expectedPurchases)
    }
  }

  @Test func refusesTermsThatCannotBe() throws {
    #expect(throws: CustomerValueError.self) { try value(horizon: 0) }
    #expect(throws: CustomerValueError.self) { try value(horizon: .infinity) }
    #expect(throws: CustomerValueError.self) { try value(discount: -1) }
    #expect(throws: CustomerValueError.self) { try value(margin: .nan) }
    #expect(throws: CustomerValueError.infiniteMean(shape: 0.9)) {
      try LifetimeValue(
        purchases: PurchaseModel(process: .pareto, parameters: [1, 1, 1, 1]),
        spend: GammaGammaModel(p: 6, q: 0.9, v: 15), horizon: 5)
    }
    let base = try base()
    #expect(throws: CustomerValueError.self) { try value().forecast(base, levels: [1]) }
    #expect(throws: CustomerValueError.self) { try value().forecast(base, levels: [0.9], draws: 1) }
    let days = try CustomerBase(ids: base.ids, histories: base.histories, unit: .day)
    #expect(throws: CustomerValueError.self) { try value().forecast(days) }
  }
}

@Suite struct DataSufficiencyTests {
  private func log(customers: Int, orders: Int, apart days: Double) throws -> TransactionLog {
    let start = try #require(Timestamp(rfc3339: "2025-01-01"))
    return try TransactionLog(
      (0..<customers).flatMap { customer in
        (0..<orders).map {
          Transaction(customerID: "c\(customer)", time: start.adding(days: Double($0) * days), amount: 9)
        }
      })
  }

  @Test func enoughIsEnough() throws {
    let gates = DataSufficiency().gates(for: try log(customers: 500, orders: 3, apart: 90))
    #expect(
      gates.map(\.name) == ["customers", "history_days", "days_since_last_order", "frequent_customers"])
    #expect(gates.map(\.isMet) == [true, true, true, true])
  }

  @Test func saysWhatIsMissing() throws {
    let log = try log(customers: 499, orders: 2, apart: 90)
    let gates = DataSufficiency().gates(for: log, at: log.lastDay.adding(days: 31))
    #expect(gates.map(\.isMet) == [false, false, false, false])
    #expect(gates.map(\.found) == [499, 121, 31, 0])
    #expect(gates[0].description == "Customers who have bought: 499; 500 are needed.")
    #expect(gates[2].description == "Days since the last order: 31; at most 30 are allowed.")
    let modest = DataSufficiency(
      minimumCustomers: 10, minimumHistoryDays: 30, maximumDaysSinceLastOrder: 31,
      minimumFrequentCustomers: 1,
      frequentOrders: 2)
    let lenient = modest.gates(for: log, at: log.lastDay.adding(days: 31))
    #expect(lenient.map(\.isMet) == [true, true, true, true])
  }
}

@Suite struct HoldoutEvaluationTests {
  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func agreesWithLifetimesOnCDNOW() throws {
    let evaluation = try HoldoutEvaluation.run(
      try CDNOW.log(), calibrationEnd: CDNOW.calibrationEnd, end: CDNOW.end, resamples: 200,
      context: FitContext())
    #expect(evaluation.actual.reduce(0, +) == 1882 && evaluation.horizon == 39)
    let results = Dictionary(uniqueKeysWithValues: evaluation.results.map { ($0.forecaster, $0) })
    let (pareto, beta) = (try #require(results[.pareto]), try #require(results[.betaGeometric]))
    // Compared to the four digits that are published.
    for (result, published) in [(pareto, [0.7545, 1.6028, 0.6302]), (beta, [0.7855, 1.6080, 0.6256])] {
      #expect(abs(result.meanAbsoluteError.value - published[0]) <= 0.5001e-4)
      #expect(abs(result.rootMeanSquareError.value - published[1]) <= 1e-4)
      #expect(abs(result.correlation.value - published[2]) <= 1e-4)
    }
    #expect(abs(pareto.totalBias.value) < 0.1151)
    for rule in [PurchaseForecaster.ownRate, .meanRate, .recencyFrequency] {
      let figure = try #require(results[rule]).meanAbsoluteError
      #expect(pareto.meanAbsoluteError.value < figure.value)
      #expect(figure.interval.lower < figure.value && figure.value < figure.interval.upper)
    }
    let mean = try #require(results[.meanRate])
    #expect(mean.correlation.value.isNaN)
    #expect(pareto.deciles.count == 10 && pareto.deciles.reduce(0) { $0 + $1.customers } == 2357)
    #expect(pareto.deciles[9].actual > 3 && pareto.deciles[0].actual < 0.5)
  }

  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func theFirstAmountBringsTheErrorBelowThePublishedOne() throws {
    let log = try CDNOW.log()
    let evaluation = try HoldoutEvaluation.run(
      log, calibrationEnd: CDNOW.calibrationEnd, end: CDNOW.end, forecasters: [.pareto],
      covariates: { try log.firstAmountCovariate(of: $0) }, resamples: 20, context: FitContext())
    #expect(evaluation.results[0].meanAbsoluteError.value <= 0.7545)
    #expect(abs(evaluation.results[0].totalBias.value) < 0.12)
  }

  @Test func refusesAnEndBeforeTheCalibrations() throws {
    let day = try #require(Timestamp(rfc3339: "2025-01-01"))
    let log = try TransactionLog([Transaction(customerID: "a", time: day)])
    #expect(throws: CustomerValueError.self) {
      try HoldoutEvaluation.run(log, calibrationEnd: day, context: FitContext())
    }
  }
}
