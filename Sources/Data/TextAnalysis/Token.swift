/// A piece of a text, as offsets into its UTF-8 bytes.
public typealias TextRange = Range<Int>

/// One word of a text, and where it stands.
public struct Token: Sendable, Equatable, Codable {
  /// The word as it is written in the text.
  public var text: String
  /// Where it stands, in UTF-8 bytes.
  public var range: TextRange
  /// Its part of speech, when a tagger has seen it.
  public var tag: String?

  /// A word at a place.
  public init(text: String, range: TextRange, tag: String? = nil) {
    self.text = text
    self.range = range
    self.tag = tag
  }
}

/// A piece of a text that has a name: an entity, an aspect, an opinion.
public struct LabelledRange: Sendable, Equatable, Codable {
  /// What it is, such as `PER` or `brand`.
  public var label: String
  /// The piece as it is written in the text.
  public var text: String
  /// Where it stands, in UTF-8 bytes.
  public var range: TextRange

  /// A named piece.
  public init(label: String, text: String, range: TextRange) {
    self.label = label
    self.text = text
    self.range = range
  }
}

/// A language that texts are understood in.
public enum TextLanguage: String, Sendable, Codable, CaseIterable {
  /// Chinese, in simplified or traditional characters.
  case chinese = "zh"
  /// English.
  case english = "en"
}

/// Splits texts into words.
public protocol Tokenizer: Sendable {
  /// The words in the text's order; they do not overlap, and only blanks lie between them.
  func tokens(of text: String) -> [Token]
}

/// Finds named pieces in texts.
public protocol EntityRecognizer: Sendable {
  /// The named pieces in the text's order; they do not overlap.
  func entities(in text: String) throws -> [LabelledRange]
}
