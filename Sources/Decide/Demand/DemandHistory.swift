import Commerce
import Features

/// What was bought in each full week: of every item, brand, category and department, and of the whole shop.
///
/// ```swift
/// let history = DemandHistory(frame, catalogue: index, calendar: .utc, asOf: now)
/// let coffee = history.weeks(of: DemandSubject(.category, "COFFEE"))
/// print(coffee.map(\.units), history.date(ofWeek: 0))
/// ```
/// Weeks are those of the shop's own clock and begin on Mondays. A week counts once it is over, and the first once it was
/// recorded from its Monday on, so that no week looks weak for being cut. What was given back was in demand all the same:
/// refunds are not subtracted. A line without a quantity counts as one unit.
///
/// - Complexity: one pass over the frame; memory for each item and week in which it was bought, 24 bytes.
public struct DemandHistory: Sendable {
  /// What was bought in one week.
  public struct Week: Sendable, Equatable {
    /// Units.
    public var units: Double
    /// What customers paid, in minor units of the frame's currency, after the shop's discounts.
    public var amount: Double
    /// What was taken off, in minor units.
    public var discount: Double
    /// Order lines.
    public var lines: Int

    /// A week.
    public init(units: Double = 0, amount: Double = 0, discount: Double = 0, lines: Int = 0) {
      (self.units, self.amount, self.discount, self.lines) = (units, amount, discount, lines)
    }

    /// What a unit cost its buyers on average, in minor units; nil when nothing was bought for money.
    public var price: Double? { units > 0 && amount > 0 ? amount / units : nil }
    /// The part of the undiscounted price that was taken off, 0 to 1; nil when nothing was bought for money.
    public var discountShare: Double? { amount + discount > 0 ? discount / (amount + discount) : nil }

    static func += (a: inout Week, b: Week) {
      a.units += b.units
      a.amount += b.amount
      a.discount += b.discount
      a.lines += b.lines
    }
  }

  /// The Monday of the first full week, as a day since 1970-01-01.
  public let firstMonday: Int32
  /// How many full weeks there are.
  public let count: Int
  /// The items that were bought in those weeks or in the cut ones beside them, by index.
  public let items: Vocabulary
  /// The category and brand of each item, and the categories' paths.
  public let catalogue: CatalogueIndex
  /// The currency of the amounts.
  public let currency: Currency
  /// Units of each item over all full weeks, by index.
  public private(set) var totalUnits: [Double]
  /// The first local day on which each item was bought, by index; `Int32.max` for none.
  public private(set) var firstDays: [Int32]

  fileprivate struct Cell: Sendable {
    var week: Int32
    var lines: Int32
    var units: Float
    var amount: Float
    var discount: Float
  }

  // Of item i, `cells[starts[i]..<starts[i + 1]]`, by week.
  private var cells: [Cell] = []
  private var starts: [Int] = [0]
  private var wider: [DemandSubject: [Week]] = [:]

