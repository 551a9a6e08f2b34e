import Foundation
import MathKernels

/// Makes forecasts of series that add up add up themselves.
///
/// ```swift
/// let coherent = try ForecastReconciliation(.minimumTrace).reconcile(base, of: tree, residuals: residuals)
/// ```
/// `base` holds the forecasts of every series of the structure, made one by one: `[series][step]`, sums first. The answer has
/// the same shape, and every sum is exactly what its bottom series add up to.
///
/// Bottom-up, top-down and middle-out start from the forecasts of one level. The others take all of them and move each as
/// little as possible, where the errors of a series say how far it may be moved: with error covariance W and the constraints
/// C·y = 0, ỹ = ŷ − W·Cᵀ·(C·W·Cᵀ)⁻¹·C·ŷ. That is the trace-minimising projection in its dual form: it solves one system as large
/// as the number of sums, and never writes W out.
///
/// Sources: Hyndman et al. (2011), https://doi.org/10.1016/j.csda.2011.03.006 (OLS); Gross and Sohl (1990),
/// https://doi.org/10.1002/for.3980090304 (top-down); Athanasopoulos et al. (2017),
/// https://doi.org/10.1016/j.ejor.2017.02.046 (structural scaling); Wickramasuriya, Athanasopoulos and Hyndman (2019),
/// https://doi.org/10.1080/01621459.2018.1448825 (MinT); Schäfer and Strimmer (2005), https://doi.org/10.2202/1544-6115.1175
/// (shrinkage).
public struct ForecastReconciliation: Sendable {
  /// How forecasts are made to add up.
  public enum Method: Sendable, Equatable {
    /// Bottom forecasts are summed up.
    case bottomUp
    /// The forecast of the sum of everything is shared out in proportion to the bottom forecasts.
    case topDown
    /// The forecasts of a level's sums are shared out below and summed up above.
    case middleOut(level: String)
    /// All errors alike.
    case leastSquares
    /// A sum's error variance in proportion to how many series are in it.
    case structural
    /// The variances of the residuals.
    case variance
    /// Minimum trace: the covariances of the residuals, their correlations drawn towards none.
    case minimumTrace
  }

  /// How.
  public let method: Method
  /// Whether negative bottom forecasts are set to 0, and the sums to what is left: demand is never negative.
  public let isNonnegative: Bool

  /// A way to reconcile.
  public init(_ method: Method, isNonnegative: Bool = false) {
    (self.method, self.isNonnegative) = (method, isNonnegative)
  }

  /// Coherent forecasts.
  ///
  /// - Parameters:
  ///   - base: forecasts of every series, `[series][step]`.
  ///   - residuals: one-step errors of every series where it was learned, `[series][time]`, of one length and without gaps;
  ///     `variance` and `minimumTrace` need them.
  /// - Throws: `ForecastError.invalidParameter` for other shapes, values that are not finite, an unknown level, or where
  ///   residuals are missing.
  /// - Complexity: O(sums³ + sums · entries of the structure); `minimumTrace` also O(series² · residuals) for the shrinkage.
  public func reconcile(
    _ base: [[Double]], of structure: SummingStructure, residuals: [[Double]]? = nil
  ) throws -> [[Double]] {
    guard base.count == structure.count, base.allSatisfy({ $0.count == base[0].count }),
      base.allSatisfy({ $0.allSatisfy(\.isFinite) })
    else {
      throw ForecastError.invalidParameter(
        name: "base", value: "\(base.count) series",
        expected: "\(structure.count) series of one length and of finite values")
    }
    var bottom: [[Double]]
    switch method {
    case .bottomUp: bottom = Array(base[structure.sums.count...])
    case .topDown:
      guard let top = structure.sums.firstIndex(where: { $0.members.count == structure.bottom.count }) else {
        throw ForecastError.invalidParameter(
          name: "hierarchy", value: "no total", expected: "a sum of all bottom series for top-down")
      }
      bottom = Self.share([top], base, structure)
    case .middleOut(let level):
      let chosen = structure.sums.indices.filter { structure.sums[$0].level == level }
      let members = chosen.flatMap { structure.sums[$0].members }
      // A series that is the only one of its group stands for the group itself.
      guard !chosen.isEmpty, Set(members).count == members.count else {
        throw ForecastError.invalidParameter(
          name: "level", value: level, expected: "a level whose sums share no series")
      }
      bottom = Self.share(chosen, base, structure)
    case .leastSquares, .structural, .variance, .minimumTrace:
      bottom = try project(base, structure, try spread(structure, residuals))
    }
    if isNonnegative { bottom = bottom.map { $0.map { max(0, $0) } } }
    return try structure.aggregate(bottom)
  }

  /// The forecasts of some sums, each shared out among its members as their own forecasts are to each other.
  private static func share(
    _ chosen: [Int], _ base: [[Double]], _ structure: SummingStructure
  ) -> [[Double]] {
    var bottom = Array(base[structure.sums.count...])
    for index in chosen {
      let members = structure.sums[index].members
      for step in base[index].indices {
        let total = members.reduce(0) { $0 + bottom[$1][step] }
        for member in members {
          bottom[member][step] =
            total != 0
            ? base[index][step] * bottom[member][step] / total : base[index][step] / Double(members.count)
        }
      }
    }
    return bottom
  }

  // MARK: Projection

