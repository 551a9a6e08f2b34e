import Commerce
import Foundation
import MathKernels

/// One purchase: who, when, for how much.
public struct Transaction: Sendable, Equatable {
  /// The customer.
  public var customerID: String
  /// When.
  public var time: Timestamp
  /// What was paid, in major units of the currency; nil where it is not known.
  public var amount: Double?

  /// A purchase.
  public init(customerID: String, time: Timestamp, amount: Double? = nil) {
    (self.customerID, self.time, self.amount) = (customerID, time, amount)
  }
}

/// Purchases by customer and day: what histories, and what came after them, are counted from.
///
/// ```swift
/// let log = try TransactionLog(transactions)
/// let base = try log.customerBase(until: calibrationEnd, unit: .week)
/// ```
/// All purchases of a customer on one day (of UTC, or of a shop's own clock) count as one, whose amount is their sum.
public struct TransactionLog: Sendable {
  /// The purchases of one customer on one day.
  struct Visit: Sendable {
    var day: Int32
    var amount: Double
    var hasAmount: Bool
  }

  /// The customers, in order of first appearance.
  public let customers: Vocabulary
  /// Each customer's days, ascending.
  let visits: [[Visit]]

  /// Counts purchases from a list, which may have any order.
  ///
  /// - Complexity: O(n log n).
  /// - Throws: `CustomerValueError` when there are none, or for an amount that is not a finite number of at least 0.
  public init(_ transactions: [Transaction]) throws {
    var customers = Vocabulary()
    var visits: [[Visit]] = []
    for transaction in transactions {
      let index = Int(customers.insert(transaction.customerID))
      if index == visits.count { visits.append([]) }
      if let amount = transaction.amount, !(amount >= 0 && amount.isFinite) {
        throw CustomerValueError.invalidHistory(
          customer: transaction.customerID, field: "amount", value: "\(amount)",
          expected: "a number of at least 0")
      }
      visits[index].append(
        Visit(
          day: transaction.time.dayNumber, amount: transaction.amount ?? 0,
          hasAmount: transaction.amount != nil))
    }
    try self.init(customers: customers, unsorted: visits)
  }

  /// Counts the purchases of a shop's events; those without a customer are left out.
  ///
  /// - Parameters:
  ///   - until: what happened later is left out.
  ///   - day: the day that a moment, in milliseconds since 1970-01-01, falls in; by default that of UTC. A shop's own clock goes here.
  /// - Complexity: O(n log n).
  /// - Throws: `CustomerValueError.notEnoughData` when there are none.
  public init(
    _ frame: EventFrame, until end: Timestamp? = nil,
    day: (Int64) -> Int32 = { Timestamp(milliseconds: $0).dayNumber }
  ) throws {
    var customers = Vocabulary()
    var visits: [[Visit]] = []
    var places = [Int32](repeating: -1, count: frame.customers.count)
    let purchase = EventKind.purchase.code
    let minor = frame.currency.minorUnitsPerMajor
    let last = end?.milliseconds ?? .max
    for row in 0..<frame.count
    where frame.kind[row] == purchase && frame.customer[row] != EventFrame.none
      && frame.timestamp[row] <= last
    {
      let own = Int(frame.customer[row])
      if places[own] < 0 {
        places[own] = customers.insert(frame.customers[frame.customer[row]])
        visits.append([])
      }
      let index = Int(places[own])
      let amount = Double(frame.amount[row]) / minor
      let today = day(frame.timestamp[row])
      // The lines of one order come one after another: they are one visit already here.
      if let latest = visits[index].indices.last, visits[index][latest].day == today {
        visits[index][latest].amount += max(0, amount)
        visits[index][latest].hasAmount = visits[index][latest].hasAmount || amount > 0
      } else {
        visits[index].append(Visit(day: today, amount: max(0, amount), hasAmount: amount > 0))
      }
    }
    try self.init(customers: customers, unsorted: visits)
  }

