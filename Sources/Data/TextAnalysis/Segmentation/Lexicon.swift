import Foundation

/// Words that are known before anything is learned, with how often each was seen somewhere.
///
/// ```swift
/// let lexicon = try Lexicon(contentsOf: URL(filePath: "dict.txt"))
/// ```
public struct Lexicon: Sendable {
  /// Each word's count.
  public private(set) var counts: [String: Int]

  /// Words with their counts.
  public init(_ counts: [String: Int]) { self.counts = counts }

  /// Reads jieba's form: `word [count] [tag]`, one word a line.
  ///
  /// - Throws: `TextError.malformedLine`, `TextError.missingFile`.
  public init(contentsOf url: URL) throws {
    guard let data = try? Data(contentsOf: url) else {
      throw TextError.missingFile(path: url.path, hint: "scripts/fetch-data jieba brings one")
    }
    var counts: [String: Int] = [:]
    let text = String(decoding: data, as: UTF8.self)
    counts.reserveCapacity(data.count / 14)
    var number = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      let fields = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      guard let word = fields.first else { continue }
      var count = 1
      if fields.count > 1 {
        guard let written = Int(Substring(fields[1])), written >= 0 else {
          throw TextError.malformedLine(
            file: url.lastPathComponent, line: number, expected: "a whole count after the word",
            found: "'\(Substring(fields[1]).prefix(40))'")
        }
        count = written
      }
      counts[String(Substring(word))] = count
    }
    self.counts = counts
  }

  /// Whether a word is in it.
  public func contains(_ word: String) -> Bool { counts[word] != nil }

  /// The words that satisfy a condition.
  public func filter(_ holds: (String) -> Bool) -> Lexicon { Lexicon(counts.filter { holds($0.key) }) }
}
