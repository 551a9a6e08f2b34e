import Foundation
import Learning
import MathKernels

/// Foretells purchases of all categories from a profile's vector alone: one logistic regression a category.
///
/// ```swift
/// let head = try PurchaseHead().fit(vectors, bought: bought, validation: (later, laterBought))
/// let margins = head.margins(vectors)              // customers × categories, log-odds
/// ```
/// The same for every fusion, so that fusions are compared and not what comes after them. Vectors are centred and scaled as a whole; the
/// ridge penalty is the one of `penalties` with the smallest log-loss on the validation rows. All categories are solved
/// together by steps with one fixed upper bound of the curvature, which cannot overshoot.
/// Source: Böhning (1992), https://doi.org/10.1007/BF00048682
///
/// - Complexity: O(rounds × rows × width × categories).
public struct PurchaseHead: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The penalties that are tried, in rows' worth of curvature.
    public var penalties: [Double]
    /// How many steps each penalty gets.
    public var rounds: Int

    /// Settings.
    public init(penalties: [Double] = [300, 100, 30, 10, 3], rounds: Int = 40) {
      (self.penalties, self.rounds) = (penalties, rounds)
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// A head with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from rows of vectors and what was bought.
  ///
  /// - Throws: `NeedError.invalidParameter`, `NeedError.notEnoughData`, `MathError`, `CancellationError`.
  public func fit(
    _ vectors: Matrix<Float>, bought: [Float], validation: (vectors: Matrix<Float>, bought: [Float])
  ) throws -> PurchaseHeadModel {
    guard vectors.rows > 0, vectors.columns > 0, bought.count % vectors.rows == 0 else {
      throw NeedError.notEnoughData(needed: "rows with outcomes", found: "\(vectors.rows) rows")
    }
    let penalties = configuration.penalties
    guard !penalties.isEmpty, penalties.allSatisfy({ $0 > 0 && $0.isFinite }), configuration.rounds > 0 else {
      throw NeedError.invalidParameter(
        name: "penalties, rounds", value: "\(penalties), \(configuration.rounds)",
        expected: "numbers above 0, at least 1")
    }
    ThreadPools.capBLASOnce()
    let categories = bought.count / vectors.rows
    let scale = VectorScale(vectors)
    let rows = scale.apply(vectors)
    let held = scale.apply(validation.vectors)
    var weights = Matrix<Float>(rows: categories, columns: rows.columns)
    Self.setRates(&weights, bought, categories: categories)
    let gram = Self.gram(rows)
    var best: (loss: Double, model: PurchaseHeadModel)?
    for penalty in penalties.sorted(by: >) {
      let inverse = try Self.inverse(gram, penalty: penalty)
      for _ in 0..<configuration.rounds {
        try Task.checkCancellation()
        Self.step(&weights, rows, bought, inverse: inverse, penalty: penalty)
      }
      let model = PurchaseHeadModel(scale: scale, weights: weights.elements, penalty: penalty)
      let loss = Self.logLoss(model.product(held), validation.bought)
      if best.map({ loss < $0.loss }) ?? true { best = (loss, model) }
    }
    guard let best else { preconditionFailure("there is at least one penalty") }
    return best.model
  }

  /// Starts from each category's own rate; the last column is the constant.
  private static func setRates(_ weights: inout Matrix<Float>, _ bought: [Float], categories: Int) {
    let rows = bought.count / categories
    for category in 0..<categories {
      var sum = 0.0
      for row in 0..<rows { sum += Double(bought[row * categories + category]) }
      let rate = (sum + 0.5) / Double(rows + 1)
      weights[category, weights.columns - 1] = Float(log(rate / (1 - rate)))
    }
  }

  private static func gram(_ rows: Matrix<Float>) -> [Double] { rows.gram().elements.map(Double.init) }

  private static func inverse(_ gram: [Double], penalty: Double) throws -> Matrix<Float> {
    let order = Int(Double(gram.count).squareRoot())
    var bound = Matrix<Double>(rows: order, columns: order, gram.map { $0 / 4 })
    for index in 0..<order {
      bound[index, index] += index == order - 1 ? 1e-3 : penalty
    }
    let inverse = try bound.inverseOfSymmetricPositiveDefinite()
    return Matrix(rows: order, columns: order, inverse.elements.map(Float.init))
  }

  /// W ← W + (XᵀX / 4 + λ)⁻¹ (Xᵀ(y − p) − λ W), with no penalty on the constant.
  private static func step(
    _ weights: inout Matrix<Float>, _ rows: Matrix<Float>, _ bought: [Float], inverse: Matrix<Float>,
    penalty: Double
  ) {
    let (categories, width) = (weights.rows, weights.columns)
    let now = weights
    let parts = parallelBlocks(rows.rows, blockSize: 2048) { block in
      let part = Matrix(
        rows: block.count, columns: width,
        Array(rows.elements[block.lowerBound * width..<block.upperBound * width]))
      var errors = part.multiplied(by: now, transposingOther: true)
      let start = block.lowerBound * categories
      errors.elements.withUnsafeMutableBufferPointer { errors in
        for index in errors.indices {
          errors[index] = bought[start + index] - 1 / (1 + exp(-errors[index]))
        }
      }
      return errors.multiplied(by: part, transposingSelf: true)
    }
    var gradient = Matrix<Float>(rows: categories, columns: width)
    for part in parts {
      for index in gradient.elements.indices { gradient.elements[index] += part.elements[index] }
    }
    for category in 0..<categories {
      for column in 0..<width - 1 { gradient[category, column] -= Float(penalty) * weights[category, column] }
    }
    let step = gradient.multiplied(by: inverse)
    for index in step.elements.indices { weights.elements[index] += step.elements[index] }
  }

  static func logLoss(_ margins: [Float], _ bought: [Float]) -> Double {
    var sum = 0.0
    for index in margins.indices {
      let margin = Double(bought[index] > 0 ? margins[index] : -margins[index])
      sum += margin > 0 ? log1p(exp(-margin)) : -margin + log1p(exp(margin))
    }
    return sum / Double(max(1, margins.count))
  }
}

