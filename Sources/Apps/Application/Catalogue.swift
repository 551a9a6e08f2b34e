import Commerce
import Features

/// A shop's items in memory.
struct Catalogue: Sendable {
  private(set) var items: [String: Item] = [:]
  /// How many items each category has.
  private(set) var categories: [String: Int] = [:]
  /// How many items each broader category has.
  private var levels: [String: Int] = [:]
  /// Counts the changes since the shop was read.
  private(set) var revision = 0
  private var changedAt: [String: Int] = [:]

  /// Adds items, or replaces those with the same id; `isNews` when answers may have named them as they were.
  mutating func insert(_ items: [Item], isNews: Bool) {
    if isNews { revision += 1 }
    for item in items {
      if let before = self.items.updateValue(item, forKey: item.itemID) {
        if let category = before.category { Self.forget(category, in: &categories) }
        for level in before.categoryPath { Self.forget(level, in: &levels) }
      }
      if let category = item.category { categories[category, default: 0] += 1 }
      for level in item.categoryPath { levels[level, default: 0] += 1 }
      if isNews { changedAt[item.itemID] = revision }
    }
  }

  private static func forget(_ category: String, in counts: inout [String: Int]) {
    guard let count = counts[category] else { return }
    counts[category] = count > 1 ? count - 1 : nil
  }

  /// Whether any item belongs to a category, at any level.
  func hasCategory(_ name: String) -> Bool { categories[name] != nil || levels[name] != nil }

  subscript(id: String) -> Item? { items[id] }

  /// Some of the items, at the present revision: what leaves the actor should not make the next change copy all.
  func excerpt(of ids: [String]) -> Catalogue {
    var excerpt = Catalogue()
    for id in ids { excerpt.items[id] = items[id] }
    excerpt.revision = revision
    return excerpt
  }

  /// Whether none of the items has changed since a revision.
  func isUnchanged(_ ids: [String], since revision: Int) -> Bool {
    revision == self.revision || ids.allSatisfy { (changedAt[$0] ?? 0) <= revision }
  }

  /// What to call an item: its title, else its category and id.
  func title(of id: String) -> String {
    guard let item = items[id] else { return id }
    return item.title ?? item.category.map { "\($0) \(id)" } ?? id
  }

  /// Categories and brands by number, in an order that depends on the items alone.
  var index: CatalogueIndex {
    CatalogueIndex(items.keys.sorted().map { items[$0]! })
  }

  func category(of id: String) -> String? { items[id]?.category }
}

extension Item {
  /// The item as the API shows it.
  var json: JSONValue {
    var json: JSONValue = [
      "item_id": .string(itemID), "title": .string(title ?? category.map { "\($0) \(itemID)" } ?? itemID),
      "category": JSONValue(category), "category_path": JSONValue(categoryPath), "brand": JSONValue(brand),
      "price": JSONValue(price), "attributes": .object(attributes),
    ]
    if let availableFrom { json["available_from"] = JSONValue(availableFrom) }
    return json
  }
}
