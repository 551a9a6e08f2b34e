import Foundation

/// A text of a rule, made ready once to be compared with many values without regard to case.
///
/// A class, because conditions are taken apart for every item and a copy then costs one count of references.
final class FoldedText: Sendable, Equatable {
  /// The text as the rule has it.
  let written: String
  /// Its number, when it is one.
  let number: Double?
  private let bytes: [UInt8]

  init(_ written: String) {
    self.written = written
    number = FoldedText.number(in: written)
    bytes = Array(FoldedText.fold(written).utf8)
  }

  /// Lower case, in composed form: what two texts have in common that differ in case alone.
  static func fold(_ text: String) -> String {
    let lower = text.lowercased()
    return lower.utf8.allSatisfy(isComposed) ? lower : lower.precomposedStringWithCanonicalMapping
  }

  /// The number that a text is, as digits with an optional sign and fraction.
  static func number(in text: String) -> Double? {
    let isNumber =
      text.utf8.count <= 40
      && text.utf8.allSatisfy { (48...57).contains($0) || $0 == 45 || $0 == 46 }
    return isNumber ? Double(text) : nil
  }

  func equals(_ text: String) -> Bool {
    withFolded(text) { $0.count == bytes.count && stands(in: $0, at: 0) }
  }

  func starts(_ text: String) -> Bool {
    withFolded(text) { $0.count >= bytes.count && stands(in: $0, at: 0) }
  }

  func isContained(in text: String) -> Bool {
    withFolded(text) { text in
      var start = 0
      while start + bytes.count <= text.count {
        if stands(in: text, at: start) { return true }
        start += 1
      }
      return false
    }
  }

  static func == (a: FoldedText, b: FoldedText) -> Bool { a.written == b.written }

  /// Whether the bytes stand at a place where there is room for them.
  private func stands(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    var index = 0
    while index < bytes.count {
      guard FoldedText.lowered(text[start + index]) == bytes[index] else { return false }
      index += 1
    }
    return true
  }

  /// Lends the bytes of a text that are folded but for the case of ASCII letters, which `stands` looks after: most texts
  /// need no copy.
  private func withFolded(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    let quick = text.utf8.withContiguousStorageIfAvailable { FoldedText.isSimple($0) ? body($0) : nil } ?? nil
    if let quick { return quick }
    var folded = FoldedText.fold(text)
    return folded.withUTF8(body)
  }

  /// Whether bytes are ASCII and the common Chinese characters (U+4000…U+9FFF) alone, which compose with nothing and of
  /// which only the ASCII letters have case.
  private static func isSimple(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.allSatisfy { $0 < 0xC0 || (0xE4...0xE9).contains($0) }
  }

  /// Whether a byte belongs to a character that is composed already: those below U+0300, and U+4000…U+9FFF.
  private static func isComposed(_ byte: UInt8) -> Bool {
    byte < 0xC0 || (0xC2...0xCB).contains(byte) || (0xE4...0xE9).contains(byte)
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
