import Learning

/// An algorithm that finds all sets of items that are in many baskets. All find the same sets.
public protocol ItemsetMiner: Sendable {
  /// Its name in tables and on the command line, such as `FPGrowth`.
  var name: String { get }

  /// Finds the sets.
  ///
  /// - Throws: `PatternError`, `CancellationError`.
  func mine(_ baskets: Baskets, _ request: ItemsetRequest, context: FitContext) throws -> FrequentItemsets
}

/// Which sets are looked for.
public struct ItemsetRequest: Sendable, Equatable {
  /// In how many baskets a set must be at least.
  public var minimumCount: Int
  /// How many items a set may have at most.
  public var maximumLength: Int
  /// More sets than this end the search with an error, before they fill the memory.
  public var maximumSets: Int
  /// Works on the caller's thread alone.
  public var serially: Bool

  /// A request by a number of baskets.
  public init(
    minimumCount: Int, maximumLength: Int = .max, maximumSets: Int = 10_000_000, serially: Bool = false
  ) {
    (self.minimumCount, self.maximumLength) = (minimumCount, maximumLength)
    (self.maximumSets, self.serially) = (maximumSets, serially)
  }

  /// A request by a share of the baskets, rounded up.
  public init(support: Double, of baskets: Int, maximumLength: Int = .max) {
    // A share such as .3 of 10 baskets means 3, though its product is a little more.
    let count = (support * Double(baskets) * (1 - 1e-12)).rounded(.up)
    self.init(minimumCount: max(1, Int(exactly: count) ?? .max), maximumLength: maximumLength)
  }

  func check() throws {
    for (name, value) in [
      ("minimumCount", minimumCount), ("maximumLength", maximumLength), ("maximumSets", maximumSets),
    ]
    where value < 1 {
      throw PatternError.invalidParameter(
        name: name, value: Double(value), expected: "a whole number of at least 1")
    }
  }
}

/// Baskets of their frequent items alone, numbered from the most frequent on.
struct RankedBaskets: Sendable {
  /// The code of each rank.
  let codes: [Int32]
  /// In how many baskets each rank is.
  let counts: [Int]
  /// The ranks of all baskets that are not empty, ascending within each.
  private(set) var ranks: [Int32] = []
  private(set) var starts = [0]

  init(_ baskets: Baskets, minimumCount: Int) {
    let all = baskets.itemCounts
    let order = all.indices.filter { all[$0] >= minimumCount }.sorted { (all[$1], $0) < (all[$0], $1) }
    codes = order.map(Int32.init)
    counts = order.map { all[$0] }
    var rankOfCode = [Int32](repeating: -1, count: all.count)
    for (rank, code) in order.enumerated() { rankOfCode[code] = Int32(rank) }
    ranks.reserveCapacity(baskets.codes.count)
    var basket: [Int32] = []
    for index in 0..<baskets.count {
      basket.removeAll(keepingCapacity: true)
      for code in baskets[index] where rankOfCode[Int(code)] >= 0 { basket.append(rankOfCode[Int(code)]) }
      guard !basket.isEmpty else { continue }
      basket.sort()
      ranks.append(contentsOf: basket)
      starts.append(ranks.count)
    }
  }

  var count: Int { starts.count - 1 }

  subscript(basket: Int) -> ArraySlice<Int32> { ranks[starts[basket]..<starts[basket + 1]] }

  /// The baskets by their first items; those that begin with the same four stay as they came.
  var lexicographicOrder: [Int] {
    let keys = (0..<count).map { basket -> UInt64 in
      var key: UInt64 = 0
      for place in 0..<4 {
        let rank = starts[basket] + place < starts[basket + 1] ? ranks[starts[basket] + place] + 1 : 0
        key = key << 16 | UInt64(min(rank, 0xFFFF))
      }
      return key
    }
    return (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
  }
}

/// Sets found so far, up to a limit.
struct ItemsetSink {
  private(set) var sets = FrequentItemsets()
  private let limit: Int

  init(_ request: ItemsetRequest) { limit = request.maximumSets }

  mutating func add(_ items: some Sequence<Int32>, count: Int) throws {
    guard sets.count < limit else { throw PatternError.tooManyPatterns(limit: limit) }
    sets.append(items, count: count)
  }
}
