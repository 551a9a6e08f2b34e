/// A set of items that are often bought together.
public struct Itemset: Sendable, Hashable {
  /// The items' codes, ascending.
  public var items: [Int32]
  /// In how many baskets they are all.
  public var count: Int

  /// A set.
  public init(items: [Int32], count: Int) { (self.items, self.count) = (items, count) }
}

/// Many sets of items, stored one after another.
public struct FrequentItemsets: Sendable, RandomAccessCollection {
  private var items: [Int32] = []
  private var starts: [Int] = [0]
  private var counts: [Int32] = []

  /// No sets.
  public init() {}

  /// These sets.
  public init(_ sets: some Sequence<Itemset>) {
    for set in sets { append(set.items, count: set.count) }
  }

  /// The first set's index.
  public var startIndex: Int { 0 }
  /// The index behind the last set's.
  public var endIndex: Int { counts.count }

  /// One set.
  public subscript(index: Int) -> Itemset {
    Itemset(items: Array(items(ofSet: index)), count: Int(counts[index]))
  }

  /// The items of a set, ascending, without a copy.
  public func items(ofSet index: Int) -> ArraySlice<Int32> { items[starts[index]..<starts[index + 1]] }

  /// In how many baskets a set is.
  public func count(ofSet index: Int) -> Int { Int(counts[index]) }

  /// The sets, short ones first, then by their items: the same for all algorithms.
  public func ordered() -> FrequentItemsets {
    let order = indices.sorted { a, b in
      let (first, second) = (items(ofSet: a), items(ofSet: b))
      return first.count != second.count
        ? first.count < second.count : first.lexicographicallyPrecedes(second)
    }
    var sets = FrequentItemsets()
    for index in order { sets.append(items(ofSet: index), count: count(ofSet: index)) }
    return sets
  }

  mutating func append(_ set: some Sequence<Int32>, count: Int) {
    items.append(contentsOf: set)
    starts.append(items.count)
    counts.append(Int32(clamping: count))
  }

  mutating func append(contentsOf other: FrequentItemsets) {
    let offset = items.count
    items.append(contentsOf: other.items)
    starts.append(contentsOf: other.starts.dropFirst().map { $0 + offset })
    counts.append(contentsOf: other.counts)
  }

  /// The sets with other codes for their items, ascending again.
  func recoded(_ codes: [Int32]) -> FrequentItemsets {
    var sets = self
    for index in indices {
      let range = starts[index]..<starts[index + 1]
      for place in range { sets.items[place] = codes[Int(items[place])] }
      sets.items[range].sort()
    }
    return sets
  }
}
