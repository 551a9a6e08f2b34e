/// Some rows of a file: their bytes once, and where each value lies.
struct RecordBatch: Sendable {
  /// One row.
  struct Row: Sendable {
    /// The line that the row starts on, counted from 1.
    var line: Int
    /// The row as it came, as a range of `bytes`.
    var raw: Range<Int32>
    /// Its values, as a range of `values`.
    var values: Range<Int32>
    /// Why the row cannot be read; nil for most.
    var fault: String?
  }

  /// The text of the rows, then that of values which had to be unescaped.
  var bytes: [UInt8] = []
  /// Where each value lies in `bytes`; an absent value is empty.
  var values: [Range<Int32>] = []
  /// The rows.
  var rows: [Row] = []

  /// The place of a value that is not there.
  static let absent: Range<Int32> = 0..<0

  /// The row as it came, as text.
  func raw(_ row: Int) -> String {
    let range = rows[row].raw
    return String(decoding: bytes[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
  }

  /// The values of a row as text.
  func texts(_ row: Int) -> [String] {
    values[Int(rows[row].values.lowerBound)..<Int(rows[row].values.upperBound)].map {
      String(decoding: bytes[Int($0.lowerBound)..<Int($0.upperBound)], as: UTF8.self)
    }
  }
}

/// Something that gives the rows of a file, batch by batch.
protocol RecordReader: AnyObject {
  /// The names of the values of each row, in order.
  var columns: [String] { get }
  /// The next rows; nil at the end.
  func next() throws -> RecordBatch?
}