  private init(customers: Vocabulary, unsorted: [[Visit]]) throws {
    guard customers.count > 0 else {
      throw CustomerValueError.notEnoughData(needed: "purchases of known customers", found: "none")
    }
    self.customers = customers
    visits = unsorted.map { own in
      var merged: [Visit] = []
      for visit in own.sorted(by: { $0.day < $1.day }) {
        if let last = merged.indices.last, merged[last].day == visit.day {
          merged[last].amount += visit.amount
          merged[last].hasAmount = merged[last].hasAmount || visit.hasAmount
        } else {
          merged.append(visit)
        }
      }
      return merged
    }
  }

  /// The first day with a purchase.
  public var firstDay: Timestamp { Self.moment(visits.lazy.compactMap { $0.first?.day }.min() ?? 0) }
  /// The last day with a purchase.
  public var lastDay: Timestamp { Self.moment(visits.lazy.compactMap { $0.last?.day }.max() ?? 0) }

  /// The histories at the end of a day, of the customers who had bought by then, in order of first appearance.
  ///
  /// - Parameters:
  ///   - end: the last day that is observed; by default that of the last purchase.
  ///   - unit: the unit of recency and age.
  /// - Complexity: O(n).
  /// - Throws: `CustomerValueError.notEnoughData` when nobody had bought.
  public func customerBase(until end: Timestamp? = nil, unit: TimeUnit = .week) throws -> CustomerBase {
    let last = (end ?? lastDay).dayNumber
    var (ids, histories): ([String], [PurchaseHistory]) = ([], [])
    for (index, own) in visits.enumerated() {
      let seen = own.prefix { $0.day <= last }
      guard let first = seen.first, let latest = seen.last else { continue }
      let repeats = seen.dropFirst()
      let paid = repeats.filter(\.hasAmount)
      ids.append(customers[Int32(index)])
      histories.append(
        PurchaseHistory(
          frequency: repeats.count, recency: Double(latest.day - first.day) / unit.days,
          age: Double(last - first.day) / unit.days,
          monetaryValue: paid.isEmpty
            ? nil : paid.reduce(0) { $0 + $1.amount } / Double(paid.count)))
    }
    guard !ids.isEmpty else {
      throw CustomerValueError.notEnoughData(
        needed: "purchases until \(Self.day(last))", found: "none")
    }
    return try CustomerBase(ids: ids, histories: histories, unit: unit)
  }

  /// How many days with purchases, and what amount, each of these customers had after one day and until another.
  ///
  /// - Complexity: O(n).
  public func purchases(
    of ids: [String], after start: Timestamp, until end: Timestamp
  ) -> [(count: Int, amount: Double)] {
    let days = start.dayNumber..<max(start.dayNumber, end.dayNumber)
    return ids.map { id in
      guard let index = customers.index(of: id) else { return (0, 0) }
      let own = visits[Int(index)].filter { $0.day > days.lowerBound && $0.day <= days.upperBound }
      return (own.count, own.reduce(0) { $0 + $1.amount })
    }
  }

  /// What was paid on each customer's first day; 0 where it is not known.
  public func firstAmounts(of ids: [String]) -> [Double] {
    ids.map { customers.index(of: $0).flatMap { visits[Int($0)].first?.amount } ?? 0 }
  }

  /// A covariate that is known from the start: ln(1 + the amount of the first day), around its mean.
  ///
  /// - Throws: `CustomerValueError.covariates`.
  public func firstAmountCovariate(of base: CustomerBase) throws -> Covariates {
    let logs = firstAmounts(of: base.ids).map { log1p($0) }
    let mean = Statistics.mean(logs)
    return try Covariates(
      names: ["first_amount"], values: Matrix(rows: base.count, columns: 1, logs.map { $0 - mean }))
  }

  static func moment(_ day: Int32) -> Timestamp { Timestamp(milliseconds: Int64(day) * Timestamp.day) }
  static func day(_ day: Int32) -> String { String(moment(day).description.prefix(10)) }
}