  /// The errors' covariance: a diagonal, and beside it residuals whose cross products count in part.
  private struct Spread {
    var diagonal: [Double]
    /// Residuals by series, scaled so that their products are covariances; empty for none.
    var residuals: [[Double]] = []
    /// How much of the covariances counts.
    var weight = 0.0
  }

  private func spread(_ structure: SummingStructure, _ residuals: [[Double]]?) throws -> Spread {
    switch method {
    case .structural:
      return Spread(
        diagonal: structure.sums.map { Double($0.members.count) } + structure.bottom.map { _ in 1 })
    case .variance, .minimumTrace:
      guard let residuals, residuals.count == structure.count, let length = residuals.first?.count,
        length > 1,
        residuals.allSatisfy({ $0.count == length && $0.allSatisfy(\.isFinite) })
      else {
        throw ForecastError.invalidParameter(
          name: "residuals", value: residuals.map { "\($0.count) series" } ?? "none",
          expected:
            "two or more errors of each of \(structure.count) series, as many of each and without gaps")
      }
      let variances = residuals.map { $0.reduce(0) { $0 + $1 * $1 } / Double(length) }
      // A series that was always foretold exactly may still be wrong.
      let floor = max(1e-8 * Statistics.mean(variances), .leastNormalMagnitude)
      let diagonal = variances.map { max($0, floor) }
      guard method == .minimumTrace else { return Spread(diagonal: diagonal) }
      let shrinkage = Self.shrinkage(residuals)
      let scale = 1 / Double(length).squareRoot()
      return Spread(
        diagonal: zip(diagonal, variances).map { max($0 - (1 - shrinkage) * $1, max(shrinkage, 1e-9) * $0) },
        residuals: residuals.map { $0.map { $0 * scale } }, weight: 1 - shrinkage)
    default: return Spread(diagonal: [Double](repeating: 1, count: structure.count))
    }
  }

  /// How far correlations are drawn towards none, 0 to 1: the sum of their estimated variances by that of their squares.
  ///
  /// - Complexity: O(series² · residuals).
  static func shrinkage(_ residuals: [[Double]]) -> Double {
    let length = Double(residuals.first?.count ?? 0)
    guard length > 1 else { return 1 }
    let scaled = residuals.compactMap { row -> [Double]? in
      let deviation = (row.reduce(0) { $0 + $1 * $1 } / length).squareRoot()
      return deviation > 0 ? row.map { $0 / deviation } : nil
    }
    let parts = parallelBlocks(scaled.count, blockSize: 16) { block in
      var (variance, square) = (0.0, 0.0)
      for a in block {
        for b in 0..<a {
          var (sum, squares) = (0.0, 0.0)
          for step in scaled[a].indices {
            let product = scaled[a][step] * scaled[b][step]
            sum += product
            squares += product * product
          }
          variance += (squares - sum * sum / length) / (length * (length - 1))
          square += (sum / length) * (sum / length)
        }
      }
      return (variance, square)
    }
    let (variance, square) = parts.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    return square > 0 ? min(1, max(0, variance / square)) : 1
  }

  private func project(_ base: [[Double]], _ structure: SummingStructure, _ spread: Spread) throws
    -> [[Double]]
  {
    let sums = structure.sums
    guard !sums.isEmpty else { return base }
    // C·x: what a sum is beyond its members.
    func gaps(_ value: (Int) -> Double) -> [Double] {
      sums.enumerated().map { index, sum in
        value(index) - sum.members.reduce(0) { $0 + value(sums.count + $1) }
      }
    }
    var system = diagonalSystem(structure, spread.diagonal)
    let steps = spread.residuals.first?.count ?? 0
    let moved = (0..<steps).map { step in gaps { spread.residuals[$0][step] } }
    for row in moved {
      for a in sums.indices where row[a] != 0 {
        let scaled = spread.weight * row[a]
        for b in a..<sums.count { system[a, b] += scaled * row[b] }
      }
    }
    var bottom = Array(base[sums.count...])
    for step in base[0].indices {
      let prices: [Double]
      do {
        prices = try system.solvingSymmetricPositiveDefinite(gaps { base[$0][step] })
      } catch {
        throw ForecastError.noSolution(series: "hierarchy", method: "Reconciliation")
      }
      // −W·Cᵀ·prices at the bottom: Cᵀ is −1 there for every sum a series is in.
      for (index, sum) in sums.enumerated() {
        for member in sum.members {
          bottom[member][step] += spread.diagonal[sums.count + member] * prices[index]
        }
      }
      for (time, row) in moved.enumerated() {
        let factor = spread.weight * zip(row, prices).reduce(0) { $0 + $1.0 * $1.1 }
        if factor == 0 { continue }
        for member in bottom.indices {
          bottom[member][step] -= factor * spread.residuals[sums.count + member][time]
        }
      }
    }
    return bottom
  }

  /// C·D·Cᵀ of a diagonal D: for two sums what their common members vary, and for one itself besides. The upper triangle.
  private func diagonalSystem(_ structure: SummingStructure, _ diagonal: [Double]) -> Matrix<Double> {
    let sums = structure.sums
    var containing = [[Int]](repeating: [], count: structure.bottom.count)
    for (index, sum) in sums.enumerated() { for member in sum.members { containing[member].append(index) } }
    var system = Matrix<Double>(rows: sums.count, columns: sums.count)
    for (member, indices) in containing.enumerated() {
      let variance = diagonal[sums.count + member]
      for a in indices { for b in indices where b >= a { system[a, b] += variance } }
    }
    for index in sums.indices { system[index, index] += diagonal[index] }
    return system
  }
}
