import Foundation

/// Converts between traditional and simplified characters.
///
/// Words go before characters, the longest first: 顯著 becomes 显著, while 著 alone becomes 着. Every conversion is from one
/// character to one, so that places in the text stay the same where both have as many bytes.
///
/// ```swift
/// let script = ChineseScript(characters: ["愛": "爱"], words: ["顯著": "显著"])
/// script.simplified("愛")  // "爱"
/// ```
public struct ChineseScript: Sendable, Codable, Equatable {
  private var toSimplified: [UInt32: UInt32]
  private var toTraditional: [UInt32: UInt32]
  /// Words by their first character, the longest first.
  private var simplifiedWords: [UInt32: [Word]]
  private var traditionalWords: [UInt32: [Word]]

  private struct Word: Sendable, Codable, Equatable {
    var from: [UInt32]
    var to: [UInt32]
  }

  /// Tables of characters and of words whose characters change otherwise than each alone; words whose length would change
  /// name the same thing differently in another region, which is no matter of script, and are left out.
  public init(characters: [Character: Character], words: [String: String] = [:]) {
    self.init(characters: characters.map { (String($0.key), String($0.value)) }, words: Array(words))
  }

  private init(characters: [(String, String)], words: [(key: String, value: String)]) {
    (toSimplified, toTraditional) = ([:], [:])
    (simplifiedWords, traditionalWords) = ([:], [:])
    for (from, to) in characters.sorted(by: { $0.0 < $1.0 }) {
      guard let source = from.unicodeScalars.first?.value, let target = to.unicodeScalars.first?.value,
        from.unicodeScalars.count == 1, to.unicodeScalars.count == 1, source != target
      else { continue }
      toSimplified[source] = target
      if toTraditional[target] == nil { toTraditional[target] = source }
    }
    for (from, to) in words.sorted(by: {
      ($0.key.utf8.count, $0.key, $0.value) > ($1.key.utf8.count, $1.key, $1.value)
    }) {
      let source = from.unicodeScalars.map(\.value)
      let target = to.unicodeScalars.map(\.value)
      guard source.count == target.count, source.count > 1, isSameWord(source, target) else { continue }
      simplifiedWords[source[0], default: []].append(Word(from: source, to: target))
      traditionalWords[target[0], default: []].append(Word(from: target, to: source))
    }
  }

  /// Whether a rule changes the script alone: each character becomes itself or what it becomes elsewhere.
  private func isSameWord(_ from: [UInt32], _ to: [UInt32]) -> Bool {
    zip(from, to).allSatisfy { $0 == $1 || toSimplified[$0] == $1 }
  }

  /// Reads tables with a traditional and a simplified form a line, a tab between them.
  ///
  /// - Throws: `TextError.missingFile`, `TextError.malformedLine`.
  public init(characters: URL, words: URL? = nil) throws {
    let pairs = try Self.pairs(characters, single: true)
    self.init(
      characters: pairs,
      words: try words.map { try Self.pairs($0, single: false).map { (key: $0.0, value: $0.1) } } ?? [])
  }

  private static func pairs(_ url: URL, single: Bool) throws -> [(String, String)] {
    guard let data = try? Data(contentsOf: url) else {
      throw TextError.missingFile(path: url.path, hint: "scripts/fetch-data chinese-lexicons brings one")
    }
    var pairs: [(String, String)] = []
    let lines = String(decoding: data, as: UTF8.self).utf8.split(
      separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let fields = line.split { $0 == 0x09 || $0 == 0x0D }.map { String(Substring($0)) }
      guard !fields.isEmpty else { continue }
      guard fields.count == 2, !single || fields.allSatisfy({ $0.unicodeScalars.count == 1 }) else {
        throw TextError.malformedLine(
          file: url.lastPathComponent, line: index + 1,
          expected: "a traditional and a simplified \(single ? "character" : "word") with a tab between",
          found: "'\(String(decoding: line.prefix(60), as: UTF8.self))'")
      }
      pairs.append((fields[0], fields[1]))
    }
    return pairs
  }

  /// The text in simplified characters.
  ///
  /// - Complexity: O(length).
  public func simplified(_ text: String) -> String { convert(text, toSimplified, simplifiedWords) }

  /// The text in traditional characters; where one simplified character stands for several, the table's first one.
  ///
  /// - Complexity: O(length).
  public func traditional(_ text: String) -> String { convert(text, toTraditional, traditionalWords) }

  /// The simplified form of a character, nil when it has no other.
  func simplified(_ code: UInt32) -> UInt32? { toSimplified[code] }

  /// Characters that become others.
  var traditionalCharacters: [UInt32: UInt32] { toSimplified }

  private func convert(_ text: String, _ map: [UInt32: UInt32], _ words: [UInt32: [Word]]) -> String {
    let codes = text.unicodeScalars.map(\.value)
    var output = String.UnicodeScalarView()
    var place = 0
    while place < codes.count {
      if let word = words[codes[place]]?.first(where: { codes[place...].starts(with: $0.from) }) {
        output.append(contentsOf: word.to.compactMap(Unicode.Scalar.init))
        place += word.from.count
      } else {
        // Codes of scalars of a string are scalars, those of the tables as well.
        if let scalar = Unicode.Scalar(map[codes[place]] ?? codes[place]) { output.append(scalar) }
        place += 1
      }
    }
    return String(output)
  }
}
