import Commerce
import Foundation

/// One customer's sums of each point and each dimension, day by day.
///
/// Days are the independent cases: what is bought on one day is bought together, so ten lines of one order say less than
/// ten orders. Sums of squares over days give the spread that the shares would have if the days were drawn again.
struct InterestTally {
  struct Point {
    let number: Int32
    var weight = 0.0
    var events = 0
    var days = 0
    var recentDays = 0
    var last = Int64.min
    /// Σ S², Σ S·W over days, where S is the point's weight on a day and W its dimension's.
    var squares = 0.0
    var products = 0.0
    fileprivate var today = 0.0
    fileprivate var isTouched = false
  }

  struct Dimension {
    var weight = 0.0
    var squares = 0.0
    var eventSquares = 0.0
    var days = 0
    var recentDays = 0
    fileprivate var today = 0.0
    fileprivate var isTouched = false
  }

  private(set) var points: [Point] = []
  private(set) var dimensions: [Dimension]
  private(set) var events = 0
  private(set) var days = 0
  private var place: [Int32]
  private var touched: [Int] = []

  /// The sums of a customer's rows up to a moment, in any order.
  init(_ market: InterestMarket, rows: [Int32], frame: EventFrame, asOf: Timestamp) {
    dimensions = [Dimension](repeating: Dimension(), count: market.points.dimensionCount)
    place = [Int32](repeating: -1, count: market.points.points.count)
    let today = market.calendar.day(of: asOf)
    let dated = rows.lazy.map {
      (day: market.calendar.day(ofMilliseconds: frame.timestamp[Int($0)]), row: $0)
    }
    .filter {
      frame.timestamp[Int($0.row)] <= asOf.milliseconds && frame.item[Int($0.row)] >= 0
        && market.weightOfKind[Int(frame.kind[Int($0.row)])] != 0
    }
    .sorted { ($0.day, $0.row) < ($1.day, $1.row) }
    var start = 0
    while start < dated.count {
      let day = dated[start].day
      var end = start
      while end < dated.count, dated[end].day == day { end += 1 }
      let decay = market.decay(from: day, to: today)
      for entry in dated[start..<end] { add(Int(entry.row), of: frame, market, decay: decay) }
      close(market, isRecent: Int(today) - Int(day) < market.settings.recentDays)
      start = end
    }
  }

  private mutating func add(_ row: Int, of frame: EventFrame, _ market: InterestMarket, decay: Double) {
    let weight = market.weightOfKind[Int(frame.kind[row])] * decay
    if weight > 0 { events += 1 }
    add(Int32(market.moment(ofMilliseconds: frame.timestamp[row])), weight, frame.timestamp[row])
    add(weight, toDimension: Int(ItemPoints.momentDimension))
    var last: Int32 = -1
    for point in market.points.points(ofItem: frame.item[row]) {
      add(point, weight, frame.timestamp[row])
      let dimension = market.points.dimensions[Int(point)]
      if dimension != last { add(weight, toDimension: Int(dimension)) }
      last = dimension
    }
  }

  private mutating func add(_ point: Int32, _ weight: Double, _ time: Int64) {
    var index = Int(place[Int(point)])
    if index < 0 {
      index = points.count
      place[Int(point)] = Int32(index)
      points.append(Point(number: point))
    }
    if !points[index].isTouched {
      points[index].isTouched = true
      touched.append(index)
    }
    points[index].today += weight
    if weight > 0 {
      points[index].events += 1
      points[index].last = max(points[index].last, time)
    }
  }

  private mutating func add(_ weight: Double, toDimension index: Int) {
    dimensions[index].today += weight
    dimensions[index].isTouched = true
    if weight > 0 { dimensions[index].eventSquares += weight * weight }
  }

  /// Ends a day: its sums join those of the days before.
  private mutating func close(_ market: InterestMarket, isRecent: Bool) {
    days += 1
    for index in touched {
      let whole = dimensions[Int(market.points.dimensions[Int(points[index].number)])].today
      let part = points[index].today
      points[index].weight += part
      points[index].squares += part * part
      points[index].products += part * whole
      if part > 0 {
        points[index].days += 1
        if isRecent { points[index].recentDays += 1 }
      }
      points[index].today = 0
      points[index].isTouched = false
    }
    touched.removeAll(keepingCapacity: true)
    for index in dimensions.indices where dimensions[index].isTouched {
      let whole = dimensions[index].today
      dimensions[index].weight += whole
      dimensions[index].squares += whole * whole
      dimensions[index].days += 1
      if isRecent { dimensions[index].recentDays += 1 }
      dimensions[index].today = 0
      dimensions[index].isTouched = false
    }
  }

  /// The point's share with the number of independent cases it is worth.
  ///
  /// The spread between days is estimated from the days and shrunk, with the worth of four days, towards that of days on
  /// which all is bought alike; never are there more cases than events.
  func share(of point: Point, in dimension: Dimension, market: Double) -> ShareTest {
    let (whole, days) = (dimension.weight, Double(dimension.days))
    let share = min(1, max(0, point.weight / whole))
    guard dimension.days > 1 else { return ShareTest(share: share, cases: 1) }
    let spread = point.squares - 2 * share * point.products + share * share * dimension.squares
    let seen: Double = max(0, spread) / (whole * whole) * days / (days - 1)
    let nearer = (share * days + market) / (days + 1)
    let base = nearer * (1 - nearer)
    let alike = base * dimension.squares / (whole * whole)
    let variance = (days * seen + 4 * alike) / (days + 4)
    let most = max(1, whole * whole / max(dimension.eventSquares, 1e-300))
    return ShareTest(share: share, cases: max(1, min(most, base / max(variance, 1e-300))))
  }
}
