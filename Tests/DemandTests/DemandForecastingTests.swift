import Commerce
import Demand
import Features
import Forecasting
import Foundation
import Learning
import MathKernels
import Testing

/// A shop made up week by week.
struct MadeUpShop {
  var items: [Item] = []
  var frame = EventFrame(currency: .usd)

  static let start = Timestamp(rfc3339: "2022-01-03T00:00:00Z")!

  /// A shop that is looked at from its first Monday on, so that its first week is a full one.
  init() {
    frame.append(
      EventFrame.Row(
        sequence: 1, kind: .search, customerID: "c0", sessionID: nil, itemID: nil, orderID: nil,
        timestamp: Self.start, quantity: nil, amount: nil, discount: nil, rating: nil))
  }

  /// Sells units of an item in each week, on its Wednesday.
  mutating func sell(
    _ item: String, category: String, weeks units: [Double], price: (Int) -> Double = { _ in 2 },
    discount: (Int) -> Double = { _ in 0 }
  ) {
    items.append(Item(itemID: item, category: category, categoryPath: ["ALL", category]))
    for (week, count) in units.enumerated() where count > 0 {
      frame.append(
        EventFrame.Row(
          sequence: Int64(frame.count + 1), kind: .purchase, customerID: "c\(week % 7)", sessionID: nil,
          itemID: item, orderID: nil, timestamp: Self.start.adding(days: Double(7 * week + 2)),
          quantity: count, amount: Money(count * (price(week) - discount(week)), currency: .usd),
          discount: count * discount(week), rating: nil))
    }
  }

  mutating func look(_ item: String, week: Int, times: Int) {
    for _ in 0..<times {
      frame.append(
        EventFrame.Row(
          sequence: Int64(frame.count + 1), kind: .view, customerID: "c", sessionID: nil, itemID: item,
          orderID: nil, timestamp: Self.start.adding(days: Double(7 * week + 1)), quantity: nil, amount: nil,
          discount: nil, rating: nil))
    }
  }

  func dataset(weeks: Int) -> DemandDataset {
    let asOf = Self.start.adding(days: Double(7 * weeks))
    let history = DemandHistory(frame, catalogue: CatalogueIndex(items), calendar: .utc, asOf: asOf)
    return DemandDataset(
      history: history, asOf: asOf,
      views: DemandDataset.views(in: frame, history: history, calendar: .utc))
  }

  func forecasts(
    weeks: Int, _ configuration: DemandForecasting.Configuration = .init()
  ) async throws -> DemandForecasts {
    try await DemandForecasting(configuration).fit(dataset(weeks: weeks), context: FitContext())
  }

  /// Items whose weeks are drawn around a level of their own.
  static func noisy(items: Int, weeks: Int, seed: UInt64 = 7) -> MadeUpShop {
    var (shop, random) = (MadeUpShop(), RandomSource(seed: seed))
    for item in 0..<items {
      let level = 5 + 40 * random.uniform()
      let units = (0..<weeks).map { _ in max(0, (level + level.squareRoot() * random.normal()).rounded()) }
      shop.sell("i\(item)", category: "C\(item % 5)", weeks: units)
    }
    return shop
  }
}

@Suite struct DemandForecastingTests {
  @Test func aSteadyItemIsExpectedToSellOn() async throws {
    var shop = MadeUpShop()
    shop.sell("tea", category: "TEA", weeks: (0..<40).map { 20 + Double($0 % 3) })
    let forecasts = try await shop.forecasts(weeks: 40)
    let tea = try #require(forecasts.outlook(of: DemandSubject(.item, "tea")))
    let mean = try #require(tea.mean)
    #expect(mean.count == 8 && mean.allSatisfy { (19.5...22.5).contains($0) }, "\(mean)")
    #expect(tea.sufficiency == .good && tea.demandClass == .smooth && tea.category == "TEA")
    #expect(forecasts.date(ofWeek: forecasts.weeks) == "2022-10-10" && forecasts.weeks == 40)
    let shopWide = try #require(forecasts.outlook(of: .shop))
    #expect(abs((shopWide.expected(4) ?? 0) - (tea.expected(4) ?? 1)) < 3)
  }

