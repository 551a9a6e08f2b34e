import CustomerValue
import Learning
import Testing

/// The parameters and predictions that Python's `lifetimes` 0.11.3 and the models' papers give for the CDNOW sample.
@Suite struct PurchaseModelOracleTests {
  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func betaGeometricAgreesWithThePaperOnCDNOW() async throws {
    let model = try await BetaGeometricNBD().fit(try CDNOW.summary(), context: FitContext())
    for (found, expected) in zip(model.parameters, [0.2426, 4.4135, 0.7929, 2.4258]) {
      #expect(near(found, expected, 2e-4))
    }
    #expect(abs(model.expectedPurchases(after: CDNOW.first, within: 39) - 1.22591) < 1e-5)
    #expect(abs(model.probabilityAlive(CDNOW.first) - 0.72661) < 1e-5)
    #expect(abs(model.expectedPurchases(ofNewCustomerWithin: 39) - 1.19502) < 1e-5)
    // The maximum that the paper reports.
    #expect(abs((model.report?.logLikelihood ?? 0) + 9582.4) < 0.05)
  }

  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func thePenaltyAgreesWithLifetimesOnCDNOW() async throws {
    let model = try await BetaGeometricNBD(PurchaseFitting(penalizer: 0.01)).fit(
      try CDNOW.summary(), context: FitContext())
    for (found, expected) in zip(model.parameters, [0.242_940, 4.432_44, 0.285_642, 0.658_454]) {
      #expect(near(found, expected, 2e-4))
    }
  }

  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func modifiedBetaGeometricAgreesWithLifetimesOnCDNOW() async throws {
    let model = try await ModifiedBetaGeometricNBD().fit(try CDNOW.summary(), context: FitContext())
    for (found, expected) in zip(model.parameters, [0.5248, 6.183, 0.8914, 1.614]) {
      #expect(near(found, expected, 2e-4))
    }
  }

  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func paretoAgreesWithTheLiteratureOnCDNOW() async throws {
    let model = try await ParetoNBD().fit(try CDNOW.summary(), context: FitContext())
    for (found, expected) in zip(model.parameters, [0.5533, 10.5775, 0.6062, 11.6684]) {
      #expect(near(found, expected, 2e-4))
    }
    #expect(abs((model.report?.logLikelihood ?? 0) + 9595.0) < 0.05)
  }

  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func gammaGammaAgreesWithLifetimesOnCDNOW() async throws {
    let model = try await GammaGamma().fit(try CDNOW.summary(), context: FitContext())
    #expect(near(model.p, 6.2488, 2e-4) && near(model.q, 3.7446, 2e-4) && near(model.v, 15.4477, 2e-4))
    #expect(model.report?.customers == 946)
  }

  @Test(
    .enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"),
    arguments: PurchaseProcess.allCases)
  func allStartsLeadToOneMaximum(_ process: PurchaseProcess) async throws {
    let base = try CDNOW.summary()
    let model = try await estimators[process]!(PurchaseFitting(starts: 6), base)
    let report = try #require(model.report)
    #expect(report.starts.count == 6)
    #expect(report.starts.allSatisfy { $0.converged && $0.gradient < 1e-6 })
    #expect(report.agree)
    for start in report.starts {
      #expect(zip(start.parameters, model.parameters).allSatisfy { near($0, $1, 1e-5) })
    }
  }

  @Test(.enabled(if: CDNOW.isThere, "scripts/fetch-data cdnow brings the data into $LODE_CACHE"))
  func countsTheHistoriesThatArePublished() throws {
    let (ours, published) = (
      try CDNOW.log().customerBase(until: CDNOW.calibrationEnd), try CDNOW.summary()
    )
    #expect(ours.count == 2357 && published.count == 2357)
    for (found, expected) in zip(ours.histories, published.histories) {
      #expect(found.frequency == expected.frequency)
      #expect(abs(found.recency - expected.recency) < 0.0051 && abs(found.age - expected.age) < 0.0051)
      #expect(abs((found.monetaryValue ?? 0) - (expected.monetaryValue ?? 0)) < 0.0051)
    }
  }
}

/// A fit of each process.
let estimators: [PurchaseProcess: @Sendable (PurchaseFitting, CustomerBase) async throws -> PurchaseModel] = [
  .betaGeometric: { try await BetaGeometricNBD($0).fit($1, context: FitContext()) },
  .modifiedBetaGeometric: { try await ModifiedBetaGeometricNBD($0).fit($1, context: FitContext()) },
  .pareto: { try await ParetoNBD($0).fit($1, context: FitContext()) },
]
