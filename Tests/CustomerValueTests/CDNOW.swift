import Commerce
import CustomerValue
import Foundation

/// The purchases of a music shop's customers, in weeks, when the data are at hand.
enum CDNOW {
  static let folder = ProcessInfo.processInfo.environment["LODE_CACHE"].map { "\($0)/data/cdnow" }
  static let isThere =
    folder.map { FileManager.default.fileExists(atPath: "\($0)/CDNOW_sample.txt") } ?? false
  static let why = "scripts/fetch-data cdnow brings the data into $LODE_CACHE"
  static let calibrationEnd = Timestamp(rfc3339: "1997-09-30")!
  static let end = Timestamp(rfc3339: "1998-06-30")!
  /// The first customer of the sample.
  static let first = PurchaseHistory(frequency: 2, recency: 30.43, age: 38.86, monetaryValue: 22.35)

  /// The published summary of the sample at the end of the calibration.
  static func summary() throws -> CustomerBase {
    let rows = try table("cdnow_customers_summary_with_transactions.csv").dropFirst()
    return try CustomerBase(
      ids: rows.map { $0[0] },
      histories: rows.map { row in
        let amount = Double(row[4]) ?? 0
        return PurchaseHistory(
          frequency: Int(row[1]) ?? -1, recency: Double(row[2]) ?? -1, age: Double(row[3]) ?? -1,
          monetaryValue: amount > 0 ? amount : nil)
      })
  }

  /// All purchases of the sample.
  static func log() throws -> TransactionLog {
    try TransactionLog(
      try table("CDNOW_sample.txt").map { row in
        let (date, digits) = (row[2], Array(row[2]))
        let iso = "\(date.prefix(4))-\(String(digits[4...5]))-\(String(digits[6...7]))"
        guard let time = Timestamp(rfc3339: iso) else {
          throw CustomerValueError.notEnoughData(needed: "a date", found: date)
        }
        return Transaction(customerID: row[1], time: time, amount: Double(row[4]))
      })
  }

  private static func table(_ name: String) throws -> [[String]] {
    let text = try String(contentsOfFile: "\(folder ?? "")/\(name)", encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).map { line in
      line.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
    }.filter { !$0.isEmpty }
  }
}

/// Whether two numbers agree to within a relative tolerance.
func near(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-300)
}
