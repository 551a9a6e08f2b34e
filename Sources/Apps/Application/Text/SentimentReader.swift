import Commerce
import Foundation
import Needs
import TextAnalysis

/// Says how positive texts of either language are.
public struct SentimentReader: Sendable {
  private let chinese: SentimentModel
  private let english: SentimentModel
  private let detection = LanguageDetection()

  /// A reader by the trained models.
  public init(_ models: TextModels) throws {
    chinese = try models.sentiment(.chinese)
    english = try models.sentiment(.english)
  }

  /// The sentiment of a text with its sentences and the words that decided; nil for a text of neither language.
  public func sentiment(of text: String, language: TextLanguage? = nil) -> Sentiment? {
    model(for: text, language)?.sentiment(of: text)
  }

  /// How good or bad a text is, from −1 to 1; 0 for one of neither language.
  public func polarity(of text: String) -> Double {
    model(for: text, nil).map { 2 * $0.probability(of: text) - 1 } ?? 0
  }

  private func model(for text: String, _ language: TextLanguage?) -> SentimentModel? {
    switch language ?? detection.detect(text).language {
    case .chinese: chinese
    case .english: english
    case nil: nil
    }
  }
}

extension TextModels {
  /// What the voice of customers is mined with: words, meaning where its vectors have been fetched, and sentiment.
  public func voiceTools(
    revenue: VoiceTools.Revenue? = nil
  ) throws -> VoiceTools {
    let sentiment = try SentimentReader(self)
    let vectors = data("use-multilingual").appendingPathComponent("weights.npz")
    var tools = VoiceTools(
      terms: try termExtractor(),
      embedder: FileManager.default.fileExists(atPath: vectors.path) ? try embedder() : nil,
      polarity: { sentiment.polarity(of: $0) }, revenue: revenue)
    if hasPartsOfSpeech {
      let speech = try partsOfSpeech()
      tools.tokens = { speech.tokens(of: $0) }
    }
    return tools
  }

  private var hasPartsOfSpeech: Bool {
    [TextTraining.Part.segmentation, .tagging, .englishTagging].allSatisfy { isTrained($0.rawValue) }
  }
}
