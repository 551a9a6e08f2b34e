/// A part of a sentence in both languages.
struct Phrase: Sendable, Equatable {
  let english: String
  let chinese: String

  init(_ english: String, _ chinese: String) {
    self.english = english
    self.chinese = chinese
  }

  /// Both parts in a row; Chinese and Latin letters or digits that meet are set apart by a space.
  static func + (a: Phrase, b: Phrase) -> Phrase {
    Phrase(a.english + b.english, a.chinese + (meet(a.chinese, b.chinese) ? " " : "") + b.chinese)
  }

  /// The text as it is, in quotes.
  static func quoted(_ text: String) -> Phrase { Phrase("“\(text)”", "“\(text)”") }

  /// A number, without a fraction of zeros.
  static func number(_ number: Double) -> Phrase {
    let text = Int64(exactly: number).map(String.init) ?? String(number)
    return Phrase(text, text)
  }

  /// Several parts with what stands between two of them, and between the last two.
  static func list(_ parts: [Phrase], between: Phrase, last: Phrase) -> Phrase {
    guard var all = parts.first else { return Phrase("", "") }
    for (index, part) in parts.enumerated().dropFirst() {
      all = all + (index == parts.count - 1 ? last : between) + part
    }
    return all
  }

  private static func meet(_ left: String, _ right: String) -> Bool {
    guard let a = left.unicodeScalars.last, let b = right.unicodeScalars.first else { return false }
    return a.isLatin && b.isChinese || a.isChinese && b.isLatin
  }
}

extension Unicode.Scalar {
  fileprivate var isLatin: Bool {
    value < 0x80 && (properties.isAlphabetic || properties.numericType != nil || self == "%")
  }
  fileprivate var isChinese: Bool { (0x4E00...0x9FFF).contains(value) }
}
