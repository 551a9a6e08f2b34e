import Commerce
import CustomerValue
import Customers
import Foundation
import Learning
import MathKernels
import Testing

/// What a shop's customers are worth: from purchases to values, and how good such values were.
@Suite struct ValueTests {
  /// Customers who buy at rates of their own, each purchase for about an amount of their own, until they leave.
  private static func purchases(of customers: Int, days: Int, seed: UInt64) -> [Transaction] {
    (0..<customers).flatMap { customer -> [Transaction] in
      var random = RandomSource(seed: seed, stream: UInt64(customer) + 1)
      let rate = random.gamma(shape: 1.2) / 15
      let amount = 10 + 40 * random.uniform()
      let end = min(Double(days), random.exponential(rate: 1 / 400.0))
      var day = 30 * random.uniform()
      var found: [Transaction] = []
      while found.isEmpty || day < end, day < Double(days) {
        found.append(
          Transaction(
            customerID: "c\(customer)",
            time: Timestamp(milliseconds: Int64(day.rounded(.down)) * Timestamp.day),
            amount: amount * (0.5 + random.uniform())))
        day += 1 + random.exponential(rate: max(rate, 1e-3))
      }
      return found
    }
  }

  private static let days = 364

  private static func dataset(_ customers: Int = 800, seed: UInt64 = 7) throws -> ValueDataset {
    ValueDataset(
      log: try TransactionLog(purchases(of: customers, days: days, seed: seed)), endDay: Int32(days - 1),
      currency: .usd)
  }

  @Test func saysWhatIsMissingAndNobodysValueWhereTheDataAreTooFew() async throws {
    let found = try await CustomerValuing().fit(try Self.dataset(60), context: FitContext())
    #expect(!found.isSufficient && found.ids.count == 0 && found.total == nil && found.check == nil)
    #expect(found.gates.filter { !$0.isMet }.map(\.name) == ["customers"])
    let anyway = try await CustomerValuing(ValueTerms(ignoresGates: true)).fit(
      try Self.dataset(60), context: FitContext())
    #expect(anyway.isSufficient && anyway.ids.count == 60)
  }

  @Test(arguments: [7, 8] as [UInt64])
  func foretellsWeeksThatItHasNotSeen(seed: UInt64) async throws {
    let found = try await CustomerValuing().fit(try Self.dataset(seed: seed), context: FitContext())
    let check = try #require(found.check)
    let chosen = try #require(check.chosen)
    #expect(chosen.isModel && check.learnedUntil == Int32(Self.days - 1 - 84))
    #expect(abs(chosen.totalBias.value ?? 1) < 0.15)
    let mean = try #require(check.forecasters.first { $0.name == "MeanRate" })
    #expect((chosen.rootMeanSquareError.value ?? 9) < 0.9 * (mean.rootMeanSquareError.value ?? 0))
    // The first tenth is foretold to bring most, and does.
    let (first, last) = (check.deciles[0], check.deciles[9])
    #expect((first.predictedValue ?? 0) > 5 * (last.predictedValue ?? 0))
    #expect(first.actualValue > 3 * last.actualValue)
    #expect(check.customers == check.deciles.reduce(0) { $0 + $1.customers })
    #expect((0.65...1).contains(check.coverage ?? 0))
  }

  @Test func valuesAddUpAndLieInsideTheirRanges() async throws {
    let found = try await CustomerValuing().fit(try Self.dataset(), context: FitContext())
    let total = try #require(found.total)
    let customers = found.indices.map(found.customer)
    let sum = customers.reduce(0) { $0 + ($1.value ?? .nan) }
    #expect(abs(sum / (total.value ?? 0) - 1) < 1e-4)
    let range = try #require(total.valueRange)
    #expect(range.lower < sum && sum < range.upper && range.level == 0.8)
    for customer in customers {
      #expect((0...1).contains(customer.probabilityAlive))
      let lost = try #require(customer.atRisk)
      #expect(lost >= -1e-3 && customer.daysSinceLast >= 0)
    }
    // Who was here yesterday still buys; who bought often and stayed away long does not.
    let (here, gone) = (
      customers.filter { $0.daysSinceLast < 10 },
      customers.filter { $0.purchaseDays > 10 && $0.daysSinceLast > 150 }
    )
    #expect(!here.isEmpty && !gone.isEmpty)
    #expect(Statistics.mean(here.map(\.probabilityAlive)) > 0.9)
    #expect(Statistics.mean(gone.map(\.probabilityAlive)) < 0.2)
  }

  @Test func aMarginScalesValuesAndAShorterHorizonLessensThem() async throws {
    let data = try Self.dataset()
    let year = try await CustomerValuing().fit(data, context: FitContext())
    let profit = try await CustomerValuing(ValueTerms(margin: 0.25)).fit(data, context: FitContext())
    let half = try await CustomerValuing(ValueTerms(horizonMonths: 6)).fit(data, context: FitContext())
    let (whole, part, short) = (year.total?.value ?? 0, profit.total?.value ?? 0, half.total?.value ?? 0)
    #expect(abs(part / whole - 0.25) < 1e-4)
    #expect(short < 0.65 * whole && short > 0.4 * whole)
  }

  @Test func sameSeedGivesTheSameValuesAndTheySurviveSaving() async throws {
    let data = try Self.dataset(600)
    let first = try await CustomerValuing().fit(data, context: FitContext())
    let second = try await CustomerValuing().fit(data, context: FitContext())
    #expect(first == second)
    let envelope = try ModelEnvelope(
      first, trainedAt: Timestamp(milliseconds: 0), dataFingerprint: "", metrics: [:])
    let read = try ModelEnvelope(encoded: envelope.encoded()).model(as: CustomerValuation.self)
    #expect(read == first && read.customer(5) == first.customer(5) && read.index(of: "c5") != nil)
    #expect(read.index(of: "nobody") == nil)
  }

  @Test func purchasesWithoutAmountsAreForecastWithoutMoney() async throws {
    let bare = Self.purchases(of: 600, days: Self.days, seed: 3).map {
      Transaction(customerID: $0.customerID, time: $0.time)
    }
    let found = try await CustomerValuing().fit(
      ValueDataset(log: try TransactionLog(bare), endDay: Int32(Self.days - 1), currency: .usd),
      context: FitContext())
    #expect(found.isSufficient && found.spend == nil && found.spendProblem != nil)
    #expect(found.customer(0).value == nil && found.total?.value == nil)
    #expect((found.total?.purchases ?? 0) > 0)
  }

  @Test func refusesTermsOutOfRange() async throws {
    for terms in [ValueTerms(horizonMonths: 0), ValueTerms(monthlyDiscount: -0.1), ValueTerms(margin: 2)] {
      await #expect(throws: CustomerValueError.self) {
        try await CustomerValuing(terms).fit(try Self.dataset(10), context: FitContext())
      }
    }
  }
}
