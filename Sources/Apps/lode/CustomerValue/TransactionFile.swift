import ArgumentParser
import Commerce
import CustomerValue
import Foundation

/// Where purchases come from.
struct TransactionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The purchases: CSV with a header, a row for each, or a file in the form of CDNOW's.", valueName: "file"
    ))
  var transactions: String?
  @Option(help: "The column of the customers' ids.") var customerColumn = "customer_id"
  @Option(help: "The column of dates or times, such as 2025-11-02.") var dateColumn = "date"
  @Option(help: "The column of amounts, when there is one.") var amountColumn = "amount"
  @Option(help: "The unit of time: day, week or month.") var unit = "week"
  @Flag(help: "Let rates of buying and of leaving depend on the first day's amount.")
  var firstAmount = false
  @Option(help: "How much squares of parameters count against the likelihood.") var penalizer = 0.0
  @Option(help: "From how many points the search for parameters starts.") var starts = 3
  @Option(help: "Seeds what is drawn.") var seed: UInt64 = 42

  func validate() throws {
    guard TimeUnit(rawValue: unit) != nil else {
      throw ValidationError("--unit is '\(unit)'; expected day, week or month.")
    }
    guard penalizer >= 0, penalizer.isFinite else {
      throw ValidationError("--penalizer is a number of at least 0.")
    }
    guard (1...100).contains(starts) else { throw ValidationError("--starts is 1 to 100.") }
  }

  /// Where the purchases are.
  var file: String { transactions ?? "" }
  /// The unit of time.
  var timeUnit: TimeUnit { TimeUnit(rawValue: unit) ?? .week }
  /// How parameters are searched for.
  var fitting: PurchaseFitting { PurchaseFitting(penalizer: penalizer, starts: starts) }

  /// The covariates that were asked for.
  func covariates(_ log: TransactionLog, _ base: CustomerBase) throws -> Covariates? {
    firstAmount ? try log.firstAmountCovariate(of: base) : nil
  }

  /// Reads the purchases.
  ///
  /// - Throws: `ValidationError` naming file, line, field and what was expected.
  func read() throws -> (log: TransactionLog, hasAmounts: Bool) {
    let found = try isCDNOW() ? readCDNOW() : readTable()
    guard !found.isEmpty else { throw ValidationError("\(file): there are no purchases.") }
    let hasAmounts = found.contains { $0.amount != nil }
    if firstAmount, !hasAmounts {
      throw ValidationError("--first-amount needs amounts; \(file) has none in '\(amountColumn)'.")
    }
    return (try TransactionLog(found), hasAmounts)
  }

  /// The day that an option names.
  static func day(_ text: String, option: String) throws -> Timestamp {
    guard let day = Timestamp(rfc3339: text) else {
      throw ValidationError("\(option) is '\(text)'; expected a date such as 2025-11-02.")
    }
    return day
  }

  private func readTable() throws -> [Transaction] {
    var found: [Transaction] = []
    try PlainTable.read(file, required: [customerColumn, dateColumn], optional: [amountColumn]) {
      row in
      guard let time = Timestamp(rfc3339: row[1]) else {
        throw PlainTable.Problem(
          field: dateColumn, value: row[1], expected: "a date such as 2025-11-02, or a time with it")
      }
      found.append(
        Transaction(customerID: row[0], time: time, amount: try amount(row[2], field: amountColumn)))
    }
    return found
  }

  private func amount(_ text: String, field: String) throws -> Double? {
    guard !text.isEmpty else { return nil }
    guard let amount = Double(text), amount >= 0, amount.isFinite else {
      throw PlainTable.Problem(
        field: field, value: text, expected: "a number of at least 0, or nothing where it is not known")
    }
    return amount
  }

  /// Whether the first line has no comma and its third field from the right is a date such as 19970101.
  private func isCDNOW() throws -> Bool {
    guard let handle = FileHandle(forReadingAtPath: file) else {
      throw ValidationError("\(file): cannot be read.")
    }
    defer { try? handle.close() }
    let start = String(decoding: try handle.read(upToCount: 4096) ?? Data(), as: UTF8.self)
    let lines = start.split(whereSeparator: \.isNewline).prefix(2)
    return lines.count > 0 && !lines.contains { $0.contains(",") }
      && lines.contains { line in
        let fields = line.split(separator: " ")
        return fields.count >= 4 && Self.compactDate(String(fields[fields.count - 3])) != nil
      }
  }

  /// Rows of customer, date, units and amount between blanks; a customer's number in another file may come before. A first row
  /// of names is passed over.
  private func readCDNOW() throws -> [Transaction] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ValidationError("\(file): cannot be read.")
    }
    var found: [Transaction] = []
    for (number, line) in String(decoding: data, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      let fields = line.split(separator: " ").map(String.init)
      let isHeader = number == 0 && !fields.contains { Self.compactDate($0) != nil }
      if fields.isEmpty || isHeader { continue }
      func problem(_ field: String, _ value: String, _ expected: String) -> ValidationError {
        ValidationError("\(file):\(number + 1): \(field) is '\(value)'; expected \(expected).")
      }
      guard fields.count >= 4 else {
        throw problem(
          "the row", line.trimmingCharacters(in: .whitespaces), "customer, date, units and amount")
      }
      guard let time = Self.compactDate(fields[fields.count - 3]) else {
        throw problem("the date", fields[fields.count - 3], "one such as 19970101")
      }
      guard let amount = Double(fields[fields.count - 1]), amount >= 0, amount.isFinite else {
        throw problem("the amount", fields[fields.count - 1], "a number of at least 0")
      }
      found.append(Transaction(customerID: fields[fields.count - 4], time: time, amount: amount))
    }
    return found
  }

  private static func compactDate(_ text: String) -> Timestamp? {
    guard text.utf8.count == 8, let number = Int(text), number > 0,
      let day = CivilDate.day(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    else { return nil }
    return Timestamp(milliseconds: Int64(day) * Timestamp.day)
  }
}

extension PurchaseForecaster {
  /// The forecaster of a name.
  static func named(_ name: String) throws -> PurchaseForecaster {
    guard let found = allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
      throw ValidationError(
        "There is no model '\(name)'; there are \(allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return found
  }
}
