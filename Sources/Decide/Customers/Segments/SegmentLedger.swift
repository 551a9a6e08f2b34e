import Commerce
import Features
import MathKernels
import Segmentation

/// The purchases of each customer in time order: what features as of any day are counted from.
///
/// ```swift
/// let ledger = SegmentLedger(frame, catalogue: index, calendar: calendar)
/// let today = ledger.table(asOf: now, days: 182, departments: ledger.mainDepartments(6))
/// ```
/// - Complexity: O(events) to make; memory of eight bytes a purchase line beside the frame.
public struct SegmentLedger: Sendable {
  /// The log.
  public let frame: EventFrame
  /// The shop's clock.
  public let calendar: ShopCalendar
  /// The names of departments: the broadest step of each category's path.
  public let departments: Vocabulary
  /// The names of categories.
  public let categories: Vocabulary
  let categoryOfItem: [Int32]
  let departmentOfCategory: [Int32]
  /// Rows of purchases and refunds, customer after customer, and the local day of each.
  let rows: [Int32]
  let days: [Int32]
  let starts: [Int]

  /// Sorts the log's purchases by customer.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex, calendar: ShopCalendar) {
    (self.frame, self.calendar) = (frame, calendar)
    categoryOfItem = catalogue.columns(for: frame.items).category
    categories = catalogue.categories
    var departments = Vocabulary()
    departmentOfCategory = catalogue.paths.map { $0.first.map { departments.insert($0) } ?? EventFrame.none }
    self.departments = departments
    let (all, allStarts) = frame.rowsByCustomer()
    let (purchase, refund) = (EventKind.purchase.code, EventKind.refund.code)
    var (rows, days, starts) = ([Int32](), [Int32](), [0])
    rows.reserveCapacity(all.count)
    days.reserveCapacity(all.count)
    for customer in 0..<frame.customers.count {
      for place in allStarts[customer]..<allStarts[customer + 1] {
        let row = Int(all[place])
        guard frame.kind[row] == purchase || frame.kind[row] == refund else { continue }
        rows.append(all[place])
        days.append(calendar.day(ofMilliseconds: frame.timestamp[row]))
      }
      starts.append(rows.count)
    }
    (self.rows, self.days, self.starts) = (rows, days, starts)
  }

  /// How many customers there are.
  public var count: Int { starts.count - 1 }

  /// The local day that a moment falls in; its purchases count.
  public func day(of moment: Timestamp) -> Int32 { calendar.day(of: moment) }

  /// The first day of any purchase; nil without one.
  public var firstDay: Int32? {
    (0..<count).compactMap { starts[$0] < starts[$0 + 1] ? days[starts[$0]] : nil }.min()
  }

  /// The departments that most money went to.
  public func mainDepartments(_ count: Int) -> [String] {
    var spend = [Double](repeating: 0, count: departments.count)
    for row in rows where frame.kind[Int(row)] == EventKind.purchase.code {
      guard let department = department(ofRow: Int(row)) else { continue }
      spend[department] += Double(frame.amount[Int(row)])
    }
    let order = spend.indices.sorted { (spend[$1], $0) < (spend[$0], $1) }
    return order.filter { spend[$0] > 0 }.prefix(count).map { departments[Int32($0)] }
  }

  func category(ofRow row: Int) -> Int32 {
    let item = frame.item[row]
    return item >= 0 ? categoryOfItem[Int(item)] : EventFrame.none
  }

  func department(ofRow row: Int) -> Int? {
    let category = category(ofRow: row)
    guard category >= 0 else { return nil }
    let department = departmentOfCategory[Int(category)]
    return department >= 0 ? Int(department) : nil
  }

  /// What a customer bought in a span of days, both ends included.
  func tally(_ customer: Int, from first: Int32, through last: Int32) -> PurchaseTally {
    var tally = PurchaseTally(first: first, last: last)
    for place in starts[customer]..<starts[customer + 1] {
      guard days[place] <= last else { break }
      tally.add(row: Int(rows[place]), day: days[place], of: self)
    }
    return tally
  }

  /// The features of all customers who bought something in the days before a moment.
  ///
  /// - Parameters:
  ///   - last: the last day that counts.
  ///   - length: how many days count, the last one included.
  ///   - shares: the departments whose shares of the spend are features.
  /// - Complexity: O(purchase lines), on all cores.
  public func table(through last: Int32, days length: Int, departments shares: [String]) -> SegmentTable {
    let wanted = shares.map { departments.index(of: $0).map(Int.init) }
    let minor = frame.currency.minorUnitsPerMajor
    let first = last - Int32(length) + 1
    let blocks = parallelBlocks(count, blockSize: 256) { block in
      block.compactMap { customer -> (customer: Int32, values: [Double], spend: Int64)? in
        let tally = tally(customer, from: first, through: last)
        guard tally.lines > 0 else { return nil }
        let values = tally.values(minorUnits: minor) + tally.shares(of: wanted)
        return (Int32(customer), values, tally.spend)
      }
    }.flatMap { $0 }
    let features = SegmentFeature.common + shares.map { .share(of: $0) }
    return SegmentTable(
      day: last, length: length, customers: blocks.map(\.customer), features: features,
      values: features.indices.map { column in blocks.map { $0.values[column] } }, spend: blocks.map(\.spend))
  }
}

/// The features of customers as of a day, by column.
public struct SegmentTable: Sendable {
  /// The last day that counts, since 1970-01-01.
  public let day: Int32
  /// How many days count.
  public let length: Int
  /// Who: their places in the log's list of customers, ascending.
  public let customers: [Int32]
  /// The columns.
  public let features: [SegmentFeature]
  /// Each column's values; NaN where there is none.
  public let values: [[Double]]
  /// What each spent, in minor units.
  public let spend: [Int64]

  /// The table as segmentation takes it.
  ///
  /// - Throws: `SegmentationError` for columns of unequal length, which this table does not have.
  public func customerTable(_ names: Vocabulary) throws -> CustomerTable {
    try CustomerTable(
      ids: customers.map { names[$0] },
      columns: zip(features, values).map { .init(name: $0.column, .numbers($1)) })
  }
}
