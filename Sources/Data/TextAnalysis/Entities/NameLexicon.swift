/// The names of a training text and of a list, and how far each part of the text may trust them.
struct NameLexicon {
  private static let parts = 8
  private let entries: [[UInt32]]
  private let trie: NameTrie
  private let labelCount: Int
  /// For each name its label in the list, −1 when it is not there.
  private let listed: [Int32]
  /// For each name and part how often it stands in the text; then how often it is a piece of each label there.
  private var counts: [[Int32]]
  private let sentenceCount: Int

  init(_ sentences: [LabelledSentence], _ list: [String: String], _ names: [String]) {
    sentenceCount = sentences.count
    labelCount = names.count
    var known: Set<[UInt32]> = []
    for sentence in sentences { for piece in sentence.entities { known.insert(Self.codes(piece.text)) } }
    var labels: [[UInt32]: Int32] = [:]
    // Labels that the text has not are known names too, of one other kind each.
    let others = Set(list.values).subtracting(names).sorted()
    for (name, label) in list {
      let codes = Self.codes(name)
      let number = names.firstIndex(of: label) ?? others.firstIndex(of: label).map { $0 + names.count } ?? 0
      labels[codes] = max(labels[codes] ?? -1, Int32(min(number, 200)))
      known.insert(codes)
    }
    entries = known.filter { $0.count > 1 }.sorted { $0.lexicographicallyPrecedes($1) }
    listed = entries.map { labels[$0] ?? -1 }
    trie = NameTrie(entries)
    let width = 1 + names.count
    counts = Array(repeating: [Int32](repeating: 0, count: entries.count * width), count: Self.parts)
    for (number, sentence) in sentences.enumerated() {
      let codes = Self.codes(sentence)
      let part = number * Self.parts / sentenceCount
      let pieces = Self.pieces(sentence, names)
      for start in codes.indices {
        trie.forEachName(codes, from: start) { end, entry in
          counts[part][entry * width] += 1
          if let label = pieces[start..<end] { counts[part][entry * width + 1 + label] += 1 }
        }
      }
    }
  }

  static func codes(_ sentence: LabelledSentence) -> [UInt32] {
    sentence.characters.map { EntityFeatures.code($0.unicodeScalars.first?.value ?? 0x20) }
  }

  static func codes(_ text: String) -> [UInt32] { text.unicodeScalars.map { EntityFeatures.code($0.value) } }

  /// The labels of a sentence's pieces by the characters they reach over.
  private static func pieces(_ sentence: LabelledSentence, _ names: [String]) -> [Range<Int>: Int] {
    var pieces: [Range<Int>: Int] = [:]
    var start = 0
    for place in sentence.labels.indices where sentence.labels[place] != "O" {
      if sentence.labels[place].hasPrefix("B-") { start = place }
      let isLast = place + 1 == sentence.labels.count || !sentence.labels[place + 1].hasPrefix("I-")
      if isLast {
        pieces[start..<place + 1] = names.firstIndex(of: String(sentence.labels[place].dropFirst(2)))
      }
    }
    return pieces
  }

  /// What a name is taken for, by some of the text's parts: 0 for nothing; of a list alone; or of the text, in most or in some
  /// of its places.
  private func kind(_ entry: Int, without part: Int?) -> UInt16 {
    let width = 1 + labelCount
    var sums = [Int32](repeating: 0, count: width)
    for other in 0..<Self.parts where other != part {
      for column in 0..<width { sums[column] += counts[other][entry * width + column] }
    }
    guard sums[0] > 0 else { return listed[entry] < 0 ? 0 : UInt16(1 + listed[entry]) }
    let best = (1..<width).max { (sums[$0], $1) < (sums[$1], $0) } ?? 1
    let share = Float(sums[best]) / Float(sums[0])
    return share < 0.1 ? 0 : UInt16(300 + 2 * best + (share < 0.7 ? 0 : 1))
  }

  /// The marks of the longest known names over the places of a sentence of the text.
  func marks(_ codes: [UInt32], inSentence number: Int) -> [UInt16] {
    let part = number * Self.parts / sentenceCount
    return Self.marks(codes, trie) { kind($0, without: part) }
  }

  static func marks(_ codes: [UInt32], _ trie: NameTrie, kind: (Int) -> UInt16) -> [UInt16] {
    var marks = [UInt16](repeating: 0, count: codes.count)
    var lengths = [Int32](repeating: 0, count: codes.count)
    for start in codes.indices {
      var best: (end: Int, kind: UInt16)?
      trie.forEachName(codes, from: start) { end, entry in
        let kind = kind(entry)
        if kind > 0 { best = (end, kind) }
      }
      if let best { NamePlace.mark(&marks, start..<best.end, kind: best.kind, lengths: &lengths) }
    }
    return marks
  }

  /// The names that the whole text lets be trusted, and what each is taken for.
  var trusted: (names: [[UInt32]], kinds: [UInt16]) {
    let kinds = entries.indices.map { kind($0, without: nil) }
    let kept = entries.indices.filter { kinds[$0] > 0 }
    return (kept.map { entries[$0] }, kept.map { kinds[$0] })
  }
}
