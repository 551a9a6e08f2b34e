/// Finds the words of a text that carry its content: words in small letters, without stop words, marks and bare numbers.
///
/// ```swift
/// TermExtractor(tokenizer: ScriptTokenizer()).terms(of: "The batteries are great!")   // ["batteries", "great"]
/// ```
public struct TermExtractor: Sendable {
  /// Splits texts into words.
  public var tokenizer: any Tokenizer
  /// Words to leave out.
  public var stopWords: StopWords
  /// Leads English words back to their base forms, when there is one.
  public var lemmatizer: EnglishLemmatizer?
  /// Whether Chinese words of one character are left out; most of them say little.
  public var dropsSingleHan: Bool

  /// An extractor with these parts.
  public init(
    tokenizer: any Tokenizer, stopWords: StopWords = .essential, lemmatizer: EnglishLemmatizer? = nil,
    dropsSingleHan: Bool = true
  ) {
    (self.tokenizer, self.stopWords) = (tokenizer, stopWords)
    (self.lemmatizer, self.dropsSingleHan) = (lemmatizer, dropsSingleHan)
  }

  /// The words that carry content, as they are counted.
  public func terms(of text: String) -> [String] {
    tokenizer.tokens(of: text).compactMap { term(of: $0.text) }
  }

  /// How a word is counted; nil when it carries no content.
  public func term(of word: String) -> String? {
    var (letters, digits, han, others, count) = (0, 0, 0, 0, 0)
    for scalar in word.unicodeScalars {
      count += 1
      if scalar.isHan {
        han += 1
      } else if scalar.isLetter {
        letters += 1
      } else if scalar.isDigit {
        digits += 1
      } else {
        others += 1
      }
    }
    guard han + letters > 0, others <= han + letters, count <= 40 else { return nil }
    if han > 0 {
      guard han > 1 || letters + digits > 0 || !dropsSingleHan else { return nil }
      return stopWords.contains(word) ? nil : word
    }
    guard letters + digits > 1 else { return nil }
    let lowered = word.lowercased()
    guard !stopWords.contains(lowered) else { return nil }
    let base = lemmatizer?.lemma(of: lowered) ?? lowered
    return stopWords.contains(base) ? nil : base
  }
}
