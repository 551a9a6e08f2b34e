/// A text in both languages.
public struct Wording: Sendable, Codable, Equatable {
  /// In Chinese.
  public var zh: String
  /// In English.
  public var en: String

  /// A text.
  public init(zh: String, en: String) { (self.zh, self.en) = (zh, en) }
}
