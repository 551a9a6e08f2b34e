import Commerce

extension TimeFormat {
  private static let candidates = [
    "iso8601", "yyyy/M/d H:mm:ss", "yyyy/M/d H:mm", "yyyy/M/d", "M/d/yyyy H:mm:ss", "M/d/yyyy H:mm",
    "M/d/yyyy",
    "d/M/yyyy H:mm:ss", "d/M/yyyy H:mm", "d/M/yyyy", "M/d/yyyy h:mm:ss a", "M/d/yyyy h:mm a",
    "d.M.yyyy H:mm:ss",
    "d.M.yyyy H:mm", "d.M.yyyy", "yyyy-M-d H:mm:ss", "yyyy-M-d H:mm", "yyyyMMddHHmmss", "yyyyMMdd",
    "yyyy年M月d日 H:mm:ss", "yyyy年M月d日 H:mm", "yyyy年M月d日",
  ].map { TimeFormat($0)! }

  /// The formats in which the values are times of the years 1990 to 2100: those that read the most of them, and at least
  /// nineteen in twenty, since a few broken rows do not make a column anything else. The first that fits unless two
  /// formats read them as different times.
  static func fitting(_ values: [String]) -> [TimeFormat] {
    guard !values.isEmpty, var clock = LocalClock("UTC") else { return [] }
    let years = Timestamp(rfc3339: "1990-01-01")!..<Timestamp(rfc3339: "2100-01-01")!
    func read(_ format: TimeFormat) -> [Timestamp?] {
      values.map { value in
        let time = Array(value.utf8).withUnsafeBufferPointer { format.parse($0, &clock) }
        return time.flatMap { years.contains($0) ? $0 : nil }
      }
    }
    var fitting: [(format: TimeFormat, times: [Timestamp?], readable: Int)] = []
    let isCompactDate = values.allSatisfy { $0.utf8.count == 8 || $0.utf8.count == 14 }
    let numeric = isCompactDate ? [] : [TimeFormat("epoch_s")!, TimeFormat("epoch_ms")!]
    for format in candidates + numeric {
      let times = read(format)
      let readable = times.lazy.filter { $0 != nil }.count
      guard readable * 20 >= values.count * 19, !fitting.contains(where: { $0.times == times }) else {
        continue
      }
      fitting.append((format, times, readable))
    }
    let most = fitting.map(\.readable).max() ?? 0
    return fitting.filter { $0.readable == most }.map(\.format)
  }
}
