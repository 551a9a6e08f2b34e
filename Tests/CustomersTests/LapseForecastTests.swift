import Commerce
import CustomerValue
import Customers
import Foundation
import Learning
import MathKernels
import Testing

@Suite struct LapseForecastTests {
  /// A year of customers with rates of their own, four in ten of whom slow down before they stop.
  static func history(customers: Int, days: Int, seed: UInt64) -> LapseHistory {
    var random = RandomSource(seed: seed)
    var frame = EventFrame(currency: .usd)
    for customer in 0..<customers {
      var gap = 3 + 12 * random.uniform()
      let fadesAt = random.uniform() < 0.4 ? Double(days) * random.uniform() : .infinity
      var day = random.uniform() * 30
      while day < Double(days), gap < 400 {
        frame.append(
          EventFrame.Row(
            sequence: Int64(frame.count), kind: .purchase, customerID: "c\(customer)", sessionID: nil,
            itemID: "i\(random.index(below: 9))", orderID: nil,
            timestamp: Timestamp(milliseconds: Int64(day) * Timestamp.day), quantity: 1,
            amount: Money(5 + 20 * random.uniform(), currency: .usd), discount: nil, rating: nil))
        if day > fadesAt { gap *= 1.7 }
        day += gap * (0.5 + random.uniform())
      }
    }
    return LapseHistory(frame, day: { Int32($0 / Timestamp.day) })
  }

  static let quick = ChurnClassifier.Configuration(
    folds: 3, regularizations: [20], rounds: [1: [60]], ensembles: 1)

  @Test func everyoneActiveHasARiskThatIsExplainedAndMeasured() async throws {
    let history = Self.history(customers: 700, days: 364, seed: 1)
    let data = LapseDataset(history: history, currency: .usd, asOf: 364)
    let forecast = try await LapseForecasting(classifier: Self.quick).fit(data, context: FitContext())
    let active = history.customers.indices.filter { history.buys($0, from: 308, to: 364) }
    #expect(forecast.count == active.count)
    let check = try #require(forecast.check)
    #expect(check.asOf == 308 && check.trainingDays.allSatisfy { $0 <= 252 })
    #expect(check.results.first { $0.method == check.chosen }.map { $0.figures.areaUnderROC > 0.7 } == true)
    for place in [0, forecast.count / 2, forecast.count - 1] {
      let customer = forecast.customer(place)
      #expect(forecast.index(of: customer.id) == place)
      let reasons = try forecast.explain(place)
      #expect(abs(reasons.risk - customer.risk) < 1e-4)
      #expect(customer.reasons.map(\.column.rawValue) == reasons.drivers.prefix(3).map(\.column))
      #expect(customer.valueAtStake == customer.risk * customer.expectedSpend)
    }
    #expect(forecast.gaps.map(\.longer) == forecast.gaps.map(\.longer).sorted(by: >))
  }

  @Test func whoHasJustBoughtIsSaferThanWhoIsOverdue() async throws {
    let history = Self.history(customers: 700, days: 364, seed: 2)
    let forecast = try await LapseForecasting(classifier: Self.quick).fit(
      LapseDataset(history: history, currency: .usd, asOf: 364), context: FitContext())
    let riskiest = try #require((0..<forecast.count).max { forecast.everyRisk[$0] < forecast.everyRisk[$1] })
    let customer = forecast.customer(riskiest)
    let own = try #require(history.customers.first { $0.id == customer.id })
    let after = try #require(try forecast.riskAfterPurchase(own))
    #expect(after < customer.risk)
  }

  @Test func savedAndReloadedItSaysTheSame() async throws {
    let history = Self.history(customers: 500, days: 364, seed: 3)
    let forecast = try await LapseForecasting(classifier: Self.quick).fit(
      LapseDataset(history: history, currency: .usd, asOf: 364), context: FitContext())
    let envelope = try ModelEnvelope(
      forecast, trainedAt: Timestamp(milliseconds: 0), dataFingerprint: "x", metrics: [:])
    let reloaded: LapseForecast = try ModelEnvelope(encoded: envelope.encoded()).model()
    #expect(reloaded.everyRisk == forecast.everyRisk && reloaded.everySpend == forecast.everySpend)
    #expect(reloaded.customer(7) == forecast.customer(7))
    #expect(try reloaded.explain(7).logOdds == forecast.explain(7).logOdds)
    #expect(reloaded.importance == forecast.importance && reloaded.gaps == forecast.gaps)
  }

  @Test func tooShortAHistoryIsRefused() async throws {
    let history = Self.history(customers: 100, days: 100, seed: 4)
    await #expect(throws: CustomerValueError.self) {
      try await LapseForecasting(classifier: Self.quick).fit(
        LapseDataset(history: history, currency: .usd), context: FitContext())
    }
  }
}