  @Test func intervalsHoldAsOftenAsTheySay() async throws {
    let forecasts = try await MadeUpShop.noisy(items: 120, weeks: 52).forecasts(weeks: 52)
    let (eighty, most) = (forecasts.report.coverage["80"] ?? 0, forecasts.report.coverage["95"] ?? 0)
    #expect(forecasts.report.coverageCount > 900)
    #expect((0.76...0.84).contains(eighty) && (0.92...0.98).contains(most), "\(eighty) \(most)")
    for outlook in forecasts.outlooks {
      let inner = try #require(forecasts.interval(of: outlook, step: 0, level: 0.8))
      let outer = try #require(forecasts.interval(of: outlook, step: 0, level: 0.95))
      let mean = try #require(outlook.mean?[0])
      #expect(outer.lower <= inner.lower && inner.lower <= mean && mean <= inner.upper)
      #expect(inner.upper <= outer.upper && outer.lower >= 0)
    }
  }

  @Test func theNextWeeksTogetherVaryLessThanTheirSum() async throws {
    let forecasts = try await MadeUpShop.noisy(items: 120, weeks: 52).forecasts(weeks: 52)
    let item = try #require(forecasts.outlooks.first { $0.subject.level == .item })
    let one = try #require(forecasts.range(of: item, weeks: 1, level: 0.8))
    let four = try #require(forecasts.range(of: item, weeks: 4, level: 0.8))
    #expect(four.upper - four.lower < 3.5 * (one.upper - one.lower))
    #expect(four.upper - four.lower > 1.2 * (one.upper - one.lower))
  }

  @Test func theChoiceIsAboutAsGoodAsTheBestMethodAndBeatsTheLastValue() async throws {
    let report = try await MadeUpShop.noisy(items: 120, weeks: 52).forecasts(weeks: 52).report
    let naive = try #require(report.methods.first { $0.model == "Naive" })
    // Automatic smoothing forecasts the shop and its categories only, which are easier.
    let best = try #require(report.methods.filter { $0.model != "AutoETS" }.map(\.mase).min())
    #expect(report.chosen.mase < 0.85 * naive.mase && report.chosen.mase < 1.03 * best, "\(report)")
    #expect(report.methods.reduce(0) { $0 + $1.subjects } == report.chosen.subjects)
  }

  @Test func whatSoldTooSeldomIsNotForecastButSaysSo() async throws {
    var shop = MadeUpShop()
    shop.sell("tea", category: "TEA", weeks: [Double](repeating: 5, count: 30))
    shop.sell(
      "skis", category: "SKIS", weeks: (0..<30).map { week -> Double in [4, 20].contains(week) ? 1 : 0 })
    shop.sell("new", category: "TEA", weeks: (0..<30).map { week -> Double in week >= 24 ? 9 : 0 })
    let forecasts = try await shop.forecasts(weeks: 30)
    for id in ["skis", "new"] {
      let outlook = try #require(forecasts.outlook(of: DemandSubject(.item, id)))
      #expect(outlook.mean == nil && outlook.sufficiency == .insufficient && outlook.backtest == nil)
      #expect(forecasts.range(of: outlook, weeks: 4, level: 0.8) == nil)
    }
    #expect(forecasts.outlook(of: DemandSubject(.item, "new"))?.firstWeek == 24)
  }

  @Test func aWeekOfAnEmptyShelfIsNoWeekWithoutDemand() async throws {
    var shop = MadeUpShop()
    let units = (0..<30).map { week -> Double in week >= 28 ? 0 : 12 + Double(week % 2) }
    shop.sell("tea", category: "TEA", weeks: units)
    shop.sell("milk", category: "MILK", weeks: [Double](repeating: 5, count: 30))
    let without = try await shop.forecasts(weeks: 30)
    for week in 0..<30 { shop.look("tea", week: week, times: 10) }
    let with = try await shop.forecasts(weeks: 30)
    let tea = DemandSubject(.item, "tea")
    #expect(without.outlook(of: tea)?.soldOut == [] && with.outlook(of: tea)?.soldOut == [28, 29])
    let (low, high) = (without.outlook(of: tea)?.expected(1) ?? 0, with.outlook(of: tea)?.expected(1) ?? 0)
    #expect(low < 11 && (11.5...13.5).contains(high), "\(low) \(high)")
  }

