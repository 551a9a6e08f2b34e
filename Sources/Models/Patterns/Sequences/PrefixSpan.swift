import Commerce
import Learning
import MathKernels

/// What was bought one after another: sequences of baskets, such as those of a customer by time.
public struct BasketSequences: Sendable {
  /// The items by code.
  public private(set) var items = Vocabulary()
  /// Sequences of baskets of codes, ascending within each basket.
  public private(set) var sequences: [[[Int32]]] = []

  /// Sequences with these items.
  public init(_ sequences: some Sequence<[[String]]> = []) {
    for sequence in sequences { append(sequence) }
  }

  /// Adds a sequence, oldest basket first; empty baskets are passed over.
  public mutating func append(_ baskets: some Sequence<[String]>) {
    sequences.append(baskets.map { Set($0.map { items.insert($0) }).sorted() }.filter { !$0.isEmpty })
  }

  /// How many sequences there are.
  public var count: Int { sequences.count }
}

/// Baskets that often follow one another.
public struct SequentialPattern: Sendable, Hashable {
  /// The baskets by codes, oldest first, ascending within each.
  public var baskets: [[Int32]]
  /// How many sequences hold them in this order, not necessarily without others in between.
  public var count: Int

  /// A pattern.
  public init(baskets: [[Int32]], count: Int) { (self.baskets, self.count) = (baskets, count) }

  /// How many items it has.
  public var length: Int { baskets.reduce(0) { $0 + $1.count } }
}

/// PrefixSpan: patterns grow item by item, each along with where it first ends in every sequence that holds it.
///
/// ```swift
/// let patterns = try PrefixSpan().mine(sequences, minimumCount: 50, maximumLength: 4, context: FitContext())
/// ```
/// An item joins the last basket or begins a new one.
///
/// - Complexity: O(patterns × items behind where they end).
/// Source: Pei et al. (2004), Mining Sequential Patterns by Pattern-Growth, https://doi.org/10.1109/TKDE.2004.77
public struct PrefixSpan: Sendable {
  /// The algorithm.
  public init() {}

  /// Finds the patterns, in an order that depends on the sequences alone.
  ///
  /// - Throws: `PatternError`, `CancellationError`.
  public func mine(
    _ sequences: BasketSequences, minimumCount: Int, maximumLength: Int = .max,
    maximumPatterns: Int = 1_000_000,
    serially: Bool = false, context: FitContext
  ) throws -> [SequentialPattern] {
    try ItemsetRequest(minimumCount: minimumCount, maximumLength: maximumLength, maximumSets: maximumPatterns)
      .check()
    let all = sequences.sequences
    let places = all.indices.map { Growth.Place(sequence: Int32($0), basket: -1) }
    let root = Growth(all, minimumCount, maximumLength, maximumPatterns)
    let first = root.extensions(of: [], at: places)
    let parts = try parallelBlocks(first.count, blockSize: 1, serially: serially) { block in
      try Task.checkCancellation()
      var growth = root
      try growth.grow([], by: first[block.lowerBound])
      return growth.found
    }
    try context.checkpoint(step: first.count, of: first.count)
    let found = parts.flatMap { $0 }
    guard found.count <= maximumPatterns else { throw PatternError.tooManyPatterns(limit: maximumPatterns) }
    return found
  }

  private struct Growth: Sendable {
    /// Where a pattern first ends in a sequence.
    struct Place: Sendable {
      var sequence: Int32
      var basket: Int32
    }

    struct Extension: Sendable {
      var item: Int32
      /// Whether the item begins a new basket.
      var isNewBasket: Bool
      var places: [Place]
    }

    let sequences: [[[Int32]]]
    let minimumCount: Int
    let maximumLength: Int
    let limit: Int
    var found: [SequentialPattern] = []

    init(_ sequences: [[[Int32]]], _ minimumCount: Int, _ maximumLength: Int, _ limit: Int) {
      (self.sequences, self.minimumCount) = (sequences, minimumCount)
      (self.maximumLength, self.limit) = (maximumLength, limit)
    }

    mutating func grow(_ pattern: [[Int32]], by item: Extension) throws {
      var pattern = pattern
      if item.isNewBasket {
        pattern.append([item.item])
      } else {
        pattern[pattern.count - 1].append(item.item)
      }
      guard found.count < limit else { throw PatternError.tooManyPatterns(limit: limit) }
      let grown = SequentialPattern(baskets: pattern, count: item.places.count)
      found.append(grown)
      guard grown.length < maximumLength else { return }
      try Task.checkCancellation()
      for next in extensions(of: pattern, at: item.places) { try grow(pattern, by: next) }
    }

    func extensions(of pattern: [[Int32]], at places: [Place]) -> [Extension] {
      var (joined, begun): ([Int32: [Place]], [Int32: [Place]]) = ([:], [:])
      for place in places {
        let sequence = sequences[Int(place.sequence)]
        if let last = pattern.last { join(last, place, sequence, into: &joined) }
        for basket in Int(place.basket + 1)..<sequence.count {
          for item in sequence[basket] { Self.note(item, place.sequence, basket, in: &begun) }
        }
      }
      return Self.extensions(joined, isNewBasket: false, minimumCount)
        + Self.extensions(begun, isNewBasket: true, minimumCount)
    }

    /// Items that come with the pattern's last basket: where it first ends, or in a later basket that holds it too.
    private func join(
      _ last: [Int32], _ place: Place, _ sequence: [[Int32]], into joined: inout [Int32: [Place]]
    ) {
      guard let largest = last.last else { return }
      for basket in Int(place.basket)..<sequence.count {
        let items = sequence[basket]
        guard basket == Int(place.basket) || last.allSatisfy(items.contains) else { continue }
        for item in items where item > largest { Self.note(item, place.sequence, basket, in: &joined) }
      }
    }

    /// Notes the first basket alone in which an item extends a sequence.
    private static func note(
      _ item: Int32, _ sequence: Int32, _ basket: Int, in places: inout [Int32: [Place]]
    ) {
      if places[item]?.last?.sequence == sequence { return }
      places[item, default: []].append(Place(sequence: sequence, basket: Int32(basket)))
    }

    private static func extensions(
      _ places: [Int32: [Place]], isNewBasket: Bool, _ minimumCount: Int
    ) -> [Extension] {
      places.filter { $0.value.count >= minimumCount }.sorted { $0.key < $1.key }
        .map { Extension(item: $0.key, isNewBasket: isNewBasket, places: $0.value) }
    }
  }
}
