import Commerce
import Demand
import Features
import Testing

@Suite struct DemandHistoryTests {
  private let catalogue = CatalogueIndex([
    Item(itemID: "tea", category: "TEA", categoryPath: ["DRINKS", "TEA"], brand: "Leaf"),
    Item(itemID: "milk", category: "MILK", categoryPath: ["DRINKS", "MILK"]),
  ])

  /// Purchases by item, moment, units, paid and taken off.
  private func frame(_ lines: [(String, String, Double?, Double, Double?)]) throws -> EventFrame {
    var frame = EventFrame()
    for (index, (item, moment, units, paid, off)) in lines.enumerated() {
      frame.append(
        EventFrame.Row(
          sequence: Int64(index), kind: .purchase, customerID: "ann", sessionID: nil, itemID: item,
          orderID: nil,
          timestamp: try #require(Timestamp(rfc3339: moment)), quantity: units,
          amount: Money(paid, currency: .usd), discount: off, rating: nil))
    }
    return frame
  }

  private func history(
    _ lines: [(String, String, Double?, Double, Double?)], asOf: String, calendar: ShopCalendar = .utc
  ) throws -> DemandHistory {
    DemandHistory(
      try frame(lines), catalogue: catalogue, calendar: calendar, asOf: try #require(Timestamp(rfc3339: asOf))
    )
  }

  @Test func countsFullWeeksAlone() throws {
    // A Sunday, the two full weeks after it, and a Tuesday.
    let history = try history(
      [
        ("tea", "2017-01-01T10:00:00Z", 9, 9, nil), ("tea", "2017-01-02T00:00:00Z", 2, 6, 2),
        ("milk", "2017-01-08T23:59:59.999Z", 1, 1, nil), ("tea", "2017-01-12T12:00:00Z", nil, 4, nil),
        ("tea", "2017-01-17T12:00:00Z", 5, 5, nil),
      ], asOf: "2017-01-17T12:00:00Z")
    #expect(
      history.count == 2 && history.date(ofWeek: 0) == "2017-01-02" && history.date(ofWeek: 3) == "2017-01-23"
    )
    let tea = try #require(history.weeks(of: DemandSubject(.item, "tea")))
    #expect(tea.map(\.units) == [2, 1] && tea.map(\.lines) == [1, 1])
    #expect(tea[0].price == 300 && tea[0].discountShare == 0.25)
    #expect(history.weeks(of: .shop)?.map(\.units) == [3, 1])
    #expect(history.weeks(of: DemandSubject(.department, "DRINKS"))?.map(\.units) == [3, 1])
    #expect(history.weeks(of: DemandSubject(.category, "MILK"))?.map(\.units) == [1, 0])
    #expect(history.weeks(of: DemandSubject(.brand, "Leaf"))?.map(\.units) == [2, 1])
    #expect(history.weeks(of: DemandSubject(.category, "NONE")) == nil)
    #expect(history.subjects(.item).map(\.id) == ["tea", "milk"])
  }

  @Test func aWeekThatIsOverAtItsLastMillisecondCounts() throws {
    let lines: [(String, String, Double?, Double, Double?)] = [("tea", "2017-01-02T08:00:00Z", 1, 1, nil)]
    #expect(try history(lines, asOf: "2017-01-08T23:59:59.999Z").count == 1)
    #expect(try history(lines, asOf: "2017-01-08T23:59:59.998Z").count == 0)
  }

  @Test func weeksAreThoseOfTheShopsClock() throws {
    let shanghai = try ShopCalendar(timeZone: "Asia/Shanghai")
    // Monday morning in Shanghai is Sunday evening in Greenwich.
    let lines: [(String, String, Double?, Double, Double?)] = [
      ("tea", "2017-01-01T17:00:00Z", 1, 1, nil), ("tea", "2017-01-08T17:00:00Z", 1, 1, nil),
    ]
    let there = try history(lines, asOf: "2017-01-15T16:00:00Z", calendar: shanghai)
    #expect(there.weeks(of: .shop)?.map(\.units) == [1, 1])
    #expect(try history(lines, asOf: "2017-01-15T23:59:59.999Z").weeks(of: .shop)?.map(\.units) == [1, 0])
  }

  @Test func onlyPurchasesUpToTheMomentCount() throws {
    var frame = try frame([
      ("tea", "2017-01-02T08:00:00Z", 1, 1, nil), ("tea", "2017-01-09T08:00:00Z", 7, 1, nil),
    ])
    frame.append(
      EventFrame.Row(
        sequence: 9, kind: .refund, customerID: "ann", sessionID: nil, itemID: "tea", orderID: nil,
        timestamp: try #require(Timestamp(rfc3339: "2017-01-03T08:00:00Z")), quantity: 1, amount: nil,
        discount: nil, rating: nil))
    let moment = try #require(Timestamp(rfc3339: "2017-01-09T00:00:00Z"))
    let history = DemandHistory(frame, catalogue: catalogue, calendar: .utc, asOf: moment)
    #expect(history.weeks(of: .shop)?.map(\.units) == [1])
  }

  @Test func anEmptyLogHasNoWeeks() throws {
    let history = try history([], asOf: "2017-01-09T00:00:00Z")
    #expect(history.count == 0 && history.subjects(.shop).isEmpty && history.weeks(of: .shop) == nil)
  }

  @Test(arguments: ["shop", "category:SOFT: DRINKS", "item:1"])
  func aSubjectIsReadFromItsText(text: String) { #expect(DemandSubject(text)?.description == text) }

  @Test(arguments: ["", "shop:", "category:", "category", "planet:x", "shop:x"])
  func whatNamesNoSubjectIsNil(text: String) { #expect(DemandSubject(text) == nil) }
}
