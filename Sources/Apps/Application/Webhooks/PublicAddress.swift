/// Which network addresses are public: those that the outside may be told to connect to.
///
/// ```swift
/// PublicAddress.isPublic([127, 0, 0, 1])     // false
/// PublicAddress.isPublic([93, 184, 216, 34]) // true
/// ```
/// Source: the registries of special addresses, https://www.iana.org/assignments/iana-ipv4-special-registry and
/// https://www.iana.org/assignments/iana-ipv6-special-registry
public enum PublicAddress {
  /// The parts of IPv4 that are not public: the first address and how many bits it shares with the others.
  private static let closed4: [(UInt32, Int)] = [
    (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16),
    (0xAC10_0000, 12), (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16),
    (0xC612_0000, 15), (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 3),
  ]

  /// Whether an address of 4 or 16 bytes is public; one of another length is not.
  public static func isPublic(_ bytes: [UInt8]) -> Bool {
    switch bytes.count {
    case 4:
      let address = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return !closed4.contains { first, bits in (address ^ first) >> (32 - UInt32(bits)) == 0 }
    case 16: return isPublic6(bytes)
    default: return false
    }
  }

  private static func isPublic6(_ bytes: [UInt8]) -> Bool {
    // Addresses of IPv4 in the clothes of IPv6: mapped, translated (64:ff9b::/96) and tunnelled (6to4).
    let head = Array(bytes.prefix(12))
    if head == [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
      || head == [0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)
    {
      return isPublic(Array(bytes.suffix(4)))
    }
    if bytes[0] == 0x20, bytes[1] == 0x02 { return isPublic(Array(bytes[2..<6])) }
    // Of the rest only global unicast (2000::/3) is public, but for documentation and the tunnels of Teredo.
    guard bytes[0] & 0xE0 == 0x20 else { return false }
    let first = UInt32(bytes[0]) << 24 | UInt32(bytes[1]) << 16 | UInt32(bytes[2]) << 8 | UInt32(bytes[3])
    return first != 0x2001_0DB8 && first != 0x2001_0000 && first >> 12 != 0x3FFF0
  }
}
