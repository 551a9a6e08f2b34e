import Foundation
import Learning
import MathKernels

/// A linear map from a customer's whole basket history to the categories of the next 28 days.
///
/// Ridge regression of what was bought in past windows, less what each category's own pace foretold, on the paces of all
/// categories at three half-lives before each window. It carries what one category says of another.
struct NextWindowMap: Sendable, Codable, Equatable {
  /// The weights: one row for each number that describes a customer, one column a category.
  @Packed var weights: [Float]
  /// The half-lives at which paces describe a customer, as places in `DecayTable.halfLives`.
  static let halfLives = [DecayTable.h240, DecayTable.h60, DecayTable.h20]
  private static let penalty = 150.0

  /// How many numbers describe a customer.
  static func width(categories: Int) -> Int { halfLives.count * categories + 3 }

  /// What describes a customer who has bought nothing.
  static func base(priors: [GammaPriors], categories: Int) -> [Float] {
    halfLives.flatMap { halfLife in
      (0..<categories).map { Float(-expm1(-priors[halfLife].expected(column: $0, decayed: 0, days: 28))) }
    } + [0, 0, 1]
  }

  /// Writes what describes a customer over a copy of `base`.
  static func describe(
    _ pairs: some Sequence<SparsePair>, priors: [GammaPriors], categories: Int,
    into row: UnsafeMutablePointer<Float>
  ) {
    var (sum60, sum20) = (0.0, 0.0)
    for pair in pairs {
      for (part, halfLife) in halfLives.enumerated() {
        let decayed = Double(pair.decayed[halfLife])
        let expected = priors[halfLife].expected(column: Int(pair.column), decayed: decayed, days: 28)
        row[part * categories + Int(pair.column)] = Float(-expm1(-expected))
      }
      sum60 += Double(pair.decayed[DecayTable.h60])
      sum20 += Double(pair.decayed[DecayTable.h20])
    }
    row[halfLives.count * categories] = Float(log1p(sum60 / priors[DecayTable.h60].reached))
    row[halfLives.count * categories + 1] = Float(log1p(sum20 / priors[DecayTable.h20].reached))
    row[halfLives.count * categories + 2] = 1
  }

  /// Solves the regression from the weighted sum of past windows' Gram matrices, each of what describes the customers
  /// followed by what they bought beyond their pace.
  ///
  /// - Throws: `MathError.notPositiveDefinite` when rounding has made the sums useless.
  init(gram: [Double], categories: Int) throws {
    let width = Self.width(categories: categories)
    let order = width + categories
    var system = [Double](repeating: 0, count: width * width)
    var targets = [Double](repeating: 0, count: width * categories)
    for row in 0..<width {
      for column in row..<width { system[row * width + column] = gram[row * order + column] }
      // The constant is all but free; the two sums are held less than the paces.
      system[row * width + row] +=
        row < width - 3 ? Self.penalty : row == width - 1 ? 1e-3 : Self.penalty / 10
      for category in 0..<categories {
        targets[category * width + row] = gram[row * order + width + category]
      }
    }
    let failed = system.withUnsafeMutableBufferPointer { a in
      guard let a = a.baseAddress else { return 0 }
      return Double.potrf(width, a, width)
    }
    guard failed == 0 else { throw MathError.notPositiveDefinite(order: failed) }
    let (factor, rightSides) = (system, targets)
    let solved = parallelBlocks(categories, blockSize: 32) { block in
      var part = Array(rightSides[block.lowerBound * width..<block.upperBound * width])
      part.withUnsafeMutableBufferPointer { b in
        factor.withUnsafeBufferPointer { a in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          Double.potrs(width, block.count, a, width, b, width)
        }
      }
      return part
    }.flatMap { $0 }
    var weights = [Float](repeating: 0, count: width * categories)
    for category in 0..<categories {
      for row in 0..<width { weights[row * categories + category] = Float(solved[category * width + row]) }
    }
    self.weights = weights
  }

  /// What the map adds to each category's own pace: one row of `categories` numbers a customer.
  func apply(
    _ described: UnsafePointer<Float>, customers: Int, categories: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    let width = Self.width(categories: categories)
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      Float.gemm(
        false, false, customers, categories, width, 1, described, width, weights, categories, 0, result,
        categories)
    }
  }
}

/// One customer and category in short: what regressions over all customers need.
struct SparsePair: Sendable {
  var column: Int32
  var cell: UInt8
  /// The decayed counts, by place in `DecayTable.halfLives`.
  var decayed: SIMD8<Float>

  init(column: Int, values: PairValues) {
    self.column = Int32(column)
    cell = UInt8(values.cell)
    decayed = .zero
    for halfLife in DecayTable.halfLives.indices { decayed[halfLife] = Float(values.decayed(halfLife)) }
  }
}
