import Commerce
import Demand
import Features
import Foundation
import MathKernels
import Testing

@Suite struct LaunchDefinitionTests {
  private let definition = LaunchDefinition()

  @Test func whatSellsAtOnceAfterALongSilenceIsALaunch() {
    #expect(definition.isLaunch(firstWeek: 20, lines: 12, customers: 8, weeks: 8))
  }

  @Test func whatIsBoughtSeldomIsNone() {
    // A line every four weeks: twenty silent weeks are chance in e^-5 of cases.
    #expect(!definition.isLaunch(firstWeek: 20, lines: 3, customers: 5, weeks: 8))
    #expect(abs(definition.chance(firstWeek: 20, lines: 3, weeks: 8) - exp(-5)) < 1e-12)
  }

  @Test func fewCustomersOrAShortSilenceMakeNone() {
    #expect(!definition.isLaunch(firstWeek: 20, lines: 30, customers: 4, weeks: 8))
    #expect(!definition.isLaunch(firstWeek: 11, lines: 30, customers: 20, weeks: 8))
  }
}

@Suite struct LaunchTests {
  /// A shop of 60 weeks in which a product comes every other day of the week list: `launches` of them from week 14 on, which
  /// sell what their category is worth, fading from the first week on; and established items besides.
  private struct Shop {
    let frame: EventFrame
    let history: DemandHistory
    let items: [String: Item]
    static let weeks = 60
    static let start = Timestamp(rfc3339: "2023-01-02T12:00:00Z")!

    /// Mean units of a launch of a category in its first weeks.
    static func worth(_ category: Int) -> Double { [6, 12, 24, 48][category] }

    init(launches: Int = 80, seed: UInt64 = 7, neighbourFalls: Bool = false) {
      var random = RandomSource(seed: seed)
      var (all, frame) = ([Item](), EventFrame())
      func sell(_ item: String, _ week: Int, _ units: Int) {
        for unit in 0..<max(0, units) {
          frame.append(
            EventFrame.Row(
              sequence: Int64(frame.count), kind: .purchase, customerID: "c\((week * 31 + unit * 7) % 400)",
              sessionID: nil, itemID: item, orderID: nil,
              timestamp: Self.start.adding(days: Double(7 * week + unit % 6)), quantity: 1,
              amount: Money(3, currency: .usd), discount: unit % 5 == 0 ? 1 : 0, rating: nil))
        }
      }
      func item(_ id: String, _ title: String, _ category: Int) -> Item {
        Item(
          itemID: id, title: title, category: "C\(category)",
          categoryPath: ["D", "C\(category)", "T\(category)"],
          brand: "b\(category % 2)", attributes: ["maker": .string("m\(category)")])
      }
      for category in 0..<4 {
        for place in 0..<6 {
          let id = "old\(category)-\(place)"
          all.append(item(id, "Steady \(category) \(place)", category))
          for week in 0..<Self.weeks {
            let falls = neighbourFalls && category == 3 && place == 0 && (launches > 0)
            let launched = (0..<launches).contains {
              3 == $0 % 4 && (0..<8).contains(week - Self.week(ofLaunch: $0))
            }
            let units = Self.worth(category) * (falls && launched ? 0.3 : 1)
            sell(id, week, Int((units + 1.5 * random.normal()).rounded()))
          }
        }
      }
      for launch in 0..<launches {
        let category = launch % 4
        let id = "new\(launch)"
        all.append(item(id, "Fresh \(category) number \(launch)", category))
        for week in Self.week(ofLaunch: launch)..<Self.weeks {
          let age = Double(week - Self.week(ofLaunch: launch))
          let units = Self.worth(category) * (0.7 + 0.8 * exp(-age / 2))
          sell(id, week, Int((units * exp(0.15 * random.normal())).rounded()))
        }
      }
      self.frame = frame
      items = Dictionary(uniqueKeysWithValues: all.map { ($0.itemID, $0) })
      history = DemandHistory(
        frame, catalogue: CatalogueIndex(all), calendar: .utc,
        asOf: Self.start.adding(days: Double(7 * Self.weeks) - 0.5))
    }

    static func week(ofLaunch launch: Int) -> Int { 14 + launch * 36 / 80 }

