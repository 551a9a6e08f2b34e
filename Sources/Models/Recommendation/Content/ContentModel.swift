import Commerce
import Learning
import MathKernels

/// What `ContentSimilarity` learned: the items' words with their weights.
public struct ContentModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ContentSimilarity.Configuration
  /// The items known to the model, those without interactions among them.
  public let items: Vocabulary
  @Packed private var counts: [Float]
  @Packed private var starts: [Int64]
  @Packed private var terms: [Int32]
  @Packed private var values: [Float]
  @Packed private var termStarts: [Int64]
  @Packed private var holders: [Int32]
  @Packed private var holderValues: [Float]

  /// How popular each item is.
  public var popularity: [Float] { counts }

  init(
    _ configuration: ContentSimilarity.Configuration, items: Vocabulary, popularity: [Float],
    vectors: SparseMatrix
  ) {
    self.configuration = configuration
    self.items = items
    counts = popularity
    starts = vectors.rowStarts.map(Int64.init)
    terms = vectors.columnIndices
    values = vectors.values
    let byTerm = vectors.transposed()
    termStarts = byTerm.rowStarts.map(Int64.init)
    holders = byTerm.columnIndices
    holderValues = byTerm.values
  }

  /// Sums the cosines with the items of the history.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    var profile = [Float](repeating: 0, count: max(0, termStarts.count - 1))
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      var touched: [Int32] = []
      for (item, weight) in zip(history.items, history.weights) where weight > 0 {
        for entry in Int(starts[Int(item)])..<Int(starts[Int(item) + 1]) {
          if profile[Int(terms[entry])] == 0 { touched.append(terms[entry]) }
          profile[Int(terms[entry])] += weight * values[entry]
        }
      }
      for term in touched {
        let weight = profile[Int(term)]
        profile[Int(term)] = 0
        for entry in Int(termStarts[Int(term)])..<Int(termStarts[Int(term) + 1]) {
          sums[Int(holders[entry])] += weight * holderValues[entry]
        }
      }
      for index in 0..<width where !(sums[index] > 0) || !sums[index].isFinite { sums[index] = -.infinity }
    }
  }

  /// Weight times cosine for each entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    items.map { item in
      zip(history.items, history.weights).map { source, weight in
        weight > 0 ? weight * product(Int(source), Int(item)) : 0
      }
    }
  }

  /// The inner product of two rows, whose terms are in ascending order.
  private func product(_ first: Int, _ second: Int) -> Float {
    var (a, b) = (Int(starts[first]), Int(starts[second]))
    let (endA, endB) = (Int(starts[first + 1]), Int(starts[second + 1]))
    var sum: Float = 0
    while a < endA, b < endB {
      if terms[a] == terms[b] {
        sum += values[a] * values[b]
        a += 1
        b += 1
      } else if terms[a] < terms[b] {
        a += 1
      } else {
        b += 1
      }
    }
    return sum
  }

  /// The cosine with the item.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    score([CodedHistory(items: [item], weights: [1])], into: scores)
  }
}
