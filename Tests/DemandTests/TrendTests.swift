import Commerce
import Demand
import Features
import Foundation
import MathKernels
import Testing

@Suite struct TrendTests {
  // An autoregressive series on a line; numbers of pymannkendall 1.4.3, hamed_rao_modification_test and sens_slope.
  @Test func agreesWithPymannkendall() throws {
    let values = [
      0.0, -2.0, 0.1633, 0.8246, 0.9181, 1.0042, 1.4192, 2.3649, -0.3711, -0.6493, 0.8804, -0.5051, 1.0269,
      0.3095,
      -1.4243, 0.8988, 1.6559, 1.8069, 1.9275, 2.3632, 3.3213, 0.5928, 0.319, 1.8514, 0.4675, 2.0005, 1.2836,
      -0.4498,
      1.8735, 2.6308, 2.7818, 2.9024, 3.3381, 4.2962, 1.5677, 1.294, 2.8264, 1.4425, 2.9755, 2.2586,
    ]
    let trend = try #require(MonotoneTrend(values, correction: .eachLag))
    #expect(trend.score == 356)
    #expect(abs(trend.slope - 0.07455) < 1e-9)
    #expect(abs(trend.inflation - 8840.282228201837 / 7366.666666666667) < 1e-9)
    #expect(abs(trend.pValue - 0.00015957113857822947) < 1e-9)
    #expect(
      trend.interval.lower > 0 && trend.interval.lower < trend.slope && trend.slope < trend.interval.upper)
  }

  @Test func oneWildWeekMovesNothing() throws {
    let line = (0..<30).map { 10 + Double($0) }
    var wild = line
    wild[29] = 10_000
    let (a, b) = (try #require(MonotoneTrend(line)), try #require(MonotoneTrend(wild)))
    #expect(a.slope == 1 && abs(b.slope - 1) < 1e-9)
  }

  @Test func seldomFindsATrendWhereThereIsNone() throws {
    var found = 0
    for seed in 1...400 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (values, last) = ([Double](), 0.0)
      for _ in 0..<52 {
        last = 0.4 * last + random.normal()
        values.append(last)
      }
      if try #require(MonotoneTrend(values)).pValue < 0.05 { found += 1 }
    }
    // Without the correction it would be one in five.
    #expect(Double(found) / 400 < 0.12)
  }

  @Test func hasNothingToSayOfAFewWeeks() {
    #expect(MonotoneTrend([1, 2, 3]) == nil)
    #expect(MonotoneTrend([5, 5, 5, 5, 5])?.pValue == 1)
  }

  @Test func tellsAShopsGrowthFromATrend() throws {
    // All grow by the same 3 % a week, but one that stands still and one that doubles its pace.
    let shop = try TestDemand { item, week in
      let growth = exp(0.03 * Double(week))
      switch item {
      case 0: return 40
      case 1: return 40 * growth * growth
      default: return 40 * growth
      }
    }
    let rows = TrendBoard(shop.history, attributes: shop.attributes).rows(.category)
    #expect(rows.count == 6)
    let byID = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    #expect(byID["C1"]?.direction == .rising && byID["C0"]?.direction == .steady)
    #expect(byID["C3"]?.direction == .steady && (byID["C3"]?.change.value ?? 0) > 0.3)
    #expect((byID["C0"]?.shareChange.value ?? 0) < -0.2)
    let grown = try #require(byID["C3"])
    #expect(abs(grown.change.value - (exp(0.39) - 1)) < 0.08)
    #expect(
      grown.change.interval.lower < grown.change.value && grown.change.value < grown.change.interval.upper)
  }

  @Test func looksAtBrandsAndAttributesToo() throws {
    let shop = try TestDemand { _, _ in 20 }
    let board = TrendBoard(shop.history, attributes: shop.attributes)
    #expect(Set(board.rows(.brand).map(\.id)) == ["even", "odd"])
    #expect(Set(board.rows(.attribute).map(\.id)) == ["size=L", "size=S"])
    #expect(Set(board.rows(.department).map(\.id)) == ["D"])
    #expect(board.rows(.attribute).allSatisfy { $0.direction == .steady })
  }

  @Test func findsAnItemsOwnElasticityWhereItemsDiffer() throws {
    // Dear items sell more, and each sells less when its own price is up: elasticity −2, four tenths more for 10 points off.
    let shop = try TestDemand(
      items: 12,
      price: { item, week in
        let base = 200 * pow(1.5, Double(item))
        return base * (week % 3 == item % 3 ? 1.2 : 1)
      }, discount: { item, week in (week + item) % 7 == 0 ? 0.2 : 0 }
    ) { item, week in
      let base = 30 * pow(1.5, Double(item))
      let price = week % 3 == item % 3 ? 1.2 : 1.0
      let off = (week + item) % 7 == 0 ? 0.2 : 0
      return (base * pow(price, -2) * exp(10 * log(1.4) * off)).rounded()
    }
    let found = SalesCorrelations(shop.history, attributes: [:], category: nil).factors
    let price = try #require(found.first { $0.kind == .price })
    #expect(abs(try #require(price.estimate) + 2) < 0.1 && (price.pValue ?? 1) < 0.001)
    #expect((price.naive ?? 0) > 0.5)
    let promotion = try #require(found.first { $0.kind == .promotion })
    #expect(abs(try #require(promotion.estimate) - 0.4) < 0.05)
    #expect(promotion.observations == 12 * 40 && promotion.items == 12)
    #expect(found.first { $0.kind == .stock }?.estimate == nil)
    #expect(found.first { $0.kind == .delivery }?.estimate == nil)
  }

  @Test func comparesItemsByTheirStockWithinCategories() throws {
    let shop = try TestDemand(items: 36) { item, _ in Double(4 + item / 6 * 4) }
    var attributes = shop.attributes
    for item in 0..<36 { attributes["i\(item)"]?["stock"] = .number(Double(item / 6 * 30 + 10)) }
    let found = SalesCorrelations(shop.history, attributes: attributes, category: nil)
    let stock = try #require(found.factors.first { $0.kind == .stock })
    #expect((stock.estimate ?? 0) > 0.3 && (stock.qValue ?? 1) < 0.05 && stock.items == 36)
  }
}