  /// Reads a frame.
  ///
  /// - Parameters:
  ///   - catalogue: which category and brand each item has.
  ///   - calendar: the shop's clock.
  ///   - asOf: what happened later is left out; the week that it falls in is not over.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex, calendar: ShopCalendar, asOf: Timestamp) {
    (self.catalogue, currency, items) = (catalogue, frame.currency, frame.items)
    let first = frame.firstTimestamp.map { calendar.day(of: $0) } ?? 0
    let begin = first + Int32((7 - CivilDate.weekday(ofDay: Int64(first))) % 7)
    // The day that `asOf` falls in is over at its last millisecond.
    let end = calendar.day(ofMilliseconds: asOf.milliseconds &+ 1)
    firstMonday = begin
    count = frame.count == 0 ? 0 : max(0, Int((end - begin) / 7))
    totalUnits = [Double](repeating: 0, count: items.count)
    firstDays = [Int32](repeating: .max, count: items.count)
    let rows = purchases(in: frame, calendar, asOf)
    tally(frame, rows: rows.rows, weeks: rows.weeks)
    sumUp()
  }

  /// The Monday of a week.
  public func monday(ofWeek week: Int) -> Int32 { firstMonday + Int32(7 * week) }

  /// The date of a week's Monday, `2017-12-25`; also of weeks to come.
  public func date(ofWeek week: Int) -> String {
    String(Timestamp(milliseconds: Int64(monday(ofWeek: week)) * Timestamp.day).description.prefix(10))
  }

  /// The weeks of a subject, `count` of them; nil for one that is not in the catalogue or was never bought.
  public func weeks(of subject: DemandSubject) -> [Week]? {
    guard subject.level == .item else { return wider[subject] }
    return items.index(of: subject.id).map { weeks(ofItem: Int($0)) }
  }

  /// The weeks of an item by its index, `count` of them.
  public func weeks(ofItem item: Int) -> [Week] {
    var weeks = [Week](repeating: Week(), count: count)
    for cell in cells[starts[item]..<starts[item + 1]] { weeks[Int(cell.week)] += Week(cell) }
    return weeks
  }

  /// The subjects of a level that were bought in full weeks, those of most units first.
  public func subjects(_ level: DemandSubject.Level) -> [DemandSubject] {
    let units: [(DemandSubject, Double)] =
      level == .item
      ? items.ids.indices.lazy.filter { totalUnits[$0] > 0 }
        .map { (DemandSubject(.item, items.ids[$0]), totalUnits[$0]) }
      : wider.lazy.filter { $0.key.level == level }.map { ($0.key, $0.value.reduce(0) { $0 + $1.units }) }
    return units.sorted { ($1.1, $0.0.id) < ($0.1, $1.0.id) }.map(\.0)
  }

  // MARK: Reading

  /// The rows to be counted and their weeks, by item and row.
  private mutating func purchases(
    in frame: EventFrame, _ calendar: ShopCalendar, _ asOf: Timestamp
  ) -> (rows: [Int32], weeks: [Int32]) {
    var (rows, weeks): ([Int32], [Int32]) = ([], [])
    starts = [Int](repeating: 0, count: items.count + 1)
    for row in 0..<frame.count
    where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0
      && frame.timestamp[row] <= asOf.milliseconds
    {
      let item = Int(frame.item[row])
      let day = calendar.day(ofMilliseconds: frame.timestamp[row])
      firstDays[item] = min(firstDays[item], day)
      let week = day < firstMonday ? -1 : (day - firstMonday) / 7
      guard week >= 0, week < Int32(count) else { continue }
      rows.append(Int32(row))
      weeks.append(week)
      starts[item + 1] += 1
    }
    for item in items.ids.indices { starts[item + 1] += starts[item] }
    var next = starts
    var (sortedRows, sortedWeeks) = (rows, weeks)
    for (row, week) in zip(rows, weeks) {
      let item = Int(frame.item[Int(row)])
      (sortedRows[next[item]], sortedWeeks[next[item]]) = (row, week)
      next[item] += 1
    }
    return (sortedRows, sortedWeeks)
  }

  /// Adds up the lines of each item's weeks; `starts` becomes those of the cells.
  private mutating func tally(_ frame: EventFrame, rows: [Int32], weeks: [Int32]) {
    var own = [Week](repeating: Week(), count: count)
    let lines = starts
    for item in items.ids.indices {
      for line in lines[item]..<lines[item + 1] {
        let row = Int(rows[line])
        let quantity = frame.quantity[row]
        own[Int(weeks[line])] += Week(
          units: quantity.isNaN ? 1 : Double(max(0, quantity)), amount: Double(max(0, frame.amount[row])),
          discount: Double(max(0, frame.discount[row])), lines: 1)
      }
      let touched = Set(weeks[lines[item]..<lines[item + 1]]).sorted()
      starts[item] = cells.count
      for week in touched {
        totalUnits[item] += own[Int(week)].units
        cells.append(Cell(week, own[Int(week)]))
        own[Int(week)] = Week()
      }
    }
    starts[items.count] = cells.count
  }

  private mutating func sumUp() {
    let (category, brand) = catalogue.columns(for: items)
    let categories = catalogue.categories.ids.indices.map { index -> [DemandSubject] in
      let path = catalogue.paths[index]
      let own = DemandSubject(.category, catalogue.categories.ids[index])
      return path.count > 1 ? [own, DemandSubject(.department, path[0])] : [own]
    }
    for item in items.ids.indices where starts[item] < starts[item + 1] {
      var subjects: [DemandSubject] = [.shop]
      if category[item] >= 0 { subjects += categories[Int(category[item])] }
      if brand[item] >= 0 { subjects.append(DemandSubject(.brand, catalogue.brands[brand[item]])) }
      for subject in subjects {
        for cell in cells[starts[item]..<starts[item + 1]] {
          wider[subject, default: [Week](repeating: Week(), count: count)][Int(cell.week)] += Week(cell)
        }
      }
    }
  }
}

extension DemandHistory.Cell {
  fileprivate init(_ week: Int32, _ sum: DemandHistory.Week) {
    self.init(
      week: week, lines: Int32(clamping: sum.lines), units: Float(sum.units), amount: Float(sum.amount),
      discount: Float(sum.discount))
  }
}

extension DemandHistory.Week {
  fileprivate init(_ cell: DemandHistory.Cell) {
    self.init(
      units: Double(cell.units), amount: Double(cell.amount), discount: Double(cell.discount),
      lines: Int(cell.lines))
  }
}
