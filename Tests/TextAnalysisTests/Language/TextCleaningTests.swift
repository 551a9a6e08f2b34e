import MathKernels
import Testing
import TextAnalysis

@Suite struct TextCleaningTests {
  @Test(arguments: [
    ("质量<b>很好</b>！！！！！", "质量 很好 ！"),
    ("a&nbsp;&amp;&nbsp;b &#20320;&#x597d; &bogus;", "a & b 你好 &bogus;"),
    ("<script>alert('x')</script>ok<STYLE>p{}</style>!", "ok !"),
    ("\u{FEFF}ＡＢＣ１２３　５００ｍｌ\u{0007}\u{200B}end", "ABC123 500ml end"),
    ("3 < 5 <3 <你好>", "3 < 5 <3 <你好>"),
    ("<script>never closed", "never closed"),
    ("<a<a<a", "<a<a<a"),
    ("", ""),
  ])
  func takesOutWhatIsNotLanguage(text: String, expected: String) {
    #expect(TextCleaning().clean(text).text == expected)
  }

  @Test func leadsPlacesBackToTheOriginal() throws {
    let original = "<p>电池&nbsp;<i>很</i>差！！！</p> ＯＫ"
    let cleaned = TextCleaning().clean(original)
    #expect(cleaned.text == "电池 很 差！ OK")
    for (piece, source) in [("电池", "电池"), ("差", "差"), ("OK", "ＯＫ"), ("很", "很"), ("很 差", "很</i>差")] {
      let place = try #require(range(of: piece, in: cleaned.text))
      #expect(original.piece(cleaned.originalRange(of: place)) == source)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func neverFailsAndKeepsPlacesInOrder(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let parts = [
      "<", ">", "&", ";", "amp", "b", "/", "!", "。", "中", "\u{0}", "\u{FEFF}", "😊", "\u{200D}", " ", "\n",
      "script", "#x4e2d",
    ]
    for _ in 0..<300 {
      let text = (0..<random.index(below: 40)).map { _ in parts[random.index(below: parts.count)] }.joined()
      let cleaned = TextCleaning().clean(text)
      var last = 0
      for offset in 0..<cleaned.text.utf8.count {
        let place = cleaned.originalRange(of: offset..<offset + 1)
        #expect(place.lowerBound >= last && place.upperBound <= text.utf8.count && !place.isEmpty)
        last = place.lowerBound
      }
    }
  }
}

/// Where a piece stands first in a text.
func range(of piece: String, in text: String) -> TextRange? {
  let (bytes, wanted) = (Array(text.utf8), Array(piece.utf8))
  guard !wanted.isEmpty, wanted.count <= bytes.count else { return nil }
  return (0...bytes.count - wanted.count).first { Array(bytes[$0..<$0 + wanted.count]) == wanted }
    .map { $0..<$0 + wanted.count }
}
