/// The weights of runs of units, found by one look into one array: keys lie in a table by their hash, the rows in another at
/// the same places.
///
/// Only 32 bits of a key are kept, other ones than those that say where it lies, so that a run which has no weights is taken for
/// another about once in four thousand million times.
struct WeightTable: Sendable {
  private let marks: FixedBuffer<UInt32>
  private let rows: FixedBuffer<SIMD4<Int16>>
  private let mask: Int
  private let shift: UInt64
  private static let free: UInt32 = 0

  /// A table of these distinct keys; each has `width` of the rows, in order.
  init(_ keys: [UInt64], width: Int, rows source: UnsafePointer<SIMD4<Int16>>) {
    var bits = 4
    while 1 << bits < keys.count * 2 { bits += 1 }
    let (mask, shift) = ((1 << bits) - 1, UInt64(64 - bits))
    (self.mask, self.shift) = (mask, shift)
    var places = [Int](repeating: 0, count: keys.count)
    marks = FixedBuffer(count: mask + 1) { memory in
      memory.initialize(repeating: Self.free, count: mask + 1)
      for (number, key) in keys.enumerated() {
        let (first, mark) = Self.hash(key, shift)
        var slot = first
        while memory[slot] != Self.free { slot = (slot + 1) & mask }
        memory[slot] = mark
        places[number] = slot
      }
    }
    rows = FixedBuffer(count: (mask + 1) * width) { memory in
      memory.initialize(repeating: .zero, count: (mask + 1) * width)
      for (number, place) in places.enumerated() {
        (memory + place * width).update(from: source + number * width, count: width)
      }
    }
  }

  @inline(__always)
  private static func hash(_ key: UInt64, _ shift: UInt64) -> (slot: Int, mark: UInt32) {
    let mixed = key &* 0x9E37_79B9_7F4A_7C15
    return (Int(truncatingIfNeeded: mixed &>> shift), UInt32(truncatingIfNeeded: mixed &>> 8) | 1)
  }

  /// The rows of a key, nil when it has none.
  @inline(__always)
  func rows(_ key: UInt64, width: Int) -> UnsafePointer<SIMD4<Int16>>? {
    let (first, mark) = Self.hash(key, shift)
    var slot = first
    while true {
      let found = marks.base[slot]
      if found == mark { return rows.base + slot &* width }
      if found == Self.free { return nil }
      slot = (slot + 1) & mask
    }
  }
}
