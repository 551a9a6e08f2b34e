/// Known names as a trie over code points, and what each is trusted to be.
struct NameTrie: Sendable {
  /// A step: the state it is made from above 32 bits, the code point below; its number, plus one, is the state it leads to.
  private let steps: UnitIndex
  /// For each state the entry that ends there, −1 for none.
  private let ends: FixedBuffer<Int32>

  /// A trie of these names, each numbered by its place; of equal ones the last holds.
  init(_ names: [[UInt32]]) {
    var (keys, numbers): ([UInt64], [UInt64: Int]) = ([], [:])
    var ends: [Int32] = [-1]
    for (entry, name) in names.enumerated() where !name.isEmpty {
      var state = 0
      for code in name {
        let key = UInt64(state) << 32 | UInt64(code)
        if let next = numbers[key] {
          state = next
        } else {
          keys.append(key)
          ends.append(-1)
          state = keys.count
          numbers[key] = state
        }
      }
      ends[state] = Int32(entry)
    }
    steps = UnitIndex(keys)
    self.ends = FixedBuffer(ends)
  }

  /// Calls `body` with the end and the entry of each name that begins at a place.
  @inline(__always)
  func forEachName(_ codes: [UInt32], from start: Int, _ body: (_ end: Int, _ entry: Int) -> Void) {
    var (state, end) = (0, start)
    while end < codes.count {
      let next = steps.number(UInt64(state) << 32 | UInt64(codes[end]))
      guard next >= 0 else { return }
      state = next + 1
      end += 1
      if ends.base[state] >= 0 { body(end, Int(ends.base[state])) }
    }
  }
}

/// How a place relates to the longest known name over it.
enum NamePlace {
  /// The class of a place: 0 for none, else what the name is and whether the place begins it, ends it, is it, or lies inside.
  @inline(__always)
  static func mark(_ marks: inout [UInt16], _ range: Range<Int>, kind: UInt16, lengths: inout [Int32]) {
    guard range.allSatisfy({ lengths[$0] < Int32(range.count) }) else { return }
    for place in range {
      let first = place == range.lowerBound
      let last = place == range.upperBound - 1
      marks[place] = kind << 2 | (first ? (last ? 3 : 0) : (last ? 2 : 1))
      lengths[place] = Int32(range.count)
    }
  }
}
