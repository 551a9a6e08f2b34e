import TextAnalysis

/// Splits texts into words and says what part of speech each is: Chinese sentences by the tags of the People's Daily corpus,
/// English ones by those of the Penn Treebank.
public struct PartsOfSpeech: Sendable {
  let segmenter: ChineseSegmenter
  let chinese: TaggingModel
  let english: EnglishTaggerModel
  private let detection = LanguageDetection()

  /// The words of a text with their tags and places.
  ///
  /// - Parameter language: that of the text; told from it unless given. What is neither counts as Chinese when it has a Chinese
  ///   character, else as English.
  public func tokens(of text: String, language: TextLanguage? = nil) -> [Token] {
    switch language ?? detection.detect(text).language ?? (Self.hasHan(text) ? .chinese : .english) {
    case .chinese: chinese.tagged(segmenter.tokens(of: text))
    case .english: english.tagged(ScriptTokenizer(chinese: segmenter).tokens(of: text))
    }
  }

  private static func hasHan(_ text: String) -> Bool {
    text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) }
  }
}
