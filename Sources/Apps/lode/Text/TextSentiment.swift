import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text sentiment`: how positive texts are.
struct TextSentiment: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sentiment",
    abstract: "Say how positive each text is, and which words decide.",
    discussion: """
      Each answer is positive or negative, the calibrated probability of positive, and the words that weigh most, separated by \
      tabs; a text of neither language is answered by unknown. With --json sentences and words have their places in UTF-8 bytes.
      """)

  enum Language: String, ExpressibleByArgument, CaseIterable { case auto, zh, en }

  @OptionGroup var options: TextOptions
  @Option(help: "The texts' language; told from each of them unless given.") var language = Language.auto

  func run() async throws {
    let reader = try SentimentReader(try options.textModels())
    let language = TextLanguage(rawValue: language.rawValue)
    try options.answer { text in
      try reader.sentiment(of: text, language: language).map { try JSONValue(encoding: $0) } ?? .null
    } text: { text in
      guard let found = reader.sentiment(of: text, language: language) else { return "unknown" }
      let words = found.reasons.prefix(5).map {
        "\($0.text.onOneLine) \(String(format: "%+.2f", $0.contribution))"
      }
      return "\(found.label)\t\(String(format: "%.3f", found.probability))\t\(words.joined(separator: ", "))"
    }
  }
}
