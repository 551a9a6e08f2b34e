import Commerce
import Learning
import MathKernels

/// What `ContentSimilarity` learned: the items' words with their weights.
public struct ContentModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 2
  /// The settings it was fitted with.
  public let configuration: ContentSimilarity.Configuration
  /// The items known to the model, those without interactions among them.
  public private(set) var items: Vocabulary
  @Packed private var counts: [Float]
  private var weights: TermWeights
  @Packed private var starts: [Int64]
  @Packed private var terms: [Int32]
  @Packed private var values: [Float]
  @Packed private var termStarts: [Int64]
  @Packed private var holders: [Int32]
  @Packed private var holderValues: [Float]
  /// The vectors of items that came or changed since, which the columns above do not know, or no longer.
  private var updated: [Int32: TermWeights.Vector] = [:]

  /// How popular each item is.
  public var popularity: [Float] { counts }
  /// How many items came or changed since the model was fitted. Scoring looks at each of them, so that with very many a new
  /// fit is due.
  public var updatedCount: Int { updated.count }

  init(
    _ configuration: ContentSimilarity.Configuration, items: Vocabulary, popularity: [Float],
    weights: TermWeights, vectors: SparseMatrix
  ) {
    self.configuration = configuration
    self.items = items
    self.weights = weights
    counts = popularity
    starts = vectors.rowStarts.map(Int64.init)
    terms = vectors.columnIndices
    values = vectors.values
    let byTerm = vectors.transposed()
    termStarts = byTerm.rowStarts.map(Int64.init)
    holders = byTerm.columnIndices
    holderValues = byTerm.values
  }

  /// Takes in an item that is new or described anew; how rare words are stays as it was learned.
  ///
  /// - Complexity: O(words).
  public mutating func update(_ description: ItemDescription) {
    let index = items.insert(description.item)
    if Int(index) == counts.count { counts.append(0) }
    updated[index] = weights.vector(of: description)
  }

  /// Calls `body` with the terms of an item and their weights, in ascending order of term.
  private func withVector<Output>(
    _ item: Int32, _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Float>) -> Output
  ) -> Output {
    if let vector = updated[item] {
      return vector.terms.withUnsafeBufferPointer { terms in
        vector.values.withUnsafeBufferPointer { body(terms, $0) }
      }
    }
    let range = Int(starts[Int(item)])..<Int(starts[Int(item) + 1])
    return terms.withUnsafeBufferPointer { terms in
      values.withUnsafeBufferPointer {
        body(UnsafeBufferPointer(rebasing: terms[range]), UnsafeBufferPointer(rebasing: $0[range]))
      }
    }
  }

  /// Sums the cosines with the items of the history.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    var profile = [Float](repeating: 0, count: weights.terms.count)
    for (row, history) in histories.enumerated() {
      let sums = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      sums.update(repeating: 0)
      let touched = add(history, to: &profile)
      for term in touched where Int(term) + 1 < termStarts.count {
        let weight = profile[Int(term)]
        for entry in Int(termStarts[Int(term)])..<Int(termStarts[Int(term) + 1]) {
          sums[Int(holders[entry])] += weight * holderValues[entry]
        }
      }
      for (item, vector) in updated {
        sums[Int(item)] = zip(vector.terms, vector.values).reduce(0) { $0 + profile[Int($1.0)] * $1.1 }
      }
      for term in touched { profile[Int(term)] = 0 }
      for index in 0..<width where !(sums[index] > 0) || !sums[index].isFinite { sums[index] = -.infinity }
    }
  }

  /// Adds the vectors of a history up; returns the terms that occur.
  private func add(_ history: CodedHistory, to profile: inout [Float]) -> [Int32] {
    var touched: [Int32] = []
    for (item, weight) in zip(history.items, history.weights) where weight > 0 {
      withVector(item) { terms, values in
        for (term, value) in zip(terms, values) {
          if profile[Int(term)] == 0 { touched.append(term) }
          profile[Int(term)] += weight * value
        }
      }
    }
    // A term whose weights cancel or vanish may have been noted twice.
    return Array(Set(touched)).sorted()
  }

  /// Weight times cosine for each entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    items.map { item in
      zip(history.items, history.weights).map { source, weight in
        weight > 0 ? weight * product(source, item) : 0
      }
    }
  }

  /// The cosine of two items' words and attributes; 0 when one of them is unknown.
  public func cosine(_ first: String, _ second: String) -> Float {
    guard let first = items.index(of: first), let second = items.index(of: second) else { return 0 }
    return product(first, second)
  }

  /// The inner product of two items' vectors.
  private func product(_ first: Int32, _ second: Int32) -> Float {
    withVector(first) { firstTerms, firstValues in
      withVector(second) { secondTerms, secondValues in
        var (a, b) = (0, 0)
        var sum: Float = 0
        while a < firstTerms.count, b < secondTerms.count {
          if firstTerms[a] == secondTerms[b] {
            sum += firstValues[a] * secondValues[b]
            a += 1
            b += 1
          } else if firstTerms[a] < secondTerms[b] {
            a += 1
          } else {
            b += 1
          }
        }
        return sum
      }
    }
  }

  /// The cosine with the item.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    score([CodedHistory(items: [item], weights: [1])], into: scores)
  }
}