    func library() throws -> LaunchLibrary {
      try LaunchLibrary(
        frame, history: history, items: items, calendar: .utc,
        asOf: Self.start.adding(days: Double(7 * Self.weeks) - 0.5))
    }
  }

  @Test func findsTheLaunchesAndNothingElse() throws {
    let library = try Shop().library()
    #expect(library.launches.count == 80 && library.young.isEmpty)
    #expect(library.launches.allSatisfy { $0.itemID.hasPrefix("new") })
    #expect(library.launches.map(\.firstWeek) == library.launches.map(\.firstWeek).sorted())
    let first = try #require(library.launches.first { $0.itemID == "new0" })
    #expect(first.firstWeek == 14 && first.units.count == 46)
    #expect(first.product.price == 400 || abs((first.product.price ?? 0) - 320) < 40)
    #expect(first.newCustomers.reduce(0, +) <= first.units.reduce(0, +))
  }

  @Test func foretellsWhatTheCategorysLaunchesSold() throws {
    let forecaster = LaunchForecaster(try Shop().library())
    for category in 0..<4 {
      let product = LaunchProduct(
        title: "Fresh \(category) thing", category: "C\(category)",
        categoryPath: ["D", "C\(category)", "T\(category)"],
        brand: "b\(category % 2)", price: 320, attributes: ["maker": "m\(category)"])
      let curve = forecaster.curve(of: product, launchedIn: Shop.weeks, horizon: 8)
      let truth = (0..<8).map { Shop.worth(category) * (0.7 + 0.8 * exp(-Double($0) / 2)) }
      let total = truth.reduce(0, +)
      #expect(curve.basis == .launches && curve.launches == 80)
      #expect(abs(curve.total.median / total - 1) < 0.15, "category \(category)")
      #expect(curve.total.lower < total && total < curve.total.upper)
      #expect(curve.weeks[0].median > 1.4 * curve.weeks[7].median)
      #expect(curve.weeks.allSatisfy { $0.lower <= $0.median && $0.lower >= 0 && $0.median <= $0.upper })
    }
  }

