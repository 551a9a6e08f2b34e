/// Finds sets among many by their items.
struct ItemsetIndex {
  private let sets: FrequentItemsets
  private var slots: [Int32]

  init(_ sets: FrequentItemsets) {
    self.sets = sets
    var size = 64
    while size < 2 * sets.count { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    for index in sets.indices {
      var slot = Self.hash(sets.items(ofSet: index)) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(index)
    }
  }

  /// The index of the set with these items, ascending; nil when it is not among them.
  func index(of items: some Collection<Int32>) -> Int? {
    var slot = Self.hash(items) & (slots.count - 1)
    while slots[slot] >= 0 {
      if sets.items(ofSet: Int(slots[slot])).elementsEqual(items) { return Int(slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func hash(_ items: some Collection<Int32>) -> Int {
    var hash: UInt64 = 0
    for item in items {
      hash = (hash ^ UInt64(UInt32(bitPattern: item))) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return Int(truncatingIfNeeded: hash >> 1)
  }
}

extension FrequentItemsets {
  /// The sets that no larger set of as many baskets holds: with their counts they tell those of all others.
  ///
  /// All frequent sets must be here, as a miner without a maximum length finds them.
  /// Source: Pasquier, Bastide, Taouil and Lakhal (1999), https://doi.org/10.1007/3-540-49257-7_25
  public func closed() -> FrequentItemsets { withoutParts { count($0) == count($1) } }

  /// The sets that no larger frequent set holds. Source: Bayardo (1998), https://doi.org/10.1145/276305.276313
  public func maximal() -> FrequentItemsets { withoutParts { _, _ in true } }

  private func count(_ set: Int) -> Int { count(ofSet: set) }

  /// The sets without those that are contained in one of one item more, where a condition on the two holds.
  private func withoutParts(_ condition: (_ part: Int, _ whole: Int) -> Bool) -> FrequentItemsets {
    let index = ItemsetIndex(self)
    var isPart = [Bool](repeating: false, count: count)
    for whole in indices where items(ofSet: whole).count > 1 {
      let items = Array(items(ofSet: whole))
      for place in items.indices {
        var part = items
        part.remove(at: place)
        if let found = index.index(of: part), condition(found, whole) { isPart[found] = true }
      }
    }
    var kept = FrequentItemsets()
    for set in indices where !isPart[set] { kept.append(items(ofSet: set), count: count(ofSet: set)) }
    return kept
  }
}
