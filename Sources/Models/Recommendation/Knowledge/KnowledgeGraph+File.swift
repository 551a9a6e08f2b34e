import Commerce

extension KnowledgeGraph {
  /// Reads a plain file of facts: one a line, separated by commas, tabs or blanks, gzipped or not.
  ///
  /// ```swift
  /// let graph = try KnowledgeGraph(path: "films.kg")
  /// ```
  /// Columns are named by a header (`head`, `relation` and `tail`, with or without `_id` and a type after a colon, as RecBole
  /// writes them; or `subject`, `predicate` and `object`); without one they are the first three in this order.
  ///
  /// - Throws: `RecommendationError` with file, line, field and what was expected.
  public init(path: String) throws {
    let file = ColumnFile(
      path: path,
      columns: [
        .init(name: "head", names: ["head", "head_id", "subject", "source"]),
        .init(name: "relation", names: ["relation", "relation_id", "predicate"]),
        .init(name: "tail", names: ["tail", "tail_id", "object", "target"]),
      ])
    var triples: [Triple] = []
    try file.forEachRow { line, fields in
      triples.append(
        Triple(
          try file.text(fields, 0, line: line), try file.text(fields, 1, line: line),
          try file.text(fields, 2, line: line)))
    }
    self.init(triples)
  }
}

/// Which entity of a graph an item is.
public struct ItemLink: Sendable, Codable, Equatable {
  /// The item's external id.
  public var item: String
  /// The entity's id in the graph.
  public var entity: String

  /// An item's entity.
  public init(item: String, entity: String) {
    self.item = item
    self.entity = entity
  }

  /// Reads a plain file of links: `item` and `entity` (or `item_id` and `entity_id`), or the first two columns without a
  /// header.
  ///
  /// - Throws: `RecommendationError` with file, line, field and what was expected.
  public static func read(path: String) throws -> [ItemLink] {
    let file = ColumnFile(
      path: path,
      columns: [
        .init(name: "item", names: ["item_id", "item", "product_id"]),
        .init(name: "entity", names: ["entity_id", "entity"]),
      ])
    var links: [ItemLink] = []
    try file.forEachRow { line, fields in
      links.append(
        ItemLink(item: try file.text(fields, 0, line: line), entity: try file.text(fields, 1, line: line)))
    }
    return links
  }
}
