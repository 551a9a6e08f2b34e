import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text tag`: parts of speech.
struct TextTag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Split texts into words and say what part of speech each is: word/tag, separated by blanks.",
    discussion: """
      Chinese words have the tags of the People's Daily corpus, such as n, v, nr; English ones those of the Penn Treebank, such \
      as NN, VBD. A word of the user dictionary has its tag.
      """)

  enum Language: String, ExpressibleByArgument, CaseIterable { case auto, zh, en }

  @OptionGroup var options: TextOptions
  @Option(help: "The texts' language; told from each of them unless given.") var language = Language.auto
  @Option(help: ArgumentHelp("Words to be kept whole, with their tags.", valueName: "file"))
  var userDictionary: String?

  func run() async throws {
    let words = try userDictionary.map { try UserDictionary(contentsOf: URL(fileURLWithPath: $0)) }
    let tagger = try options.textModels().partsOfSpeech(userDictionary: words ?? UserDictionary())
    let language = TextLanguage(rawValue: language.rawValue)
    try options.answer { text in
      .array(tagger.tokens(of: text, language: language).map(\.json))
    } text: { text in
      tagger.tokens(of: text, language: language).map { "\($0.text)/\($0.tag ?? "")" }.joined(separator: " ")
    }
  }
}
