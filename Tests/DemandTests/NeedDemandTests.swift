import Commerce
import Demand
import Features
import Testing

@Suite struct NeedDemandTests {
  @Test func aBuyersPaceIsUnitsInFourWeeks() throws {
    var frame = EventFrame(currency: .usd)
    let end = try #require(Timestamp(rfc3339: "2024-03-31T23:00:00Z"))
    // In each of the last three times four weeks ann buys 2 and then 3, and somebody unknown 1.
    for window in 0..<3 {
      for (who, units, day) in [("ann", 2.0, 3), ("ann", 3, 9), (nil, 1, 4)] as [(String?, Double, Int)] {
        frame.append(
          EventFrame.Row(
            sequence: Int64(frame.count + 1), kind: .purchase, customerID: who, sessionID: nil, itemID: "tea",
            orderID: nil, timestamp: end.adding(days: -Double(28 * window + day)), quantity: units,
            amount: nil,
            discount: nil, rating: nil))
      }
    }
    let catalogue = CatalogueIndex([Item(itemID: "tea", category: "TEA"), Item(itemID: "x", category: "X")])
    let pace = BuyingPace(frame, catalogue: catalogue, calendar: .utc, asOf: end)
    #expect(pace.unitsPerBuyer == ["TEA": 6])
    let earlier = BuyingPace(frame, catalogue: catalogue, calendar: .utc, asOf: end.adding(days: -200))
    #expect(earlier.unitsPerBuyer.isEmpty)
  }

  @Test func needsAndSalesAreCombinedAndComparedWhereBothSpeak() async throws {
    var shop = MadeUpShop()
    shop.sell("tea", category: "TEA", weeks: (0..<40).map { 20 + Double($0 % 3) })
    shop.sell("milk", category: "MILK", weeks: (0..<40).map { 50 + Double($0 % 4) })
    shop.sell("skis", category: "SKIS", weeks: (0..<40).map { 9 + Double($0 % 2) })
    let forecasts = try await shop.forecasts(weeks: 40)
    let end = MadeUpShop.start.adding(days: 280)
    let pace = BuyingPace(shop.frame, catalogue: CatalogueIndex(shop.items), calendar: .utc, asOf: end)
    let perBuyer = try #require(pace.unitsPerBuyer["TEA"])
    let needs = NeedDemand(
      expectedCustomers: ["TEA": 84 / perBuyer, "MILK": 900, "PLANES": 5], pace: pace, forecasts: forecasts,
      weight: 0.25, error: 0.1)
    #expect(Set(needs.rows.map(\.category)) == ["TEA", "MILK"])
    let tea = try #require(needs.row(of: "TEA"))
    #expect(abs(tea.byNeeds - 84) < 1e-9 && abs(tea.combined - (0.25 * 84 + 0.75 * tea.bySeries)) < 1e-9)
    #expect(!tea.differs && needs.row(of: "MILK")?.differs == true)
  }
}
