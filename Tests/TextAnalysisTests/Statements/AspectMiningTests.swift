import Learning
import MathKernels
import Testing
import TextAnalysis

@Suite struct AspectMiningTests {
  /// A sentence of words with tags, "word/tag word/tag", in which Chinese words are not parted by blanks.
  static func sentence(_ text: String) -> [Token] {
    var place = 0
    return text.split(separator: " ").map { piece in
      let parts = piece.split(separator: "/")
      let isHan = parts[0].unicodeScalars.allSatisfy { $0.value > 0x2000 }
      let range = place..<place + parts[0].utf8.count
      place = range.upperBound + (isHan ? 0 : 1)
      return Token(text: String(parts[0]), range: range, tag: String(parts[1]))
    }
  }

  static let corpus = [
    "质量/n 很/d 好/a", "物流/n 速度/n 很/d 快/a", "物流/n 速度/n 太/d 慢/a", "物流/n 速度/n 不错/a", "质量/n 差/a",
    "质量/n 和/c 做工/n 都/d 好/a",
    "做工/n 好/a", "做工/n 很/d 差/a", "做工/n 精良/a", "做工/n 精良/a ，/w 质量/n 好/a", "做工/n 精良/a 又/d 好/a",
    "质量/n 精良/a ，/w 做工/n 好/a",
    "好/a 的/u 质量/n", "the/DT screen/NN is/VBZ great/JJ", "great/JJ screen/NN",
    "the/DT screens/NNS are/VBP n't/RB bright/JJ",
    "the/DT battery/NN life/NN is/VBZ bad/JJ", "battery/NN life/NN is/VBZ good/JJ",
    "great/JJ battery/NN life/NN",
  ].map(sentence)

  @Test func learnsAspectsFromOpinionsAndOpinionsFromAspects() async throws {
    let lexicon = try await AspectMining().fit(.init(sentences: Self.corpus), context: FitContext())
    #expect(Set(lexicon.aspects.keys) == ["质量", "物流速度", "做工", "screen", "battery life"])
    #expect((lexicon.opinions["精良"] ?? 0) > 0.3)
    #expect(lexicon.rankedAspects.first?.aspect == "做工" || lexicon.rankedAspects.first?.aspect == "质量")
  }

  @Test(arguments: [
    ("质量/n 很/d 好/a", "质量", 1.0), ("质量/n 不/d 好/a", "质量", -0.8), ("质量/n 并不/d 差/a", "质量", 0.8),
    ("做工/n 太/d 大/a", "", 0),
    ("精良/a 的/u 做工/n", "做工", 0.3), ("the/DT screen/NN is/VBZ not/RB bright/JJ", "screen", -0.8),
    ("bad/JJ battery/NN life/NN", "battery life", -1), ("it/PRP is/VBZ good/JJ", "", 0),
  ])
  func pairsAspectsWithOpinions(text: String, aspect: String, polarity: Double) async throws {
    let lexicon = try await AspectMining().fit(.init(sentences: Self.corpus), context: FitContext())
    let words = Self.sentence(text)
    let found = lexicon.aspectOpinions(in: words)
    guard !aspect.isEmpty else {
      #expect(found.isEmpty)
      return
    }
    let pair = try #require(found.first)
    #expect(found.count == 1 && pair.aspect == aspect)
    #expect(polarity == 0.3 ? pair.polarity > 0.2 : abs(pair.polarity - polarity) < 1e-9, "\(pair)")
    #expect(pair.isNegated == (abs(polarity) == 0.8))
    #expect(
      pair.aspectRange.lowerBound >= 0 && pair.opinionRange.upperBound <= (words.last?.range.upperBound ?? 0))
  }

  @Test func saysThatThereIsTooMuchOfSomething() async throws {
    let more = Self.corpus + ["做工/n 大/a", "做工/n 大/a", "做工/n 大/a"].map(Self.sentence)
    let lexicon = try await AspectMining().fit(.init(sentences: more), context: FitContext())
    let found = lexicon.aspectOpinions(in: Self.sentence("做工/n 太/d 大/a"))
    #expect(found.map { $0.polarity < 0 } == [true])
  }

  @Test func isTheSameAfterLoadingAndRefusesNothing() async throws {
    let lexicon = try await AspectMining().fit(.init(sentences: Self.corpus), context: FitContext())
    #expect(try PackedPayload.decode(AspectLexicon.self, from: PackedPayload.encode(lexicon)) == lexicon)
    #expect(lexicon.aspectOpinions(in: []) == [])
    await #expect(throws: TextError.self) {
      try await AspectMining().fit(.init(sentences: []), context: FitContext())
    }
    await #expect(throws: TextError.self) {
      try await AspectMining(configuration: .init(epochs: 0)).fit(
        .init(sentences: Self.corpus), context: FitContext())
    }
  }
}
