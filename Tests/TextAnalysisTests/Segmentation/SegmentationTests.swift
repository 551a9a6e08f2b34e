import Foundation
import Learning
import Testing
import TextAnalysis

/// A small world of words, enough for a segmenter to learn from.
enum SmallCorpus {
  static let words = [
    "我们", "喜欢", "手机", "质量", "很", "好", "物流", "太", "慢", "了", "客服", "态度", "不", "错", "价格", "便宜", "的", "他们", "购买",
    "电脑",
  ]
  static let sentences: [AnnotatedSentence] = {
    // A fixed walk through the words, so that every one meets many neighbours.
    var sentences: [AnnotatedSentence] = []
    var place = 0
    for number in 0..<300 {
      var sentence: [String] = []
      for step in 0..<(4 + number % 5) {
        place = (place * 31 + number * 7 + step * 3 + 1) % words.count
        sentence.append(words[place])
      }
      sentences.append(AnnotatedSentence(words: sentence + ["。"]))
    }
    return sentences
  }()
  static let script = ChineseScript(
    characters: ["們": "们", "歡": "欢", "機": "机", "質": "质", "著": "着"], words: ["著名": "著名"])
  static let model = Result {
    try PerceptronSegmenter(.init(epochs: 5)).fit(
      SegmentationCorpus(
        sentences: sentences, lexicon: Lexicon(["手机": 10, "质量": 5, "云海": 1]), script: script),
      context: FitContext(seed: 7))
  }
}

@Suite("Splitting Chinese text into words")
struct SegmentationTests {
  let segmenter: ChineseSegmenter

  init() throws { segmenter = ChineseSegmenter(try SmallCorpus.model.get()) }

  @Test func findsTheWordsItHasLearned() {
    #expect(segmenter.words(of: "我们喜欢手机。") == ["我们", "喜欢", "手机", "。"])
    #expect(segmenter.words(of: "客服态度不错") == ["客服", "态度", "不", "错"])
  }

  @Test func splitsTraditionalTextAsItsSimplifiedForm() {
    let tokens = segmenter.tokens(of: "我們喜歡手機。")
    #expect(tokens.map(\.text) == ["我們", "喜歡", "手機", "。"])
    #expect(tokens.map(\.range) == [0..<6, 6..<12, 12..<18, 18..<21])
  }

  @Test(arguments: [
    ("iPhone15Pro很好", ["iPhone15Pro", "很", "好"]),
    ("500ml 99.5% 1,299", ["500ml", "99.5%", "1,299"]),
    ("help@shop.com.cn", ["help@shop.com.cn"]),
    ("https://a.cn/b?c=1,很好", ["https://a.cn/b?c=1", ",", "很", "好"]),
    ("👍🏻👨‍👩‍👧🇨🇳", ["👍🏻", "👨‍👩‍👧", "🇨🇳"]),
    ("don't worry, Wi-Fi", ["don't", "worry", ",", "Wi-Fi"]),
    ("ＡＢ１２", ["ＡＢ１２"]),
    ("2019-03-04 20:30", ["2019-03-04", "20:30"]),
  ])
  func keepsNumbersNamesAddressesAndEmojiWhole(text: String, words: [String]) {
    #expect(segmenter.words(of: text) == words)
  }

  @Test(arguments: [
    "", " ", "\n\t", "👍", "<b>好</b>&amp;", "\u{0}\u{1}我们\u{7F}喜欢", "e\u{301}", "\u{200D}\u{FE0F}", "龘𠮷好",
    "مرحبا 你好 ありがとう",
    "http://", "a@", "@@@", "1.", ".1", "％％", "我们　喜欢",
  ])
  func tokensLieInOrderAndOnlyBlanksAndControlsBetweenThem(text: String) {
    let bytes = Array(text.utf8)
    var place = 0
    for token in segmenter.tokens(of: text) {
      #expect(token.range.lowerBound >= place && !token.range.isEmpty)
      #expect(Array(token.text.utf8) == Array(bytes[token.range]))
      #expect(isBlank(bytes[place..<token.range.lowerBound]))
      place = token.range.upperBound
    }
    #expect(isBlank(bytes[place...]))
  }

