/// How far the words of a lexicon are words in a training text too, as the text's other parts tell it.
///
/// Others' lexicons split words by other rules than the training text, and hold most of its words while an unknown text's words
/// are often missing. So each word is trusted by what the text outside the sentence's own part says of it: a word of which
/// that knows nothing looks to the model as a new text's words will.
struct LexiconTrust {
  /// A word in the lexicon alone; one that is seen as a word now and then; one that mostly is a word. 0 passes it over.
  static let untried: UInt16 = 1
  static let doubtful: UInt16 = 2
  static let sure: UInt16 = 3

  /// Into how many parts, one after the other, the text is cut.
  static let parts = 8
  private let trie: DoubleArrayTrie
  /// How often a word's characters stand in the text, and how often as the word; by the state that ends it.
  private var all: [SIMD2<Int32>]
  private var byPart: [SIMD2<Int32>]
  private let sentenceCount: Int

  /// The marks of a trie's words before they are trusted.
  static let ofText: Int32 = 1
  static let ofLexicon: Int32 = 2

  /// Counts the words of a trie with the marks of where they are from.
  init(_ trie: DoubleArrayTrie, _ training: SegmentationTraining) {
    self.trie = trie
    sentenceCount = training.sentences.count
    all = Array(repeating: .zero, count: trie.states.count)
    byPart = Array(repeating: .zero, count: trie.states.count * Self.parts)
    for (number, sentence) in training.sentences.enumerated() {
      let part = number * Self.parts / sentenceCount
      for start in sentence { count(from: start, to: sentence.upperBound, part, training) }
    }
  }

  private mutating func count(from start: Int, to limit: Int, _ part: Int, _ training: SegmentationTraining) {
    var (state, end) = (0, start)
    // Whether the tags so far are those of the beginning of one word.
    var isOpen = training.tags[start] == WordTag.begin
    while end < limit,
      let next = DoubleArrayTrie.step(
        trie.states.base, trie.states.count, from: state, by: training.units[end])
    {
      if end > start + 1 { isOpen = isOpen && training.tags[end - 1] == WordTag.middle }
      state = next
      end += 1
      guard DoubleArrayTrie.mark(trie.states.base, state) > 0 else { continue }
      let isWord = isOpen && training.tags[end - 1] == WordTag.end
      all[state] &+= SIMD2(1, isWord ? 1 : 0)
      byPart[state * Self.parts + part] &+= SIMD2(1, isWord ? 1 : 0)
    }
  }

  /// How far the word that ends in a state is trusted in a sentence, by the other parts of the text.
  @inline(__always)
  func trust(_ state: Int, inSentence number: Int) -> UInt16 {
    trust(all[state] &- byPart[state * Self.parts + number * Self.parts / sentenceCount], state)
  }

  @inline(__always)
  private func trust(_ counts: SIMD2<Int32>, _ state: Int) -> UInt16 {
    if counts.x == 0 {
      return trie.states.base[state].x & 3 == Self.ofLexicon ? Self.untried : 0
    }
    let share = Float(counts.y) / Float(counts.x)
    return share < 0.1 ? 0 : share < 0.7 ? Self.doubtful : Self.sure
  }

  /// The words that are not passed over, each marked by how far the whole text lets it be trusted.
  func matcher(of words: [(symbols: [UInt16], mark: Int32)]) -> LexiconMatcher {
    LexiconMatcher(
      trie: DoubleArrayTrie(
        words.compactMap { word in
          guard let state = trie.state(of: word.symbols) else { return nil }
          let trust = trust(all[state], state)
          return trust > 0 ? (word.symbols, Int32(trust)) : nil
        }))
  }
}
