/// Keeps the best `capacity` of many scored indices: highest score first, the lower index first among equals.
///
/// ```swift
/// var best = TopK(2)
/// for (index, score) in [0.3, 0.9, 0.5].enumerated() { best.offer(Int32(index), Float(score)) }
/// best.sorted().map(\.index)   // [1, 2]
/// ```
/// A binary heap with the worst kept entry on top; NaN is never kept.
///
/// - Complexity: O(1) for an entry that is not kept, O(log capacity) for one that is.
public struct TopK: Sendable {
  /// An index and its score.
  public struct Entry: Sendable, Equatable {
    /// The index.
    public var index: Int32
    /// Its score.
    public var score: Float
  }

  private var heap: [Entry] = []
  private let capacity: Int

  /// An empty selection of at most `capacity` entries.
  public init(_ capacity: Int) {
    self.capacity = max(0, capacity)
    heap.reserveCapacity(min(self.capacity, 1024))
  }

  /// How many entries are kept.
  public var count: Int { heap.count }

  /// The score an entry has to reach to have a chance: −infinity until the selection is full.
  public var threshold: Float { heap.count < capacity ? -.infinity : (heap.first?.score ?? .infinity) }

  /// Considers an entry.
  public mutating func offer(_ index: Int32, _ score: Float) {
    let entry = Entry(index: index, score: score)
    guard capacity > 0, !score.isNaN else { return }
    if heap.count < capacity {
      heap.append(entry)
      siftUp()
    } else if Self.isWorse(heap[0], than: entry) {
      heap[0] = entry
      siftDown()
    }
  }

  /// The kept entries, best first.
  public func sorted() -> [Entry] { heap.sorted { Self.isWorse($1, than: $0) } }

  /// Forgets all entries and keeps the memory.
  public mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

  /// The best `count` of dense scores; those of −infinity or NaN are left out.
  ///
  /// - Complexity: O(n + kept × log count).
  public static func select(_ count: Int, of scores: UnsafeBufferPointer<Float>) -> [Entry] {
    var best = TopK(count)
    guard count > 0, let base = scores.baseAddress else { return [] }
    let greatest = (0..<scores.count / 64).map { Vectors.greatest(base + $0 * 64) }
    // So many stretches of 64 reach this bound that what lies below it cannot be among the best.
    var bounds = TopK(count)
    for (block, score) in greatest.enumerated() { bounds.offer(Int32(block), score) }
    let bound = bounds.threshold
    for (block, score) in greatest.enumerated() where score >= bound && score > -.infinity {
      for index in block * 64..<(block + 1) * 64 where base[index] >= bound && base[index] > -.infinity {
        best.offer(Int32(index), base[index])
      }
    }
    for index in greatest.count * 64..<scores.count where base[index] > -.infinity {
      best.offer(Int32(index), base[index])
    }
    return best.sorted()
  }

  private static func isWorse(_ a: Entry, than b: Entry) -> Bool {
    a.score < b.score || (a.score == b.score && a.index > b.index)
  }

  private mutating func siftUp() {
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.isWorse(heap[child], than: heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var worst = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if Self.isWorse(heap[child], than: heap[worst]) { worst = child }
      }
      guard worst != parent else { return }
      heap.swapAt(parent, worst)
      parent = worst
    }
  }
}
