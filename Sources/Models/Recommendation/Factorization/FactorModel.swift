import Commerce
import Learning
import MathKernels

/// What `ImplicitALS` learned: a vector per item. Users are folded in from their histories, known or new alike.
public struct FactorModel: Recommender {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ImplicitALS.Configuration
  /// The items known to the model.
  public let items: Vocabulary
  @Packed private var counts: [Float]
  @Packed private var factors: [Float]
  @Packed private var gram: [Float]
  private let meanFrequency: Double

  /// How popular each item is.
  public var popularity: [Float] { counts }

  private var size: Int { configuration.embeddingSize }

  init(
    _ configuration: ImplicitALS.Configuration, items: Vocabulary, popularity: [Float],
    factors: Matrix<Float>,
    meanFrequency: Double
  ) {
    self.configuration = configuration
    self.items = items
    counts = popularity
    self.factors = factors.elements
    gram = factors.gram().elements
    self.meanFrequency = meanFrequency
  }

  /// An item's vector, or nil when it is unknown.
  public func vector(ofItem item: String) -> [Float]? {
    items.index(of: item).map { Array(factors[Int($0) * size..<(Int($0) + 1) * size]) }
  }

  /// The vector of a user with this history, all zeros when it holds no known item.
  public func vector(for history: [HistoryItem]) -> [Float] {
    var vector = [Float](repeating: 0, count: size)
    vector.withUnsafeMutableBufferPointer { vector in
      guard let vector = vector.baseAddress else { return }
      _ = fold(coded(history), into: vector)
    }
    return vector
  }

  /// Folds each history in and multiplies with all items, by one call of BLAS.
  public func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    let width = items.count
    var users = [Float](repeating: 0, count: histories.count * size)
    users.withUnsafeMutableBufferPointer { users in
      factors.withUnsafeBufferPointer { factors in
        guard let users = users.baseAddress, let factors = factors.baseAddress,
          let output = scores.baseAddress
        else { return }
        for (row, history) in histories.enumerated() { _ = fold(history, into: users + row * size) }
        Float.gemm(false, true, histories.count, width, size, 1, users, size, factors, size, 0, output, width)
      }
    }
    let unknown = counts.indices.filter { counts[$0] == 0 }
    for (row, history) in histories.enumerated() {
      let own = UnsafeMutableBufferPointer(rebasing: scores[row * width..<(row + 1) * width])
      // A vector that is zero, or that rounding has spoilt, says nothing about any item.
      let vector = users[row * size..<(row + 1) * size]
      if history.isEmpty || !vector.allSatisfy(\.isFinite) || vector.allSatisfy({ $0 == 0 }) {
        own.update(repeating: -.infinity)
      }
      for index in unknown { own[index] = -.infinity }
    }
  }

  /// The entries of a history as confidences: repeated items added up, those of no weight left out.
  private func confidences(_ history: CodedHistory) -> (columns: [Int32], values: [Float]) {
    var (columns, values): ([Int32], [Float]) = ([], [])
    for (item, weight) in zip(history.items, history.weights) where weight > 0 {
      let confidence = weight * Float(configuration.confidence)
      if let known = columns.firstIndex(of: item) {
        values[known] += confidence
      } else {
        columns.append(item)
        values.append(confidence)
      }
    }
    return (columns, values.map { min($0, 1e6) })
  }

  /// Solves for a user's vector; returns the factored system, or nil when the history says nothing.
  private func fold(_ history: CodedHistory, into vector: UnsafeMutablePointer<Float>) -> NormalEquations? {
    let (columns, values) = confidences(history)
    guard !columns.isEmpty else { return nil }
    var system = NormalEquations(size: size)
    let lambda = LeastSquares.regularization(
      configuration, entries: columns.count, others: items.count, meanFrequency: meanFrequency)
    factors.withUnsafeBufferPointer { factors in
      gram.withUnsafeBufferPointer { gram in
        guard let factors = factors.baseAddress, let gram = gram.baseAddress else { return }
        system.assemble(columns, values, regularization: lambda, factors, gram)
      }
    }
    guard system.factorize() else { return nil }
    system.solve(into: vector)
    return system
  }

  /// With x = A⁻¹ Σ c y, the score of item j is Σ c · yᵀA⁻¹yⱼ: one part per entry of the history.
  public func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    var parts = items.map { _ in [Float](repeating: 0, count: history.items.count) }
    let size = size
    var ignored = [Float](repeating: 0, count: size)
    guard
      let system = ignored.withUnsafeMutableBufferPointer({ vector in
        vector.baseAddress.flatMap { fold(history, into: $0) }
      })
    else { return parts }
    var solved: [Float] = items.flatMap { factors[Int($0) * size..<(Int($0) + 1) * size] }
    solved.withUnsafeMutableBufferPointer { solved in
      factors.withUnsafeBufferPointer { factors in
        guard let solved = solved.baseAddress, let factors = factors.baseAddress else { return }
        system.solveInPlace(solved, count: items.count)
        for index in items.indices {
          for (place, item) in history.items.enumerated() where history.weights[place] > 0 {
            let confidence = history.weights[place] * Float(configuration.confidence)
            parts[index][place] =
              confidence * Vectors.dot(factors + Int(item) * size, solved + index * size, size)
          }
        }
      }
    }
    return parts
  }

  /// The cosine of the items' vectors, less for items that few have dealt with.
  public func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    VectorLikeness.score(item, factors, size: size, popularity: counts, into: scores)
  }
}
