/// A plain file of items: one a line with a header, separated by commas, tabs or blanks, gzipped or not.
///
/// ```swift
/// let items = try ItemFile(path: "films.tsv", titleColumn: "movie_title", listColumns: ["class"]).read()
/// ```
/// The title becomes the item's text, every other column an attribute; a column of `listColumns` holds several, separated by
/// blanks or bars. A type after a colon in the header is passed over.
public struct ItemFile: Sendable {
  /// Where the file lies.
  public var path: String
  /// The item's column, or nil for the usual names.
  public var itemColumn: String?
  /// The column of the text, or nil for the usual names; a file may lack it.
  public var titleColumn: String?
  /// The columns with several values each.
  public var listColumns: [String]

  /// A file and its columns.
  public init(path: String, itemColumn: String? = nil, titleColumn: String? = nil, listColumns: [String] = [])
  {
    self.path = path
    self.itemColumn = itemColumn
    self.titleColumn = titleColumn
    self.listColumns = listColumns
  }

  /// Reads all rows; the last one of an item counts.
  ///
  /// - Throws: `RecommendationError` with file, line, field and what was expected.
  public func read() throws -> [ItemDescription] {
    let header = try self.header()
    func place(_ asked: String?, _ usual: [String]) throws -> Int? {
      guard let asked else { return usual.lazy.compactMap(header.firstIndex(of:)).first }
      guard let place = header.firstIndex(of: asked.lowercased()) else {
        throw RecommendationError.missingColumn(path: path, column: asked, found: header)
      }
      return place
    }
    guard let item = try place(itemColumn, ["item_id", "item", "product_id", "movie_id"]) else {
      throw RecommendationError.missingColumn(path: path, column: "item_id", found: header)
    }
    let title = try place(titleColumn, ["title", "name", "product_name", "movie_title"])
    let lists = Set(try listColumns.map { try place($0, []) })
    let file = ColumnFile(path: path, columns: header.map { .init(name: $0, names: [$0], isOptional: true) })
    var places: [String: Int] = [:]
    var found: [ItemDescription] = []
    try file.forEachRow(needsHeader: true) { line, fields in
      let id = try file.text(fields, item, line: line)
      var entry = ItemDescription(id, text: title.flatMap { fields[$0] } ?? "")
      for (index, name) in header.enumerated() where index != item && index != title {
        guard let value = fields[index], !value.isEmpty else { continue }
        if lists.contains(index) {
          entry.lists[name] = value.split { $0 == " " || $0 == "|" }.map(String.init)
        } else {
          entry.attributes[name] = value
        }
      }
      if let known = places[id] {
        found[known] = entry
      } else {
        places[id] = found.count
        found.append(entry)
      }
    }
    return found
  }

  private func header() throws -> [String] {
    var header: [String]?
    try PlainFile(path: path).forEachLine { _, text in
      header = header ?? PlainFile.names(PlainFile.fields(text, PlainFile.guessedSeparator(text)))
    }
    guard let header else { throw RecommendationError.unreadableFile(path: path, reason: "it holds no rows") }
    return header
  }
}
