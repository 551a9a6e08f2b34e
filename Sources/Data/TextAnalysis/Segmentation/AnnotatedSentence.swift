import Foundation

/// A sentence that people have split into words, with their parts of speech and names where they are given.
public struct AnnotatedSentence: Sendable, Equatable {
  /// A run of words that is one name.
  public struct Compound: Sendable, Equatable {
    /// What it is, such as `nt`.
    public var label: String
    /// Which words.
    public var words: Range<Int>

    /// A compound.
    public init(label: String, words: Range<Int>) {
      self.label = label
      self.words = words
    }
  }

  /// The words in order.
  public var words: [String]
  /// A tag for each word, nil when the source has none.
  public var tags: [String]?
  /// Names of more than one word that the source marks.
  public var compounds: [Compound]

  /// A sentence.
  public init(words: [String], tags: [String]? = nil, compounds: [Compound] = []) {
    self.words = words
    self.tags = tags
    self.compounds = compounds
  }

  /// The sentence as running text.
  public var text: String { words.joined() }

  /// A form that files of segmented text have.
  public enum Format: String, Sendable, CaseIterable {
    /// Words with blanks between them, one sentence a line, as in the SIGHAN bakeoffs.
    case sighan
    /// `word/tag`, compounds as `[word/tag word/tag]label`, as in the People's Daily corpus; a first word such as
    /// `19980101-01-001-001/m` that numbers the line is left out.
    case peoplesDaily
  }

  /// Reads sentences; empty lines are passed over.
  ///
  /// - Throws: `TextError.malformedLine`, `TextError.missingFile`.
  public static func read(contentsOf url: URL, format: Format) throws -> [AnnotatedSentence] {
    guard let data = try? Data(contentsOf: url) else {
      throw TextError.missingFile(path: url.path, hint: "a file of segmented sentences is needed")
    }
    return try read(String(decoding: data, as: UTF8.self), format: format, file: url.lastPathComponent)
  }

  /// Reads the sentences of a text; `file` names it in errors.
  public static func read(_ text: String, format: Format, file: String = "text") throws -> [AnnotatedSentence]
  {
    var sentences: [AnnotatedSentence] = []
    var number = 0
    // By bytes: a line break of two characters would be one Character otherwise.
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      // Control characters are in no word.
      let words = line.split { $0 <= 0x20 || $0 == 0x7F }.map { String(Substring($0)) }
        .flatMap { $0.contains("\u{3000}") ? $0.split(separator: "\u{3000}").map(String.init) : [$0] }
      guard !words.isEmpty else { continue }
      sentences.append(
        format == .sighan
          ? AnnotatedSentence(words: words) : try tagged(words, file: file, line: number))
    }
    return sentences
  }

  private static func tagged(_ fields: [String], file: String, line: Int) throws -> AnnotatedSentence {
    func malformed(_ expected: String, _ found: String) -> TextError {
      .malformedLine(file: file, line: line, expected: expected, found: found)
    }
    var sentence = AnnotatedSentence(words: [], tags: [])
    var tags: [String] = []
    var start: Int?
    for field in fields {
      var body = Substring(field)
      if body.hasPrefix("["), body.utf8.count > 1, !body.hasPrefix("[/") {
        guard start == nil else { throw malformed("brackets that close before others open", field) }
        start = sentence.words.count
        body = body.dropFirst()
      }
      var label: Substring?
      if let bracket = body.lastIndex(of: "]"), let slash = body.firstIndex(of: "/"), slash < bracket,
        !body[..<slash].isEmpty, start != nil
      {
        label = body[body.index(after: bracket)...].drop { $0 == "/" }
        body = body[..<bracket]
      }
      guard let slash = body.utf8.lastIndex(of: 0x2F), slash > body.startIndex,
        body.utf8.index(after: slash) < body.endIndex
      else { throw malformed("word/tag", "'\(field.prefix(40))'") }
      let tag = String(body[body.utf8.index(after: slash)...])
      // The corpus as it was first published numbers its lines.
      if sentence.words.isEmpty, tag == "m",
        body.prefix(while: { $0.isASCII && ($0.isNumber || $0 == "-") })
          .count >= 15
      {
        continue
      }
      sentence.words.append(String(body[..<slash]))
      tags.append(tag)
      if let label, let first = start {
        guard !label.isEmpty else { throw malformed("a label after ]", "'\(field.prefix(40))'") }
        sentence.compounds.append(Compound(label: String(label), words: first..<sentence.words.count))
        start = nil
      }
    }
    guard start == nil else { throw malformed("a ] for each [", "none") }
    sentence.tags = tags
    return sentence
  }
}
