import Commerce
import Recommendation

/// What a page has to know of each item, one row each: the ranker's items in its own order, then the others of the
/// catalogue, so that scores and rows line up.
///
/// ```swift
/// var table = ItemTable(ranked: model.items, catalogue: items)
/// table.put(newItem)          // can be recommended at once
/// ```
/// - Complexity: O(items) to make, O(1) to put one.
public struct ItemTable: Sendable {
  /// The items by row.
  public private(set) var items: Vocabulary
  /// How many of the first rows are the ranker's.
  public let rankedCount: Int
  /// The names of categories by code.
  public private(set) var categories = Vocabulary()
  /// The category's code of each row, −1 where there is none.
  public private(set) var category: [Int32]
  /// The brand's code of each row, −1 where there is none.
  private(set) var brand: [Int32]
  /// The price of each row in major units, NaN where there is none.
  private(set) var price: [Float]
  /// The names of brands by code.
  public private(set) var brands = Vocabulary()
  // The codes of the broader categories, where there are any.
  private var path: [[Int32]]

  /// A table of the ranker's items and of the catalogue.
  public init(ranked: Vocabulary, catalogue: some Sequence<Item>) {
    items = ranked
    rankedCount = ranked.count
    category = [Int32](repeating: -1, count: ranked.count)
    brand = category
    price = [Float](repeating: .nan, count: ranked.count)
    path = [[Int32]](repeating: [], count: ranked.count)
    for item in catalogue { put(item) }
  }

  /// How many rows there are.
  public var count: Int { items.count }

  /// Adds an item or replaces what is known of it, and returns its row.
  @discardableResult
  public mutating func put(_ item: Item) -> Int {
    let row = Int(items.insert(item.itemID))
    if row == category.count {
      category.append(-1)
      brand.append(-1)
      price.append(.nan)
      path.append([])
    }
    category[row] = item.category.map { categories.insert($0) } ?? -1
    brand[row] = item.brand.map { brands.insert($0) } ?? -1
    price[row] = item.price.map { Float($0.amount) } ?? .nan
    path[row] = item.categoryPath.filter { $0 != item.category }.map { categories.insert($0) }
    return row
  }

  /// The row of an item.
  public func row(of item: String) -> Int? { items.index(of: item).map(Int.init) }

  /// Whether a row's item belongs to a category, at any level.
  func isInCategory(_ code: Int32, _ row: Int) -> Bool { category[row] == code || path[row].contains(code) }

  /// The row's code by which a quota counts; −1 where there is none.
  func group(_ row: Int, by group: ItemGroup) -> Int32 { group == .category ? category[row] : brand[row] }
}
