import Foundation

/// A sentence with the named pieces that people have marked in it.
public struct LabelledSentence: Sendable, Equatable {
  /// The sentence's characters, one unit each, as the source has them.
  public var characters: [String]
  /// For each character `O`, or `B-` or `I-` with what the piece it begins or goes on is.
  public var labels: [String]

  /// A sentence; there are as many labels as characters.
  public init(characters: [String], labels: [String]) {
    precondition(characters.count == labels.count, "each character has a label")
    self.characters = characters
    self.labels = labels
  }

  /// The sentence as running text.
  public var text: String { characters.joined() }

  /// The marked pieces with their places in the running text.
  public var entities: [LabelledRange] { Self.entities(characters, labels) }

  /// The pieces that labels mark; one that goes on without having begun begins there.
  static func entities(_ characters: [String], _ labels: [String]) -> [LabelledRange] {
    var found: [LabelledRange] = []
    var place = 0
    var isOpen = false
    for (character, label) in zip(characters, labels) {
      let end = place + character.utf8.count
      if label.utf8.count > 2 {
        let name = String(label.dropFirst(2))
        if label.hasPrefix("I-"), isOpen, found[found.count - 1].label == name {
          found[found.count - 1].text += character
          found[found.count - 1].range = found[found.count - 1].range.lowerBound..<end
        } else {
          found.append(LabelledRange(label: name, text: character, range: place..<end))
        }
        isOpen = true
      } else {
        isOpen = false
      }
      place = end
    }
    return found
  }

  /// Reads columns as CoNLL files have them: a character, blanks, its label; an empty line ends a sentence.
  ///
  /// - Throws: `TextError.malformedLine`.
  public static func readColumns(_ text: String, file: String = "text") throws -> [LabelledSentence] {
    var sentences: [LabelledSentence] = []
    var (characters, labels): ([String], [String]) = ([], [])
    func close() {
      if !characters.isEmpty { sentences.append(LabelledSentence(characters: characters, labels: labels)) }
      (characters, labels) = ([], [])
    }
    var number = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      let fields = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { String(Substring($0)) }
      guard let label = fields.last else {
        close()
        continue
      }
      let isLabel = label == "O" || ((label.hasPrefix("B-") || label.hasPrefix("I-")) && label.utf8.count > 2)
      guard fields.count >= 2, isLabel else {
        throw TextError.malformedLine(
          file: file, line: number, expected: "a character and O, B-NAME or I-NAME",
          found: "'\(String(decoding: line.prefix(40), as: UTF8.self))'")
      }
      characters.append(fields[0])
      labels.append(label)
    }
    close()
    return sentences
  }

  /// Reads a file of columns.
  ///
  /// - Throws: `TextError.missingFile`, `TextError.malformedLine`.
  public static func readColumns(contentsOf url: URL) throws -> [LabelledSentence] {
    guard let data = try? Data(contentsOf: url) else {
      throw TextError.missingFile(path: url.path, hint: "a file of characters and labels is needed")
    }
    return try readColumns(String(decoding: data, as: UTF8.self), file: url.lastPathComponent)
  }

  /// People, places and organisations of a sentence tagged as the People's Daily corpus is: `nr`, `ns`, `nt` and compounds; a
  /// family name and the given name after it are one person.
  public init(_ sentence: AnnotatedSentence) {
    (characters, labels) = ([], [])
    let kinds = ["nr": "PER", "ns": "LOC", "nt": "ORG"]
    let tags = sentence.tags ?? []
    var index = 0
    while index < sentence.words.count {
      var words = index..<index + 1
      var kind = index < tags.count ? kinds[tags[index]] : nil
      if let compound = sentence.compounds.first(where: {
        $0.words.lowerBound == index && kinds[$0.label] != nil
      }) {
        (words, kind) = (compound.words, kinds[compound.label])
      } else if kind == "PER", index + 1 < tags.count, tags[index + 1] == "nr",
        sentence.words[index].unicodeScalars.count <= 2, sentence.words[index + 1].unicodeScalars.count <= 3
      {
        words = index..<index + 2
      }
      let text = sentence.words[words].joined().unicodeScalars.map { String($0) }
      characters += text
      labels += text.indices.map { place in kind.map { (place == 0 ? "B-" : "I-") + $0 } ?? "O" }
      index = words.upperBound
    }
  }
}
