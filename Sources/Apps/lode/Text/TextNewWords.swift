import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text new-words`: words that the lexicon lacks.
struct TextNewWords: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-words",
    abstract: "Find Chinese words that the lexicon lacks, such as brands and slang, in a set of texts.",
    discussion: """
      Each line is a word, how often it occurs, its cohesion and its freedom in nats, separated by tabs, the most frequent first. \
      What is right can go into a user dictionary.
      """)

  @OptionGroup var options: TextOptions
  @Option(help: "How often a word must occur.") var minimumCount = 10
  @Option(help: "At most so many words.") var limit = 100

  func validate() throws {
    if minimumCount < 2 { throw ValidationError("--minimum-count is at least 2.") }
    if limit < 1 { throw ValidationError("--limit is at least 1.") }
  }

  func run() async throws {
    let lexicon = try Lexicon(
      contentsOf: options.textModels().data("jieba").appendingPathComponent("dict.txt"))
    var finder = try NewWords(.init(minimumCount: minimumCount), lexicon: lexicon)
    for text in try options.lines().all() { finder.add(text) }
    for word in finder.candidates().prefix(limit) {
      guard options.json else {
        print(
          "\(word.text)\t\(word.count)\t\(String(format: "%.2f", word.cohesion))\t\(String(format: "%.2f", word.freedom))"
        )
        continue
      }
      print(try JSONValue(encoding: word).json)
    }
  }
}
