import Foundation

/// Splits texts into the pieces of a SentencePiece unigram model: of all ways to cut the text into known pieces, the one
/// of greatest total log-probability.
///
/// Source: Kudo (2018), https://doi.org/10.18653/v1/P18-1007. It gives the numbers that the library gives, for models
/// with the usual settings (blank in front, runs of blanks as one, no bytes for unknown characters), except that each
/// unknown character counts, also when several follow one another.
struct UnigramTokenizer: Sendable {
  private let normalizer: CharacterNormalizer
  private let trie: PieceTrie
  private let scores: [Float]
  private let unknownScore: Float

  /// The number of a character that no piece covers.
  static let unknown: Int32 = 0
  /// The number that stands before each sentence.
  static let start: Int32 = 1
  /// The number that stands after each sentence.
  static let end: Int32 = 2

  /// How many pieces there are.
  var count: Int { scores.count }

  /// Reads a model file: a protocol buffer of pieces (1: text, 2: score) and of the normalizer's settings.
  init(path: String, hint: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TextError.missingFile(path: path, hint: hint)
    }
    let bytes = [UInt8](data)
    var (scores, table) = ([Float](), ArraySlice<UInt8>())
    var trie = PieceTrie(capacity: bytes.count / 8)
    var fields = ProtocolFields(bytes[...], path: path)
    while let (field, body, _) = try fields.next() {
      if field == 3 {
        table = try Self.table(body, path: path)
      } else if field == 1 {
        let piece = try Piece(body, path: path)
        if piece.isText {
          trie.insert(String(decoding: piece.text, as: UTF8.self).unicodeScalars, number: Int32(scores.count))
        }
        scores.append(piece.score)
      }
    }
    guard scores.count > 3 else { throw TextError.damagedFile(path: path, reason: "it holds no pieces") }
    self.scores = scores
    self.trie = trie
    normalizer = try CharacterNormalizer(table: table, path: path)
    unknownScore = (scores.min() ?? 0) - 10
  }

  /// The numbers of a text's pieces, between those of start and end.
  ///
  /// - Complexity: O(length × longest piece).
  func numbers(of text: String) -> [Int32] {
    let normal = normalizer.normalized(text)
    guard !normal.isEmpty else { return [Self.start, Self.unknown, Self.end] }
    let scalars = String(decoding: normal, as: UTF8.self).unicodeScalars.map(\.value)
    return [Self.start] + bestPath(scalars) + [Self.end]
  }

  private func bestPath(_ scalars: [UInt32]) -> [Int32] {
    var best = [Float](repeating: -.infinity, count: scalars.count + 1)
    var from = [Int32](repeating: 0, count: scalars.count + 1)
    var piece = from
    best[0] = 0
    for start in scalars.indices {
      func reach(_ end: Int, _ number: Int32, _ score: Float) {
        guard best[start] + score > best[end] else { return }
        best[end] = best[start] + score
        (from[end], piece[end]) = (Int32(start), number)
      }
      var (node, end, coversOne) = (PieceTrie.root, start, false)
      while end < scalars.count, let next = trie.child(of: node, scalars[end]) {
        (node, end) = (next, end + 1)
        guard let number = trie.number(of: node) else { continue }
        reach(end, number, scores[Int(number)])
        if end == start + 1 { coversOne = true }
      }
      if !coversOne { reach(start + 1, Self.unknown, unknownScore) }
    }
    var path: [Int32] = []
    var position = scalars.count
    while position > 0 {
      path.append(piece[position])
      position = Int(from[position])
    }
    return path.reversed()
  }

  private struct Piece {
    var text = ArraySlice<UInt8>()
    var score: Float = 0
    /// Whether texts can hold the piece; those for unknown characters, start and end only mark places.
    var isText = true

    init(_ body: ArraySlice<UInt8>, path: String) throws {
      var fields = ProtocolFields(body, path: path)
      while let (field, value, number) = try fields.next() {
        if field == 1 { text = value }
        if field == 2, value.count == 4 {
          score = Float(bitPattern: value.reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        if field == 3 { isText = number != 2 && number != 3 }
      }
    }
  }

  private static func table(_ body: ArraySlice<UInt8>, path: String) throws -> ArraySlice<UInt8> {
    var fields = ProtocolFields(body, path: path)
    while let (field, value, _) = try fields.next() { if field == 2 { return value } }
    return []
  }
}

/// The fields of a protocol buffer, one after the other.
private struct ProtocolFields {
  private var rest: ArraySlice<UInt8>
  private let path: String

  init(_ bytes: ArraySlice<UInt8>, path: String) { (rest, self.path) = (bytes, path) }

  /// The next field, with its bytes or its whole number; nil at the end.
  mutating func next() throws -> (field: Int, value: ArraySlice<UInt8>, number: Int)? {
    guard !rest.isEmpty else { return nil }
    let key = try varint()
    let length: Int
    switch key & 7 {
    case 0:
      return (key >> 3, [], try varint())
    case 1: length = 8
    case 2: length = try varint()
    case 5: length = 4
    default: throw TextError.damagedFile(path: path, reason: "it is not a protocol buffer")
    }
    guard length >= 0, length <= rest.count else {
      throw TextError.damagedFile(path: path, reason: "a field reaches beyond its end")
    }
    defer { rest = rest.dropFirst(length) }
    return (key >> 3, rest.prefix(length), 0)
  }

  private mutating func varint() throws -> Int {
    var (value, shift) = (0, 0)
    while let byte = rest.popFirst(), shift < 63 {
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw TextError.damagedFile(path: path, reason: "a number in it does not end")
  }
}

/// A trie over characters; the edges of all nodes lie in one hash table with open addressing.
struct PieceTrie: Sendable {
  /// The node of the empty piece.
  static let root: Int32 = 0

  // An edge's key is its node times 2²¹ plus the character, plus 1 so that 0 marks an empty slot.
  private var keys: [UInt64]
  private var targets: [Int32]
  private var numbers: [Int32] = [-1]
  private var mask: Int

  /// A trie for about this many edges; it grows when there are more.
  init(capacity: Int) {
    var slots = 1024
    while slots < capacity * 2 { slots *= 2 }
    keys = [UInt64](repeating: 0, count: slots)
    targets = [Int32](repeating: 0, count: slots)
    mask = slots - 1
  }

  /// The node that a character leads to.
  func child(of node: Int32, _ scalar: UInt32) -> Int32? {
    let key = Self.key(node, scalar)
    let slot = slot(of: key)
    return keys[slot] == key ? targets[slot] : nil
  }

  /// The number of the piece that ends at a node.
  func number(of node: Int32) -> Int32? {
    let number = numbers[Int(node)]
    return number < 0 ? nil : number
  }

  /// Adds a piece.
  mutating func insert(_ piece: String.UnicodeScalarView, number: Int32) {
    var node = Self.root
    for scalar in piece {
      let key = Self.key(node, scalar.value)
      var slot = slot(of: key)
      if keys[slot] != key {
        if numbers.count * 2 > mask {
          grow()
          slot = self.slot(of: key)
        }
        keys[slot] = key
        targets[slot] = Int32(numbers.count)
        numbers.append(-1)
      }
      node = targets[slot]
    }
    if node != Self.root { numbers[Int(node)] = number }
  }

  private static func key(_ node: Int32, _ scalar: UInt32) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 21 + UInt64(scalar) + 1
  }

  /// Where a key is, or the empty slot where it belongs.
  private func slot(of key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 24) & mask
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let (oldKeys, oldTargets) = (keys, targets)
    mask = (mask + 1) * 2 - 1
    keys = [UInt64](repeating: 0, count: mask + 1)
    targets = [Int32](repeating: 0, count: mask + 1)
    for (key, target) in zip(oldKeys, oldTargets) where key != 0 {
      let slot = slot(of: key)
      (keys[slot], targets[slot]) = (key, target)
    }
  }
}
