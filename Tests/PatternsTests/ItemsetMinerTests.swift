import Learning
import MathKernels
import Patterns
import Testing

@Suite struct ItemsetMinerTests {
  static let miners: [any ItemsetMiner] = [FPGrowth(), Eclat(), Apriori()]

  /// Baskets of items of very different popularity, some of which come together.
  static func baskets(_ count: Int, items: Int, seed: UInt64) -> Baskets {
    var random = RandomSource(seed: seed)
    var baskets = Baskets()
    for _ in 0..<count {
      var basket = (0..<items).filter { _ in Double.random(in: 0..<1, using: &random) < 0.35 }.map {
        "i\($0)"
      }
      if Double.random(in: 0..<1, using: &random) < 0.3 { basket += ["i1", "i3", "i4", "i3"] }
      baskets.append(basket)
    }
    return baskets
  }

  /// All sets by trying every one.
  static func bruteForce(_ baskets: Baskets, _ request: ItemsetRequest) -> Set<Itemset> {
    let masks = (0..<baskets.count).map { basket in baskets[basket].reduce(0) { $0 | 1 << Int($1) } }
    var sets = Set<Itemset>()
    for mask in 1..<1 << baskets.items.count where mask.nonzeroBitCount <= request.maximumLength {
      let count = masks.count { $0 & mask == mask }
      if count >= request.minimumCount {
        let items = (0..<baskets.items.count).filter { mask & 1 << $0 != 0 }.map(Int32.init)
        sets.insert(Itemset(items: items, count: count))
      }
    }
    return sets
  }

  @Test(arguments: 0..<20)
  func allFindWhatTryingEverySetFinds(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let baskets = Self.baskets(
      Int.random(in: 1...80, using: &random), items: Int.random(in: 2...14, using: &random), seed: seed)
    for length in [Int.max, 3, 1] {
      for serially in [true, false] {
        let request = ItemsetRequest(
          minimumCount: Int.random(in: 1...8, using: &random), maximumLength: length, serially: serially)
        let expected = Self.bruteForce(baskets, request)
        for miner in Self.miners {
          let found = try miner.mine(baskets, request, context: FitContext())
          #expect(Set(found) == expected && found.count == expected.count, "\(miner.name) \(request)")
        }
      }
    }
  }

  @Test func allFindTheSameAmongManyItems() throws {
    // More items than projections that are counted by masks hold, so that trees are projected time and again.
    var random = RandomSource(seed: 7)
    var baskets = Baskets()
    for _ in 0..<3_000 {
      let kind = Int.random(in: 0..<3, using: &random)
      baskets.append(
        (0..<40).filter { _ in Double.random(in: 0..<1, using: &random) < 0.25 }.map {
          "i\(($0 + 13 * kind) % 60)"
        })
    }
    let request = ItemsetRequest(minimumCount: 15)
    let sets = try Self.miners.map { Array(try $0.mine(baskets, request, context: FitContext()).ordered()) }
    #expect(sets[0].count > 5_000 && sets[0].contains { $0.items.count >= 4 })
    #expect(sets[0] == sets[1] && sets[1] == sets[2])
  }

  @Test func closedAndMaximalSetsAreThoseWithoutALargerOne() throws {
    let baskets = Self.baskets(60, items: 9, seed: 3)
    let all = try FPGrowth().mine(baskets, ItemsetRequest(minimumCount: 4), context: FitContext())
    func larger(_ set: Itemset) -> [Itemset] {
      all.filter { $0.items.count > set.items.count && Set($0.items).isSuperset(of: set.items) }
    }
    #expect(Set(all.closed()) == Set(all.filter { set in !larger(set).contains { $0.count == set.count } }))
    #expect(Set(all.maximal()) == Set(all.filter { larger($0).isEmpty }))
    #expect(all.maximal().count < all.closed().count && all.closed().count < all.count)
  }

  @Test func nothingIsFoundInNothing() throws {
    for miner in Self.miners {
      #expect(try miner.mine(Baskets(), ItemsetRequest(minimumCount: 1), context: FitContext()).isEmpty)
      #expect(
        try miner.mine(Baskets([[], []]), ItemsetRequest(minimumCount: 1), context: FitContext()).isEmpty)
    }
  }

  @Test func tooManySetsAreAnErrorAndSoIsASupportOfNone() throws {
    let baskets = Self.baskets(50, items: 12, seed: 1)
    for miner in Self.miners {
      #expect(throws: PatternError.tooManyPatterns(limit: 10)) {
        try miner.mine(baskets, ItemsetRequest(minimumCount: 1, maximumSets: 10), context: FitContext())
      }
      #expect(throws: PatternError.self) {
        try miner.mine(baskets, ItemsetRequest(minimumCount: 0), context: FitContext())
      }
    }
  }

  @Test(arguments: [(0.3, 10, 3), (0.01, 155_848, 1_559), (0, 10, 1), (1, 7, 7)])
  func aShareOfTheBasketsIsRoundedUp(support: Double, baskets: Int, count: Int) {
    #expect(ItemsetRequest(support: support, of: baskets).minimumCount == count)
  }

  @Test func stopsWhenCancelled() async {
    let baskets = Self.baskets(400, items: 14, seed: 2)
    let stopped = await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return Self.miners.allSatisfy { miner in
        do {
          _ = try miner.mine(baskets, ItemsetRequest(minimumCount: 1, serially: true), context: FitContext())
          return false
        } catch { return error is CancellationError }
      }
    }.value
    #expect(stopped)
  }
}