/// Forty weeks of a shop with as many categories as items, one customer for each line.
struct TestDemand {
  static let weeks = 40
  let frame: EventFrame
  let history: DemandHistory
  let items: [String: Item]
  var attributes: [String: [String: JSONValue]] { items.mapValues(\.attributes) }

  /// - Parameters:
  ///   - price: what a unit of an item costs in a week before discounts, in cents.
  ///   - discount: the share of it that is taken off.
  ///   - units: how many units of an item are sold in a week.
  init(
    items count: Int = 6, weeks: Int = TestDemand.weeks, price: (Int, Int) -> Double = { _, _ in 300 },
    discount: (Int, Int) -> Double = { _, _ in 0 }, units: (Int, Int) -> Double
  ) throws {
    let all = (0..<count).map { index in
      Item(
        itemID: "i\(index)", title: "Thing \(index)", category: "C\(index % 6)",
        categoryPath: ["D", "C\(index % 6)"],
        brand: index % 2 == 0 ? "even" : "odd", attributes: ["size": index % 2 == 0 ? "S" : "L"])
    }
    let start = try #require(Timestamp(rfc3339: "2023-01-02T12:00:00Z"))
    var frame = EventFrame()
    for week in 0..<weeks {
      for item in 0..<count {
        let sold = units(item, week)
        guard sold > 0 else { continue }
        // Several lines, so that the shares of lines follow the units.
        let lines = max(1, Int((sold / 4).rounded()))
        for line in 0..<lines {
          let part = sold / Double(lines)
          let listed = part * price(item, week) / 100
          let off = listed * discount(item, week)
          frame.append(
            EventFrame.Row(
              sequence: Int64(frame.count), kind: .purchase, customerID: "c\(week)-\(line)", sessionID: nil,
              itemID: "i\(item)", orderID: nil, timestamp: start.adding(days: Double(7 * week + line % 5)),
              quantity: part, amount: Money(listed - off, currency: .usd), discount: off, rating: nil))
        }
      }
    }
    self.frame = frame
    items = Dictionary(uniqueKeysWithValues: all.map { ($0.itemID, $0) })
    history = DemandHistory(
      frame, catalogue: CatalogueIndex(all), calendar: .utc, asOf: start.adding(days: Double(7 * weeks) - 0.5)
    )
  }
}
