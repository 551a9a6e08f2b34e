/// One worker's growing of sets from a tree.
struct PatternGrowth {
  private let minimumCount: Int32
  private let request: ItemsetRequest
  private var sink: ItemsetSink
  private var prefix: [Int32] = []
  /// What the projections under way need, one for each item of the set.
  private var levels: [Level] = []
  private let paths = PathGathering()
  private let table = NodeTable()
  private var histogram: [Int32] = []

  private final class Level {
    let projection = FPTree()
    /// Of each item before the projected one, the baskets with both; later its number in the projection.
    var counts: [Int32] = []
    /// The items that stay.
    var kept: [Int32] = []
  }

  init(_ request: ItemsetRequest) {
    self.request = request
    minimumCount = Int32(clamping: request.minimumCount)
    sink = ItemsetSink(request)
  }

  /// The sets whose least frequent item is one of a tree's, by the tree's names.
  mutating func sets(of item: Int32, in tree: FPTree) throws -> FrequentItemsets {
    sink = ItemsetSink(request)
    prefix = [tree.names[Int(item)]]
    try sink.add(prefix, count: Int(tree.supports[Int(item)]))
    if item > 0, request.maximumLength > 1 { try extend(tree, by: item, depth: 0) }
    return sink.sets
  }

  private mutating func extend(_ tree: FPTree, by item: Int32, depth: Int) throws {
    if levels.count == depth { levels.append(Level()) }
    let level = levels[depth]
    gather(item, in: tree, level)
    guard !level.kept.isEmpty else { return }
    if level.kept.count == 1 || prefix.count + 1 >= request.maximumLength {
      for other in level.kept {
        prefix.append(tree.names[Int(other)])
        try sink.add(prefix, count: Int(level.counts[Int(other)]))
        prefix.removeLast()
      }
      return
    }
    if level.kept.count <= Self.fewItems { return try enumerate(tree, item, level) }
    project(tree, level)
    let projection = level.projection
    for other in 0..<Int32(projection.itemCount) {
      prefix.append(projection.names[Int(other)])
      try sink.add(prefix, count: Int(projection.supports[Int(other)]))
      if other > 0 { try extend(projection, by: other, depth: depth + 1) }
      prefix.removeLast()
    }
  }

  /// Gathers the paths to an item, counts the items on them and keeps the frequent ones.
  private func gather(_ item: Int32, in tree: FPTree, _ level: Level) {
    level.counts.removeAll(keepingCapacity: true)
    level.counts.append(contentsOf: repeatElement(0, count: Int(item)))
    level.counts.withUnsafeMutableBufferPointer { counts in
      if let first = counts.baseAddress { paths.gather(item, in: tree, counts: first) }
    }
    level.kept.removeAll(keepingCapacity: true)
    for other in 0..<item where level.counts[Int(other)] >= minimumCount { level.kept.append(other) }
  }

  /// Builds the tree of the gathered paths, of their frequent items alone.
  private func project(_ tree: FPTree, _ level: Level) {
    let (projection, table, steps) = (level.projection, table, paths.steps)
    projection.reset(items: level.kept.count)
    for (number, other) in level.kept.enumerated() {
      projection.supports[number] = level.counts[Int(other)]
      projection.names.append(tree.names[Int(other)])
    }
    number(level)
    table.reset(most: paths.stepCount)
    level.counts.withUnsafeBufferPointer { numbers in
      for (index, run) in paths.runs.enumerated() {
        let end = index + 1 < paths.runs.count ? Int(paths.runs[index + 1]) : paths.stepCount
        let anchor = steps[end - 1].parent
        var image = anchor < 0 ? 0 : steps[Int(anchor)].image
        for step in stride(from: end - 1, through: Int(run), by: -1) {
          let number = numbers[Int(steps[step].item)]
          if number >= 0 {
            image = projection.child(of: image, item: number, table)
            projection.add(steps[step].count, at: image)
          }
          steps[step].image = image
        }
      }
    }
  }

  /// Replaces the counts by the numbers of the kept items, -1 for the others.
  private func number(_ level: Level) {
    for other in level.counts.indices { level.counts[other] = -1 }
    for (number, other) in level.kept.enumerated() { level.counts[Int(other)] = Int32(number) }
  }

  /// Of so few items all sets are counted at once.
  private static let fewItems = 10

  private mutating func enumerate(_ tree: FPTree, _ item: Int32, _ level: Level) throws {
    number(level)
    countMasks(of: level)
    let length = prefix.count
    for mask in 1..<histogram.count
    where histogram[mask] >= minimumCount && length + mask.nonzeroBitCount <= request.maximumLength {
      for bit in level.kept.indices where mask & 1 << bit != 0 {
        prefix.append(tree.names[Int(level.kept[bit])])
      }
      try sink.add(prefix, count: Int(histogram[mask]))
      prefix.removeLast(prefix.count - length)
    }
  }

  /// Counts the baskets with all items of each set of the kept ones.
  private mutating func countMasks(of level: Level) {
    let size = 1 << level.kept.count
    histogram.removeAll(keepingCapacity: true)
    histogram.append(contentsOf: repeatElement(0, count: size))
    let steps = paths.steps
    for (index, run) in paths.runs.enumerated() {
      let end = index + 1 < paths.runs.count ? Int(paths.runs[index + 1]) : paths.stepCount
      let anchor = steps[end - 1].parent
      var mask = anchor < 0 ? 0 : steps[Int(anchor)].image
      for step in stride(from: end - 1, through: Int(run), by: -1) {
        let number = level.counts[Int(steps[step].item)]
        if number >= 0 {
          // A path with more items holds the set of this one too: what passes through counts once, where the set grows.
          histogram[Int(mask)] -= steps[step].count
          mask |= 1 << number
          histogram[Int(mask)] += steps[step].count
        }
        steps[step].image = mask
      }
    }
    for bit in level.kept.indices {
      for mask in 0..<size where mask & 1 << bit == 0 { histogram[mask] += histogram[mask | 1 << bit] }
    }
  }
}
