/// Rewrites a text as SentencePiece does before it splits it: characters by a compiled table (NFKC and more), runs of
/// blanks as one, each blank as `▁`, and one `▁` in front.
///
/// The table is a double-array trie over UTF-8 (in the layout of Darts-clone) whose leaves point at replacements that
/// end with a zero byte. Source: https://github.com/google/sentencepiece/blob/master/doc/normalization.md
struct CharacterNormalizer: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// A normalizer from a compiled table; an empty table leaves characters as they are.
  init(table: ArraySlice<UInt8>, path: String) throws {
    guard !table.isEmpty else {
      (units, replacements) = ([], [])
      return
    }
    let bytes = Array(table)
    let size = bytes.count >= 4 ? (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) } : -1
    guard size >= 4, size % 4 == 0, 4 + size < bytes.count, bytes.last == 0 else {
      throw TextError.damagedFile(path: path, reason: "its table of characters is not whole")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map { start in
      (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
    }
    replacements = Array(bytes[(4 + size)...])
  }

  /// The text's normal form in UTF-8; empty when nothing but blanks is in it.
  ///
  /// - Complexity: O(length of the text).
  func normalized(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { input in
      var output: [UInt8] = []
      output.reserveCapacity(input.count + 3)
      // Blanks at the start are dropped as if one stood before the text.
      var afterBlank = true
      var position = 0
      while position < input.count {
        let (piece, length) = prefix(of: input, at: position)
        if let piece {
          append(replacements[piece], &afterBlank, &output)
        } else {
          append(input[position..<position + length], &afterBlank, &output)
        }
        position += length
      }
      while output.suffix(3).elementsEqual(Self.blank) { output.removeLast(3) }
      return output
    }
  }

  private static let blank: [UInt8] = [0xE2, 0x96, 0x81]

  private func append(_ piece: some Sequence<UInt8>, _ afterBlank: inout Bool, _ output: inout [UInt8]) {
    var isLeading = true
    var last: UInt8?
    for byte in piece {
      if byte == 0x20, isLeading, afterBlank { continue }
      isLeading = false
      if output.isEmpty { output += Self.blank }
      if byte == 0x20 { output += Self.blank } else { output.append(byte) }
      last = byte
    }
    if let last { afterBlank = last == 0x20 }
  }

  /// The longest entry of the table at a position as a range of replacements, or one character as it is.
  private func prefix(
    of input: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (replacement: Range<Int>?, length: Int) {
    var (best, length) = (-1, 0)
    if !units.isEmpty {
      var node = Self.offset(units[0])
      var position = start
      while position < input.count {
        node ^= Int(input[position])
        guard node < units.count, units[node] & 0x8000_00FF == UInt32(input[position]) else { break }
        let unit = units[node]
        node ^= Self.offset(unit)
        position += 1
        if unit & 0x100 != 0, node < units.count {
          (best, length) = (Int(units[node] & 0x7FFF_FFFF), position - start)
        }
      }
    }
    if length > 0, best < replacements.count {
      var end = best
      while replacements[end] != 0 { end += 1 }
      return (best..<end, length)
    }
    let first = input[start]
    let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    return (nil, min(width, input.count - start))
  }

  private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }
}
