import Commerce

/// The category and brand of every item, dictionary-coded.
///
/// Categories and brands keep their numbers while items are added or changed; numbers differ between two indices built
/// in another order, so what is saved names categories by id.
public struct CatalogueIndex: Sendable {
  /// Items by index.
  public private(set) var items = Vocabulary()
  /// Categories by index.
  public private(set) var categories = Vocabulary()
  /// Brands by index.
  public private(set) var brands = Vocabulary()
  /// The path of each category from broad to narrow, as its first item gave it; the category itself comes last.
  public private(set) var paths: [[String]] = []
  private var categoryOfItem: [Int32] = []
  private var brandOfItem: [Int32] = []

  /// The index of these items.
  public init(_ items: some Sequence<Item> = []) {
    for item in items { upsert(item) }
  }

  /// Adds an item or replaces the one with its id.
  public mutating func upsert(_ item: Item) {
    let index = Int(items.insert(item.itemID))
    if index == categoryOfItem.count {
      categoryOfItem.append(EventFrame.none)
      brandOfItem.append(EventFrame.none)
    }
    categoryOfItem[index] = category(named: item.category, path: item.categoryPath)
    brandOfItem[index] = item.brand.flatMap { $0.isEmpty ? nil : brands.insert($0) } ?? EventFrame.none
  }

  private mutating func category(named name: String?, path: [String]) -> Int32 {
    guard let name, !name.isEmpty else { return EventFrame.none }
    let index = categories.insert(name)
    if Int(index) == paths.count {
      let broader = path.prefix { $0 != name }
      paths.append(broader + [name])
    }
    return index
  }

  /// The category and brand of an item, each `EventFrame.none` when there is none.
  public func place(ofItem itemID: String) -> (category: Int32, brand: Int32) {
    guard let index = items.index(of: itemID) else { return (EventFrame.none, EventFrame.none) }
    return (categoryOfItem[Int(index)], brandOfItem[Int(index)])
  }

  /// The category and brand of each item of another vocabulary, such as an event frame's.
  public func columns(for vocabulary: Vocabulary) -> (category: [Int32], brand: [Int32]) {
    var category = [Int32](repeating: EventFrame.none, count: vocabulary.count)
    var brand = category
    for (row, id) in vocabulary.ids.enumerated() {
      (category[row], brand[row]) = place(ofItem: id)
    }
    return (category, brand)
  }
}
