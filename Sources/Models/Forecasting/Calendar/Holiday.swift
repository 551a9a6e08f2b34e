/// A feast or a day of shopping that comes every year.
public enum Holiday: String, Sendable, Codable, CaseIterable {
  /// 1 January.
  case newYear
  /// 14 February.
  case valentines
  /// The Sunday found by the computus.
  case easter
  /// The Friday before Easter.
  case goodFriday
  /// The second Sunday in May.
  case mothersDay
  /// The third Sunday in June.
  case fathersDay
  /// The last Monday in May, in the United States.
  case memorialDay
  /// 4 July, in the United States.
  case independenceDay
  /// The first Monday in September, in the United States.
  case laborDay
  /// 31 October.
  case halloween
  /// The fourth Thursday in November, in the United States.
  case thanksgiving
  /// The Friday after Thanksgiving.
  case blackFriday
  /// The Monday after Thanksgiving.
  case cyberMonday
  /// 25 December.
  case christmas
  /// The first day of the first lunar month.
  case springFestival
  /// The fifteenth day of the first lunar month.
  case lanternFestival
  /// The day the sun stands 15° past the spring equinox: 4 or 5 April.
  case qingming
  /// 1 May.
  case labourDay
  /// The fifth day of the fifth lunar month.
  case dragonBoat
  /// 18 June, a day of shopping.
  case midYearShopping
  /// The seventh day of the seventh lunar month.
  case qixi
  /// The fifteenth day of the eighth lunar month.
  case midAutumn
  /// 1 October.
  case nationalDay
  /// 11 November, a day of shopping.
  case singlesDay
  /// 12 December, a day of shopping.
  case doubleTwelve

  /// How many days it lasts, from its first: Spring Festival and National Day are weeks of leave.
  public var length: Int {
    switch self {
    case .springFestival, .nationalDay: 7
    case .labourDay, .qingming, .dragonBoat, .midAutumn: 3
    default: 1
    }
  }

  /// Its first day in a year; nil where the Chinese calendar does not say.
  ///
  /// Sources: Easter by the method of Meeus, Jones and Butcher (Meeus, "Astronomical Algorithms", 1991, chapter 8); lunar dates by
  /// Foundation's Chinese calendar; Qingming by the usual formula of the 21st century, which holds from 1901 to 2099.
  public func firstDay(in year: Int) -> CalendarDay? {
    func day(_ month: Int, _ day: Int) -> CalendarDay { CalendarDay(year: year, month: month, day: day) }
    func nth(_ count: Int, weekday: Int, of month: Int) -> CalendarDay {
      let first = day(month, 1)
      return first + (weekday - first.weekday + 7) % 7 + (count - 1) * 7
    }
    switch self {
    case .newYear: return day(1, 1)
    case .valentines: return day(2, 14)
    case .easter: return Self.easterSunday(year)
    case .goodFriday: return Self.easterSunday(year) - 2
    case .mothersDay: return nth(2, weekday: 6, of: 5)
    case .fathersDay: return nth(3, weekday: 6, of: 6)
    case .memorialDay: return nth(1, weekday: 0, of: 6) - 7
    case .independenceDay: return day(7, 4)
    case .laborDay: return nth(1, weekday: 0, of: 9)
    case .halloween: return day(10, 31)
    case .thanksgiving: return nth(4, weekday: 3, of: 11)
    case .blackFriday: return nth(4, weekday: 3, of: 11) + 1
    case .cyberMonday: return nth(4, weekday: 3, of: 11) + 4
    case .christmas: return day(12, 25)
    case .springFestival: return LunarDates.day(year, month: 1, day: 1)
    case .lanternFestival: return LunarDates.day(year, month: 1, day: 15)
    case .qingming: return Self.qingming(year)
    case .labourDay: return day(5, 1)
    case .dragonBoat: return LunarDates.day(year, month: 5, day: 5)
    case .midYearShopping: return day(6, 18)
    case .qixi: return LunarDates.day(year, month: 7, day: 7)
    case .midAutumn: return LunarDates.day(year, month: 8, day: 15)
    case .nationalDay: return day(10, 1)
    case .singlesDay: return day(11, 11)
    case .doubleTwelve: return day(12, 12)
    }
  }

  private static func easterSunday(_ year: Int) -> CalendarDay {
    let golden = year % 19
    let (century, rest) = (year / 100, year % 100)
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7
    let correction = (golden + 11 * moon + 22 * sunday) / 451
    let sum = moon + sunday - 7 * correction + 114
    return CalendarDay(year: year, month: sum / 31, day: sum % 31 + 1)
  }

  private static func qingming(_ year: Int) -> CalendarDay? {
    guard (1901...2099).contains(year) else { return nil }
    let (rest, start) = (year % 100, year < 2000 ? 5.59 : 4.81)
    return CalendarDay(year: year, month: 4, day: Int(Double(rest) * 0.2422 + start) - rest / 4)
  }
}
