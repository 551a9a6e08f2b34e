/// The weights of runs of units: keys lie in a table by their hash, with the numbers of their rows.
///
/// Only 32 bits of a key are kept, other ones than those that say where it lies, so that a run which has no weights is taken for
/// another about once in four thousand million times.
struct WeightTable: Sendable {
  /// For each place 32 bits of the key there, 0 for none, and the number of its first row.
  private let slots: FixedBuffer<SIMD2<UInt32>>
  private let rows: FixedBuffer<SIMD4<Int16>>
  private let mask: Int
  private let shift: UInt64

  /// A table of these distinct keys; each has `width` of the rows, in order. Those that are wanted most should come first, so
  /// that their rows lie close together.
  init(_ keys: [UInt64], width: Int, rows source: UnsafePointer<SIMD4<Int16>>) {
    var bits = 4
    while 1 << bits < keys.count * 2 { bits += 1 }
    let (mask, shift) = ((1 << bits) - 1, UInt64(64 - bits))
    (self.mask, self.shift) = (mask, shift)
    slots = FixedBuffer(count: mask + 1) { memory in
      memory.initialize(repeating: .zero, count: mask + 1)
      for (number, key) in keys.enumerated() {
        let (first, mark) = Self.hash(key, shift)
        var slot = first
        while memory[slot].x != 0 { slot = (slot + 1) & mask }
        memory[slot] = SIMD2(mark, UInt32(number * width))
      }
    }
    rows = FixedBuffer(count: keys.count * width + 1) { memory in
      memory.initialize(repeating: .zero, count: keys.count * width + 1)
      memory.update(from: source, count: keys.count * width)
    }
  }

  @inline(__always)
  private static func hash(_ key: UInt64, _ shift: UInt64) -> (slot: Int, mark: UInt32) {
    let mixed = key &* 0x9E37_79B9_7F4A_7C15
    return (Int(truncatingIfNeeded: mixed &>> shift), UInt32(truncatingIfNeeded: mixed &>> 8) | 1)
  }

  /// A key on its way through the table.
  struct Search: BitwiseCopyable {
    fileprivate var slot: Int32
    fileprivate var mark: UInt32
  }

  /// Starts to look for a key, and touches where it should lie.
  ///
  /// Memory that is far away takes as long as a hundred steps, but many places of it can be on their way at once. So the keys of
  /// a stretch of text are all started first, then all found, then their rows used. The number is of no use but to keep
  /// the compiler from leaving the touching out.
  @inline(__always)
  func start(_ key: UInt64) -> (search: Search, touched: UInt32) {
    let (slot, mark) = Self.hash(key, shift)
    return (Search(slot: Int32(truncatingIfNeeded: slot), mark: mark), slots.base[slot].x)
  }

  /// Ends a search: where the key's rows begin, −1 when it has none.
  @inline(__always)
  func finish(_ search: Search) -> (row: Int32, touched: Int16) {
    var slot = Int(search.slot)
    while true {
      let found = slots.base[slot]
      if found.x == search.mark { return (Int32(truncatingIfNeeded: found.y), rows.base[Int(found.y)].x) }
      if found.x == 0 { return (-1, 0) }
      slot = (slot &+ 1) & mask
    }
  }

  /// The row at a place.
  @inline(__always)
  func row(_ place: Int32) -> UnsafePointer<SIMD4<Int16>> { rows.base + Int(place) }
}
