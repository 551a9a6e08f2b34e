import Foundation
import MathKernels

/// What moves a subject's demand, as far as its own weeks tell.
///
/// ```swift
/// let coffee = forecasts.outlook(of: DemandSubject(.category, "COFFEE"))
/// coffee?.drivers.first?.effect      // 0.12: in weeks with a price a tenth lower, 12 % more is sold
/// ```
/// By a regression of the logarithm of the units on the logarithm of the undiscounted price, the share taken off, how many came to
/// shop and a straight trend. It shows what went together: whoever lowers prices when demand is weak sees too small an effect, and
/// whoever does before feasts too large a one. Source of the standard errors: MacKinnon and White (1985),
/// https://doi.org/10.1016/0304-4076(85)90158-7 (HC1).
///
/// - Complexity: O(weeks).
public struct DemandDriver: Sendable, Codable, Equatable {
  /// What it can be.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A price a tenth lower before discounts.
    case price
    /// Ten points more taken off.
    case discount
  }

  /// What it is.
  public var kind: Kind
  /// How much more is sold, as a share: by a price a tenth lower, or by ten points more taken off.
  public var effect: Double
  /// The ends of its interval of 95 percent.
  public var lower: Double
  /// See `lower`.
  public var upper: Double
  /// How likely it is to see as much without any effect.
  public var pValue: Double

  private static let fewestWeeks = 20
  /// Where prices hardly move nothing can be seen.
  private static let leastSpread = 0.01

  /// The drivers of these weeks.
  ///
  /// - Parameter traffic: order lines of the rest of the shop; empty where there is no rest.
  static func find(_ weeks: [DemandHistory.Week], traffic: [Double]) -> [DemandDriver] {
    let used = weeks.indices.filter {
      weeks[$0].units > 0 && weeks[$0].amount > 0 && (traffic.isEmpty || traffic[$0] > 0)
    }
    guard used.count >= fewestWeeks, used.reduce(0, { $0 + weeks[$1].units }) >= 3 * Double(used.count) else {
      return []
    }
    let prices = used.map { log((weeks[$0].amount + weeks[$0].discount) / weeks[$0].units) }
    let discounts = used.map { weeks[$0].discountShare ?? 0 }
    var columns: [[Double]] = []
    var kinds: [Kind] = []
    for (kind, column) in [(Kind.price, prices), (.discount, discounts)]
    where Statistics.standardDeviation(column) > leastSpread {
      columns.append(column)
      kinds.append(kind)
    }
    if kinds.isEmpty { return [] }
    columns.append(used.map { Double($0) / Double(weeks.count) })
    let rest = traffic.isEmpty ? [] : used.map { log(traffic[$0]) }
    // What never changes cannot be told from the intercept.
    if !rest.isEmpty, Statistics.standardDeviation(rest) > leastSpread { columns.append(rest) }
    guard let fit = RobustRegression(used.map { log(weeks[$0].units) }, on: columns) else { return [] }
    return kinds.indices.map { DemandDriver(kinds[$0], slope: fit.slopes[$0], error: fit.errors[$0]) }
  }

  private init(_ kind: Kind, slope: Double, error: Double) {
    let step = kind == .price ? log(0.9) : 0.1
    let ends = [slope - 1.96 * error, slope + 1.96 * error].map { exp($0 * step) - 1 }.sorted()
    self.init(
      kind: kind, effect: exp(slope * step) - 1, lower: ends[0], upper: ends[1],
      pValue: 2 * NormalDistribution.cumulative(-abs(slope) / error))
  }

  init(kind: Kind, effect: Double, lower: Double, upper: Double, pValue: Double) {
    (self.kind, self.effect, self.lower, self.upper, self.pValue) = (kind, effect, lower, upper, pValue)
  }
}

/// Least squares with an intercept, its errors those of a spread that may vary.
struct RobustRegression {
  let slopes: [Double]
  let errors: [Double]

  /// Nil where the columns cannot be told apart.
  init?(_ values: [Double], on columns: [[Double]]) {
    let means = columns.map { Statistics.mean($0) }
    let centred = zip(columns, means).map { column, mean in column.map { $0 - mean } }
    let middle = Statistics.mean(values)
    let (count, width) = (values.count, columns.count)
    guard count > width + 2 else { return nil }
    let normal = (0..<width).map { a in
      (0..<width).map { b in zip(centred[a], centred[b]).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    guard let inverse = Self.inverse(normal) else { return nil }
    let products = centred.map { zip($0, values).reduce(0) { $0 + $1.0 * ($1.1 - middle) } }
    let slopes = inverse.map { row in zip(row, products).reduce(0) { $0 + $1.0 * $1.1 } }
    let residuals = (0..<count).map { row in
      values[row] - middle - (0..<width).reduce(0) { $0 + slopes[$1] * centred[$1][row] }
    }
    let share = Double(count) / Double(count - width - 1)
    self.slopes = slopes
    errors = (0..<width).map { own in
      let sum = (0..<count).reduce(0.0) { sum, row in
        let weight = (0..<width).reduce(0) { $0 + inverse[own][$1] * centred[$1][row] }
        return sum + weight * weight * residuals[row] * residuals[row]
      }
      return max((share * sum).squareRoot(), 1e-12)
    }
  }

  /// By elimination with pivots; nil for a matrix that is all but singular.
  private static func inverse(_ matrix: [[Double]]) -> [[Double]]? {
    let width = matrix.count
    var rows = matrix.indices.map { row in matrix[row] + (0..<width).map { $0 == row ? 1 : 0 } }
    let scale = matrix.indices.map { matrix[$0][$0] }
    for column in 0..<width {
      let pivot = (column..<width).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      guard abs(rows[pivot][column]) > 1e-9 * max(scale[column], 1e-12) else { return nil }
      rows.swapAt(column, pivot)
      let own = rows[column].map { $0 / rows[column][column] }
      rows[column] = own
      for row in 0..<width where row != column {
        let factor = rows[row][column]
        if factor != 0 { rows[row] = zip(rows[row], own).map { $0 - factor * $1 } }
      }
    }
    return rows.map { Array($0.suffix(width)) }
  }
}
