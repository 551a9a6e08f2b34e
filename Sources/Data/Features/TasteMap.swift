import Foundation
import Learning
import MathKernels

/// Which categories go together: customers' purchases drawn onto the few directions in which they differ most.
///
/// The rows are the logarithms of decayed counts, scaled to length one; the directions are the first singular vectors.
struct TasteMap: Sendable, Codable, Equatable {
  /// The projection: as many rows and columns as categories.
  @Packed var projection: [Float]
  private static let directions = 24

  /// Learns the directions from all customers; nil without purchases.
  init?(_ customers: [[SparsePair]], reached: Double, categories: Int) throws {
    let blocks = parallelBlocks(customers.count, blockSize: 512) { block in
      var rows = [Float](repeating: 0, count: block.count * categories)
      for customer in block {
        let start = (customer - block.lowerBound) * categories
        for pair in customers[customer] {
          rows[start + Int(pair.column)] = log1p(pair.decayed[DecayTable.h120] / Float(reached))
        }
        Self.normalize(&rows, at: start..<start + categories)
      }
      return rows
    }
    let gram = Matrix(rows: customers.count, columns: categories, blocks.flatMap { $0 }).gram()
    guard gram.elements.contains(where: { $0 > 0 }) else { return nil }
    let parts = try SymmetricEigen(
      Matrix(rows: categories, columns: categories, gram.elements.map(Double.init)))
    let kept = max(0, categories - Self.directions)..<categories
    let directions = Matrix<Double>(
      rows: kept.count, columns: categories, kept.flatMap { Array(parts.vectors.row($0)) })
    projection = directions.multiplied(by: directions, transposingSelf: true).elements.map(Float.init)
  }

  /// Scales one row to length one; a row of zeros stays.
  static func normalize(_ values: inout [Float], at row: Range<Int>) {
    var squares: Float = 0
    for index in row { squares += values[index] * values[index] }
    guard squares > 0 else { return }
    let scale = 1 / squares.squareRoot()
    for index in row { values[index] *= scale }
  }

  /// Rows of length one, drawn onto the directions.
  func apply(_ rows: [Float], customers: Int, categories: Int) -> [Float] {
    Matrix(rows: customers, columns: categories, rows)
      .multiplied(by: Matrix(rows: categories, columns: categories, projection)).elements
  }
}
