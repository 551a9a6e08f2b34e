import Commerce
import Foundation
import Learning
import MathKernels

/// Recommends what tends to come close after (or before) a user's latest items: a Markov chain over windows, in closed form.
///
/// ```swift
/// var model = try await DecayedTransitions().fit(interactions, context: FitContext())
/// model.recommend(for: ["tent", "sleeping bag"], count: 10)
/// model.update(Interaction(user: "ann", item: "stove", timestamp: 1_700_000_000_000))
/// ```
/// For each pair of items at distance k ≤ `window` in one user's sequence, `distanceDecay^(k−1)` is added to the transition
/// from the earlier to the later item, and `backwardWeight` times that to the reverse. A transition i → j is divided by
/// `rowSum(i)^rowExponent · count(j)^popularityExponent`. The score of j is the sum over the latest `historyLength` items of
/// `historyDecay^r` times their transition to j, r = 0 for the latest.
///
/// With the symbols of the formula W = window, d = distanceDecay, γ = backwardWeight, a = rowExponent,
/// b = popularityExponent, δ = historyDecay. Weights of interactions are not used, except that those of zero or less are
/// left out. The defaults were tuned on the validation part of Amazon Beauty.
///
/// - Complexity: O(interactions × window) to fit, O(historyLength × neighbours + items) to score, O(window × neighbours) to
///   learn one event.
/// - Throws: `LearningError.invalidParameter` for settings outside their range, `notEnoughData` without interactions.
public struct DecayedTransitions: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// W: how far apart two items of a sequence may be.
    public var window = 10
    /// d: what a pair counts less for each further step between the two.
    public var distanceDecay = 0.9
    /// γ: what a transition against the order of time counts.
    public var backwardWeight = 0.8
    /// a: how far items with many transitions are held back as sources.
    public var rowExponent = 0.2
    /// b: how far popular items are held back as targets.
    public var popularityExponent = 0.1
    /// How many of the latest items of a history count.
    public var historyLength = 20
    /// δ: what an item of the history counts less for each later one.
    public var historyDecay = 0.7

    /// The defaults.
    public init() {}
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Counts the decayed transitions.
  public func fit(_ data: Interactions, context: FitContext) async throws -> TransitionModel {
    try validate()
    try data.requireSomething()
    try context.checkpoint(step: 0, of: 2)
    let sequences = PositiveSequences(data)
    let counts = TransitionCounter(configuration, sequences, items: data.items.count).counted()
    try context.checkpoint(step: 1, of: 2)
    let model = TransitionModel(configuration, data, sequences, counts)
    try context.checkpoint(step: 2, of: 2)
    return model
  }

  private func validate() throws {
    func require(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw LearningError.invalidParameter(
          name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try require("window", Double(configuration.window), 1...1000)
    try require("distanceDecay", configuration.distanceDecay, 0...1)
    try require("backwardWeight", configuration.backwardWeight, 0...10)
    try require("rowExponent", configuration.rowExponent, 0...2)
    try require("popularityExponent", configuration.popularityExponent, 0...2)
    try require("historyLength", Double(configuration.historyLength), 1...10_000)
    try require("historyDecay", configuration.historyDecay, 0...1)
  }
}

/// The item sequences of the users without the rows of no positive weight.
struct PositiveSequences: Sendable {
  var starts: [Int] = [0]
  var items: [Int32] = []

  init(_ data: Interactions) {
    items.reserveCapacity(data.count)
    starts.reserveCapacity(data.users.count + 1)
    for user in 0..<data.users.count {
      for row in data.rows(ofUser: user) where data.weight[row] > 0 { items.append(data.item[row]) }
      starts.append(items.count)
    }
  }
}

/// Adds up the transitions of all sequences into compressed rows.
///
/// Pairs are first dealt out to the rows of their sources (a counting sort), then each row is merged on its own, so rows can
/// be merged on all cores without locks and the sums are always taken in one order.
struct TransitionCounter: Sendable {
  let window: Int
  let forward: [Float]
  let backward: [Float]
  let sequences: PositiveSequences
  let items: Int

  init(_ configuration: DecayedTransitions.Configuration, _ sequences: PositiveSequences, items: Int) {
    window = configuration.window
    forward = (0..<window).map { Float(pow(configuration.distanceDecay, Double($0))) }
    backward = forward.map { $0 * Float(configuration.backwardWeight) }
    self.sequences = sequences
    self.items = items
  }

  func counted() -> SparseMatrix {
    let (rowStarts, targets, distances) = dealtOut()
    let blocks = parallelBlocks(items, blockSize: 2048) { block in
      merged(block, rowStarts, targets, distances)
    }
    var starts = [0]
    starts.reserveCapacity(items + 1)
    var columns: [Int32] = []
    var values: [Float] = []
    let total = blocks.reduce(0) { $0 + $1.columns.count }
    columns.reserveCapacity(total)
    values.reserveCapacity(total)
    for block in blocks {
      let base = columns.count
      columns.append(contentsOf: block.columns)
      values.append(contentsOf: block.values)
      for end in block.ends { starts.append(base + end) }
    }
    return SparseMatrix(
      rows: items, columns: items, rowStarts: starts, columnIndices: columns, values: values)
  }

  /// Each pair of the window twice: at the earlier item with distance k − 1, at the later one with −k.
  private func dealtOut() -> (rowStarts: [Int], targets: [Int32], distances: [Int16]) {
    var starts = [Int](repeating: 0, count: items + 1)
    for user in 0..<sequences.starts.count - 1 {
      let (first, end) = (sequences.starts[user], sequences.starts[user + 1])
      for position in first..<end {
        // As many partners behind as ahead of each position, up to the window.
        let partners = min(window, end - 1 - position) + min(window, position - first)
        starts[Int(sequences.items[position]) + 1] += partners
      }
    }
    for index in 0..<items { starts[index + 1] += starts[index] }
    let total = starts[items]
    var next = starts
    var distances: [Int16] = []
    let targets = [Int32](unsafeUninitializedCapacity: total) { targets, targetCount in
      distances = [Int16](unsafeUninitializedCapacity: total) { distances, distanceCount in
        next.withUnsafeMutableBufferPointer { next in
          sequences.items.withUnsafeBufferPointer { items in
            deal(items, &next, targets, distances)
          }
        }
        distanceCount = total
      }
      targetCount = total
    }
    return (starts, targets, distances)
  }

  private func deal(
    _ items: UnsafeBufferPointer<Int32>, _ next: inout UnsafeMutableBufferPointer<Int>,
    _ targets: UnsafeMutableBufferPointer<Int32>, _ distances: UnsafeMutableBufferPointer<Int16>
  ) {
    for user in 0..<sequences.starts.count - 1 {
      let end = sequences.starts[user + 1]
      for position in sequences.starts[user]..<end {
        let earlier = Int(items[position])
        for distance in 1...window {
          guard position + distance < end else { break }
          let later = Int(items[position + distance])
          let (ahead, behind) = (next[earlier], later == earlier ? next[earlier] + 1 : next[later])
          targets[ahead] = Int32(later)
          distances[ahead] = Int16(distance - 1)
          targets[behind] = Int32(earlier)
          distances[behind] = Int16(-distance)
          next[earlier] = ahead + 1
          next[later] = behind + 1
        }
      }
    }
  }

  private func merged(
    _ block: Range<Int>, _ rowStarts: [Int], _ targets: [Int32], _ distances: [Int16]
  ) -> (columns: [Int32], values: [Float], ends: [Int]) {
    var sums = [Float](repeating: 0, count: items)
    var (columns, values): ([Int32], [Float]) = ([], [])
    var ends: [Int] = []
    columns.reserveCapacity(rowStarts[block.upperBound] - rowStarts[block.lowerBound])
    for row in block {
      let first = columns.count
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        let target = Int(targets[entry])
        let distance = Int(distances[entry])
        let value = distance >= 0 ? forward[distance] : backward[-distance - 1]
        guard value > 0 else { continue }
        if sums[target] == 0 { columns.append(Int32(target)) }
        sums[target] += value
      }
      columns[first...].sort()
      for position in first..<columns.count {
        values.append(sums[Int(columns[position])])
        sums[Int(columns[position])] = 0
      }
      ends.append(columns.count)
    }
    return (columns, values, ends)
  }
}
