import Commerce
import Features
import Foundation
import Testing

@Suite struct ShopCalendarTests {
  @Test func daysFollowTheShopsClockThroughSummerTime() throws {
    let calendar = try ShopCalendar(timeZone: "America/New_York")
    func day(_ text: String) throws -> Int32 { calendar.day(of: try #require(Timestamp(rfc3339: text))) }
    #expect(try day("2018-01-01T04:59:59Z") == 17_531)
    #expect(try day("2018-01-01T05:00:00Z") == 17_532)
    #expect(try day("2017-07-01T03:59:59Z") == day("2017-06-30T12:00:00Z"))
    #expect(try day("2017-07-01T04:00:00Z") == day("2017-07-01T12:00:00Z"))
    #expect(
      calendar.hour(ofMilliseconds: try #require(Timestamp(rfc3339: "2017-07-01T16:30:00Z")).milliseconds)
        == 12)
  }

  @Test(arguments: ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
  func aDayStartsWhereItsFirstMillisecondIs(zone: String) throws {
    let calendar = try ShopCalendar(timeZone: zone)
    for day in stride(from: Int32(16_000), to: 19_000, by: 1) {
      let start = calendar.start(ofDay: day)
      #expect(calendar.day(of: start) == day)
      #expect(calendar.day(of: Timestamp(milliseconds: start.milliseconds - 1)) == day - 1)
    }
  }

  @Test func anUnknownZoneIsNamed() {
    #expect(throws: FeatureError.unknownTimeZone("Mars/Olympus")) {
      try ShopCalendar(timeZone: "Mars/Olympus")
    }
  }
}
