import Commerce
import Foundation
import TextAnalysis

/// What can be asked of texts one by one, each answered by JSON: the same on the command line and over HTTP.
public enum TextTask: String, Sendable, CaseIterable {
  /// Words.
  case segment
  /// Words with parts of speech.
  case tag
  /// People, places, organisations.
  case entities
  /// How positive a text is, and which words decide.
  case sentiment
  /// What a text is about.
  case keyphrases
  /// Chinese, English or neither.
  case language
  /// Pains, wishes, needs, questions and comparisons.
  case statements
  /// Joy, anger, sadness and others.
  case emotions
  /// The vector of its meaning.
  case embed

  /// The answers to texts, in their order; places are UTF-8 bytes.
  ///
  /// - Throws: `TextError.missingFile` where a model has not been trained.
  public func answers(to texts: [String], by models: TextModels) throws -> [JSONValue] {
    switch self {
    case .segment:
      let segmenter = try models.segmenter()
      return texts.map { .array(segmenter.tokens(of: $0).map(\.json)) }
    case .tag:
      let tagger = try models.partsOfSpeech()
      return texts.map { .array(tagger.tokens(of: $0).map(\.json)) }
    case .entities:
      let recognizer = try models.entities()
      return texts.map { .array(recognizer.entities(in: $0).map(\.json)) }
    case .sentiment:
      let reader = try SentimentReader(models)
      return try texts.map { try reader.sentiment(of: $0).map { try JSONValue(encoding: $0) } ?? .null }
    case .keyphrases:
      let extractor = KeyphraseExtractor(terms: try models.termExtractor())
      return texts.map { .array(extractor.keyphrases(in: $0, count: 10).map(\.json)) }
    case .language:
      return texts.map {
        let found = LanguageDetection().detect($0)
        return ["language": JSONValue(found.language?.rawValue)]
      }
    case .statements:
      let reader = try SentimentReader(models)
      let detector = StatementDetector { reader.polarity(of: $0) }
      return try texts.map { .array(try detector.statements(in: $0).map { try JSONValue(encoding: $0) }) }
    case .emotions:
      let lexicon = try models.emotions()
      return texts.map { text in
        .object(
          Dictionary(
            uniqueKeysWithValues: lexicon.counts(in: text).map { ($0.key.rawValue, JSONValue($0.value)) }))
      }
    case .embed:
      let vectors = try models.embedder().vectors(of: texts)
      return texts.indices.map { row in .array(vectors.row(row).map { JSONValue(Double($0)) }) }
    }
  }
}

extension Token {
  /// The word as JSON.
  public var json: JSONValue {
    var value: JSONValue = [
      "text": .string(text), "start": JSONValue(range.lowerBound), "end": JSONValue(range.upperBound),
    ]
    if let tag { value["tag"] = .string(tag) }
    return value
  }
}

extension LabelledRange {
  /// The piece as JSON.
  public var json: JSONValue {
    [
      "text": .string(text), "label": .string(label), "start": JSONValue(range.lowerBound),
      "end": JSONValue(range.upperBound),
    ]
  }
}

extension Keyphrase {
  /// The phrase as JSON.
  public var json: JSONValue {
    [
      "text": .string(text), "score": JSONValue(score), "documents": JSONValue(documents),
      "ranges": .array(ranges.map { [JSONValue($0.lowerBound), JSONValue($0.upperBound)] }),
    ]
  }
}

extension TextModels {
  /// The words that carry emotions in Chinese; English has no list yet.
  ///
  /// - Throws: `TextError.missingFile` until the lists have been fetched.
  public func emotions() throws -> EmotionLexicon {
    try kept("emotions") { try EmotionLexicon.chinese(folder: data("chinese-lexicons").path) }
  }
}

extension Shop {
  /// Answers a question to texts.
  ///
  /// - Throws: `TextError.missingFile` where models are not installed.
  public nonisolated func answers(to texts: [String], _ task: TextTask) async throws -> [JSONValue] {
    guard let textModels else {
      throw TextError.missingFile(path: "the models of texts", hint: "'make text' fetches and trains them")
    }
    return try await withTaskExecutorPreference(BackgroundExecutor.shared) {
      try await Self.answers(to: texts, task, textModels)
    }
  }

  private nonisolated static func answers(
    to texts: [String], _ task: TextTask, _ models: TextModels
  ) async throws -> [JSONValue] { try task.answers(to: texts, by: models) }
}
