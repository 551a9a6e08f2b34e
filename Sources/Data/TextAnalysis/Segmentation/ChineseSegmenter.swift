/// Splits texts into words: Chinese by a learned model, numbers, names of models, addresses and emoji by rules, letters by
/// blanks, and the words of a user dictionary always as they are.
///
/// ```swift
/// let segmenter = ChineseSegmenter(model).with(userDictionary: UserDictionary([.init("云海手机")]))
/// for token in segmenter.tokens(of: "云海手机很好用") { print(token.text, token.range) }
/// ```
/// It is a value that never changes, safe on any number of threads; to change the user dictionary of a running service, put
/// the segmenter that `with(userDictionary:)` gives in its place. Traditional texts are split as their simplified forms, the
/// offsets being those of the text itself. Blanks and control characters are in no word.
///
/// - Complexity: O(length), memory for one piece of up to 2²⁰ bytes at a time.
public struct ChineseSegmenter: Tokenizer {
  /// What was learned.
  public let model: SegmentationModel
  /// The words that always apply.
  public let userDictionary: UserDictionary
  /// Those with their simplified forms, and for each the entry it is.
  private let applied: UserDictionary

  /// A segmenter by a model.
  public init(_ model: SegmentationModel, userDictionary: UserDictionary = UserDictionary()) {
    self.model = model
    self.userDictionary = userDictionary
    guard let script = model.script, !userDictionary.isEmpty else {
      applied = userDictionary
      return
    }
    // What is written last holds, so words as they are written go last.
    let simplified = userDictionary.entries.map {
      UserDictionary.Entry(script.simplified($0.word), tag: $0.tag)
    }
    applied = UserDictionary(simplified + userDictionary.entries)
  }

  /// The segmenter with another user dictionary.
  public func with(userDictionary: UserDictionary) -> ChineseSegmenter {
    ChineseSegmenter(model, userDictionary: userDictionary)
  }

  /// The words of a text with their places; words of the user dictionary have its tags.
  public func tokens(of text: String) -> [Token] {
    var text = text
    return text.withUTF8 { bytes in
      var tokens: [Token] = []
      tokens.reserveCapacity(bytes.count / 4)
      forEachWord(in: bytes) { range, entry in
        let word = String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        tokens.append(Token(text: word, range: range, tag: entry >= 0 ? applied.entries[entry].tag : nil))
      }
      return tokens
    }
  }

  /// The words of a text.
  public func words(of text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      var words: [String] = []
      words.reserveCapacity(bytes.count / 4)
      forEachWord(in: bytes) { range, _ in
        words.append(String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self))
      }
      return words
    }
  }

  /// The places of the words in bytes that should be UTF-8; a broken byte is a character of its own.
  public func ranges(ofUTF8 bytes: UnsafeBufferPointer<UInt8>) -> [TextRange] {
    var ranges: [TextRange] = []
    ranges.reserveCapacity(bytes.count / 4)
    forEachWord(in: bytes) { range, _ in ranges.append(range) }
    return ranges
  }

  static let pieceLength = 1 << 20

  private func forEachWord(in text: UnsafeBufferPointer<UInt8>, _ body: (TextRange, Int) -> Void) {
    guard !text.isEmpty else { return }
    let work = SegmentationWorkspace(capacity: min(text.count, Self.pieceLength))
    defer { work.deallocate() }
    var start = 0
    while start < text.count {
      let end = Self.pieceEnd(text, from: start)
      let piece = UnsafeBufferPointer(rebasing: text[start..<end])
      forEachWord(ofPiece: piece, work) { range, entry in
        body(start + range.lowerBound..<start + range.upperBound, entry)
      }
      start = end
    }
  }

  /// Where a piece of bounded length ends: behind a blank, else before a character.
  private static func pieceEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let limit = start + pieceLength
    guard limit < text.count else { return text.count }
    for place in stride(from: limit, to: limit - 4096, by: -1) where text[place - 1] <= 0x20 { return place }
    for place in stride(from: limit, to: limit - 4, by: -1) where text[place] & 0xC0 != 0x80 { return place }
    return limit
  }

  private func forEachWord(
    ofPiece text: UnsafeBufferPointer<UInt8>, _ work: SegmentationWorkspace,
    _ body: (TextRange, Int) -> Void
  ) {
    let scanner = UnitScanner(table: model.vocabulary.table.base, user: applied)
    var scanned = scanner.scan(text, units: work.units, starts: work.starts)
    if scanned.hasTraditional, let script = model.script {
      let simplified = script.simplified(String(decoding: text, as: UTF8.self))
      // Places stay the same as long as no form is longer than the other.
      if simplified.utf8.count == text.count {
        var simplified = simplified
        scanned = simplified.withUTF8 { scanner.scan($0, units: work.units, starts: work.starts) }
      }
    }
    let count = scanned.count
    model.tag(work, count: count)
    var userWords = scanned.userWords[...]
    var first = 0
    for place in 0..<count {
      let tag = work.lattice.tags[place]
      if tag == WordTag.begin || tag == WordTag.single { first = place }
      guard tag >= WordTag.end, work.units[place] != TextUnit.blank else { continue }
      var entry = -1
      if let next = userWords.first, next.unit == place {
        entry = next.entry
        userWords.removeFirst()
      }
      body(Int(work.starts[first])..<Int(work.starts[place + 1]), entry)
    }
  }
}
