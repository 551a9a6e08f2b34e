import Application
import Commerce
import Foundation
import Learning
import TextAnalysis

/// Models of texts learned from a few sentences: enough to split words, to tell nouns from adjectives and good from bad.
public enum SmallTextModels {
  /// Models in a folder of their own, which the caller removes (`cache`).
  public static func make() async throws -> TextModels {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-text-\(UUID().uuidString)")
    let models = TextModels(cache: folder)
    func save(_ model: some FittedModel, _ part: TextTraining.Part) throws {
      try TextModels.write(
        try ModelEnvelope(
          model, trainedAt: Timestamp(milliseconds: 1_717_243_200_000), dataFingerprint: "", metrics: [:]),
        to: models.path(of: part.rawValue))
    }
    let tagged = [
      "电池/n 不/d 耐用/a", "屏幕/n 很/d 清晰/a", "希望/v 有/v 红色/n", "客服/n 不/d 理/v 人/n", "电池/n 很/d 好/a",
      "屏幕/n 不/d 好/a", "外壳/n 很/d 差/a",
    ].map { line in
      let pairs = line.split(separator: " ").map { $0.split(separator: "/").map(String.init) }
      return AnnotatedSentence(words: pairs.map { $0[0] }, tags: pairs.map { $0[1] })
    }
    try save(
      try PerceptronSegmenter().fit(SegmentationCorpus(sentences: tagged), context: FitContext()),
      .segmentation)
    try save(try PerceptronTagger().fit(tagged, context: FitContext()), .tagging)
    let words = TaggedCorpus(
      sentences: (0..<8).map { _ in [.init("the", "DT"), .init("battery", "NN")] })
    try save(
      try await EnglishTagger(configuration: .init(leastCount: 1)).fit(words, context: FitContext()),
      .englishTagging)
    for (language, good, bad) in [
      (TextLanguage.chinese, "很好很清晰", "不好坏了"), (.english, "great good", "bad broken"),
    ] {
      let texts = (0..<40).map {
        LabelledText(label: $0 % 2 == 0 ? "positive" : "negative", text: "\($0 % 2 == 0 ? good : bad) \($0)")
      }
      let lexicon = SentimentLexicon(
        language: language, polarities: language == .chinese ? ["好": 1, "坏": -1] : ["good": 1, "bad": -1])
      try save(
        try await SentimentClassifier(lexicon: lexicon).fit(texts, context: FitContext()),
        language == .chinese ? .chineseSentiment : .englishSentiment)
    }
    return models
  }
}