  private func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy {
      $0.properties.isWhitespace || $0.properties.generalCategory == .control
    }
  }

  @Test func aLineOfManyPiecesIsSplitAsShortOnesAre() {
    let line = String(repeating: "我们喜欢手机。 ", count: 60_000)
    let words = segmenter.words(of: line)
    #expect(words.count == 240_000)
    #expect(Set(words) == ["我们", "喜欢", "手机", "。"])
    #expect(segmenter.words(of: String(repeating: "好", count: 500_000)).joined().utf8.count == 1_500_000)
  }

  @Test func brokenBytesAreCharacters() {
    let bytes: [UInt8] = [0xE6, 0x88, 0xFF, 0xE6, 0x88, 0x91, 0xF0, 0x9F, 0x80]
    let ranges = bytes.withUnsafeBufferPointer { segmenter.ranges(ofUTF8: $0) }
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == bytes.count)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
  }

  @Test func theSameSeedGivesTheSameModel() throws {
    let corpus = SegmentationCorpus(sentences: SmallCorpus.sentences, lexicon: Lexicon(["手机": 1, "质量": 1]))
    let trainer = PerceptronSegmenter(.init(epochs: 2))
    let models = try (0..<2).map { _ in
      try PackedPayload.encode(trainer.fit(corpus, context: FitContext(seed: 3)))
    }
    #expect(models[0] == models[1])
  }

  @Test func aSavedModelSplitsAsBefore() throws {
    let data = try PackedPayload.encode(segmenter.model)
    let loaded = ChineseSegmenter(try PackedPayload.decode(SegmentationModel.self, from: data))
    for sentence in SmallCorpus.sentences.prefix(50) + [AnnotatedSentence(words: ["我們購買云海"])] {
      #expect(loaded.tokens(of: sentence.text) == segmenter.tokens(of: sentence.text))
    }
    #expect(throws: (any Error).self) {
      try PackedPayload.decode(SegmentationModel.self, from: data.dropLast(9))
    }
  }

  @Test func refusesSettingsAndDataItCannotLearnFrom() {
    let one = SegmentationCorpus(sentences: [AnnotatedSentence(words: ["好"])])
    #expect(throws: TextError.notEnoughData(what: "split sentences", needed: 1, found: 0)) {
      try PerceptronSegmenter().fit(SegmentationCorpus(sentences: []), context: FitContext())
    }
    #expect(throws: TextError.invalidParameter(name: "epochs", value: "0", expected: "1 to 10000")) {
      try PerceptronSegmenter(.init(epochs: 0)).fit(one, context: FitContext())
    }
    #expect(throws: Never.self) { try PerceptronSegmenter().fit(one, context: FitContext()) }
  }

  @Test func stopsWhenItsTaskIsCancelled() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try PerceptronSegmenter().fit(
        SegmentationCorpus(sentences: SmallCorpus.sentences), context: FitContext())
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}

@Suite("Words that always apply")
struct UserDictionaryTests {
  let segmenter: ChineseSegmenter

  init() throws { segmenter = ChineseSegmenter(try SmallCorpus.model.get()) }

  @Test func applyWhateverWasLearned() {
    let user = UserDictionary([
      .init("喜欢手", tag: "x"), .init("C++"), .init("Galaxy S 24", tag: "nz"), .init("手机质量"),
    ])
    let swapped = segmenter.with(userDictionary: user)
    let tokens = swapped.tokens(of: "我们喜欢手机，手机质量好，ｃ++ galaxy  s 24")
    #expect(tokens.map(\.text).contains("喜欢手"))
    #expect(tokens.first { $0.text == "喜欢手" }?.tag == "x")
    #expect(tokens.map(\.text).contains("手机质量"))
    #expect(tokens.map(\.text).contains("ｃ++"))
    #expect(segmenter.words(of: "我们喜欢手机") == ["我们", "喜欢", "手机"])
  }

  @Test func applyAsTheLongestFromTheLeft() {
    let user = UserDictionary([.init("手机"), .init("手机质"), .init("质量很")])
    #expect(segmenter.with(userDictionary: user).words(of: "手机质量很") == ["手机质", "量", "很"])
  }

  @Test func doNotCutRunsOfLetters() {
    let user = UserDictionary([.init("art"), .init("15")])
    #expect(
      segmenter.with(userDictionary: user).words(of: "party art 15 15Pro") == ["party", "art", "15", "15Pro"])
  }

  @Test func applyInTraditionalTextsInBothForms() {
    let user = UserDictionary([.init("们喜", tag: "a"), .init("歡手", tag: "b")])
    let tokens = segmenter.with(userDictionary: user).tokens(of: "我們喜歡手機")
    #expect(tokens.map(\.text) == ["我", "們喜", "歡手", "機"])
    #expect(tokens.map(\.tag) == [nil, "a", "b", nil])
  }

  @Test func areReadWithCountsAndTagsAndErrorsByLine() throws {
    let user = try UserDictionary(text: "\u{FEFF}云海手机 100 nz\r\n\n米家\n好 n\n云海手机 5", file: "my.txt")
    #expect(user.entries == [.init("云海手机"), .init("米家"), .init("好", tag: "n")])
    #expect(
      throws: TextError.malformedLine(
        file: "my.txt", line: 2, expected: "word [count] [tag]", found: "'一 2 n 多余'")
    ) {
      try UserDictionary(text: "好\n一 2 n 多余", file: "my.txt")
    }
  }
}
