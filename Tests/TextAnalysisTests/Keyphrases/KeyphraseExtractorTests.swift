import Testing
import TextAnalysis

@Suite struct KeyphraseExtractorTests {
  static let review = """
    The battery life of this phone is great. Battery life lasts two days, and the wide angle camera is sharp.
    I bought it for the battery life.
    """
  static let terms = TermExtractor(tokenizer: ScriptTokenizer())

  @Test(arguments: KeyphraseExtractor.Method.allCases)
  func findsWhatATextIsAbout(method: KeyphraseExtractor.Method) throws {
    let phrases = KeyphraseExtractor(terms: Self.terms, method: method).keyphrases(in: Self.review, count: 4)
    let found = phrases.map { $0.text.lowercased() }
    #expect(found.contains { $0.contains("battery life") } || method == .rake)
    #expect(found.contains { $0.contains("angle camera") } || method != .rake)
    for phrase in phrases {
      #expect(
        phrase.ranges.allSatisfy {
          Self.review.piece($0).lowercased().hasPrefix(phrase.text.lowercased().prefix(1))
        })
    }
    #expect(zip(phrases, phrases.dropFirst()).allSatisfy { $0.score >= $1.score })
  }

  @Test func weighsRareWordsMore() throws {
    let others = (0..<20).map { _ in ["phone", "battery", "life"] } + [["lens"]]
    let statistics = try TermStatistics().fit(others)
    let extractor = KeyphraseExtractor(terms: Self.terms, statistics: statistics, longestPhrase: 1)
    #expect(extractor.keyphrases(in: "phone and lens and battery").first?.text == "lens")
  }

  @Test func ranksPhrasesOfACorpusByTheTextsThatHoldThem() {
    let texts = [
      "slow delivery again", "such slow delivery", "slow delivery!", "delivery ok", "nice color",
      "nice color scheme",
    ]
    let phrases = KeyphraseExtractor(terms: Self.terms).keyphrases(inCorpus: texts, count: 2)
    #expect(phrases.map(\.text) == ["slow delivery", "nice color"])
    #expect(phrases.map(\.documents) == [3, 2])
  }

  @Test(arguments: ["", "。。。", "😊", "the of and"])
  func findsNothingWhereNothingIs(text: String) {
    for method in KeyphraseExtractor.Method.allCases {
      #expect(KeyphraseExtractor(terms: Self.terms, method: method).keyphrases(in: text) == [])
    }
    #expect(KeyphraseExtractor(terms: Self.terms).keyphrases(inCorpus: [text]) == [])
  }
}
