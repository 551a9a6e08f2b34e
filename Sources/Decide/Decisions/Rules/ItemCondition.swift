import Commerce

/// Which items a rule is about: the condition after `where`.
///
/// ```swift
/// let rules = try RuleSet(parsing: "filter out where stock = 0 or price < 1.00")
/// guard case .filterOut(let condition) = rules.rules[0].action else { return }
/// condition.matches(Item(itemID: "1", attributes: ["stock": .number(0)]), at: now)     // true
/// ```
///
/// A comparison with a missing value is false, `!=` too; null, an empty text and an empty array count as missing. So
/// `not (stock = 0)` holds for an item without a stock, and `stock != 0` does not. Texts compare without regard to case.
/// - Complexity: of `matches`, proportional to the comparisons; an `in` list of any length is one look-up.
public struct ItemCondition: Sendable, Equatable {
  let condition: Condition<ItemField>

  /// Whether an item matches; its age is counted up to the moment.
  public func matches(_ item: Item, at moment: Timestamp) -> Bool {
    condition.holds { field, test in test.holds { field.anyValue(of: item, at: moment, $0) } }
  }
}

/// The fields of items.
enum ItemField: ConditionField {
  case item, title, category, brand, price, age
  case attribute(String)

  static let names = ["item", "title", "category", "brand", "price", "age_days", "stock", "margin"]
  static let attributePrefix = "attributes"

  static func misplaced(_ name: String) -> String? {
    RequestField(name: name) == nil
      ? nil : "'\(name)' is a field of the request; expected it after 'when', not after 'where'"
  }

  init?(name: String) {
    switch name {
    case "item": self = .item
    case "title": self = .title
    case "category": self = .category
    case "brand": self = .brand
    case "price": self = .price
    case "age_days": self = .age
    case "stock", "margin": self = .attribute(name)
    default: return nil
    }
  }

  var kind: FieldKind {
    switch self {
    case .item, .title, .category, .brand: .text
    case .price, .age: .number
    case .attribute: .anything
    }
  }

  var isAlwaysKnown: Bool { self == .item }

  /// Whether any of the item's values of this field passes; nil when it has none.
  func anyValue(of item: Item, at moment: Timestamp, _ passes: (JSONValue) -> Bool) -> Bool? {
    switch self {
    case .item: return passes(.string(item.itemID))
    case .title: return item.title?.value(passes)
    case .brand: return item.brand?.value(passes)
    case .price: return item.price.map { passes(.number($0.amount)) }
    case .age: return item.availableFrom.map { passes(.number(moment.days(since: $0))) }
    case .attribute(let name): return item.attributes[name]?.anyValue(passes)
    case .category:
      var known = item.category?.value(passes)
      for level in item.categoryPath where known != true { known = level.value(passes) ?? known }
      return known
    }
  }
}
