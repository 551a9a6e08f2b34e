import Foundation

/// Words that a segmenter must keep whole, whatever it has learned.
///
/// A word applies wherever it stands in a text, the longest one from the left; letters match without regard to case or
/// width. A word that begins or ends with a letter or digit applies only where such a run begins or ends, so that `art` does
/// not split `party`. It is a value: to change the words of a running service, swap `segmenter.with(userDictionary:)` in.
///
/// ```swift
/// let words = try UserDictionary(text: "云海手机 100 nz\n米家")
/// ```
public struct UserDictionary: Sendable, Codable, Equatable {
  /// One word.
  public struct Entry: Sendable, Codable, Equatable {
    /// The word as it is written; it may have blanks inside when it is made in code.
    public var word: String
    /// The tag that its tokens get.
    public var tag: String?

    /// A word.
    public init(_ word: String, tag: String? = nil) {
      self.word = word
      self.tag = tag
    }
  }

  /// The words, without doubles: of equal words the last one holds.
  public let entries: [Entry]
  private let steps: [UInt64: Int32]
  /// For each state after the root the entry that ends there, −1 for none.
  private let ends: [Int32]
  /// A bit for each first code point of the basic plane: most characters begin no word.
  private let firsts: [UInt64]

  /// A dictionary of these words; empty ones are passed over.
  public init(_ entries: [Entry] = []) {
    var (steps, ends): ([UInt64: Int32], [Int32]) = ([:], [-1])
    var firsts = [UInt64](repeating: 0, count: entries.isEmpty ? 0 : 1 << 10)
    var kept: [Entry] = []
    for entry in entries {
      let codes = entry.word.unicodeScalars.map { Self.code($0.value) }
      guard codes.contains(where: { $0 != 0x20 }) else { continue }
      var state: Int32 = 0
      for code in codes {
        let key = UInt64(state) << 32 | UInt64(code)
        if let next = steps[key] {
          state = next
        } else {
          steps[key] = Int32(ends.count)
          state = Int32(ends.count)
          ends.append(-1)
        }
      }
      firsts[Int(codes[0] & 0xFFFF) >> 6] |= 1 << UInt64(codes[0] & 63)
      if ends[Int(state)] >= 0 {
        kept[Int(ends[Int(state)])] = entry
      } else {
        ends[Int(state)] = Int32(kept.count)
        kept.append(entry)
      }
    }
    (self.entries, self.steps, self.ends, self.firsts) = (kept, steps, ends, firsts)
  }

  /// Reads jieba's form: `word [count] [tag]`, one word a line; the count changes nothing, as the word always applies.
  ///
  /// - Throws: `TextError.malformedLine` for a line of more fields, or whose count is no number.
  public init(text: String, file: String = "user dictionary") throws {
    var entries: [Entry] = []
    var number = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      var fields = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { String(Substring($0)) }
      if number == 1, fields.first?.hasPrefix("\u{FEFF}") == true { fields[0].unicodeScalars.removeFirst() }
      guard let word = fields.first, !word.isEmpty else { continue }
      var rest = fields.dropFirst()
      if let count = rest.first, count.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { rest.removeFirst() }
      guard rest.count <= 1, rest.first.map(Self.isTag) ?? true else {
        throw TextError.malformedLine(
          file: file, line: number, expected: "word [count] [tag]", found: "'\(line.prefix(60).text)'")
      }
      entries.append(Entry(word, tag: rest.first))
    }
    self.init(entries)
  }

  /// Reads a file of jieba's form.
  ///
  /// - Throws: `TextError.missingFile`, `TextError.malformedLine`.
  public init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else {
      throw TextError.missingFile(path: url.path, hint: "a user dictionary has one word a line")
    }
    try self.init(text: String(decoding: data, as: UTF8.self), file: url.lastPathComponent)
  }

  private static func isTag(_ field: String) -> Bool {
    field.utf8.first.map { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A } ?? false
      && field.utf8.allSatisfy { $0 < 0x80 }
  }

  /// All kinds of blanks are one in a word.
  private static func code(_ code: UInt32) -> UInt32 {
    code < 0x10000 && TextUnit.scanClass(code) == TextUnit.blank ? 0x20 : TextUnit.normalized(code)
  }

  var isEmpty: Bool { entries.isEmpty }

  /// Whether a word may begin with this code point.
  @inline(__always)
  func mayBegin(with code: UInt32) -> Bool {
    let code = TextUnit.normalized(code)
    return firsts[Int(code & 0xFFFF) >> 6] & (1 << UInt64(code & 63)) != 0
  }

  /// The longest word at a place of a text, and where it ends.
  func match(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> (end: Int, entry: Int)? {
    var (state, place): (Int32, Int) = (0, start)
    var best: (end: Int, entry: Int)?
    var endsInRun = false
    while place < text.count {
      let scalar = UTF8Scan.scalar(text, at: place)
      let code = Self.code(scalar.code)
      if state != 0, ends[Int(state)] >= 0, !(endsInRun && Self.isRun(code)) {
        best = (place, Int(ends[Int(state)]))
      }
      guard let next = steps[UInt64(state) << 32 | UInt64(code)] else { return best }
      state = next
      place = scalar.end
      endsInRun = Self.isRun(code)
    }
    return state != 0 && ends[Int(state)] >= 0 ? (place, Int(ends[Int(state)])) : best
  }

  private static func isRun(_ code: UInt32) -> Bool {
    guard code < 0x10000 else { return false }
    let kind = TextUnit.scanClass(code)
    return kind == TextUnit.digit || kind == TextUnit.letter
  }

  /// The words, as entries.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Entry].self))
  }

  /// The words, as entries.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(entries)
  }
}

extension Sequence<UInt8> {
  /// The bytes as text.
  fileprivate var text: String { String(decoding: Array(self), as: UTF8.self) }
}
