import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text segment`: the words of texts.
struct TextSegment: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Split texts into words, separated by blanks.",
    discussion: """
      A user dictionary holds a word a line, with an optional frequency and tag after it; its words are always kept whole. \
      With --json each word has its place in UTF-8 bytes.
      """)

  @OptionGroup var options: TextOptions
  @Option(help: ArgumentHelp("Words to be kept whole.", valueName: "file")) var userDictionary: String?

  func run() async throws {
    let segmenter = try options.segmenter(userDictionary)
    try options.answer { text in
      .array(segmenter.tokens(of: text).map(\.json))
    } text: { text in
      segmenter.words(of: text).joined(separator: " ")
    }
  }
}

extension TextOptions {
  /// What splits Chinese, with a user dictionary on top.
  func segmenter(_ userDictionary: String?) throws -> ChineseSegmenter {
    let segmenter = try textModels().segmenter()
    guard let userDictionary else { return segmenter }
    return segmenter.with(
      userDictionary: try UserDictionary(contentsOf: URL(fileURLWithPath: userDictionary)))
  }
}
