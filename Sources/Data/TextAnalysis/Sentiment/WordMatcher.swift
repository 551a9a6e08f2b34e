/// Finds the words of a list in texts, always the longest that starts at a place.
struct WordMatcher: Sendable {
  /// What stands at a place of a text.
  enum Event {
    /// A word of the list: its number, its range in UTF-8 bytes, its length in characters.
    case word(Int, TextRange, length: Int)
    /// A word (English) or a character (Chinese) that is not in the list.
    case unknown
    /// A punctuation mark that ends a clause.
    case boundary
  }

  private var trie: PieceTrie
  private let wholeWords: Bool

  /// A matcher of words; with `wholeWords` letters next to a match forbid it.
  init(_ words: [String], wholeWords: Bool) {
    self.wholeWords = wholeWords
    trie = PieceTrie(capacity: words.count * 4)
    for (number, word) in words.enumerated() {
      var folded = String.UnicodeScalarView()
      for scalar in word.unicodeScalars {
        if let scalar = Unicode.Scalar(TextCharacter.folded(scalar)) { folded.append(scalar) }
      }
      trie.insert(folded, number: Int32(number))
    }
  }

  /// Calls `body` with what stands at each place, in order.
  ///
  /// - Complexity: O(length × longest word).
  func forEach(in text: String, _ body: (Event) -> Void) {
    var (scalars, offsets, offset) = ([UInt32](), [Int](), 0)
    for scalar in text.unicodeScalars {
      scalars.append(TextCharacter.folded(scalar))
      offsets.append(offset)
      offset += UTF8.width(scalar)
    }
    offsets.append(offset)
    var index = 0
    while index < scalars.count {
      if let (number, end) = match(scalars, at: index) {
        body(.word(number, offsets[index]..<offsets[end], length: end - index))
        index = end
        continue
      }
      let kind = TextCharacter.kind(scalars[index])
      if Clauses.endsClause(scalars[index]) {
        body(.boundary)
      } else if kind == .letter {
        while index + 1 < scalars.count, TextCharacter.kind(scalars[index + 1]) == .letter { index += 1 }
        body(.unknown)
      } else if kind == .ideograph {
        body(.unknown)
      }
      index += 1
    }
  }

  private func match(_ scalars: [UInt32], at start: Int) -> (number: Int, end: Int)? {
    func isLetter(_ index: Int) -> Bool {
      scalars.indices.contains(index) && TextCharacter.kind(scalars[index]) == .letter
    }
    var (node, end) = (PieceTrie.root, start)
    var best: (Int, Int)?
    while end < scalars.count, let next = trie.child(of: node, scalars[end]) {
      (node, end) = (next, end + 1)
      guard let number = trie.number(of: node) else { continue }
      let cutsAWord =
        isLetter(end - 1) && isLetter(end) || wholeWords && isLetter(start) && isLetter(start - 1)
      if !cutsAWord { best = (Int(number), end) }
    }
    return best.map { (number: $0.0, end: $0.1) }
  }
}
