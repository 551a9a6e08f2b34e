/// Reads code points from bytes that need not be valid UTF-8.
enum UTF8Scan {
  /// The code point at a place and where the next one starts; a broken byte is one code point, U+FFFD.
  @inline(__always)
  static func scalar(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (code: UInt32, end: Int) {
    let lead = UInt32(text[place])
    if lead < 0x80 { return (lead, place + 1) }
    if lead >= 0xE0, lead < 0xF0, place + 2 < text.count {
      let (second, third) = (UInt32(text[place + 1]), UInt32(text[place + 2]))
      if second & 0xC0 == 0x80, third & 0xC0 == 0x80 {
        return ((lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F, place + 3)
      }
    }
    if lead >= 0xC2, lead < 0xE0, place + 1 < text.count, text[place + 1] & 0xC0 == 0x80 {
      return ((lead & 0x1F) << 6 | UInt32(text[place + 1] & 0x3F), place + 2)
    }
    if lead >= 0xF0, lead < 0xF5, place + 3 < text.count {
      let (second, third, fourth) = (
        UInt32(text[place + 1]), UInt32(text[place + 2]), UInt32(text[place + 3])
      )
      if second & 0xC0 == 0x80, third & 0xC0 == 0x80, fourth & 0xC0 == 0x80 {
        return (
          (lead & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F, place + 4
        )
      }
    }
    return (0xFFFD, place + 1)
  }
}