/// Centres vectors and scales them as a whole; adds a constant.
struct VectorScale: Sendable, Codable, Equatable {
  @Packed var means: [Float]
  var factor: Float

  init(_ vectors: Matrix<Float>) {
    let (rows, columns) = (vectors.rows, vectors.columns)
    var (sums, squares) = ([Double](repeating: 0, count: columns), 0.0)
    for row in 0..<rows {
      for column in 0..<columns {
        let value = Double(vectors.elements[row * columns + column])
        sums[column] += value
        squares += value * value
      }
    }
    let means = sums.map { $0 / Double(max(1, rows)) }
    let variance = squares / Double(max(1, rows)) - means.reduce(0) { $0 + $1 * $1 }
    self.means = means.map(Float.init)
    factor = variance > 1e-12 ? Float((Double(columns) / variance).squareRoot()) : 0
  }

  func apply(_ vectors: Matrix<Float>) -> Matrix<Float> {
    let columns = means.count
    precondition(vectors.columns == columns, "vectors have the width that was learned from")
    var result = Matrix<Float>(rows: vectors.rows, columns: columns + 1, repeating: 1)
    for row in 0..<vectors.rows {
      for column in 0..<columns {
        result.elements[row * (columns + 1) + column] =
          (vectors.elements[row * columns + column] - means[column]) * factor
      }
    }
    return result
  }
}

/// What `PurchaseHead` learned.
public struct PurchaseHeadModel: FittedModel, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  let scale: VectorScale
  @Packed var weights: [Float]
  /// The penalty that the validation rows chose.
  public let penalty: Double

  init(scale: VectorScale, weights: [Float], penalty: Double) {
    (self.scale, self.penalty) = (scale, penalty)
    self.weights = weights
  }

  /// The log-odds of a purchase of each category: rows × categories.
  public func margins(_ vectors: Matrix<Float>) -> [Float] { product(scale.apply(vectors)) }

  func product(_ rows: Matrix<Float>) -> [Float] {
    let width = scale.means.count + 1
    return rows.multiplied(
      by: Matrix(rows: weights.count / width, columns: width, weights), transposingOther: true
    ).elements
  }
}
