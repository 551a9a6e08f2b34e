import MathKernels
import Testing
import TextAnalysis

@Suite struct ScriptTokenizerTests {
  @Test(arguments: [
    ("I don't, it's we’ll can't", ["I", "do", "n't", ",", "it", "'s", "we", "’ll", "ca", "n't"]),
    (
      "state-of-the-art iPhone15Pro 500ml 1,000.50 3-4",
      ["state-of-the-art", "iPhone15Pro", "500ml", "1,000.50", "3-4"]
    ),
    ("$9.99 50% ¥199!!!", ["$", "9.99", "50", "%", "¥", "199", "!!!"]),
    ("see https://a.b/c?d=1, mail me@x.com.", ["see", "https://a.b/c?d=1", ",", "mail", "me@x.com", "."]),
    ("U.S. vs Dr. No...", ["U.S.", "vs", "Dr.", "No", "..."]),
    ("good :) <3 👍🏽👨‍👩‍👧🇨🇳", ["good", ":)", "<3", "👍🏽", "👨‍👩‍👧", "🇨🇳"]),
    ("买了iPhone 15很好", ["买", "了", "iPhone", "15", "很", "好"]),
    ("@shop #sale cannot 'twas", ["@shop", "#sale", "can", "not", "'", "twas"]),
    ("", []), (" \n\t", []),
  ])
  func splitsWords(text: String, expected: [String]) {
    #expect(ScriptTokenizer().tokens(of: text).map(\.text) == expected)
  }

  /// Splits Chinese into pairs of characters, to see that it is asked.
  struct Pairs: Tokenizer {
    func tokens(of text: String) -> [Token] {
      stride(from: 0, to: text.utf8.count, by: 6).map { start in
        let range = start..<min(start + 6, text.utf8.count)
        return Token(text: text.piece(range), range: range)
      }
    }
  }

  @Test func asksAnotherTokenizerForChinese() {
    let text = "OK 质量很好!"
    let tokens = ScriptTokenizer(chinese: Pairs()).tokens(of: text)
    #expect(tokens.map(\.text) == ["OK", "质量", "很好", "!"])
    #expect(tokens.allSatisfy { text.piece($0.range) == $0.text })
  }

  @Test(arguments: [1, 2] as [UInt64])
  func leavesOnlyBlanksBetweenWords(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let parts = [
      "中", "a", "n't", ".", "'", "’", "@", "#", ":", ")", "😊", "\u{FE0F}", "\u{200D}", " ", "1", ",", "-",
      "www.", "\u{0}", "é",
    ]
    for _ in 0..<300 {
      let text = (0..<random.index(below: 40)).map { _ in parts[random.index(below: parts.count)] }.joined()
      var last = 0
      for token in ScriptTokenizer().tokens(of: text) {
        #expect(
          token.range.lowerBound >= last && !token.range.isEmpty && text.piece(token.range) == token.text)
        #expect(
          text.piece(last..<token.range.lowerBound).unicodeScalars.allSatisfy { $0 == " " || $0.value == 0 })
        last = token.range.upperBound
      }
    }
  }
}
