import Analytics
import Commerce
import Testing

/// Hours, days, weeks and months on the shop's clock.
@Suite struct TimeBucketTests {
  @Test func daysBeginAtLocalMidnightAlsoWhenClocksChange() throws {
    var shop = TinyShop()
    // In Berlin the clock went forward on 2017-03-26; midnight was 23:00 UTC before it and 22:00 UTC after.
    for time in [
      "2017-03-25T22:59:59Z", "2017-03-25T23:00:00Z", "2017-03-26T21:59:59Z", "2017-03-26T22:00:00Z",
    ] {
      shop.add("ann", .view, time)
    }
    let table = try #require(
      try answer(["analysis": "trends"], shop.data("Europe/Berlin", asOf: "2017-03-27T21:59:59Z")).table(
        "series"))
    #expect(table.column("label_time") == ["2017-03-25", "2017-03-26", "2017-03-27"])
    #expect(table.numbers("value") == [1, 2, 1])
    #expect(
      table.column("start") == ["2017-03-24T23:00:00Z", "2017-03-25T23:00:00Z", "2017-03-26T22:00:00Z"])
  }

  @Test(arguments: [("2017-03-26", 23, "2017-03-26T03:00"), ("2017-10-29", 25, "2017-10-29T02:00")])
  func daysOnWhichClocksChangeHaveTheirOwnNumberOfHours(_ day: String, _ hours: Int, _ third: String) throws {
    var shop = TinyShop()
    shop.add("ann", .view, "\(day)T12:00:00Z")
    let json: JSONValue = [
      "analysis": "trends", "interval": "hour", "span": ["from": .string(day), "to": .string(day)],
    ]
    let table = try #require(try answer(json, shop.data("Europe/Berlin")).table("series"))
    #expect(table.rows.count == hours)
    #expect(table.value(2, "label_time") == .string(third))
    #expect(table.numbers("value").reduce(0, +) == 1)
  }

  @Test func weeksBeginOnMondayAndMonthsOnTheFirst() throws {
    var shop = TinyShop()
    for day in ["01", "02", "08", "09", "31"] { shop.add("ann", .view, "2017-01-\(day)T12:00:00Z") }
    shop.add("ann", .view, "2017-02-01T12:00:00Z")
    let data = try shop.data()
    let weeks = try #require(try answer(["analysis": "trends", "interval": "week"], data).table("series"))
    #expect(weeks.column("label_time").prefix(3) == ["2016-12-26", "2017-01-02", "2017-01-09"])
    #expect(weeks.numbers("value") == [1, 2, 1, 0, 0, 2])
    // The first week is cut by the span, and the last has not ended.
    #expect(weeks.column("complete") == [false, true, true, true, true, false])
    let months = try #require(try answer(["analysis": "trends", "interval": "month"], data).table("series"))
    #expect(months.numbers("value") == [5, 1])
    #expect(months.column("complete") == [true, false])
  }

  @Test func spansEndWithTheDayOfTheDataAndHoldWholeLocalDays() throws {
    var shop = TinyShop()
    for day in ["01", "02", "03"] { shop.add("ann", .view, "2017-01-\(day)T17:00:00Z") }
    // 17:00 UTC is the next day in Shanghai.
    let data = try shop.data("Asia/Shanghai", asOf: "2017-01-03T17:30:00Z")
    let result = try answer(["analysis": "trends", "span": ["last_days": 2]], data)
    #expect(result.jsonValue["span"]?["from_day"] == "2017-01-03")
    #expect(result.jsonValue["span"]?["to_day"] == "2017-01-04")
    #expect(result.table("totals")?.numbers("value") == [2])
    #expect(result.jsonValue["left_out"]?.array == [["reason": "outside_span", "events": 1]])
  }

  @Test func tooManyBucketsAreRefused() throws {
    var shop = TinyShop()
    shop.add("ann", .view, "2000-01-01T12:00:00Z")
    shop.add("ann", .view, "2017-01-01T12:00:00Z")
    let data = try shop.data()
    #expect(throws: AnalyticsError.self) { try answer(["analysis": "trends", "interval": "hour"], data) }
  }
}
