import Foundation

/// A kind of n-gram, and how long it may be.
public struct NGrams: Sendable, Codable, Equatable {
  /// What an n-gram is made of.
  public enum Unit: String, Sendable, Codable {
    /// Characters, blanks and punctuation among them.
    case characters
    /// Characters of one word, with a blank at each end; a Chinese stretch without punctuation counts as one word.
    case charactersWithinWords
    /// Words; without a tokenizer a Chinese character is a word.
    case words
  }

  /// What the n-grams are made of.
  public var unit: Unit
  /// The fewest units of one.
  public var minimum: Int
  /// The most units of one.
  public var maximum: Int

  /// N-grams of `minimum` to `maximum` units.
  public init(_ unit: Unit, _ range: ClosedRange<Int>) {
    self.unit = unit
    (minimum, maximum) = (range.lowerBound, range.upperBound)
  }
}

/// Splits texts of any script into words without a dictionary: runs of letters and digits are words, Chinese characters
/// and Japanese and Korean ones stand alone, so do punctuation marks and emoji.
///
/// ```swift
/// LetterRunTokenizer().tokens(of: "iPhone15 很好用!").map(\.text)   // ["iPhone15", "很", "好", "用", "!"]
/// ```
/// - Complexity: O(length).
public struct LetterRunTokenizer: Tokenizer {
  /// A tokenizer; it has no settings.
  public init() {}

  /// The words in the text's order.
  public func tokens(of text: String) -> [Token] {
    var (tokens, start, offset) = ([Token](), -1, 0)
    var current = String.UnicodeScalarView()
    func end() {
      if start >= 0 { tokens.append(Token(text: String(current), range: start..<offset)) }
      (start, current) = (-1, String.UnicodeScalarView())
    }
    var previous = TextCharacter.Kind.blank
    for scalar in text.unicodeScalars {
      let kind = TextCharacter.kind(scalar.value)
      if !(kind == .letter && previous == .letter) { end() }
      if kind != .blank {
        if start < 0 { start = offset }
        current.append(scalar)
      }
      previous = kind
      offset += UTF8.width(scalar)
    }
    end()
    return tokens
  }
}

/// What matters about single characters for n-grams.
enum TextCharacter {
  enum Kind { case blank, letter, ideograph, mark }

  /// The kind of a character.
  static func kind(_ scalar: UInt32) -> Kind {
    switch scalar {
    case 0...0x20, 0x7F...0xA0, 0x2000...0x200F, 0x2028...0x202F, 0x3000, 0xFEFF: .blank
    case 0x27, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0x1FFF: .letter
    case 0x21...0xBF, 0x2010...0x2BFF, 0x3001...0x3004, 0x3008...0x3020, 0xFE00...0xFE6F: .mark
    case 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A: .letter
    case 0xFF00...0xFFEF: .mark
    case 0x3005...0x9FFF, 0xA000...0xD7FF, 0xF900...0xFAFF, 0x20000...0x3FFFF: .ideograph
    default: .mark
    }
  }

  /// The character as n-grams see it: lower case, narrow forms, every blank a space.
  static func folded(_ scalar: Unicode.Scalar) -> UInt32 {
    let value = scalar.value
    switch value {
    case 0x41...0x5A: return value + 32
    case 0x21...0x7E: return value
    case 0x2018, 0x2019: return 0x27
    case 0x3400...0x9FFF: return value
    case 0xFF01...0xFF5E:
      let narrow = value - 0xFEE0
      return (0x41...0x5A).contains(narrow) ? narrow + 32 : narrow
    case 0xC0...0x24F, 0x370...0x58F:
      let lower = scalar.properties.lowercaseMapping.unicodeScalars
      return lower.count == 1 ? lower.first.map(\.value) ?? value : value
    default: return kind(value) == .blank ? 0x20 : value
    }
  }
}

/// Finds the n-grams of a text as 64-bit keys; equal n-grams of one kind have equal keys.
struct NGramScanner: Sendable {
  let kinds: [NGrams]
  var tokenizer: any Tokenizer = LetterRunTokenizer()

  /// A text as n-grams see it, and where its characters stand in the original.
  private struct Folded {
    var scalars: [UInt32] = []
    var offsets: [Int] = []
  }

  /// Calls `body` with the key of each n-gram in the text, with repetitions, and its range in UTF-8 bytes.
  ///
  /// - Complexity: O(length × the lengths of n-grams).
  func forEach(in text: String, _ body: (UInt64, Range<Int>) -> Void) {
    var folded: Folded?
    for (index, kind) in kinds.enumerated() {
      let seed = Self.mixed(UInt64(index + 1))
      if kind.unit == .words {
        words(of: text, kind, seed, body)
      } else {
        let text = folded ?? Self.fold(text)
        folded = text
        characters(of: text, kind, seed, body)
      }
    }
  }

