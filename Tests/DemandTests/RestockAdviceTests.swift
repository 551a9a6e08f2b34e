import Commerce
import Demand
import Testing

@Suite struct RestockAdviceTests {
  private func advice(
    _ stocks: [RestockAdvice.Stock], _ settings: RestockAdvice.Settings = .init()
  ) async throws -> RestockAdvice {
    let forecasts = try await MadeUpShop.noisy(items: 40, weeks: 52).forecasts(weeks: 52)
    return try RestockAdvice(
      forecasts, stocks: stocks, settings: settings, today: forecasts.firstMonday + 7 * 52)
  }

  private func all(_ stock: Double?) -> [RestockAdvice.Stock] {
    (0..<40).map { RestockAdvice.Stock(item: "i\($0)", onHand: stock, unitCost: 2, price: 3) }
  }

  @Test func aHigherServiceLevelNeverOrdersLess() async throws {
    var last: [String: Double] = [:]
    for level in [0.5, 0.8, 0.9, 0.95, 0.99, 0.999] {
      let lines = try await advice(all(10), .init(serviceLevel: level)).lines
      for line in lines {
        #expect((line.order ?? -1) >= (last[line.item] ?? 0))
        last[line.item] = line.order
      }
    }
  }

  @Test func aLongerWaitNeverOrdersLess() async throws {
    let short = try await advice(all(10), .init(leadTimeDays: 3)).lines
    let long = try await advice(all(10), .init(leadTimeDays: 24)).lines
    let before = Dictionary(uniqueKeysWithValues: short.map { ($0.item, $0.order ?? 0) })
    for line in long { #expect((line.order ?? 0) > before[line.item] ?? 0) }
  }

  @Test func theOrderKeepsTheRiskThatWasAskedFor() async throws {
    for line in try await advice(all(0), .init(serviceLevel: 0.9)).lines {
      // One path in a hundred brings nothing of what sells least, five or six a week.
      #expect((line.riskAfter ?? 1) <= 0.1 + 0.011)
      #expect((line.risk ?? 0) >= (line.expectedDemand > 15 ? 1 : 0.99), "\(line)")
      #expect((line.order ?? 0) == line.orderUpTo && line.orderUpTo > line.expectedDemand)
      #expect(line.lower < line.expectedDemand && line.expectedDemand < line.upper)
    }
  }

  @Test func plentyOfStockNeedsNoOrder() async throws {
    for line in try await advice(all(10_000)).lines {
      #expect(line.order == 0 && line.risk == 0 && line.orderBy == nil && (line.weeksOfCover ?? 0) > 50)
    }
  }

  @Test func withoutAStockOnlyTheLevelIsTold() async throws {
    let advice = try await advice(all(nil))
    #expect(advice.lines.count == 40)
    for line in advice.lines {
      #expect(line.order == nil && line.risk == nil && line.orderBy == nil && line.orderUpTo > 0)
    }
  }

  @Test func aBudgetIsKeptAndMoreOfItNeverSavesLess() async throws {
    var last = 0.0
    for budget in [0.0, 100, 500, 2_000, 100_000] {
      let advice = try await advice(all(5), .init(budget: budget))
      #expect(advice.lines.reduce(0) { $0 + ($1.cost ?? 0) } <= budget + 1e-6)
      let saved = advice.lines.reduce(0) { $0 + ($1.benefit ?? 0) }
      #expect(saved >= last - 1e-9)
      last = saved
    }
  }

  @Test func roomIsKeptToo() async throws {
    let stocks = all(5).enumerated().map { place, stock in
      var stock = stock
      stock.volume = place % 3 == 0 ? 4 : 1
      return stock
    }
    let volumes = Dictionary(uniqueKeysWithValues: stocks.map { ($0.item, $0.volume ?? 0) })
    let free = try await advice(stocks)
    let tight = try await advice(stocks, .init(budget: 1_500, storage: 500))
    func room(_ advice: RestockAdvice) -> Double {
      advice.lines.reduce(0) { $0 + ($1.order ?? 0) * (volumes[$1.item] ?? 0) }
    }
    #expect(room(free) > 500 && room(tight) <= 500 + 1e-6 && room(tight) > 480)
    #expect(tight.lines.reduce(0) { $0 + ($1.cost ?? 0) } <= 1_500 + 1e-6)
    #expect(tight.gap >= 0 && tight.gap < 0.05, "\(tight.gap)")
  }

  @Test func termsAreKept() async throws {
    var stock = RestockAdvice.Stock(item: "i1", onHand: 0, unitCost: 2, price: 3)
    (stock.packSize, stock.minimumOrder) = (12, 30)
    let line = try #require(try await advice([stock]).lines.first)
    let order = try #require(line.order)
    #expect(order.truncatingRemainder(dividingBy: 12) == 0 && order >= 36)
  }

  @Test func whatSpoilsIsNotHoarded() async throws {
    let plain = RestockAdvice.Stock(item: "i1", onHand: 0, unitCost: 2, price: 3)
    var fresh = plain
    fresh.shelfLifeDays = 7
    let usual = try #require(try await advice([plain], .init(leadTimeDays: 14, reviewDays: 14)).lines.first)
    let spoiling = try #require(
      try await advice([fresh], .init(leadTimeDays: 14, reviewDays: 14)).lines.first)
    #expect((spoiling.order ?? 0) < 0.5 * (usual.order ?? 0))
  }

  @Test(arguments: [
    RestockAdvice.Settings(serviceLevel: 1), .init(leadTimeDays: -1), .init(reviewDays: 0),
    .init(budget: -1), .init(storage: .nan),
  ])
  func settingsThatMakeNoSenseAreRefused(settings: RestockAdvice.Settings) async throws {
    await #expect(throws: DemandError.self) { try await advice(all(1), settings) }
  }
}
