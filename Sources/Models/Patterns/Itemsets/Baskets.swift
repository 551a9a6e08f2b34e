import Commerce

/// What was bought together: baskets of items, each item once in a basket.
///
/// ```swift
/// let baskets = Baskets([["bread", "butter"], ["bread", "butter", "jam"], ["tea"]])
/// print(baskets.count, baskets.items.count)   // 3 4
/// ```
public struct Baskets: Sendable {
  /// The items by code.
  public private(set) var items = Vocabulary()
  /// The codes of all baskets one after another, ascending within each.
  public private(set) var codes: [Int32] = []
  /// Where each basket begins in `codes`, and the end of the last.
  public private(set) var starts = [0]

  /// Baskets with these items.
  public init(_ baskets: some Sequence<[String]> = []) {
    for basket in baskets { append(basket) }
  }

  /// Adds a basket; an item that it names twice is in it once.
  public mutating func append(_ basket: some Sequence<String>) {
    append(codes: basket.map { items.insert($0) })
  }

  /// Baskets with the items of a vocabulary, by code.
  public init(items: Vocabulary, codes baskets: some Sequence<[Int32]>) {
    self.items = items
    for basket in baskets { append(codes: basket) }
  }

  private mutating func append(codes basket: [Int32]) {
    var last: Int32 = -1
    for code in basket.sorted() where code != last {
      codes.append(code)
      last = code
    }
    starts.append(codes.count)
  }

  /// How many baskets there are.
  public var count: Int { starts.count - 1 }

  /// The codes of a basket, ascending.
  public subscript(basket: Int) -> ArraySlice<Int32> { codes[starts[basket]..<starts[basket + 1]] }

  /// In how many baskets each item is, by code.
  public var itemCounts: [Int] {
    var counts = [Int](repeating: 0, count: items.count)
    for code in codes { counts[Int(code)] += 1 }
    return counts
  }
}