  private func characters(
    of text: Folded, _ kind: NGrams, _ seed: UInt64, _ body: (UInt64, Range<Int>) -> Void
  ) {
    let within = kind.unit == .charactersWithinWords
    let scalars = text.scalars
    for start in scalars.indices {
      var key = seed
      for end in start..<min(start + kind.maximum, scalars.count) {
        key = Self.mixed(key ^ UInt64(scalars[end]))
        // A blank alone says nothing.
        if end == start, scalars[start] == 0x20 { continue }
        if end - start + 1 >= kind.minimum { body(key, text.offsets[start]..<text.offsets[end + 1]) }
        // A blank or a mark ends the word; it is the last character of its n-grams.
        if within, end > start, Self.isBoundary(scalars[end]) { break }
      }
    }
  }

  private func words(
    of text: String, _ kind: NGrams, _ seed: UInt64, _ body: (UInt64, Range<Int>) -> Void
  ) {
    let tokens = tokenizer.tokens(of: text)
    let keys = tokens.map { token in
      token.text.unicodeScalars.reduce(seed) { Self.mixed($0 ^ UInt64(TextCharacter.folded($1))) }
    }
    for start in tokens.indices {
      var key = seed
      for end in start..<min(start + kind.maximum, tokens.count) {
        key = Self.mixed(key &+ keys[end])
        if end - start + 1 >= kind.minimum {
          body(key, tokens[start].range.lowerBound..<tokens[end].range.upperBound)
        }
      }
    }
  }

  private static func isBoundary(_ scalar: UInt32) -> Bool {
    let kind = TextCharacter.kind(scalar)
    return kind == .blank || kind == .mark
  }

  /// Folds a text: runs of blanks are one, and one stands at each end.
  private static func fold(_ text: String) -> Folded {
    var result = Folded(scalars: [0x20], offsets: [0])
    var offset = 0
    for scalar in text.unicodeScalars {
      let value = TextCharacter.folded(scalar)
      if value != 0x20 || result.scalars.last != 0x20 {
        result.scalars.append(value)
        result.offsets.append(offset)
      }
      offset += UTF8.width(scalar)
    }
    if result.scalars.last != 0x20 {
      result.scalars.append(0x20)
      result.offsets.append(offset)
    }
    result.offsets.append(offset)
    return result
  }

  /// A bijection of 64 bits that spreads small differences over all of them.
  static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value ^ value >> 32) &* 0xD6E8_FEB8_6659_FD93
    value = (value ^ value >> 32) &* 0xD6E8_FEB8_6659_FD93
    return value ^ value >> 32
  }
}

/// A table from keys to numbers with open addressing.
struct KeyTable: Sendable, Equatable {
  private var keys: [UInt64] = [UInt64](repeating: 0, count: 1024)
  private var values: [Int32] = [Int32](repeating: 0, count: 1024)
  private(set) var count = 0

  /// An empty table with room for some keys.
  init(capacity: Int = 0) {
    var slots = 1024
    while slots < capacity * 2 { slots *= 2 }
    keys = [UInt64](repeating: 0, count: slots)
    values = [Int32](repeating: 0, count: slots)
  }

  /// The number of a key.
  subscript(key: UInt64) -> Int32? {
    let slot = slot(of: Self.nonzero(key))
    return keys[slot] == 0 ? nil : values[slot]
  }

  /// Adds to the number of a key, which starts at zero.
  mutating func add(_ amount: Int32, to key: UInt64) {
    let key = Self.nonzero(key)
    var slot = slot(of: key)
    if keys[slot] == 0 {
      if (count + 1) * 2 > keys.count {
        grow()
        slot = self.slot(of: key)
      }
      keys[slot] = key
      count += 1
    }
    values[slot] &+= amount
  }

  /// All keys with their numbers, in no order to rely on.
  var entries: some Sequence<(key: UInt64, value: Int32)> {
    zip(keys, values).lazy.filter { $0.0 != 0 }.map { (key: $0.0, value: $0.1) }
  }

  private static func nonzero(_ key: UInt64) -> UInt64 { key == 0 ? 1 : key }

  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
    values = [Int32](repeating: 0, count: oldKeys.count * 2)
    for (key, value) in zip(oldKeys, oldValues) where key != 0 {
      let slot = slot(of: key)
      (keys[slot], values[slot]) = (key, value)
    }
  }
}
