import Foundation

/// A text of a rule, made ready once to be compared with many values without regard to case.
struct FoldedText: Sendable, Equatable {
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
    let simple = lower.utf8.withContiguousStorageIfAvailable(isSimple) ?? false
    return simple ? lower : lower.precomposedStringWithCanonicalMapping
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
      guard text.count >= bytes.count else { return false }
      return (0...text.count - bytes.count).contains { stands(in: text, at: $0) }
    }
  }

  /// Whether the bytes stand at a place where there is room for them.
  private func stands(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    for index in bytes.indices where FoldedText.lowered(text[start + index]) != bytes[index] { return false }
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

  private static func lowered(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
}
