import Commerce

/// A plain file of interactions: one per line, separated by commas, tabs or blanks, gzipped or not.
///
/// ```swift
/// let data = try InteractionFile(path: "ratings.tsv", timeColumn: "timestamp").read()
/// ```
/// Columns are named by their header or by number from 1. A first line that holds one of the names looked for is a header
/// (a type after a colon, as in `user_id:token`, is passed over); without one the columns are user, item, time when there
/// are three, and user, item, rating, time when there are more. Times are ISO 8601, or seconds or milliseconds since 1970;
/// without a time column the order of the lines counts. A quoted field ends on its own line.
public struct InteractionFile: Sendable {
  /// Where the file lies.
  public var path: String
  /// The user's column, or nil for the usual names.
  public var userColumn: String?
  /// The item's column, or nil for the usual names.
  public var itemColumn: String?
  /// The time's column, or nil for the usual names; `none` for no time.
  public var timeColumn: String?
  /// The column of the weight; nil weighs every row 1.
  public var ratingColumn: String?
  /// The separator; nil tells it by the first line. A blank stands for any run of blanks and tabs.
  public var separator: Character?

  /// A file and its columns.
  public init(
    path: String, userColumn: String? = nil, itemColumn: String? = nil, timeColumn: String? = nil,
    ratingColumn: String? = nil, separator: Character? = nil
  ) {
    self.path = path
    self.userColumn = userColumn
    self.itemColumn = itemColumn
    self.timeColumn = timeColumn
    self.ratingColumn = ratingColumn
    self.separator = separator
  }

  private static let userNames = ["user_id", "user", "userid", "customer_id", "customer", "household_id"]
  private static let itemNames = [
    "item_id", "item", "itemid", "product_id", "product", "movie_id", "movieid",
  ]
  private static let timeNames = [
    "timestamp", "time", "transaction_timestamp", "date", "datetime", "event_time",
  ]

  /// Reads all rows.
  ///
  /// - Throws: `RecommendationError` with file, line, field and what was expected.
  public func read() throws -> Interactions {
    let file = PlainFile(path: path)
    var (users, items) = (Vocabulary(), Vocabulary())
    var (user, item): ([Int32], [Int32]) = ([], [])
    var timestamp: [Int64] = []
    var weight: [Float] = []
    var layout: Layout?
    try file.forEachLine { line, text in
      if layout == nil {
        let (found, isHeader) = try self.layout(firstLine: text)
        layout = found
        if isHeader { return }
      }
      guard let layout else { return }
      let fields = PlainFile.fields(text, layout.separator)
      let parser = RowParser(path: path, line: line, fields: fields)
      user.append(users.insert(try parser.text(layout.user, "user")))
      item.append(items.insert(try parser.text(layout.item, "item")))
      timestamp.append(try layout.time.map { try parser.time($0) } ?? Int64(line))
      weight.append(try layout.rating.map { try parser.number($0) } ?? 1)
    }
    guard !user.isEmpty else {
      throw RecommendationError.unreadableFile(path: path, reason: "it holds no rows")
    }
    return Interactions(
      users: users, items: items, user: user, item: item, timestamp: timestamp, weight: weight)
  }

  // MARK: Columns

  private struct Layout {
    var separator: UInt8
    var user: Int
    var item: Int
    var time: Int?
    var rating: Int?
  }

  private func layout(firstLine: UnsafeBufferPointer<UInt8>) throws -> (Layout, isHeader: Bool) {
    let separator = try separator.map(byte) ?? PlainFile.guessedSeparator(firstLine)
    let names = PlainFile.names(PlainFile.fields(firstLine, separator))
    func place(_ column: String?, _ usual: [String]) -> Int? {
      guard let column else { return usual.lazy.compactMap { names.firstIndex(of: $0) }.first }
      return names.firstIndex(of: column.lowercased())
    }
    func number(_ column: String?, _ otherwise: Int?) throws -> Int? {
      guard let column else { return otherwise }
      guard let position = Int(column), (1...max(1, names.count)).contains(position) else {
        throw RecommendationError.missingColumn(path: path, column: column, found: names)
      }
      return position - 1
    }
    func found(_ column: String?, _ usual: [String]) throws -> Int? {
      try place(column, usual) ?? number(column, nil)
    }
    let hasTime = timeColumn?.lowercased() != "none"
    let isHeader = place(userColumn, Self.userNames) != nil || place(itemColumn, Self.itemNames) != nil
    if isHeader {
      guard let user = try found(userColumn, Self.userNames) else {
        throw RecommendationError.missingColumn(path: path, column: userColumn ?? "user_id", found: names)
      }
      guard let item = try found(itemColumn, Self.itemNames) else {
        throw RecommendationError.missingColumn(path: path, column: itemColumn ?? "item_id", found: names)
      }
      let time = hasTime ? try found(timeColumn, Self.timeNames) : nil
      let rating = try ratingColumn.flatMap { try found($0, []) }
      return (Layout(separator: separator, user: user, item: item, time: time, rating: rating), true)
    }
    guard let user = try number(userColumn, 0), let item = try number(itemColumn, 1), names.count > 1 else {
      throw RecommendationError.missingColumn(path: path, column: itemColumn ?? "item_id", found: names)
    }
    let usualTime = names.count > 3 ? 3 : names.count == 3 ? 2 : nil
    let time = hasTime ? try number(timeColumn, usualTime) : nil
    return (
      Layout(
        separator: separator, user: user, item: item, time: time, rating: try number(ratingColumn, nil)),
      false
    )
  }

  private func byte(_ separator: Character) throws -> UInt8 {
    guard let byte = separator.asciiValue else {
      throw RecommendationError.unreadableFile(path: path, reason: "the separator must be an ASCII character")
    }
    return byte
  }
}

/// Takes the fields of one row, each with an error that names the place.
private struct RowParser {
  let path: String
  let line: Int
  let fields: [String]

  func text(_ place: Int, _ field: String) throws -> String {
    guard place < fields.count, !fields[place].isEmpty else {
      throw error(
        field, expected: "an id in column \(place + 1)", found: place < fields.count ? "" : "end of line")
    }
    return fields[place]
  }

  func number(_ place: Int) throws -> Float {
    let found = try text(place, "rating")
    guard let value = Float(found), value.isFinite else {
      throw error("rating", expected: "a number", found: found)
    }
    return value
  }

  /// UTC milliseconds; numbers below 10¹¹ are seconds (until the year 5138), others milliseconds.
  func time(_ place: Int) throws -> Int64 {
    let found = try text(place, "time")
    if let number = Double(found), abs(number) < 9e15 {
      return Int64(abs(number) < 1e11 ? number * 1000 : number)
    }
    var copy = found
    let parsed = copy.withUTF8 { Timestamp.parse($0, defaultOffsetMinutes: 0) }
    guard let parsed else {
      throw error("time", expected: "ISO 8601, or seconds or milliseconds since 1970", found: found)
    }
    return parsed.milliseconds
  }

  private func error(_ field: String, expected: String, found: String) -> RecommendationError {
    .malformedRow(path: path, line: line, field: field, expected: expected, found: found)
  }
}
