import Learning
import MathKernels

/// Eclat: each set carries the list of baskets that it is in, and sets grow by intersecting lists.
///
/// ```swift
/// let sets = try Eclat().mine(baskets, ItemsetRequest(support: 0.01, of: baskets.count), context: FitContext())
/// ```
/// The lists of a set's extensions are intersected against marks of the set's own list, so that an intersection reads the
/// shorter lists alone.
///
/// - Complexity: O(baskets in the lists read); memory for the lists of one path of sets.
/// Source: Zaki (2000), Scalable Algorithms for Association Mining, https://doi.org/10.1109/69.846291
public struct Eclat: ItemsetMiner {
  /// `Eclat`.
  public var name: String { "Eclat" }

  /// The algorithm.
  public init() {}

  private struct Extension: Sendable {
    let item: Int32
    let baskets: [Int32]
  }

  /// Finds the sets.
  ///
  /// - Throws: `PatternError`, `CancellationError`.
  public func mine(_ baskets: Baskets, _ request: ItemsetRequest, context: FitContext) throws
    -> FrequentItemsets
  {
    try request.check()
    let ranked = RankedBaskets(baskets, minimumCount: request.minimumCount)
    var lists = [[Int32]](repeating: [], count: ranked.codes.count)
    for basket in 0..<ranked.count {
      for rank in ranked[basket] { lists[Int(rank)].append(Int32(basket)) }
    }
    // From the least frequent on: its extensions' lists are the shortest.
    let all = lists.enumerated().reversed().map { Extension(item: Int32($0), baskets: $1) }
    let parts = try parallelBlocks(all.count, blockSize: 1, serially: request.serially) { block in
      try Task.checkCancellation()
      var search = Search(request, baskets: ranked.count)
      try search.grow(all[block.lowerBound], by: all[(block.lowerBound + 1)...])
      return search.sink.sets
    }
    try context.checkpoint(step: all.count, of: all.count)
    var sets = FrequentItemsets()
    for part in parts { sets.append(contentsOf: part) }
    guard sets.count <= request.maximumSets else {
      throw PatternError.tooManyPatterns(limit: request.maximumSets)
    }
    return sets.recoded(ranked.codes)
  }

  private struct Search {
    let request: ItemsetRequest
    var sink: ItemsetSink
    var prefix: [Int32] = []
    var isMarked: [Bool]

    init(_ request: ItemsetRequest, baskets: Int) {
      (self.request, sink) = (request, ItemsetSink(request))
      isMarked = [Bool](repeating: false, count: baskets)
    }

    mutating func grow(_ set: Extension, by others: ArraySlice<Extension>) throws {
      prefix.append(set.item)
      defer { prefix.removeLast() }
      try sink.add(prefix, count: set.baskets.count)
      guard prefix.count < request.maximumLength, !others.isEmpty else { return }
      let extensions = intersections(set, others)
      for index in extensions.indices { try grow(extensions[index], by: extensions[(index + 1)...]) }
    }

    private mutating func intersections(_ set: Extension, _ others: ArraySlice<Extension>) -> [Extension] {
      for basket in set.baskets { isMarked[Int(basket)] = true }
      defer { for basket in set.baskets { isMarked[Int(basket)] = false } }
      return isMarked.withUnsafeBufferPointer { isMarked in
        others.compactMap { other in
          let common = other.baskets.filter { isMarked[Int($0)] }
          return common.count >= request.minimumCount ? Extension(item: other.item, baskets: common) : nil
        }
      }
    }
  }
}
