import Commerce
import Foundation

/// How much of all customers' attention each point of interest has: what a customer's interests are held against.
///
/// ```swift
/// var market = InterestMarket(frame, items: items, weights: settings, interests: InterestSettings())
/// market.takeUp(frame, items: items)                     // what has arrived since
/// let interests = market.interests(of: rows, in: frame, asOf: now)
/// interests.points.first?.lift                           // 4.1: four times the market's share
/// ```
/// An event counts by its kind's weight (a purchase 1, a view 0.1, a refund −0.5), halved every so many days, for each
/// point that its item stands for and for the moment of the week. As all weights halve alike, shares do not change by time
/// going by, so sums are kept as of one day and newer events are added to them.
public struct InterestMarket: Sendable {
  /// How interests are weighed.
  public let settings: InterestSettings
  /// How many events count.
  public private(set) var events = 0
  /// How many customers there are.
  public private(set) var customers = 0
  private(set) var points: ItemPoints
  let calendar: ShopCalendar
  let weightOfKind: [Double]
  private(set) var sums: [Double] = []
  private(set) var totals: [Double] = []
  private let day: Int32
  private var rowsTaken = 0

  /// The market of all events of a frame.
  ///
  /// - Complexity: O(events × points of an item).
  public init(
    _ frame: EventFrame, items: [String: Item], weights: FeatureSettings,
    interests settings: InterestSettings = InterestSettings()
  ) {
    self.settings = settings
    calendar = weights.calendar
    var weightOfKind = [Double](repeating: 0, count: 256)
    for (kind, weight) in weights.weights { weightOfKind[Int(kind.code)] = weight }
    self.weightOfKind = weightOfKind
    day = frame.lastTimestamp.map { weights.calendar.day(of: $0) } ?? 0
    points = ItemPoints(frame, items: items)
    takeUp(frame, items: items)
  }

  /// Adds the events that a frame has got since it was last taken up. The price bands of items stay as they are.
  public mutating func takeUp(_ frame: EventFrame, items: [String: Item]) {
    points.takeUp(frame, items: items)
    sums += [Double](repeating: 0, count: points.points.count - sums.count)
    totals += [Double](repeating: 0, count: points.dimensionCount - totals.count)
    for row in rowsTaken..<frame.count { add(row, of: frame) }
    rowsTaken = frame.count
    customers = frame.customers.count
  }

  private mutating func add(_ row: Int, of frame: EventFrame) {
    guard frame.item[row] >= 0, frame.customer[row] >= 0 else { return }
    let kind = weightOfKind[Int(frame.kind[row])]
    guard kind != 0 else { return }
    events += 1
    let weight = kind * decay(from: calendar.day(ofMilliseconds: frame.timestamp[row]), to: day)
    let moment = moment(ofMilliseconds: frame.timestamp[row])
    sums[moment] += weight
    totals[Int(ItemPoints.momentDimension)] += weight
    var last: Int32 = -1
    for point in points.points(ofItem: frame.item[row]) {
      sums[Int(point)] += weight
      let dimension = points.dimensions[Int(point)]
      if dimension != last { totals[Int(dimension)] += weight }
      last = dimension
    }
  }

  func decay(from day: Int32, to today: Int32) -> Double {
    exp2(-Double(Int64(today) - Int64(day)) / settings.halfLifeDays)
  }

  func moment(ofMilliseconds milliseconds: Int64) -> Int {
    let day = Int64(calendar.day(ofMilliseconds: milliseconds))
    return InterestPoint.moment(
      weekday: CivilDate.weekday(ofDay: day), hour: calendar.hour(ofMilliseconds: milliseconds))
  }

  /// What all customers' events weigh as of a day: for one point, and for its dimension as a whole.
  func weights(ofPoint point: Int32, asOf today: Int32) -> (point: Double, dimension: Double) {
    let scale = decay(from: day, to: today)
    return (
      sums[Int(point)] * scale, totals[Int(points.dimensions[Int(point)])] * scale
    )
  }
}
