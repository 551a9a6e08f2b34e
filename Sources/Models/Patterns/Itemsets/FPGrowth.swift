import Foundation
import Learning
import MathKernels
import Synchronization

/// FP-Growth: baskets are folded into a prefix tree, and sets grow by projecting it on one item after another.
///
/// ```swift
/// let sets = try FPGrowth().mine(baskets, ItemsetRequest(support: 0.01, of: baskets.count), context: FitContext())
/// for set in sets { print(set.items.map { baskets.items[$0] }, set.count) }
/// ```
/// Equal prefixes that appear when rare items fall out of a projection are merged; a projection that is one path, or has
/// few items, is counted out without further trees. The most frequent items' projections are shared among the cores.
///
/// - Complexity: O(nodes of the projections), at most the baskets' items times the length of the sets found; memory for the
///   first tree, 16 bytes a node, and for one projection for each item of the set under way.
/// Source: Han, Pei and Yin (2000), Mining Frequent Patterns without Candidate Generation,
/// https://doi.org/10.1145/342009.335372. Differs in that projected trees are built from the paths' unshared parts alone.
public struct FPGrowth: ItemsetMiner {
  /// `FPGrowth`.
  public var name: String { "FPGrowth" }

  /// The algorithm.
  public init() {}

  /// Finds the sets.
  ///
  /// - Throws: `PatternError`, `CancellationError`.
  public func mine(_ baskets: Baskets, _ request: ItemsetRequest, context: FitContext) throws
    -> FrequentItemsets
  {
    try request.check()
    let ranked = RankedBaskets(baskets, minimumCount: request.minimumCount)
    let tree = Self.tree(of: ranked)
    let items = ranked.codes.count
    // One item's projection may take as long as all others': whoever is done takes the next.
    typealias Part = (item: Int, sets: FrequentItemsets)
    let workers = request.serially ? 1 : ProcessInfo.processInfo.activeProcessorCount
    let next = Atomic(items - 1)
    let found = Atomic(0)
    // Once made, the tree is only read.
    nonisolated(unsafe) let root = tree
    let parts = try parallelBlocks(workers, blockSize: 1, serially: request.serially) { _ -> [Part] in
      var growth = PatternGrowth(request)
      var parts: [Part] = []
      while true {
        let item = next.wrappingSubtract(1, ordering: .relaxed).oldValue
        guard item >= 0 else { return parts }
        try context.checkpoint(step: items - item, of: items)
        let sets = try growth.sets(of: Int32(item), in: root)
        parts.append((item, sets))
        guard found.wrappingAdd(sets.count, ordering: .relaxed).newValue <= request.maximumSets else {
          throw PatternError.tooManyPatterns(limit: request.maximumSets)
        }
      }
    }
    var sets = FrequentItemsets()
    for part in parts.flatMap({ $0 }).sorted(by: { $0.item < $1.item }) { sets.append(contentsOf: part.sets) }
    return sets.recoded(ranked.codes)
  }

  private static func tree(of baskets: RankedBaskets) -> FPTree {
    let (tree, table) = (FPTree(), NodeTable())
    table.reset(most: baskets.ranks.count)
    tree.reset(items: baskets.codes.count)
    // In the order of their items, so that a path's nodes lie together in memory.
    for basket in baskets.lexicographicOrder {
      var node: Int32 = 0
      for rank in baskets[basket] { node = tree.child(of: node, item: rank, table) }
      tree.add(1, at: node)
    }
    tree.accumulate()
    for rank in baskets.codes.indices {
      tree.supports[rank] = Int32(baskets.counts[rank])
      tree.names.append(Int32(rank))
    }
    return tree
  }
}
