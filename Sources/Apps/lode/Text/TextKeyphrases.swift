import Application
import ArgumentParser
import Commerce
import Foundation
import TextAnalysis

/// `lode text keyphrases`: what texts are about.
struct TextKeyphrases: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keyphrases",
    abstract: "Find the phrases that say what each text, or all of them together, are about.",
    discussion: """
      Phrases of each text are separated by tabs, the best first. With --corpus the phrases of all texts together, a line \
      each: the phrase, its weight, and how many texts hold it.
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable { case tfIDF = "tf-idf", textrank, rake }

  @OptionGroup var options: TextOptions
  @Option(help: "How phrases are weighed.") var method = Method.tfIDF
  @Option(help: "How many phrases: of each text, or of the corpus.") var count = 10
  @Flag(help: "Find the phrases of all texts together.") var corpus = false

  func validate() throws {
    if count < 1 { throw ValidationError("--count is at least 1.") }
  }

  func run() async throws {
    let terms = try options.textModels().termExtractor()
    let method = KeyphraseExtractor.Method(rawValue: method.rawValue) ?? .tfIDF
    var extractor = KeyphraseExtractor(terms: terms, method: method)
    let texts = try options.lines().all()
    if !corpus, method == .tfIDF {
      // How rare words are is learned from the texts themselves.
      extractor.statistics = try? TermStatistics().fit(texts.map(terms.terms))
    }
    if corpus {
      for phrase in extractor.keyphrases(inCorpus: texts, count: count) { show(phrase) }
      return
    }
    for text in texts {
      let phrases = extractor.keyphrases(in: text, count: count)
      print(
        options.json
          ? JSONValue.array(phrases.map(\.json)).json : phrases.map(\.text.onOneLine).joined(separator: "\t"))
    }
  }

  private func show(_ phrase: Keyphrase) {
    if options.json { return print(phrase.json.json) }
    print("\(phrase.text.onOneLine)\t\(String(format: "%.3f", phrase.score))\t\(phrase.documents)")
  }
}