  @Test func anOutlierAndANewLevelAreFound() async throws {
    var (shop, random) = (MadeUpShop(), RandomSource(seed: 3))
    let units = (0..<50).map { week -> Double in
      if week == 15 { return 160 }
      return ((week < 32 ? 40.0 : 90) + 3 * random.normal()).rounded()
    }
    shop.sell("tea", category: "TEA", weeks: units)
    let anomalies =
      try await shop.forecasts(weeks: 50).outlook(of: DemandSubject(.item, "tea"))?.anomalies ?? []
    #expect(anomalies.contains { $0.week == 15 && $0.kind == .outlier && $0.expected < 60 }, "\(anomalies)")
    #expect(anomalies.contains { $0.week == 32 && $0.kind == .levelShift }, "\(anomalies)")
  }

  @Test func whatAPriceDoesIsMeasured() async throws {
    var (shop, random) = (MadeUpShop(), RandomSource(seed: 5))
    let prices = (0..<60).map { _ in 2 * exp(0.2 * random.normal()) }
    // Demand falls with the square of the price.
    let units = prices.map { price -> Double in
      let noise = exp(0.05 * random.normal())
      return (400 / (price * price) * noise).rounded()
    }
    shop.sell("tea", category: "TEA", weeks: units, price: { prices[$0] })
    shop.sell("milk", category: "MILK", weeks: (0..<60).map { _ in (50 + 5 * random.normal()).rounded() })
    let drivers = try await shop.forecasts(weeks: 60).outlook(of: DemandSubject(.item, "tea"))?.drivers ?? []
    let price = try #require(drivers.first { $0.kind == .price })
    let truth = pow(0.9, -2.0) - 1
    #expect(abs(price.effect - truth) < 0.03 && price.lower < truth && truth < price.upper, "\(price)")
    #expect(price.pValue < 1e-6)
  }

  @Test func whatIsSavedIsWhatWasLearned() async throws {
    let forecasts = try await MadeUpShop.noisy(items: 12, weeks: 40).forecasts(weeks: 40)
    let back = try PackedPayload.decode(DemandForecasts.self, from: try PackedPayload.encode(forecasts))
    #expect(back == forecasts)
    let again = try await MadeUpShop.noisy(items: 12, weeks: 40).forecasts(weeks: 40)
    #expect(again.outlooks == forecasts.outlooks && again.errors == forecasts.errors)
  }

  @Test func aShopWithoutAFullWeekIsRefused() async throws {
    var shop = MadeUpShop()
    shop.sell("tea", category: "TEA", weeks: [3])
    await #expect(throws: DemandError.self) { try await shop.forecasts(weeks: 0) }
    await #expect(throws: DemandError.self) {
      try await shop.forecasts(weeks: 1, .init(horizon: 0))
    }
  }

  @Test func aFewWeeksAreEnoughToAnswerButNotToForecast() async throws {
    var shop = MadeUpShop()
    shop.sell("tea", category: "TEA", weeks: [3, 4, 5])
    let forecasts = try await shop.forecasts(weeks: 3)
    #expect(forecasts.weeks == 3 && forecasts.outlooks.allSatisfy { $0.mean == nil })
    #expect(forecasts.report.coverage.isEmpty)
  }

  @Test func twoYearsShowTheSeason() async throws {
    var (shop, random) = (MadeUpShop(), RandomSource(seed: 11))
    func season(_ week: Int) -> Double { 60 + 40 * sin(2 * Double.pi * Double(week) / 52) }
    let units = (0..<130).map { week -> Double in (season(week) + 3 * random.normal()).rounded() }
    shop.sell("tea", category: "TEA", weeks: units)
    let forecasts = try await shop.forecasts(weeks: 130)
    let mean = try #require(forecasts.outlook(of: DemandSubject(.category, "TEA"))?.mean)
    let truth = (130..<138).map(season)
    let error = Statistics.mean(zip(mean, truth).map { abs($0 - $1) })
    #expect(error < 8, "\(mean) \(truth)")
  }

  @Test func cancellingStopsIt() async throws {
    let shop = MadeUpShop.noisy(items: 200, weeks: 52)
    let task = Task { try await shop.forecasts(weeks: 52) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
