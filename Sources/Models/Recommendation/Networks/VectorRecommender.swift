import Commerce
import Learning
import MathKernels

/// A recommender whose score is the inner product of a vector for the history with a vector for the item.
protocol VectorRecommender: Recommender {
  /// The items' vectors, row by row.
  var itemVectors: [Float] { get }
  /// How many numbers a vector has.
  var vectorSize: Int { get }
  /// A vector for each history, row by row; histories that say nothing have a row of any content.
  func encode(_ histories: [[Int32]]) -> [Float]
  /// The items of a history that count, oldest first.
  func read(_ history: CodedHistory) -> [Int32]
}

extension VectorRecommender {
  /// One encoding for each history and one product with all items, by BLAS.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    guard let output = scores.baseAddress, width > 0 else { return }
    let read = histories.map { self.read($0) }
    let vectors = encode(read)
    Float.gemm(
      false, true, histories.count, width, vectorSize, 1, vectors, vectorSize, itemVectors, vectorSize, 0,
      output, width)
    let counts = popularity
    let unknown = counts.indices.filter { counts[$0] == 0 }
    for (row, items) in read.enumerated() {
      let own = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      if items.isEmpty {
        own.update(repeating: -.infinity)
      } else {
        // Items that were never learned from have vectors that mean nothing.
        for index in unknown { own[index] = -.infinity }
      }
    }
  }

  /// What each entry adds to what the entries after it say alone: the score of the entries from it on less the score of
  /// those after it. The differences add up to the score exactly.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    var parts = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    let read = read(history)
    guard !read.isEmpty, !items.isEmpty else { return parts }
    let places = Array(history.items.indices.filter { history.weights[$0] > 0 }.suffix(read.count))
    let vectors = encode(read.indices.map { Array(read[$0...]) })
    let size = vectorSize
    for (row, item) in items.enumerated() {
      let own = Int(item) * size
      let scores = read.indices.map { start in
        (0..<size).reduce(Float(0)) { $0 + vectors[start * size + $1] * itemVectors[own + $1] }
      }
      for (index, place) in places.enumerated() {
        parts[row][place] = scores[index] - (index + 1 < scores.count ? scores[index + 1] : 0)
      }
    }
    return parts
  }

  /// The cosine of the items' vectors, less for items that few have dealt with.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    VectorLikeness.score(item, itemVectors, size: vectorSize, popularity: popularity, into: scores)
  }

  /// The latest items of a history with a positive weight.
  func latest(_ history: CodedHistory, _ length: Int) -> [Int32] {
    Array(history.items.indices.filter { history.weights[$0] > 0 }.suffix(length).map { history.items[$0] })
  }
}
