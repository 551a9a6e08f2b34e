/// What a tagger sees of a word: numbers for the whole of it, its ends, and what it is made of.
struct WordShape: Sendable {
  var whole: UInt64
  var prefix: UInt64
  var prefix2: UInt64
  var suffix: UInt64
  var suffix2: UInt64
  /// Its length up to four, and which of Chinese characters, digits, letters and signs it has.
  var form: UInt64

  /// Beyond the ends of a sentence.
  static let outside = WordShape(whole: 1, prefix: 1, prefix2: 1, suffix: 1, suffix2: 1, form: 1 << 10)

  private init(whole: UInt64, prefix: UInt64, prefix2: UInt64, suffix: UInt64, suffix2: UInt64, form: UInt64)
  {
    (self.whole, self.prefix, self.prefix2) = (whole, prefix, prefix2)
    (self.suffix, self.suffix2, self.form) = (suffix, suffix2, form)
  }

  /// The shape of a word: without regard to width and case, all digits alike.
  init(_ word: UnsafeBufferPointer<UInt8>) {
    (whole, prefix, prefix2, suffix, suffix2) = (0x9AE1_6A3B_2F90_404F, 0, 0, 0, 0)
    var (length, kinds, place) = (0, UInt64(0), 0)
    var last: UInt64 = 0
    while place < word.count {
      let (scalar, end) = UTF8Scan.scalar(word, at: place)
      var code = UInt64(TextUnit.normalized(scalar))
      if (0x30...0x39).contains(code) {
        code = 0x30
        kinds |= 2
      } else if code >= 0x4E00, code < 0xA000 {
        kinds |= 1
      } else if code >= 0x61, code < 0x7B || (code >= 0xC0 && code < 0x2000) {
        kinds |= 4
      } else {
        kinds |= 8
      }
      whole = Self.mixed(whole, code)
      if length == 0 { prefix = code }
      if length == 1 { prefix2 = prefix << 24 | code }
      (suffix2, suffix, last) = (last << 24 | code, code, code)
      length += 1
      place = end
    }
    if length < 2 { (prefix2, suffix2) = (0, 0) }
    form = UInt64(min(length, 4)) << 4 | kinds
  }

  @inline(__always)
  static func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = (a ^ b).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low &+ b
  }
}

/// The features of a word in its sentence, as keys.
enum TaggerFeatures {
  /// Features that the words alone decide.
  static let fixed = 16
  /// Features of the tags before, with the words.
  static let moving = 5
  static let most = fixed + moving

  @inline(__always)
  private static func key(_ kind: UInt64, _ value: UInt64) -> UInt64 {
    // No key is all ones, which marks free places.
    WordShape.mixed(value, kind &* 0xC2B2_AE3D_27D4_EB4F) & (UInt64.max >> 1)
  }

  /// Writes the keys of the features that the words alone decide.
  @inline(__always)
  static func fixed(_ words: UnsafePointer<WordShape>, into keys: UnsafeMutablePointer<UInt64>) {
    let word = words[0]
    keys[0] = key(1, word.whole)
    keys[1] = key(2, words[-1].whole)
    keys[2] = key(3, words[1].whole)
    keys[3] = key(4, words[-2].whole)
    keys[4] = key(5, words[2].whole)
    keys[5] = key(6, WordShape.mixed(words[-1].whole, word.whole))
    keys[6] = key(7, WordShape.mixed(word.whole, words[1].whole))
    keys[7] = key(8, word.prefix)
    keys[8] = key(9, word.prefix2)
    keys[9] = key(10, word.suffix)
    keys[10] = key(11, word.suffix2)
    keys[11] = key(12, word.form)
    keys[12] = key(13, words[-1].suffix)
    keys[13] = key(14, words[1].prefix)
    keys[14] = key(15, words[1].suffix)
    keys[15] = key(16, words[-1].form << 20 | word.form << 10 | words[1].form)
  }

  /// Writes the keys of the features that the two tags before take part in.
  @inline(__always)
  static func moving(
    _ words: UnsafePointer<WordShape>, before: UInt8, beforeThat: UInt8,
    into keys: UnsafeMutablePointer<UInt64>
  ) {
    let (one, two) = (UInt64(before), UInt64(beforeThat) << 8 | UInt64(before))
    keys[0] = key(20, one)
    keys[1] = key(21, two)
    keys[2] = key(22 + one << 8, words[0].whole)
    keys[3] = key(23 + one << 8, words[1].whole)
    keys[4] = key(24 + one << 8, words[0].suffix)
  }
}
