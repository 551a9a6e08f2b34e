extension KnowledgeGraph {
  /// The facts that descriptions of items hold: each attribute and each word of the text relates an item to its value.
  ///
  /// ```swift
  /// let tea = ItemDescription("green", text: "green tea", attributes: ["brand": "Leaf"])
  /// KnowledgeGraph(describing: [tea]).count   // 3: its brand and two words
  /// ```
  /// The entity of an item is `entity(of:)` its id; values of one attribute are entities of their own, so that a brand and a
  /// colour of one name are two.
  public init(describing items: [ItemDescription]) {
    self.init(
      items.flatMap { item in
        let entity = Self.entity(of: item.item)
        return item.features.map { Triple(entity, $0.name, "\($0.name) = \($0.value)") }
          + Words.of(item.text).map { Triple(entity, "text", "text: \($0)") }
      })
  }

  /// The entity that an item is in a graph of descriptions.
  public static func entity(of item: String) -> String { "item: \(item)" }
}
