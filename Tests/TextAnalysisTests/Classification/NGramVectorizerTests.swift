import Foundation
import Learning
import Testing
import TextAnalysis

@Suite struct NGramVectorizerTests {
  private func vectorizer(_ kinds: [NGrams], hashBits: Int? = nil) -> NGramVectorizer {
    NGramVectorizer(configuration: .init(kinds: kinds, minimumDocuments: 1, hashBits: hashBits))
  }

  @Test func weighsWordsAsTheFormulaSays() throws {
    let model = try vectorizer([NGrams(.words, 1...1)]).fit(["a b", "a c", "A a d"])
    let row = model.row(of: "a a b")
    let common = (1 + log(2.0)) * (log(4.0 / 4.0) + 1)
    let rare = log(4.0 / 2.0) + 1
    let length = (common * common + rare * rare).squareRoot()
    let expected = [common / length, rare / length].sorted()
    for (found, fact) in zip(row.values.sorted(), expected) { #expect(abs(Double(found) - fact) < 1e-6) }
    #expect(model.columns == 4)
  }

  @Test func foldsCaseWidthAndBlanks() throws {
    let model = try vectorizer([NGrams(.characters, 1...3), NGrams(.words, 1...2)]).fit(["Abc 1 好"])
    let plain = model.row(of: "abc 1 好")
    let folded = model.row(of: " ＡＢＣ \t\n １\u{3000}好")
    #expect(plain.columns == folded.columns && plain.values == folded.values)
    #expect(model.row(of: "zzz").columns.isEmpty)
  }

  @Test func keepsTheMostFrequentAndDropsTheRare() throws {
    var settings = NGramVectorizer.Configuration(kinds: [NGrams(.words, 1...1)], minimumDocuments: 2)
    let texts = ["a b c", "a b", "a d"]
    #expect(try NGramVectorizer(configuration: settings).fit(texts).columns == 2)
    settings.maximumFeatures = 1
    let model = try NGramVectorizer(configuration: settings).fit(texts)
    #expect(model.row(of: "a").columns == [0] && model.row(of: "b").columns.isEmpty)
  }

  @Test(arguments: [nil, 12])
  func rowsDoNotDependOnTheirCompanyAndSurviveSaving(hashBits: Int?) throws {
    let texts = (0..<700).map { "text \($0 % 13) 好\($0 % 7) 🙂" }
    let model = try vectorizer([NGrams(.characters, 1...4), NGrams(.words, 1...2)], hashBits: hashBits).fit(
      texts)
    let rows = model.rows(of: texts)
    let loaded = try PackedPayload.decode(NGramModel.self, from: PackedPayload.encode(model))
    #expect(rows == loaded.rows(of: texts))
    for row in [0, 255, 256, 699] {
      #expect(Array(rows.row(row).columns) == model.row(of: texts[row]).columns)
    }
    #expect(rows.count > 0 && rows.rowNorms().allSatisfy { abs($0 - 1) < 1e-4 })
  }

  @Test func occurrencesPointIntoTheText() throws {
    let model = try vectorizer([NGrams(.words, 1...1)]).fit(["iPhone15 很 好用!"])
    let text = "我的iPhone15 好"
    let found = model.occurrences(in: text).map {
      String(decoding: Array(text.utf8)[$0.range], as: UTF8.self)
    }
    #expect(found == ["iPhone15", "好"])
  }

  @Test func splitsScriptsWithoutADictionary() {
    #expect(LetterRunTokenizer().tokens(of: "iPhone15 很好用!").map(\.text) == ["iPhone15", "很", "好", "用", "!"])
    #expect(LetterRunTokenizer().tokens(of: "don't 500ml").map(\.text) == ["don't", "500ml"])
    #expect(LetterRunTokenizer().tokens(of: " \n").isEmpty)
  }

  @Test func refusesSettingsOutOfRange() {
    #expect(throws: TextError.self) { try vectorizer([]).fit(["a"]) }
    #expect(throws: TextError.self) { try vectorizer([NGrams(.words, 0...2)]).fit(["a"]) }
    #expect(throws: TextError.self) { try vectorizer([NGrams(.words, 1...2)], hashBits: 40).fit(["a"]) }
    #expect(throws: TextError.notEnoughData(what: "texts", needed: 1, found: 0)) {
      try vectorizer([NGrams(.words, 1...2)]).fit([])
    }
  }

  @Test func oneLongLineIsReadInTime() throws {
    let model = try vectorizer([NGrams(.characters, 1...3)]).fit([String(repeating: "长文本 ", count: 100_000)])
    #expect(model.columns > 5)
  }
}
