import Learning
import MathKernels

/// Apriori: sets of one length are joined to candidates of the next, and all baskets are read to count them.
///
/// ```swift
/// let sets = try Apriori().mine(baskets, ItemsetRequest(support: 0.01, of: baskets.count), context: FitContext())
/// ```
/// A candidate with a part that is not frequent is not counted. Candidates lie in a prefix tree; a basket walks down it.
///
/// - Complexity: one pass over the baskets for each length; memory for the candidates of one length.
/// Source: Agrawal and Srikant (1994), Fast Algorithms for Mining Association Rules, https://www.vldb.org/conf/1994/P487.PDF
public struct Apriori: ItemsetMiner {
  /// `Apriori`.
  public var name: String { "Apriori" }

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
    var sink = ItemsetSink(request)
    for (rank, count) in ranked.counts.enumerated() { try sink.add([Int32(rank)], count: count) }
    var level = ranked.codes.indices.map { [Int32($0)] }
    var length = 1
    while !level.isEmpty, length < request.maximumLength {
      try context.checkpoint(step: length, of: nil)
      length += 1
      let candidates = CandidateTree(Self.candidates(from: level), length: length)
      guard candidates.count > 0 else { break }
      let counts = try candidates.counts(in: ranked, serially: request.serially)
      level.removeAll()
      for (index, count) in counts.enumerated() where count >= request.minimumCount {
        level.append(candidates[index])
        try sink.add(candidates[index], count: count)
      }
    }
    return sink.sets.recoded(ranked.codes)
  }

  /// Sets that differ in their last item alone, joined, when all their parts are frequent; in order.
  private static func candidates(from level: [[Int32]]) -> [[Int32]] {
    let known = Set(level)
    var candidates: [[Int32]] = []
    var start = 0
    while start < level.count {
      let stem = level[start].dropLast()
      var end = start + 1
      while end < level.count, level[end].dropLast() == stem { end += 1 }
      for first in start..<end {
        for second in (first + 1)..<max(end, first + 1) {
          let candidate = level[first] + [level[second].last!]
          if hasOnlyKnownParts(candidate, known) { candidates.append(candidate) }
        }
      }
      start = end
    }
    return candidates
  }

  private static func hasOnlyKnownParts(_ candidate: [Int32], _ known: Set<[Int32]>) -> Bool {
    // Without its last or last but one item it is one of the two that were joined.
    candidate.indices.dropLast(2).allSatisfy { place in
      var part = candidate
      part.remove(at: place)
      return known.contains(part)
    }
  }
}

/// Candidates of one length, in order, as a prefix tree: the nodes of a depth lie together, a node's children in a row.
private struct CandidateTree: Sendable {
  private let candidates: [[Int32]]
  /// By depth, the item of each node, and where its children begin in the next depth.
  private var items: [[Int32]]
  private var children: [[Int]]
  /// How often each rank occurs at the first depth, as the number of its node; -1 for never.
  private var roots: [Int32] = []

  init(_ candidates: [[Int32]], length: Int) {
    self.candidates = candidates
    items = Array(repeating: [], count: length)
    children = Array(repeating: [], count: length)
    var last: [Int32] = []
    for candidate in candidates {
      let shared = zip(candidate, last).prefix { $0 == $1 }.count
      for depth in shared..<length {
        items[depth].append(candidate[depth])
        if depth + 1 < length { children[depth].append(items[depth + 1].count) }
      }
      last = candidate
    }
    for depth in 0..<length - 1 { children[depth].append(items[depth + 1].count) }
  }

  var count: Int { candidates.count }

  subscript(index: Int) -> [Int32] { candidates[index] }

  /// In how many baskets each candidate is.
  func counts(in baskets: RankedBaskets, serially: Bool) throws -> [Int] {
    let parts = try parallelBlocks(baskets.count, blockSize: 1 << 15, serially: serially) { block in
      try Task.checkCancellation()
      var counts = [Int32](repeating: 0, count: candidates.count)
      for basket in block { count(baskets[basket], depth: 0, nodes: 0..<items[0].count, into: &counts) }
      return counts
    }
    var sums = [Int](repeating: 0, count: candidates.count)
    for part in parts { for (index, count) in part.enumerated() { sums[index] += Int(count) } }
    return sums
  }

  private func count(_ basket: ArraySlice<Int32>, depth: Int, nodes: Range<Int>, into counts: inout [Int32]) {
    guard basket.count >= items.count - depth else { return }
    let isLast = depth == items.count - 1
    var place = basket.startIndex
    var node = nodes.lowerBound
    // Both ascend: they are merged, with a search where the nodes are many.
    while place < basket.endIndex, node < nodes.upperBound {
      let rank = basket[place]
      node = lowerBound(of: rank, in: items[depth], node..<nodes.upperBound)
      if node < nodes.upperBound, items[depth][node] == rank {
        if isLast {
          counts[node] += 1
        } else {
          count(
            basket[(place + 1)...], depth: depth + 1,
            nodes: children[depth][node]..<children[depth][node + 1],
            into: &counts)
        }
        node += 1
      }
      place += 1
    }
  }

  private func lowerBound(of rank: Int32, in items: [Int32], _ range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if items[middle] < rank { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
