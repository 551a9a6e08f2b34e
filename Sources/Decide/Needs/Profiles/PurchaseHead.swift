import Foundation
import Learning
import MathKernels

/// Foretells purchases of all categories from a profile's vector alone: one logistic regression a category.
///
/// ```swift
/// let head = try PurchaseHead().fit(vectors, bought: bought, validation: (later, laterBought))
/// let margins = head.margins(vectors)              // customers × categories, log-odds
/// ```
/// The same for every fusion, so that fusions are compared and not what comes after them. Vectors are centred and scaled as
/// a whole; the ridge penalty is the one of `penalties` with the smallest log-loss on the validation rows.
///
/// All categories are solved together by Newton's steps with one curvature for each category, in the axes in which the
/// vectors do not correlate; a step that makes a category worse is taken back and halved. With the curvature ¼ it is the
/// bound of Böhning (1992), https://doi.org/10.1007/BF00048682; a rare category's is far smaller, and its steps larger.
///
/// - Complexity: O(penalties × rounds × rows × width × categories).
public struct PurchaseHead: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The penalties that are tried, largest first, until the validation rows want no smaller one.
    public var penalties: [Double]
    /// How many steps each penalty gets.
    public var rounds: Int

    /// Settings.
    public init(penalties: [Double] = [300, 100, 30, 10, 3], rounds: Int = 14) {
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
    let scale = VectorScale(vectors)
    var solver = try HeadSolver(scale.apply(vectors), bought: bought)
    let held = scale.apply(validation.vectors)
    var best: (loss: Double, model: PurchaseHeadModel)?
    for penalty in penalties.sorted(by: >) {
      try solver.run(rounds: configuration.rounds, penalty: Float(penalty))
      let model = PurchaseHeadModel(scale: scale, weights: solver.weights(), penalty: penalty)
      let loss = Self.logLoss(model.product(held), validation.bought)
      if let best, loss >= best.loss { break }
      best = (loss, model)
    }
    guard let best else { preconditionFailure("there is at least one penalty") }
    return best.model
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
