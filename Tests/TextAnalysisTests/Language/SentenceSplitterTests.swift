import MathKernels
import Testing
import TextAnalysis

@Suite struct SentenceSplitterTests {
  @Test(arguments: [
    ("质量不错！物流慢。会再来", ["质量不错！", "物流慢。", "会再来"]),
    ("他说：“很好。”我不信……真的吗？！", ["他说：“很好。”", "我不信……", "真的吗？！"]),
    (
      "Dr. Smith paid $3.50. He left at 9 a.m. The end",
      ["Dr. Smith paid $3.50.", "He left at 9 a.m.", "The end"]
    ),
    (
      "wait... what? No. 5 is e.g. a J. K. Rowling book",
      ["wait... what?", "No. 5 is e.g. a J. K. Rowling book"]
    ),
    ("love it. works great. 5 stars", ["love it.", "works great.", "5 stars"]),
    ("不喜欢.而且颜色不对;退货了", ["不喜欢.", "而且颜色不对;", "退货了"]),
    ("很好用😊👍🏽下次再来😄", ["很好用😊👍🏽", "下次再来😄"]),
    ("第一行\r\n\r\n第二行\n", ["第一行", "第二行"]),
    ("see www.shop.com/a.b now! version 2.0.1 ok", ["see www.shop.com/a.b now!", "version 2.0.1 ok"]),
    ("I \"love\" it.\" Really!)", ["I \"love\" it.\"", "Really!)"]),
    ("？？？", []), ("", []), (" \u{3000}\n", []), ("😊", ["😊"]), ("好!!!", ["好!!!"]),
  ])
  func splitsSentences(text: String, expected: [String]) {
    #expect(SentenceSplitter().sentenceTexts(in: text) == expected)
  }

  @Test(arguments: [
    ("质量不错，就是物流慢：三天才到。颜色 很正", ["质量不错，", "就是物流慢：", "三天才到。", "颜色", "很正"]),
    ("It costs 1,000 but works, really", ["It costs 1,000", "but works,", "really"]),
  ])
  func splitsClauses(text: String, expected: [String]) {
    #expect(SentenceSplitter().clauses(in: text).map { text.piece($0) } == expected)
  }

  @Test func keepsWrappedLinesTogetherWhenAskedTo() {
    let text = "one line\ngoes on.\n\nNew paragraph"
    let splitter = SentenceSplitter(splitsAtLineBreaks: false)
    #expect(splitter.sentenceTexts(in: text) == ["one line\ngoes on.", "New paragraph"])
  }

  @Test(arguments: [1, 2] as [UInt64])
  func losesNoLetterWhateverComes(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let parts = [
      "中", "a", "B", ".", "…", "。", "\"", "”", "😊", "\u{FE0F}", " ", "\n", "1", ",", "，", ";", "...", "Dr",
      "\u{0}",
    ]
    for _ in 0..<300 {
      let text = (0..<random.index(below: 40)).map { _ in parts[random.index(below: parts.count)] }.joined()
      for ranges in [SentenceSplitter().sentences(in: text), SentenceSplitter().clauses(in: text)] {
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
        func letters(_ text: String) -> [Unicode.Scalar] {
          text.unicodeScalars.filter(\.properties.isAlphabetic)
        }
        #expect(letters(ranges.map { text.piece($0) }.joined()) == letters(text))
      }
    }
  }
}
