import MathKernels

/// Tries out items at the last places of a page, so that the shop learns about more than it shows anyway.
///
/// Each of the last `slots` places explores with probability `share`; an item that explores is drawn from the pool, every
/// item of it equally likely and none twice. Hence the probability that a place shows one item of the pool is
/// `share / pool`, whatever the other places do, and that it shows its own item is `1 − share`: exact propensities for
/// off-policy evaluation.
struct PageExploration {
  let share: Double
  let slots: Int
  /// The items that can be drawn.
  let pool: [PageCandidate]

  /// The places that explore, counted from 0, each with what it shows.
  func draw(places: [Int], seed: UInt64) -> [Int: PageCandidate] {
    guard !pool.isEmpty, share > 0 else { return [:] }
    var random = RandomSource(seed: seed, stream: 0x9A6E)
    var left = pool
    var drawn: [Int: PageCandidate] = [:]
    for place in places.suffix(slots) where random.uniform() < share && !left.isEmpty {
      drawn[place] = left.remove(at: random.index(below: left.count))
    }
    return drawn
  }
}
