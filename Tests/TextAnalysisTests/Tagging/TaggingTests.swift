import Foundation
import Learning
import Testing
import TextAnalysis

@Suite("Parts of speech")
struct TaggingTests {
  /// 花 is a verb before a number and a noun after 红.
  static let sentences = (0..<40).flatMap { number in
    [
      AnnotatedSentence(words: ["我", "花", "\(number)", "元"], tags: ["r", "v", "m", "q"]),
      AnnotatedSentence(words: ["红", "花", "好"], tags: ["a", "n", "a"]),
      AnnotatedSentence(words: ["他", "买", "红", "花"], tags: ["r", "v", "a", "n"]),
    ]
  }
  let model: TaggingModel

  init() throws {
    model = try PerceptronTagger(.init(epochs: 5)).fit(Self.sentences, context: FitContext(seed: 1))
  }

  @Test func followTheNeighboursOfAWord() {
    #expect(model.tags(of: ["我", "花", "99", "元"]) == ["r", "v", "m", "q"])
    #expect(model.tags(of: ["他", "买", "红", "花"]) == ["r", "v", "a", "n"])
    #expect(model.tags(of: []) == [])
    #expect(model.tags(of: ["\u{0}", "👍", ""]).count == 3)
  }

  @Test func leaveTheTagsOfAUserDictionary() {
    let tokens = [Token(text: "我", range: 0..<3), Token(text: "花", range: 3..<6, tag: "nz")]
    #expect(model.tagged(tokens).map(\.tag) == ["r", "nz"])
  }

  @Test func areTheSameOfASavedModel() throws {
    let data = try PackedPayload.encode(model)
    let loaded = try PackedPayload.decode(TaggingModel.self, from: data)
    for sentence in Self.sentences {
      #expect(loaded.tags(of: sentence.words) == model.tags(of: sentence.words))
    }
    let again = try PerceptronTagger(.init(epochs: 5)).fit(Self.sentences, context: FitContext(seed: 1))
    #expect(try PackedPayload.encode(again) == data)
  }

  @Test func needTagsToLearnFrom() {
    #expect(throws: TextError.notEnoughData(what: "sentences with tags", needed: 1, found: 0)) {
      try PerceptronTagger().fit([AnnotatedSentence(words: ["好"])], context: FitContext())
    }
    #expect(throws: TextError.self) {
      try PerceptronTagger(.init(epochs: 0)).fit(Self.sentences, context: FitContext())
    }
  }

  @Test func areScoredWithTheirPlaces() {
    var evaluation = TaggingEvaluation()
    evaluation.add(
      gold: AnnotatedSentence(words: ["红", "花", "好"], tags: ["a", "n", "a"]), words: ["红花", "好"],
      tags: ["n", "a"])
    #expect(evaluation.correctWords == 1 && evaluation.goldWords == 3 && evaluation.foundWords == 2)
    #expect(abs(evaluation.f1 - 0.4) < 1e-12)
  }
}
