/// The features of a character in its sentence, as keys.
enum EntityFeatures {
  static let most = 25
  /// Beyond the ends of a sentence.
  static let outside: UInt32 = 0x110000

  /// A code point as features see it: without width and case.
  @inline(__always)
  static func code(_ code: UInt32) -> UInt32 {
    TextUnit.normalized(code)
  }

  @inline(__always)
  private static func kind(_ code: UInt32) -> UInt64 {
    if code >= 0x30, code <= 0x39 { return 1 }
    if code >= 0x61, code <= 0x7A { return 2 }
    if code >= 0x4E00, code < 0xA000 { return 3 }
    return code == outside ? 4 : 5
  }

  @inline(__always)
  private static func shape(_ code: UInt32) -> UInt64 {
    switch kind(code) {
    case 1: 0x30
    case 2: 0x61
    default: UInt64(code)
    }
  }

  @inline(__always)
  private static func key(_ kind: UInt64, _ value: UInt64) -> UInt64 {
    WordShape.mixed(value, kind &* 0xC2B2_AE3D_27D4_EB4F) & (UInt64.max >> 1)
  }

  /// Writes the keys of a place; three places before and two after it are read.
  @inline(__always)
  static func keys(
    _ c: UnsafePointer<UInt32>, names: UnsafePointer<UInt16>, into keys: UnsafeMutablePointer<UInt64>
  ) {
    for offset in -2...2 { keys[offset + 2] = key(UInt64(offset + 3), UInt64(c[offset])) }
    for offset in -2...1 {
      keys[offset + 7] = key(UInt64(offset + 13), UInt64(c[offset]) << 32 | UInt64(c[offset + 1]))
    }
    keys[9] = key(20, UInt64(c[-1]) << 32 | UInt64(c[1]))
    keys[10] = key(14, UInt64(c[1]) << 32 | UInt64(c[2]))
    for offset in -2...0 {
      let three = (UInt64(c[offset]) << 21 | UInt64(c[offset + 1])) << 21 | UInt64(c[offset + 2])
      keys[offset + 13] = key(UInt64(offset + 24), three)
    }
    let kinds = kind(c[-1]) << 6 | kind(c[0]) << 3 | kind(c[1])
    keys[14] = key(30, kinds)
    keys[15] = key(31, kinds << 6 | kind(c[-2]) << 3 | kind(c[2]))
    // The same with all digits alike and all letters alike, so that unseen names of models look like known ones.
    let (back, now, ahead) = (shape(c[-1]), shape(c[0]), shape(c[1]))
    keys[21] = key(32, (shape(c[-2]) << 21 | back) << 21 | now)
    keys[22] = key(33, (back << 21 | now) << 21 | ahead)
    keys[23] = key(34, (now << 21 | ahead) << 21 | shape(c[2]))
    keys[24] = key(35, (UInt64(c[-3]) << 21 | UInt64(c[-2])) << 21 | UInt64(c[-1]))
    let (before, here, after) = (UInt64(names[-1]), UInt64(names[0]), UInt64(names[1]))
    keys[16] = key(40, here)
    keys[17] = key(41, before << 16 | here)
    keys[18] = key(42, here << 16 | after)
    keys[19] = key(43, here << 32 | UInt64(c[0]))
    keys[20] = key(44, here << 32 | UInt64(c[-1]))
  }
}
