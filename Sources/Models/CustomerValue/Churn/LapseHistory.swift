import Commerce
import Foundation

/// What each customer did on each day: what lapse is foretold from.
///
/// ```swift
/// let history = LapseHistory(frame, day: { calendar.day(ofMilliseconds: $0) }, categories: categoryOfItem)
/// history.customers[0].visits.last?.day
/// ```
public struct LapseHistory: Sendable {
  /// The purchases of one customer on one day.
  public struct Visit: Sendable, Equatable {
    /// The day, counted from 1970-01-01.
    public var day: Int32
    /// What was paid, in major units.
    public var amount: Double
    /// What was taken off, in major units.
    public var discount: Double
    /// How many lines were bought.
    public var lines: Int
    /// The categories that were bought from, each once.
    public var categories: [Int32]

    /// Purchases of one day.
    public init(day: Int32, amount: Double, discount: Double, lines: Int, categories: [Int32]) {
      self.day = day
      self.amount = amount
      self.discount = discount
      self.lines = lines
      self.categories = categories
    }
  }

  /// One customer.
  public struct Customer: Sendable, Equatable {
    /// The id.
    public var id: String
    /// The days with purchases, ascending.
    public var visits: [Visit] = []
    /// The days of redeemed coupons, ascending, each as often as there were.
    public var coupons: [Int32] = []
    /// The days of refunds, ascending, each as often as there were.
    public var refunds: [Int32] = []
    /// The days of looking around: views, searches, clicks, carts; ascending, each as often as there were.
    public var looks: [Int32] = []
  }

  /// The customers, in the order of the frame.
  public let customers: [Customer]
  /// The first day with a purchase.
  public let firstDay: Int32
  /// The last day with an event of a customer.
  public let lastDay: Int32

  /// Counts a shop's events; those without a customer are left out.
  ///
  /// - Parameters:
  ///   - day: the day of a time in UTC milliseconds, such as that of the shop's calendar.
  ///   - categories: the category of each item of the frame; below 0 where it has none. Empty where none are known.
  /// - Complexity: O(events · log events of a customer).
  public init(_ frame: EventFrame, day: (Int64) -> Int32, categories: [Int32] = []) {
    let (rows, starts) = frame.rowsByCustomer()
    let minor = frame.currency.minorUnitsPerMajor
    let purchase = EventKind.purchase.code
    let looks = Set([EventKind.view, .listView, .search, .click, .cartAdd, .wishlist, .checkout].map(\.code))
    var (first, last) = (Int32.max, Int32.min)
    customers = (0..<frame.customers.count).map { index in
      var customer = Customer(id: frame.customers[Int32(index)])
      for place in starts[index]..<starts[index + 1] {
        let row = Int(rows[place])
        let day = day(frame.timestamp[row])
        last = max(last, day)
        switch frame.kind[row] {
        case purchase:
          first = min(first, day)
          let item = Int(frame.item[row])
          customer.add(
            Visit(
              day: day, amount: Double(frame.amount[row]) / minor,
              discount: Double(frame.discount[row]) / minor,
              lines: 1,
              categories: item >= 0 && item < categories.count && categories[item] >= 0
                ? [categories[item]] : []
            ))
        case EventKind.couponRedeemed.code: customer.coupons.append(day)
        case EventKind.refund.code: customer.refunds.append(day)
        case let kind where looks.contains(kind): customer.looks.append(day)
        default: break
        }
      }
      return customer
    }
    firstDay = first == .max ? 0 : first
    lastDay = last == .min ? 0 : last
  }

  /// Whether a customer buys on one of the days from `start` to before `end`.
  public func buys(_ customer: Int, from start: Int32, to end: Int32) -> Bool {
    let visits = customers[customer].visits
    let place = visits.partitionIndex { $0.day >= start }
    return place < visits.count && visits[place].day < end
  }
}

extension LapseHistory.Customer {
  fileprivate mutating func add(_ line: LapseHistory.Visit) {
    guard let last = visits.indices.last, visits[last].day == line.day else { return visits.append(line) }
    visits[last].amount += line.amount
    visits[last].discount += line.discount
    visits[last].lines += 1
    for category in line.categories where !visits[last].categories.contains(category) {
      visits[last].categories.append(category)
    }
  }
}

extension Array {
  /// The first index from which on `isAfter` holds, in an array where it holds from some place on.
  func partitionIndex(where isAfter: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
