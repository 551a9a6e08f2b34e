import Foundation
import Testing
import TextAnalysis

@Suite("Files of split sentences")
struct SegmentedTextTests {
  @Test func readsBlanksBetweenWords() throws {
    let sentences = try AnnotatedSentence.read("我们  喜欢　手机\r\n\n好\n", format: .sighan)
    #expect(sentences.map(\.words) == [["我们", "喜欢", "手机"], ["好"]])
  }

  @Test func readsTagsAndCompounds() throws {
    let text = "19980101-01-001-001/m  [中国/ns  政府/n]nt  顺利/ad  １/３/m  //w"
    let sentence = try #require(try AnnotatedSentence.read(text, format: .peoplesDaily).first)
    #expect(sentence.words == ["中国", "政府", "顺利", "１/３", "/"])
    #expect(sentence.tags == ["ns", "n", "ad", "m", "w"])
    #expect(sentence.compounds == [.init(label: "nt", words: 0..<2)])
  }

  @Test(arguments: ["好/a\n好", "好/", "/a", "[好/a", "[好/a 坏/a]", "[好/a [坏/a]nt 了/u]nt"])
  func namesTheLineThatIsMalformed(text: String) {
    #expect {
      try AnnotatedSentence.read(text, format: .peoplesDaily, file: "x.txt")
    } throws: { error in
      guard case .malformedLine(let file, let line, _, _) = error as? TextError else { return false }
      return file == "x.txt" && line == text.split(separator: "\n").count
    }
  }

  @Test func scoresWordsAsCountedByHand() throws {
    var evaluation = SegmentationEvaluation(vocabulary: ["我们", "喜欢", "手", "机"])
    try evaluation.add(gold: ["我们", "喜欢", "手机"], found: ["我们", "喜", "欢", "手机"])
    try evaluation.add(gold: ["大家", "喜欢"], found: ["大家喜欢"])
    #expect(evaluation.goldWords == 5 && evaluation.foundWords == 5 && evaluation.correctWords == 2)
    #expect(abs(evaluation.f1 - 0.4) < 1e-12)
    // 手机 and 大家 are unknown, one of them found; of the three known ones 我们 alone.
    #expect(abs(evaluation.unknownRecall - 0.5) < 1e-12)
    #expect(abs(evaluation.knownRecall - 1.0 / 3) < 1e-12)
    #expect(abs(evaluation.unknownShare - 0.4) < 1e-12)
  }

  @Test func refusesToScoreAnotherText() {
    var evaluation = SegmentationEvaluation(vocabulary: [])
    #expect(throws: TextError.self) { try evaluation.add(gold: ["我们"], found: ["我"], file: "g", line: 3) }
  }

  @Test func convertsBetweenScripts() {
    let script = ChineseScript(
      characters: ["顯": "显", "著": "着", "愛": "爱"], words: ["顯著": "显著", "短訊": "短信", "單車": "自行车"])
    #expect(script.simplified("顯著愛著") == "显著爱着")
    #expect(script.traditional("显著爱") == "顯著愛")
    #expect(script.simplified("abc👍") == "abc👍")
  }

  @Test func readsALexiconAndNamesItsBadLines() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "lexicon-\(UUID()).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("手机 10 n\n好\n".utf8).write(to: file)
    #expect(try Lexicon(contentsOf: file).counts == ["手机": 10, "好": 1])
    try Data("手机 十 n\n".utf8).write(to: file)
    #expect(throws: TextError.self) { try Lexicon(contentsOf: file) }
    #expect(throws: TextError.self) { try Lexicon(contentsOf: file.appending(path: "none")) }
  }
}
