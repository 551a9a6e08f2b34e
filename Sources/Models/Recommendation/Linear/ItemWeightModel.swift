import Commerce
import Learning
import MathKernels

/// What `RP3Beta`, `SLIM` and the sparse form of `EASE` learned: for each item how much it speaks for each of a few others.
public struct ItemWeightModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The items known to the model.
  public let items: Vocabulary
  /// How an item of the history counts.
  public let weighting: InteractionWeighting
  @Packed private var counts: [Float]
  @Packed private var rowStarts: [Int64]
  @Packed private var columns: [Int32]
  @Packed private var values: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  /// Row i holds what item i says for others, in ascending order of column.
  init(items: Vocabulary, weighting: InteractionWeighting, popularity: [Float], weights: SparseMatrix) {
    self.items = items
    self.weighting = weighting
    counts = popularity
    rowStarts = weights.rowStarts.map(Int64.init)
    columns = weights.columnIndices
    values = weights.values
  }

  /// Sums the weights from the items of the history; an item that none of them speaks of has no score.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          for (item, share) in zip(history.items, weighting.shares(history)) where share > 0 {
            for entry in Int(rowStarts[Int(item)])..<Int(rowStarts[Int(item) + 1]) {
              sums[Int(columns[entry])] += share * values[entry]
            }
          }
        }
      }
      for index in 0..<width where sums[index] == 0 || !sums[index].isFinite { sums[index] = -.infinity }
    }
  }

  /// Share times weight for each entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    let shares = weighting.shares(history)
    return items.map { item in
      zip(history.items, shares).map { source, share in
        share > 0 ? share * weight(from: Int(source), to: item) : 0
      }
    }
  }

  private func weight(from source: Int, to item: Int32) -> Float {
    let range = Int(rowStarts[source])..<Int(rowStarts[source + 1])
    return columns.withUnsafeBufferPointer { columns in
      let row = UnsafeBufferPointer(rebasing: columns[range])
      let place = TransitionModel.lowerBound(row, item)
      return place < row.count && row[place] == item ? values[range.lowerBound + place] : 0
    }
  }

  /// What the item says for others, where it is positive.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    scores.update(repeating: -.infinity)
    for entry in Int(rowStarts[Int(item)])..<Int(rowStarts[Int(item) + 1]) where values[entry] > 0 {
      scores[Int(columns[entry])] = values[entry]
    }
  }
}

/// Rows of few entries, made in blocks and joined.
struct SparseRows: Sendable {
  var starts: [Int] = [0]
  var columns: [Int32] = []
  var values: [Float] = []

  /// Adds a row whose entries are in ascending order of column.
  mutating func add(_ row: some Sequence<(Int32, Float)>) {
    for (column, value) in row {
      columns.append(column)
      values.append(value)
    }
    starts.append(columns.count)
  }

  static func joined(_ blocks: [SparseRows], columns width: Int) -> SparseMatrix {
    var whole = SparseRows()
    for block in blocks {
      let base = whole.columns.count
      whole.columns.append(contentsOf: block.columns)
      whole.values.append(contentsOf: block.values)
      whole.starts.append(contentsOf: block.starts.dropFirst().map { $0 + base })
    }
    return SparseMatrix(
      rows: whole.starts.count - 1, columns: width, rowStarts: whole.starts, columnIndices: whole.columns,
      values: whole.values)
  }
}
