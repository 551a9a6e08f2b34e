/// A text as Unicode scalars, each with its place in the UTF-8 bytes: what rules walk over, without the cost of `Character`.
struct ScalarText: Sendable {
  /// The UTF-8 bytes.
  let bytes: [UInt8]
  /// The scalars.
  let scalars: [Unicode.Scalar]
  /// Where each scalar starts, and at the end the number of bytes.
  let offsets: [Int32]

  init(_ text: String) {
    bytes = Array(text.utf8)
    var scalars: [Unicode.Scalar] = []
    var offsets: [Int32] = []
    scalars.reserveCapacity(bytes.count)
    offsets.reserveCapacity(bytes.count + 1)
    var offset = 0
    for scalar in text.unicodeScalars {
      scalars.append(scalar)
      offsets.append(Int32(truncatingIfNeeded: offset))
      offset += UTF8.width(scalar)
    }
    offsets.append(Int32(truncatingIfNeeded: offset))
    self.scalars = scalars
    self.offsets = offsets
  }

  /// How many scalars there are.
  var count: Int { scalars.count }

  /// The scalar at a place, or nil beyond either end.
  @inline(__always)
  func at(_ index: Int) -> Unicode.Scalar? {
    index >= 0 && index < scalars.count ? scalars[index] : nil
  }

  /// The bytes of a range of scalars.
  func range(_ scalars: Range<Int>) -> TextRange {
    Int(offsets[scalars.lowerBound])..<Int(offsets[scalars.upperBound])
  }

  /// What is written in a range of bytes.
  func text(_ range: TextRange) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// A word for a range of scalars.
  func token(_ scalars: Range<Int>) -> Token {
    let place = range(scalars)
    return Token(text: text(place), range: place)
  }
}

extension String {
  /// The piece of the text at these UTF-8 bytes; a range that reaches beyond the text is cut, and bytes that are not whole
  /// scalars are replaced.
  public func piece(_ range: TextRange) -> String {
    let length = utf8.count
    let (low, high) = (min(max(0, range.lowerBound), length), min(max(0, range.upperBound), length))
    guard low < high else { return "" }
    let start = utf8.index(utf8.startIndex, offsetBy: low)
    return String(decoding: utf8[start..<utf8.index(start, offsetBy: high - low)], as: UTF8.self)
  }
}

extension Unicode.Scalar {
  /// Whether it is a Chinese character.
  var isHan: Bool {
    switch value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x3134F, 0x3005, 0x3007: true
    default: false
    }
  }

  /// Whether it is a letter of the Latin alphabet, with or without marks.
  var isLatin: Bool {
    switch value {
    case 0x41...0x5A, 0x61...0x7A: true
    case 0xC0...0x24F: value != 0xD7 && value != 0xF7
    case 0x1E00...0x1EFF: true
    default: false
    }
  }

  /// Whether it is a digit from 0 to 9, also of full width.
  var isDigit: Bool { (0x30...0x39).contains(value) || (0xFF10...0xFF19).contains(value) }

  /// Whether it is a blank, a control character or a mark without width.
  var isBlank: Bool {
    switch value {
    case 0...0x20, 0x7F...0xA0, 0x1680, 0x2000...0x200C, 0x200E...0x200F, 0x2028...0x202F, 0x205F...0x2064,
      0x3000, 0xFEFF:
      true
    default: false
    }
  }

  /// Whether it is a picture, or a part of one.
  var isEmoji: Bool {
    switch value {
    case 0x1F000...0x1FAFF, 0x2600...0x27BF, 0x2B50, 0x2B55, 0x2B1B...0x2B1C, 0x231A...0x231B,
      0x23E9...0x23FA:
      true
    default: false
    }
  }

  /// Whether it changes or joins the picture before it.
  var isEmojiModifier: Bool {
    switch value {
    case 0xFE0E...0xFE0F, 0x200D, 0x1F3FB...0x1F3FF, 0xE0020...0xE007F, 0x20E3: true
    default: false
    }
  }

  /// Whether it is a letter of any script.
  var isLetter: Bool {
    value < 0x80
      ? (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value)
      : isHan || isLatin || (value != 0xD7 && value != 0xF7 && properties.isAlphabetic)
  }

  /// Whether it starts a word in capitals.
  var isCapital: Bool { value < 0x80 ? (0x41...0x5A).contains(value) : properties.isUppercase }
}
