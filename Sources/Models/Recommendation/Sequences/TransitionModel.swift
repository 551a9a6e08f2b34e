import Commerce
import Foundation
import Learning
import MathKernels

/// What `DecayedTransitions` learned: raw decayed counts of transitions, from which scores are normalized when asked for, so
/// that one more event changes a few numbers only.
public struct TransitionModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: DecayedTransitions.Configuration
  /// The items known to the model.
  public internal(set) var items: Vocabulary
  /// The users whose latest items it keeps, to learn from their next event.
  public internal(set) var users: Vocabulary

  // The rows as fitted, compressed; rows that events have touched since lie in `changed` in full.
  @Packed var rowStarts: [Int64]
  @Packed var columns: [Int32]
  @Packed var values: [Float]
  var changed: [ChangedRow]
  @Packed var changedIndex: [Int32]
  @Packed var rowSums: [Float]
  @Packed var counts: [Float]
  // The powers of both that scores are multiplied with.
  @Packed var sourceScales: [Float]
  @Packed var targetScales: [Float]
  // `window` places per user, the latest item last, −1 where there are fewer.
  @Packed var latest: [Int32]

  /// One row with its entries in ascending order of column.
  struct ChangedRow: Sendable, Codable, Equatable {
    @Packed var columns: [Int32]
    @Packed var values: [Float]
  }

  /// How often each item occurred.
  public var popularity: [Float] { counts }

  init(
    _ configuration: DecayedTransitions.Configuration, _ data: Interactions, _ sequences: PositiveSequences,
    _ transitions: SparseMatrix
  ) {
    self.configuration = configuration
    items = data.items
    users = data.users
    rowStarts = transitions.rowStarts.map(Int64.init)
    columns = transitions.columnIndices
    values = transitions.values
    changed = []
    changedIndex = [Int32](repeating: -1, count: items.count)
    rowSums = (0..<items.count).map { transitions.row($0).values.reduce(0, +) }
    var occurrences = [Float](repeating: 0, count: items.count)
    for item in sequences.items { occurrences[Int(item)] += 1 }
    counts = occurrences
    sourceScales = []
    targetScales = []
    var latest = [Int32](repeating: -1, count: users.count * configuration.window)
    for user in 0..<users.count {
      let sequence = sequences.items[sequences.starts[user]..<sequences.starts[user + 1]].suffix(
        configuration.window)
      let end = (user + 1) * configuration.window
      for (place, item) in zip(end - sequence.count..<end, sequence) { latest[place] = item }
    }
    self.latest = latest
    sourceScales = rowSums.map { Self.scale($0, configuration.rowExponent) }
    targetScales = counts.map { Self.scale($0, configuration.popularityExponent) }
  }

  /// Calls `body` with the columns and raw values of a row.
  func withRow<Output>(
    _ row: Int, _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> Output
  ) -> Output {
    let place = Int(changedIndex[row])
    if place >= 0 {
      return changed[place].columns.withUnsafeBufferPointer { columns in
        changed[place].values.withUnsafeBufferPointer { body(columns, $0) }
      }
    }
    guard row + 1 < rowStarts.count else {
      return body(UnsafeBufferPointer(start: nil, count: 0), UnsafeBufferPointer(start: nil, count: 0))
    }
    let range = Int(rowStarts[row])..<Int(rowStarts[row + 1])
    return columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer {
        body(UnsafeBufferPointer(rebasing: columns[range]), UnsafeBufferPointer(rebasing: $0[range]))
      }
    }
  }

  static func scale(_ sum: Float, _ exponent: Double) -> Float { sum > 0 ? pow(sum, -Float(exponent)) : 0 }

  /// The places of a history that count, latest first, each with its decay; entries of no weight are passed over.
  private func recent(_ history: CodedHistory) -> [(place: Int, decay: Float)] {
    let liked = history.items.indices.reversed().filter { history.weights[$0] > 0 }
    return liked.prefix(configuration.historyLength).enumerated().map { rank, place in
      (place, Float(pow(configuration.historyDecay, Double(rank))))
    }
  }

  /// Sums the decayed transitions from the latest items.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    let targetScales = targetScales
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      for (place, decay) in recent(history) {
        let source = Int(history.items[place])
        add(decay * sourceScales[source], row: source, to: sums)
      }
      for index in 0..<width {
        sums[index] = sums[index] > 0 ? sums[index] * targetScales[index] : -.infinity
      }
    }
  }

  private func add(_ factor: Float, row: Int, to sums: UnsafeMutableBufferPointer<Float>) {
    guard factor > 0 else { return }
    withRow(row) { columns, values in
      for entry in columns.indices { sums[Int(columns[entry])] += factor * values[entry] }
    }
  }

  /// The transition from each entry of the history, with its decay.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    var parts = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    for (place, decay) in recent(history) {
      let source = Int(history.items[place])
      let factor = decay * sourceScales[source]
      for (index, item) in items.enumerated() {
        parts[index][place] = factor * rawValue(source, item) * targetScales[Int(item)]
      }
    }
    return parts
  }

  private func rawValue(_ row: Int, _ column: Int32) -> Float {
    withRow(row) { columns, values in
      let place = Self.lowerBound(columns, column)
      return place < columns.count && columns[place] == column ? values[place] : 0
    }
  }

  /// The normalized transitions from the item.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    score([CodedHistory(items: [item], weights: [1])], into: scores)
  }

  static func lowerBound(_ columns: UnsafeBufferPointer<Int32>, _ column: Int32) -> Int {
    var (low, high) = (0, columns.count)
    while low < high {
      let middle = (low + high) / 2
      if columns[middle] < column { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
