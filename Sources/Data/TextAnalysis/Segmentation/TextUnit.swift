/// What a segmenter decides over: a character, or a run that no word boundary can fall into, such as a number, a name of a
/// model or an address.
///
/// The numbers below 8 are classes of characters that the scanner reads runs from; those from 8 on are units of a text;
/// from `firstCharacter` on each is one character of the vocabulary.
enum TextUnit {
  static let blank: UInt16 = 0
  static let digit: UInt16 = 1
  static let letter: UInt16 = 2
  static let emoji: UInt16 = 3
  static let joiner: UInt16 = 4
  static let unknownHan: UInt16 = 8
  static let unknownSymbol: UInt16 = 9
  /// One to four digits, then five or more.
  static let firstNumber: UInt16 = 10
  static let decimal: UInt16 = 15
  static let percent: UInt16 = 16
  static let singleLetter: UInt16 = 17
  static let word: UInt16 = 18
  static let mixed: UInt16 = 19
  static let address: UInt16 = 20
  static let pictogram: UInt16 = 21
  static let userWord: UInt16 = 22
  static let firstCharacter: UInt16 = 32

  /// Whether a unit is always a word of its own.
  @inline(__always)
  static func standsAlone(_ unit: UInt16) -> Bool {
    unit == blank || (unit >= mixed && unit < firstCharacter)
  }

  /// The coarse classes that features see.
  enum Group: UInt8 {
    case blank, number, letter, punctuation, numeral, calendar, han, other
  }

  private static let numerals = Set("〇零一二三四五六七八九十百千万亿两几数第半多".unicodeScalars.map(\.value))
  private static let calendar = Set("年月日时分秒号点".unicodeScalars.map(\.value))

  /// The group of a code point.
  static func group(ofCode code: UInt32) -> Group {
    if numerals.contains(code) { return .numeral }
    if calendar.contains(code) { return .calendar }
    if isHan(code) { return .han }
    return .punctuation
  }

  /// The group of a unit that is not a single character.
  static func group(ofUnit unit: UInt16) -> Group {
    switch unit {
    case blank: .blank
    case firstNumber...percent: .number
    case singleLetter, word: .letter
    case unknownHan, userWord: .han
    case unknownSymbol: .punctuation
    default: .other
    }
  }

  /// Whether a code point is a Chinese character.
  static func isHan(_ code: UInt32) -> Bool {
    (0x4E00...0x9FFF).contains(code) || (0x3400...0x4DBF).contains(code) || code == 0x3007
      || (0xF900...0xFAFF).contains(code) || (0x20000...0x3FFFF).contains(code)
  }

  /// The code point without the difference of full and half width, nor of case in ASCII.
  @inline(__always)
  static func normalized(_ code: UInt32) -> UInt32 {
    let narrow = (0xFF01...0xFF5E).contains(code) ? code - 0xFEE0 : code
    return (0x41...0x5A).contains(narrow) ? narrow + 0x20 : narrow
  }

  /// How the scanner takes a code point of the basic plane that is not in the vocabulary.
  static func scanClass(_ code: UInt32) -> UInt16 {
    let code = normalized(code)
    switch code {
    case 0...0x20, 0x7F...0xA0, 0x1680, 0x180E, 0x2000...0x200C, 0x200E...0x200F, 0x2028...0x202F,
      0x205F...0x206F, 0x3000, 0xFEFF, 0xFFF0...0xFFFB:
      return blank
    case 0x30...0x39: return digit
    case 0x200D, 0xFE00...0xFE0F, 0x20E3, 0x0300...0x036F: return joiner
    case 0x61...0x7A, 0xAA, 0xB5, 0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x1FFF,
      0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x3105...0x318E, 0xA000...0xABFF,
      0xAC00...0xD7FF, 0xFF66...0xFFDC:
      return letter
    case 0x231A...0x231B, 0x23E9...0x23F3, 0x2600...0x27BF, 0x2934...0x2935, 0x2B05...0x2B55: return emoji
    default: return isHan(code) ? unknownHan : unknownSymbol
    }
  }
}
