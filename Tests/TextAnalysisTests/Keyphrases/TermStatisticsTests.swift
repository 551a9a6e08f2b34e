import Foundation
import Learning
import Testing
import TextAnalysis

@Suite struct TermStatisticsTests {
  static let documents = [["screen", "good", "good"], ["screen", "bad"], ["battery", "bad", "bad"]]

  /// The weights of scikit-learn's `TfidfVectorizer`, written out by its formula (columns in alphabetical order).
  @Test func agreesWithScikitLearn() throws {
    let model = try TermStatistics().fit(Self.documents)
    #expect(model.terms == ["bad", "battery", "good", "screen"])
    let rare = log(4.0 / 2) + 1
    let common = log(4.0 / 3) + 1
    #expect(abs(model.inverseDocumentFrequency(of: "good") - rare) < 1e-12)
    #expect(abs(model.inverseDocumentFrequency(of: "screen") - common) < 1e-12)
    let vectors = model.vectors(of: Self.documents)
    let length = (4 * rare * rare + common * common).squareRoot()
    #expect(vectors.rows == 3 && vectors.columns == 4)
    #expect(vectors.columnIndices[..<2] == [2, 3])
    #expect(abs(Double(vectors.values[0]) - 2 * rare / length) < 1e-6)
    #expect(abs(Double(vectors.values[1]) - common / length) < 1e-6)
  }

  @Test func leavesOutRareAndCommonTerms() throws {
    let model = try TermStatistics(configuration: .init(leastDocuments: 2, greatestShare: 0.7)).fit(
      Self.documents)
    #expect(model.terms == ["bad", "screen"])
    #expect(model.vectors(of: [["unknown"], []]).values.isEmpty)
    #expect(throws: TextError.self) {
      try TermStatistics(configuration: .init(leastDocuments: 9)).fit(Self.documents)
    }
    #expect(throws: TextError.self) { try TermStatistics().fit([]) }
  }

  @Test func isTheSameAfterLoading() throws {
    let model = try TermStatistics().fit(Self.documents)
    #expect(try PackedPayload.decode(TermStatisticsModel.self, from: PackedPayload.encode(model)) == model)
  }

  @Test func countsOnlyWordsWithContent() {
    let extractor = TermExtractor(tokenizer: ScriptTokenizer(), lemmatizer: EnglishLemmatizer())
    #expect(
      extractor.terms(of: "The batteries are great, 100 %!! :) 😊 iPhone15") == [
        "battery", "great", "iphone15",
      ])
    #expect(TermExtractor(tokenizer: ScriptTokenizer(), dropsSingleHan: false).terms(of: "屏的。") == ["屏"])
  }

  @Test(
    .enabled(
      if: Fetched.path("chinese-lexicons/jionlp/stopwords.txt") != nil,
      "scripts/fetch-data chinese-lexicons brings the lists"))
  func readsTheFetchedStopWords() throws {
    let path = try #require(Fetched.path("chinese-lexicons"))
    let words = try StopWords(lexiconFolder: URL(fileURLWithPath: path))
    #expect(words.words.count > 1_500)
    #expect(words.contains("的") && words.contains("无论") && words.contains("Everywhere"))
    #expect(!words.contains("物流") && !words.contains("good"))
  }
}
