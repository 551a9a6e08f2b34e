import Forecasting
import Testing

@Suite("Calendar of steps and holidays")
struct CalendarTests {
  @Test(arguments: [
    ("1970-01-01", 0, 3), ("2000-02-29", 11016, 1), ("2026-02-17", 20501, 1), ("1899-12-31", -25568, 6),
  ])
  func countsDays(text: String, number: Int, weekday: Int) throws {
    let day = try #require(CalendarDay(text))
    #expect(day.number == number)
    #expect(day.weekday == weekday)
    #expect(day.description == text)
  }

  @Test(arguments: ["2026-02-30", "2026-13-01", "2026-1-01", "today", ""])
  func refusesWhatIsNoDate(text: String) { #expect(CalendarDay(text) == nil) }

  @Test func goesThroughEveryDayOfFourCenturies() throws {
    var day = CalendarDay(year: 1900, month: 1, day: 1)
    let last = CalendarDay(year: 2300, month: 1, day: 1)
    while day < last {
      let (year, month, number) = day.date
      #expect(CalendarDay(year: year, month: month, day: number) == day)
      day = day + 37
    }
  }

  @Test(arguments: [
    (2000, "04-23"), (2015, "04-05"), (2016, "03-27"), (2017, "04-16"), (2019, "04-21"), (2024, "03-31"),
    (2025, "04-20"),
    (2038, "04-25"),
  ])
  func knowsEaster(year: Int, day: String) {
    #expect(Holiday.easter.firstDay(in: year)?.description == "\(year)-\(day)")
  }

  @Test(arguments: [
    (Holiday.thanksgiving, "2017-11-23"), (.blackFriday, "2017-11-24"), (.mothersDay, "2017-05-14"),
    (.fathersDay, "2017-06-18"), (.memorialDay, "2017-05-29"), (.laborDay, "2017-09-04"),
    (.goodFriday, "2017-04-14"),
    (.cyberMonday, "2017-11-27"), (.christmas, "2017-12-25"), (.singlesDay, "2017-11-11"),
  ])
  func knowsTheFeastsOf2017(holiday: Holiday, day: String) {
    #expect(holiday.firstDay(in: 2017)?.description == day)
  }

  /// As published by the State Council and the Hong Kong Observatory.
  @Test(arguments: [
    (2015, "02-19", "06-20", "09-27", "04-05"), (2016, "02-08", "06-09", "09-15", "04-04"),
    (2017, "01-28", "05-30", "10-04", "04-04"), (2018, "02-16", "06-18", "09-24", "04-05"),
    (2019, "02-05", "06-07", "09-13", "04-05"), (2020, "01-25", "06-25", "10-01", "04-04"),
    (2021, "02-12", "06-14", "09-21", "04-04"), (2022, "02-01", "06-03", "09-10", "04-05"),
    (2023, "01-22", "06-22", "09-29", "04-05"), (2024, "02-10", "06-10", "09-17", "04-04"),
    (2025, "01-29", "05-31", "10-06", "04-04"), (2026, "02-17", "06-19", "09-25", "04-05"),
    (2027, "02-06", "06-09", "09-15", "04-05"), (2028, "01-26", "05-28", "10-03", "04-04"),
    (2029, "02-13", "06-16", "09-22", "04-04"), (2030, "02-03", "06-05", "09-12", "04-05"),
  ])
  func knowsTheLunarFeasts(year: Int, spring: String, dragonBoat: String, midAutumn: String, qingming: String)
  {
    #expect(Holiday.springFestival.firstDay(in: year)?.description == "\(year)-\(spring)")
    #expect(Holiday.dragonBoat.firstDay(in: year)?.description == "\(year)-\(dragonBoat)")
    #expect(Holiday.midAutumn.firstDay(in: year)?.description == "\(year)-\(midAutumn)")
    #expect(Holiday.qingming.firstDay(in: year)?.description == "\(year)-\(qingming)")
  }

  @Test func sharesWeeksAndMonthsOutAmongHolidays() throws {
    let calendar = HolidayCalendar(holidays: [.nationalDay, .christmas])
    let weeks = StepCalendar(first: CalendarDay(year: 2025, month: 9, day: 29), unit: .days(7))
    #expect(calendar.features(of: weeks, step: 0) == [5.0 / 7, 0])
    #expect(calendar.features(of: weeks, step: 1) == [2.0 / 7, 0])
    let months = StepCalendar(first: CalendarDay(year: 2025, month: 9, day: 1), unit: .months(1))
    #expect(calendar.features(of: months, step: 3) == [0, 1.0 / 31])
    #expect(months.days(of: 5).count == 28)
  }

  @Test func countsStepsToAndFromAHoliday() throws {
    let calendar = HolidayCalendar(holidays: [.christmas])
    let weeks = StepCalendar(first: CalendarDay(year: 2017, month: 12, day: 4), unit: .days(7))
    #expect((0..<7).map { calendar.stepsSince(weeks, step: $0, limit: 2)[0] } == [nil, -2, -1, 0, 1, 2, nil])
  }
}
