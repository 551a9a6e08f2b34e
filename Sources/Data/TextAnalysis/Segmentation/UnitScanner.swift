/// Cuts a text into units: characters, and the runs that rules keep whole.
struct UnitScanner {
  /// For each code point of the basic plane its unit, or its class when that is below 8; the highest bit marks characters
  /// that only traditional texts have.
  let table: UnsafePointer<UInt16>
  /// Words that must be kept whole.
  let user: UserDictionary
  static let traditionalMark: UInt16 = 0x8000

  /// What a scan found.
  struct Result {
    var count = 0
    var hasTraditional = false
    /// The entries of the user dictionary that were met, by unit.
    var userWords: [(unit: Int, entry: Int)] = []
  }

  /// Writes the units of a text and where each starts; there must be room for one unit a byte, and one more start.
  func scan(
    _ text: UnsafeBufferPointer<UInt8>, units: UnsafeMutablePointer<UInt16>,
    starts: UnsafeMutablePointer<Int32>
  ) -> Result {
    var result = Result()
    var place = 0
    let watchesWords = !user.isEmpty
    while place < text.count {
      let (code, end) = UTF8Scan.scalar(text, at: place)
      starts[result.count] = Int32(truncatingIfNeeded: place)
      if watchesWords, user.mayBegin(with: code), let match = user.match(text, at: place) {
        result.userWords.append((result.count, match.entry))
        units[result.count] = TextUnit.userWord
        result.count += 1
        place = match.end
        continue
      }
      let entry = code < 0x10000 ? table[Int(code)] : Self.unitBeyond(code)
      let unit = entry & ~Self.traditionalMark
      if entry != unit { result.hasTraditional = true }
      if unit >= 8 {
        units[result.count] = unit
        result.count += 1
        place = end
      } else {
        (units[result.count], place) = run(of: unit, in: text, from: place, after: end)
        // Blanks one after the other are one unit.
        let doubled = unit == TextUnit.blank && result.count > 0 && units[result.count - 1] == TextUnit.blank
        result.count += doubled ? 0 : 1
      }
    }
    starts[result.count] = Int32(truncatingIfNeeded: text.count)
    return result
  }

  private static func unitBeyond(_ code: UInt32) -> UInt16 {
    if TextUnit.isHan(code) { return TextUnit.unknownHan }
    if (0x1F000...0x1FAFF).contains(code) { return TextUnit.emoji }
    if (0xE0000...0xE01EF).contains(code) { return TextUnit.joiner }
    return (0x10000...0x1EFFF).contains(code) ? TextUnit.letter : TextUnit.unknownSymbol
  }

