/// Where the weights of a segmenter's features lie: rows of four numbers, one for each place a character has in a word.
///
/// A character has one row for each of the five positions that see it, a pair of neighbours one for each of four, a run of three
/// one for each of its own; so a text needs one look-up a character and one a pair, however many positions see them.
struct SegmentationFeatures: Sendable {
  /// The vocabulary's size with the units below it.
  let unitCount: Int
  /// The keys of pairs of neighbours, by number.
  let pairs: [UInt64]
  /// Pairs with one unit between them.
  let skips: [UInt64]
  /// Runs of three.
  let triples: [UInt64]

  static let groupClasses = 8 * 8 * 8
  static let echoClasses = 16
  /// All combinations of four bits for each of three relations to a word, then each relation alone.
  static let lexiconClasses = 1 << 12 + 3 << 4
  static let lexiconBegin = 1 << 12
  static let lexiconEnd = lexiconBegin + 16
  static let lexiconInside = lexiconEnd + 16
  static let rowsOfSingle = 5
  static let rowsOfPair = 4
  static let rowsOfTriple = 3

  let echoStart = Self.groupClasses
  let lexiconStart = Self.groupClasses + Self.echoClasses
  let singleStart = Self.groupClasses + Self.echoClasses + Self.lexiconClasses
  var pairStart: Int { singleStart + unitCount * Self.rowsOfSingle }
  var skipStart: Int { pairStart + pairs.count * Self.rowsOfPair }
  var tripleStart: Int { skipStart + skips.count }
  /// How many rows there are.
  var count: Int { tripleStart + triples.count * Self.rowsOfTriple }
  /// How many rows a position has at most.
  static let most = 19

  @inline(__always)
  static func pair(_ a: UInt16, _ b: UInt16) -> UInt64 { UInt64(a) << 16 | UInt64(b) }

  @inline(__always)
  static func triple(_ a: UInt16, _ b: UInt16, _ c: UInt16) -> UInt64 {
    UInt64(a) << 32 | UInt64(b) << 16 | UInt64(c)
  }

  /// The groups of a unit and its neighbours as one number.
  @inline(__always)
  static func groups(_ x: UnsafePointer<UInt16>, _ groups: UnsafePointer<UInt8>) -> Int {
    Int(groups[Int(x[-1])]) << 6 | Int(groups[Int(x[0])]) << 3 | Int(groups[Int(x[1])])
  }

  /// Which of the units around one are the same as it.
  @inline(__always)
  static func echo(_ x: UnsafePointer<UInt16>) -> Int {
    (x[0] == x[-1] ? 1 : 0) | (x[0] == x[1] ? 2 : 0) | (x[0] == x[-2] ? 4 : 0) | (x[0] == x[2] ? 8 : 0)
  }
}

/// Numbers for keys of units: open addressing with linear probing.
struct UnitIndex: Sendable {
  /// A key and its number; no key is all ones.
  struct Slot: BitwiseCopyable, Sendable {
    var key: UInt64
    var number: Int
  }

  /// The keys in the order of their numbers.
  let keys: [UInt64]
  private let slots: FixedBuffer<Slot>
  private let mask: Int
  private let shift: UInt64
  private static let free = UInt64.max

  /// How many keys there are.
  var count: Int { keys.count }

  /// Numbers the keys in their order; they must be distinct.
  init(_ keys: [UInt64]) {
    var bits = 4
    while (1 << bits) * 5 < keys.count * 8 { bits += 1 }
    let (mask, shift) = ((1 << bits) - 1, UInt64(64 - bits))
    (self.keys, self.mask, self.shift) = (keys, mask, shift)
    slots = FixedBuffer(count: mask + 1) { memory in
      memory.initialize(repeating: Slot(key: Self.free, number: -1), count: mask + 1)
      for (number, key) in keys.enumerated() {
        var slot = Self.hash(key, shift)
        while memory[slot].key != Self.free { slot = (slot + 1) & mask }
        memory[slot] = Slot(key: key, number: number)
      }
    }
  }

  /// The keys that occur at least so often, numbered by where each occurs first.
  init(count: Int, atLeast minimum: Int, key: (Int) -> UInt64) {
    var counts: [UInt64: Int] = [:]
    for place in 0..<max(0, count) { counts[key(place), default: 0] += 1 }
    var kept: [UInt64] = []
    for place in 0..<max(0, count) {
      guard let seen = counts.removeValue(forKey: key(place)), seen >= minimum else { continue }
      kept.append(key(place))
    }
    self.init(kept)
  }

  @inline(__always)
  private static func hash(_ key: UInt64, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> shift)
  }

  /// The number of a key, −1 for none.
  @inline(__always)
  func number(_ key: UInt64) -> Int {
    var slot = Self.hash(key, shift)
    while true {
      let found = slots.base[slot]
      if found.key == key { return found.number }
      if found.key == Self.free { return -1 }
      slot = (slot + 1) & mask
    }
  }
}
