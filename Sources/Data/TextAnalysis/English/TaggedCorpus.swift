import Foundation

/// Sentences whose words carry their parts of speech: what taggers learn from and are measured on.
public struct TaggedCorpus: Sendable, Equatable {
  /// A word with its part of speech.
  public struct Word: Sendable, Equatable {
    /// The word as written.
    public var text: String
    /// Its part of speech.
    public var tag: String

    /// A word with its part of speech.
    public init(_ text: String, _ tag: String) { (self.text, self.tag) = (text, tag) }
  }

  /// The sentences.
  public var sentences: [[Word]]

  /// A corpus of these sentences.
  public init(sentences: [[Word]]) { self.sentences = sentences }

  /// Reads lines of `word/TAG word/TAG`; empty lines and those that start with `;;;` are left out.
  ///
  /// The quotation marks of the Penn Treebank and others are given the one tag `"`.
  /// - Throws: `TextError.malformedLine` for a word without a tag, `TextError.missingFile`.
  public init(contentsOf file: URL) throws {
    guard let data = try? Data(contentsOf: file) else {
      throw TextError.missingFile(
        path: file.path, hint: "fetch it first, or give another file of word/TAG lines")
    }
    sentences = []
    for (number, line) in String(decoding: data, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).enumerated() {
      guard !line.hasPrefix(";;;") else { continue }
      let words = try line.split(whereSeparator: { $0 == " " || $0 == "\r" || $0 == "\t" }).map { piece in
        guard let slash = piece.utf8.lastIndex(of: 0x2F), slash > piece.startIndex,
          piece.utf8.index(after: slash) < piece.endIndex
        else {
          throw TextError.malformedLine(
            file: file.lastPathComponent, line: number + 1, expected: "words as word/TAG",
            found: "'\(piece.prefix(40))'")
        }
        return Word(String(piece[..<slash]), Self.tag(String(piece[piece.utf8.index(after: slash)...])))
      }
      if !words.isEmpty { sentences.append(words) }
    }
  }

  /// The last `share` of the sentences for measuring, and the others for learning.
  public func split(last share: Double) -> (training: TaggedCorpus, test: TaggedCorpus) {
    let count = Int(Double(sentences.count) * (1 - min(max(share, 0), 1)))
    return (
      TaggedCorpus(sentences: Array(sentences[..<count])), TaggedCorpus(sentences: Array(sentences[count...]))
    )
  }

  private static func tag(_ tag: String) -> String {
    switch tag {
    case "``", "''", "\"": return "\""
    default:
      // A few words carry two tags, as "VBG|NN": the first is kept.
      return tag.firstIndex(of: "|").map { $0 > tag.startIndex ? String(tag[..<$0]) : tag } ?? tag
    }
  }
}