  private func kind(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (kind: UInt16, end: Int) {
    guard place < text.count else { return (TextUnit.unknownSymbol, place) }
    let (code, end) = UTF8Scan.scalar(text, at: place)
    return (code < 0x10000 ? table[Int(code)] : Self.unitBeyond(code), end)
  }

  private func run(
    of kind: UInt16, in text: UnsafeBufferPointer<UInt8>, from start: Int, after first: Int
  ) -> (unit: UInt16, end: Int) {
    switch kind {
    case TextUnit.digit, TextUnit.letter: return alphanumeric(text, from: start)
    case TextUnit.emoji: return (TextUnit.pictogram, pictogram(text, after: first))
    case TextUnit.joiner: return (TextUnit.unknownSymbol, first)
    default: return (TextUnit.blank, first)
    }
  }

  /// The end of an emoji with its modifiers, and of those that are joined to it.
  private func pictogram(_ text: UnsafeBufferPointer<UInt8>, after first: Int) -> Int {
    var end = first
    // Two letters of a flag are one.
    if UTF8Scan.isRegional(text, before: first), UTF8Scan.isRegional(text, at: first) { end = first + 4 }
    while end < text.count {
      let (code, next) = UTF8Scan.scalar(text, at: end)
      if code == 0x200D {
        let (kind, after) = kind(text, at: next)
        end = kind == TextUnit.emoji ? after : next
      } else if (0x1F3FB...0x1F3FF).contains(code) || (0xFE00...0xFE0F).contains(code) || code == 0x20E3
        || (0xE0020...0xE007F).contains(code)
      {
        end = next
      } else {
        break
      }
    }
    return end
  }

  /// A run of letters and digits, with the signs inside it that belong to numbers, names, addresses.
  private func alphanumeric(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> (unit: UInt16, end: Int) {
    if let end = AddressRules.end(text, from: start) { return (TextUnit.address, end) }
    var (digits, letters, marks, end) = (0, 0, 0, start)
    var last: UInt16 = 0
    while end < text.count {
      let (kind, next) = kind(text, at: end)
      if kind == TextUnit.digit {
        digits += 1
      } else if kind == TextUnit.letter {
        letters += 1
      } else if kind == TextUnit.joiner {
        end = next
        continue
      } else if let joined = connected(text, sign: end, after: next, last: last, letters: letters) {
        marks += 1
        end = joined
        continue
      } else {
        break
      }
      last = kind
      end = next
    }
    let code = end < text.count ? UTF8Scan.scalar(text, at: end) : (0, end)
    if letters == 0, code.0 == 0x25 || code.0 == 0xFF05 || code.0 == 0x2030 {
      return (TextUnit.percent, code.1)
    }
    if letters == 0 {
      let length = UInt16(min(digits, 5) - 1)
      return (marks > 0 ? TextUnit.decimal : TextUnit.firstNumber + length, end)
    }
    if digits > 0 { return (TextUnit.mixed, end) }
    return (letters == 1 && marks == 0 ? TextUnit.singleLetter : TextUnit.word, end)
  }

  /// Whether a sign joins what is before and after it: the place after the sign, nil when it does not.
  private func connected(
    _ text: UnsafeBufferPointer<UInt8>, sign: Int, after: Int, last: UInt16, letters: Int
  ) -> Int? {
    let next = kind(text, at: after).kind
    guard next == TextUnit.digit || next == TextUnit.letter else { return nil }
    let bothDigits = last == TextUnit.digit && next == TextUnit.digit
    switch UTF8Scan.scalar(text, at: sign).code {
    case 0x2E, 0xFF0E, 0xB7, 0x3A, 0xFF1A, 0x2F, 0xFF0F: return bothDigits ? after : nil
    case 0x2C: return bothDigits && groupsThousands(text, from: after) ? after : nil
    case 0x2D, 0x5F, 0x26: return letters > 0 || next == TextUnit.letter || bothDigits ? after : nil
    case 0x27, 0x2019: return last == TextUnit.letter && next == TextUnit.letter ? after : nil
    default: return nil
    }
  }

  /// Whether exactly three digits follow, as after the comma of a large number.
  private func groupsThousands(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
    for offset in 0..<3 where kind(text, at: start + offset).kind != TextUnit.digit { return false }
    return kind(text, at: start + 3).kind != TextUnit.digit
  }
}

extension UTF8Scan {
  /// Whether the four bytes at a place are a regional indicator, half of a flag.
  static func isRegional(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
    place >= 0 && place + 3 < text.count && text[place] == 0xF0
      && (0x1F1E6...0x1F1FF).contains(scalar(text, at: place).code)
  }

  /// Whether the four bytes before a place are a regional indicator.
  static func isRegional(_ text: UnsafeBufferPointer<UInt8>, before place: Int) -> Bool {
    isRegional(text, at: place - 4)
  }
}

/// Addresses of pages and mail boxes, which are words of their own.
enum AddressRules {
  /// Where the address that starts here ends, nil when none does.
  static func end(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    page(text, from: start) ?? mailBox(text, from: start)
  }

  private static let openings = ["http://", "https://", "ftp://", "www."].map { Array($0.utf8) }

  private static func page(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    let lead = text[start] | 0x20
    guard lead == 0x68 || lead == 0x77 || lead == 0x66 else { return nil }
    guard
      let opening = openings.first(where: { opening in
        start + opening.count < text.count
          && opening.indices.allSatisfy {
            text[start + $0] == opening[$0] || (opening[$0] >= 0x61 && text[start + $0] | 0x20 == opening[$0])
          }
      })
    else { return nil }
    let from = start + opening.count
    var end = from
    while end < text.count, isPageByte(text[end]) { end += 1 }
    // The sentence's own signs at the end do not belong to it.
    while end > from, [0x2E, 0x2C, 0x3B, 0x3A, 0x21, 0x3F, 0x29, 0x27].contains(text[end - 1]) { end -= 1 }
    return end > from ? end : nil
  }

  @inline(__always)
  private static func isPageByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x3C && byte != 0x3E && byte != 0x7C
  }

  @inline(__always)
  private static func isNameByte(_ byte: UInt8) -> Bool {
    (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
  }

  private static func mailBox(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var end = start
    // Names of boxes have at most 64 bytes, so that long runs are not read again and again.
    while end < text.count, end - start <= 64,
      isNameByte(text[end]) || [0x2E, 0x5F, 0x25, 0x2B, 0x2D].contains(text[end])
    {
      end += 1
    }
    guard end > start, end < text.count, text[end] == 0x40 else { return nil }
    let host = end + 1
    end = host
    var dots = 0
    while end < text.count, end - host <= 255 {
      if isNameByte(text[end]) || text[end] == 0x2D {
        end += 1
      } else if text[end] == 0x2E, end + 1 < text.count, isNameByte(text[end + 1]) {
        dots += 1
        end += 1
      } else {
        break
      }
    }
    return dots > 0 && end > host ? end : nil
  }
}
