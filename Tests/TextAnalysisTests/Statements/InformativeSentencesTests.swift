import MathKernels
import Testing
import TextAnalysis

@Suite struct InformativeSentencesTests {
  static let filter = InformativeSentences(terms: TermExtractor(tokenizer: ScriptTokenizer()))

  @Test func keepsWhatMayTellOfANeedOnce() {
    let texts = [
      "Great! I wish it had a longer cord.", "i wish it had a longer cord", "Nice.",
      "The handle blocks the kitchen drawer.",
    ]
    let kept = Self.filter.informative(in: texts)
    #expect(kept.map(\.text) == ["I wish it had a longer cord.", "The handle blocks the kitchen drawer."])
    #expect(kept.map(\.document) == [0, 3])
    #expect(kept.allSatisfy { texts[$0.document].piece($0.range) == $0.text })
    #expect(Self.filter.informative(in: ["", "。", String(repeating: "long ", count: 500)]) == [])
  }

  @Test func picksOneSentenceOfEachGroup() throws {
    let sentences = (0..<12).map { TextSentence(document: $0, range: 0..<1, text: "s\($0)") }
    let elements = (0..<12).flatMap { row in (0..<3).map { Float($0 == row % 3 ? 1 : 0.01 * Double(row)) } }
    let picked = try InformativeSentences.sample(
      sentences, vectors: Matrix(rows: 12, columns: 3, elements), count: 3, seed: 1)
    #expect(Set(picked.map { $0.document % 3 }) == [0, 1, 2])
    #expect(throws: TextError.self) {
      try InformativeSentences.sample(sentences, vectors: Matrix(rows: 1, columns: 1), count: 3, seed: 1)
    }
  }
}
