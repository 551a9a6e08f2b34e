/// Words as a double-array trie: a step from a state by a symbol is one look into one array.
///
/// State `s` goes by symbol `c` to `t = base[s] + c` when `check[t] = s`. Source: Aoe (1989),
/// https://doi.org/10.1109/32.31365. Unlike there it is built once, from all words.
///
/// - Complexity: a step is O(1); building is O(total length) but for the search for free places.
struct DoubleArrayTrie: Sendable {
  /// One state: where its successors start, times four, plus the mark of the word that ends here (0 when none does); and the
  /// state before it.
  typealias State = SIMD2<Int32>
  /// The states; the first is the root.
  let states: FixedBuffer<State>

  /// The states of an earlier trie.
  init(states: FixedBuffer<State>) { self.states = states }

  /// The trie of these words, each with a mark from 1 to 3; of equal words the largest mark holds.
  init(_ words: [(symbols: [UInt16], mark: Int32)]) {
    let order = words.indices.sorted { a, b in
      words[a].symbols.lexicographicallyPrecedes(words[b].symbols)
        || (words[a].symbols == words[b].symbols && words[a].mark < words[b].mark)
    }
    var builder = Builder()
    builder.build(order.map { words[$0] }.filter { !$0.symbols.isEmpty })
    states = FixedBuffer(builder.states)
  }

  /// The state that a symbol leads to, nil for none.
  @inline(__always)
  static func step(_ states: UnsafePointer<State>, _ count: Int, from state: Int, by symbol: UInt16) -> Int? {
    let next = Int(states[state].x >> 2) + Int(symbol)
    return next < count && states[next].y == Int32(truncatingIfNeeded: state) ? next : nil
  }

  /// The mark of the word that ends in a state, 0 when none does.
  @inline(__always)
  static func mark(_ states: UnsafePointer<State>, _ state: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: states[state].x & 3)
  }

  /// The trie with other marks, each from 0 to 3, for the words it has.
  func marked(_ mark: (_ state: Int, _ old: UInt16) -> UInt16) -> DoubleArrayTrie {
    var changed = states.array
    for state in changed.indices where changed[state].x & 3 > 0 {
      changed[state].x = changed[state].x & ~3 | Int32(mark(state, UInt16(changed[state].x & 3)))
    }
    return DoubleArrayTrie(states: FixedBuffer(changed))
  }

  /// The state that a word ends in, nil when no word begins so.
  func state(of symbols: [UInt16]) -> Int? {
    var state = 0
    for symbol in symbols {
      guard let next = Self.step(states.base, states.count, from: state, by: symbol) else { return nil }
      state = next
    }
    return state
  }

  private struct Builder {
    var states: [State] = []
    /// From where on to look for free places.
    private var firstFree = 1

    mutating func build(_ words: [(symbols: [UInt16], mark: Int32)]) {
      grow(to: 1 << 16)
      states[0] = State(4, 0)
      var open: [(state: Int, words: Range<Int>, depth: Int)] = [(0, 0..<words.count, 0)]
      while let (state, range, depth) = open.popLast() {
        var start = range.lowerBound
        while start < range.upperBound, words[start].symbols.count == depth {
          states[state].x = words[start].mark
          start += 1
        }
        var children: [(symbol: UInt16, words: Range<Int>)] = []
        while start < range.upperBound {
          let symbol = words[start].symbols[depth]
          var end = start + 1
          while end < range.upperBound, words[end].symbols[depth] == symbol { end += 1 }
          children.append((symbol, start..<end))
          start = end
        }
        guard !children.isEmpty else { continue }
        if state == 0 { states[0].x = 0 }
        let base = place(children.map { Int($0.symbol) })
        states[state].x |= Int32(base) << 2
        for child in children {
          states[base + Int(child.symbol)].y = Int32(state)
          open.append((base + Int(child.symbol), child.words, depth + 1))
        }
      }
      let used = (states.lastIndex { $0.y >= 0 } ?? 0) + 1
      states.removeLast(states.count - used)
    }

    /// The first base at which all symbols fall on free places.
    private mutating func place(_ symbols: [Int]) -> Int {
      while firstFree < states.count, states[firstFree].y >= 0 { firstFree += 1 }
      var position = max(firstFree, symbols[0] + 1)
      var tried = 0
      while true {
        grow(to: position + symbols[symbols.count - 1] - symbols[0] + 1)
        if states[position].y < 0 {
          let base = position - symbols[0]
          if symbols.allSatisfy({ states[base + $0].y < 0 }) {
            // A crowded stretch is left behind, so that the search stays short.
            if tried > 512 { firstFree = max(firstFree, position - 256) }
            return base
          }
          tried += 1
        }
        position += 1
      }
    }

    private mutating func grow(to count: Int) {
      guard count > states.count else { return }
      let added = max(count - states.count, states.count / 2)
      states.append(contentsOf: repeatElement(State(0, -1), count: added))
    }
  }
}
