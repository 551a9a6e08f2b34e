/// For each position of a text, how long the longest word of a lexicon is that begins there, that ends there, and that has it
/// inside.
struct LexiconMatcher: Sendable {
  let trie: DoubleArrayTrie

  /// The longest words that count apart; longer ones count as this long.
  static let longest = 6

  /// Writes a class of `SegmentationFeatures.lexiconClasses` for each position: four bits each for the longest word that
  /// begins there, ends there, has it inside.
  ///
  /// - Parameters:
  ///   - trust: how far a word is trusted, 1 to 3, by the number of the state in which it ends and its mark; 0 passes it over.
  @inline(__always)
  func classes(
    _ x: UnsafePointer<UInt16>, count: Int, into output: UnsafeMutablePointer<UInt16>,
    trust: (Int, UInt16) -> UInt16
  ) {
    for position in 0..<count { output[position] = 0 }
    let (states, stateCount) = (trie.states.base, trie.states.count)
    for start in 0..<count where x[start] >= TextUnit.firstCharacter {
      var (state, end, last, best) = (0, start, start, UInt16(0))
      while end < count,
        let next = DoubleArrayTrie.step(states, stateCount, from: state, by: x[end])
      {
        state = next
        end += 1
        let mark = DoubleArrayTrie.mark(states, state)
        guard mark > 0 else { continue }
        let trust = trust(state, mark)
        guard trust > 0 else { continue }
        last = end
        let length = min(end - start, Self.longest) - 1
        best = (trust - 1) * 5 + UInt16(length)
        Self.raise(&output[end - 1], to: best, shift: 4)
      }
      guard best > 0 else { continue }
      output[start] |= best
      var inside = start + 1
      while inside < last - 1 {
        Self.raise(&output[inside], to: best, shift: 8)
        inside += 1
      }
    }
  }

  /// Sets four bits to a word's class when it is longer than the one there.
  @inline(__always)
  private static func raise(_ field: inout UInt16, to value: UInt16, shift: UInt16) {
    let old = field >> shift & 15
    if old == 0 || (old - 1) % 5 < (value - 1) % 5 { field = field & ~(15 << shift) | value << shift }
  }

  /// The matcher in which the words that only the lexicon knew are those of another lexicon, as far as the trie has them.
  func with(_ lexicon: Lexicon, _ vocabulary: UnitVocabulary) -> LexiconMatcher {
    let known = Set(lexicon.counts.keys.compactMap { vocabulary.units(of: $0).flatMap(trie.state) })
    return LexiconMatcher(
      trie: trie.marked { $1 == LexiconTrust.untried && !known.contains($0) ? 0 : $1 })
  }
}
