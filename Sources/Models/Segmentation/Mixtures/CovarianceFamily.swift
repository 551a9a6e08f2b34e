import Foundation
import MathKernels

/// How the covariances of a mixture's segments may differ: in volume, shape and orientation, each equal (E), variable (V) or
/// the unit's (I), in this order.
///
/// Σ = λ D A Dᵀ with volume λ, shape A (diagonal, of determinant 1) and orientation D.
/// Source: Celeux and Govaert (1995), https://doi.org/10.1016/0031-3203(94)00125-6; names as in Banfield and Raftery (1993),
/// https://doi.org/10.2307/2532201
public enum CovarianceFamily: String, Sendable, Codable, CaseIterable {
  /// Spheres of one size.
  case eii = "EII"
  /// Spheres of any size.
  case vii = "VII"
  /// One diagonal for all.
  case eei = "EEI"
  /// Diagonals of one shape, of any size.
  case vei = "VEI"
  /// Diagonals of one size, of any shape.
  case evi = "EVI"
  /// Any diagonals.
  case vvi = "VVI"
  /// One ellipsoid for all.
  case eee = "EEE"
  /// Ellipsoids of one size and shape, turned any way.
  case eev = "EEV"
  /// Ellipsoids of one shape, of any size, turned any way.
  case vev = "VEV"
  /// Any ellipsoids.
  case vvv = "VVV"

  /// How many numbers the covariances have in all.
  public func parameters(segments: Int, columns: Int) -> Int {
    let (g, d) = (segments, columns)
    let turns = d * (d - 1) / 2
    return switch self {
    case .eii: 1
    case .vii: g
    case .eei: d
    case .vei: g + d - 1
    case .evi: 1 + g * (d - 1)
    case .vvi: g * d
    case .eee: d + turns
    case .eev: d + g * turns
    case .vev: g + d - 1 + g * turns
    case .vvv: g * (d + turns)
    }
  }

  /// The covariances of greatest likelihood, from each segment's scatter about its mean and its weight in rows.
  func covariances(scatters: [Matrix<Double>], weights: [Double]) throws -> [Matrix<Double>] {
    let d = scatters[0].rows
    switch self {
    case .eii, .vii, .eei, .vei, .evi, .vvi:
      let diagonals = scatters.map { scatter in (0..<d).map { scatter[$0, $0] } }
      return Self.variances(self, diagonals, weights).map { Self.matrix($0) }
    case .eee:
      var sum = [Double](repeating: 0, count: d * d)
      for scatter in scatters { for index in sum.indices { sum[index] += scatter.elements[index] } }
      let total = weights.reduce(0, +)
      let shared = Matrix(rows: d, columns: d, sum.map { $0 / total })
      return scatters.map { _ in shared }
    case .vvv:
      return zip(scatters, weights).map { scatter, weight in
        Matrix(rows: d, columns: d, scatter.elements.map { $0 / weight })
      }
    case .eev, .vev:
      // In the frame of its own axes each scatter is diagonal, and the families are those of diagonals.
      let axes = try scatters.map { try SymmetricEigen($0) }
      let variances = Self.variances(self == .eev ? .eei : .vei, axes.map(\.values), weights)
      return zip(axes, variances).map { Self.matrix($1, axes: $0.vectors) }
    }
  }

  /// The variances of a family of diagonals.
  private static func variances(_ family: CovarianceFamily, _ diagonals: [[Double]], _ weights: [Double])
    -> [[Double]]
  {
    let (d, total) = (diagonals[0].count, weights.reduce(0, +))
    let pooled = (0..<d).map { column in diagonals.reduce(0) { $0 + $1[column] } / total }
    switch family {
    case .eii:
      let volume = pooled.reduce(0, +) / Double(d)
      return diagonals.map { _ in [Double](repeating: volume, count: d) }
    case .vii:
      return zip(diagonals, weights).map { diagonal, weight in
        [Double](repeating: diagonal.reduce(0, +) / Double(d) / weight, count: d)
      }
    case .eei: return diagonals.map { _ in pooled }
    case .vei: return ofOneShape(diagonals, weights, start: pooled)
    case .evi:
      let sizes = diagonals.map(geometricMean)
      let volume = sizes.reduce(0, +) / total
      return zip(diagonals, sizes).map { diagonal, size in diagonal.map { $0 / size * volume } }
    default:
      return zip(diagonals, weights).map { diagonal, weight in diagonal.map { $0 / weight } }
    }
  }

  /// Volumes given the shape and the shape given the volumes, in turns: there is no closed form.
  private static func ofOneShape(_ diagonals: [[Double]], _ weights: [Double], start: [Double]) -> [[Double]]
  {
    let d = start.count
    var shape = normalized(start)
    var volumes = weights
    for _ in 0..<200 {
      volumes = zip(diagonals, weights).map { diagonal, weight in
        zip(diagonal, shape).reduce(0) { $0 + $1.0 / $1.1 } / Double(d) / weight
      }
      let next = normalized(
        (0..<d).map { column in
          zip(diagonals, volumes).reduce(0) { $0 + $1.0[column] / $1.1 }
        })
      let change = zip(next, shape).map { abs($0 - $1) / $1 }.max() ?? 0
      shape = next
      if !(change > 1e-12) { break }
    }
    return volumes.map { volume in shape.map { $0 * volume } }
  }

  private static func geometricMean(_ values: [Double]) -> Double {
    exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  private static func normalized(_ values: [Double]) -> [Double] {
    let size = geometricMean(values)
    return values.map { $0 / size }
  }

  private static func matrix(_ diagonal: [Double]) -> Matrix<Double> {
    var result = Matrix<Double>(rows: diagonal.count, columns: diagonal.count)
    for (index, value) in diagonal.enumerated() { result[index, index] = value }
    return result
  }

  /// Σ vᵢ aᵢaᵢᵀ over axes, which are rows.
  private static func matrix(_ variances: [Double], axes: Matrix<Double>) -> Matrix<Double> {
    var scaled = axes
    for row in 0..<axes.rows {
      for column in 0..<axes.columns { scaled[row, column] *= variances[row] }
    }
    return axes.multiplied(by: scaled, transposingSelf: true)
  }
}