  @Test func whatComesLaterDoesNotChangeAForecast() throws {
    let forecaster = LaunchForecaster(try Shop().library())
    let product = LaunchProduct(title: "Fresh 1", category: "C1", categoryPath: ["D", "C1", "T1"])
    // The same shop with other sales from week 40 on, by another seed, agrees on nothing after it but on all before.
    let early = forecaster.curve(of: product, launchedIn: 40, horizon: 8)
    let shop = Shop()
    var cut = EventFrame()
    let end = Shop.start.adding(days: Double(7 * 40) - 0.5)
    for row in 0..<shop.frame.count where shop.frame.timestamp[row] <= end.milliseconds {
      cut.append(
        EventFrame.Row(
          sequence: Int64(cut.count), kind: .purchase,
          customerID: shop.frame.customers[shop.frame.customer[row]],
          sessionID: nil, itemID: shop.frame.items[shop.frame.item[row]], orderID: nil,
          timestamp: Timestamp(milliseconds: shop.frame.timestamp[row]), quantity: 1,
          amount: Money(minorUnits: shop.frame.amount[row], currency: .usd),
          discount: Double(shop.frame.discount[row]) / 100, rating: nil))
    }
    let history = DemandHistory(
      cut, catalogue: CatalogueIndex(shop.items.values.sorted { $0.itemID < $1.itemID }), calendar: .utc,
      asOf: end)
    let past = LaunchForecaster(
      try LaunchLibrary(cut, history: history, items: shop.items, calendar: .utc, asOf: end))
    let then = past.curve(of: product, launchedIn: 40, horizon: 8)
    #expect(then.launches == early.launches)
    for (a, b) in zip(early.weeks, then.weeks) { #expect(abs(a.median / b.median - 1) < 0.02) }
  }

  @Test func beatsTheCategorysAverageWhereTheCurveFades() throws {
    let backtest = try LaunchBacktest(LaunchForecaster(try Shop().library()))
    #expect(backtest.cases.count + backtest.skipped == 80 && backtest.cases.count > 30)
    #expect(backtest.mase > 0 && backtest.mase < 1.5)
    let shop = try #require(backtest.baselines[.shopMedian])
    #expect(shop.mase > 1.3 * backtest.mase && shop.improvement.interval.lower > 0)
    #expect(backtest.totalCoverage > 0.6 && abs(backtest.bias) < 0.15 && backtest.explained > 0.8)
    #expect(backtest.improvement.interval.lower <= backtest.improvement.value)
    #expect(backtest.improvement.value <= backtest.improvement.interval.upper)
    // The same answer every time.
    let again = try LaunchBacktest(LaunchForecaster(try Shop().library()))
    #expect(again.mase == backtest.mase && again.improvement == backtest.improvement)
  }

  @Test func fallsBackToTheCategoryWithoutEarlierLaunches() throws {
    let library = try Shop(launches: 3).library()
    let forecaster = LaunchForecaster(library)
    let product = LaunchProduct(title: "Fresh", category: "C2", categoryPath: ["D", "C2", "T2"])
    let curve = forecaster.curve(of: product, launchedIn: Shop.weeks, horizon: 4)
    #expect(curve.basis == .category && curve.launches == 3)
    #expect(abs(curve.weeks[0].median / 24 - 1) < 0.3)
    #expect(throws: DemandError.notEnoughLaunches(needed: 20, found: 0)) { try LaunchBacktest(forecaster) }
  }

  @Test func plansWithAnaloguesWindowsAndPrices() throws {
    let shop = Shop()
    let planner = LaunchPlanner(LaunchForecaster(try shop.library()), history: shop.history)
    // The type alone is enough to find its place.
    let product = LaunchProduct(
      title: "Fresh 3 thing", category: "T3", price: 320, attributes: ["maker": "m3"])
    #expect(planner.category(of: product) == "C3" && planner.knowsCategory(of: product))
    #expect(!planner.knowsCategory(of: LaunchProduct(title: "x", category: "none")))
    let plan = planner.plan(product, weeks: 6)
    #expect(plan.analogues.count == 14)
    #expect(plan.analogues.allSatisfy { shop.items[$0.itemID]?.category == "C3" && !$0.reasons.isEmpty })
    #expect(plan.analogues.prefix(8).allSatisfy { $0.firstWeek != nil && $0.units.count == 6 })
    #expect(plan.curve.weeks.count == 6)
    #expect(plan.windows.count == 6 && plan.windows.allSatisfy { !$0.isSeasonKnown && $0.week >= Shop.weeks })
    #expect(plan.windows.allSatisfy { abs($0.index - 1) < 0.5 && $0.competingPromotions > 0 })
    let band = try #require(plan.priceBand)
    #expect(band.lower <= band.median && band.median <= band.upper && abs(band.median - 320) < 40)
  }

  @Test func findsWhatItTakesSalesFrom() throws {
    let shop = Shop(launches: 12, neighbourFalls: true)
    let planner = LaunchPlanner(LaunchForecaster(try shop.library()), history: shop.history)
    let product = LaunchProduct(title: "Fresh 3 thing", category: "C3", attributes: ["maker": "m3"])
    let plan = planner.plan(product, weeks: 6)
    #expect(plan.neighboursExamined == 6)
    let hit = try #require(plan.cannibalised.first)
    #expect(hit.itemID == "old3-0" && hit.unitsShare < -0.15 && hit.pValue < 0.1)
  }

  @Test func refusesAShopWithoutHistory() throws {
    let history = DemandHistory(
      EventFrame(), catalogue: CatalogueIndex([]), calendar: .utc, asOf: Shop.start)
    #expect(throws: DemandError.notEnoughWeeks(needed: 8, found: 0)) {
      try LaunchLibrary(EventFrame(), history: history, items: [:], calendar: .utc, asOf: Shop.start)
    }
  }

  @Test func readsWordsOfScriptsWithAndWithoutBlanks() {
    #expect(LaunchProduct.words("Oat drink, 1L") == ["oat", "drink", "1l"])
    #expect(LaunchProduct.words("燕麦奶") == ["燕麦", "麦奶"])
    #expect(LaunchProduct.words(" ,; ") == [])
  }
}
