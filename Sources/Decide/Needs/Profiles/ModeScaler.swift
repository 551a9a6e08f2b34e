import Features
import Foundation
import Learning
import MathKernels

/// Brings the blocks of all modes onto one scale, so that none outweighs another by its width alone.
///
/// Columns are centred on the customers who have the mode; each is divided by its standard deviation to the power of
/// `whitening`, and a block as a whole by what makes its rows' mean squared length one. Vectors of meaning and of pictures are first
/// brought to length one, and keep the proportions of their columns. A missing mode is a row of zeros, the mean of all
/// customers.
struct ModeScaler: Sendable, Codable, Equatable {
  struct Scale: Sendable, Codable, Equatable {
    var mode: ProfileMode
    var width: Int
    @Packed var means: [Float]
    @Packed var factors: [Float]

    /// Whether rows are vectors whose direction counts.
    var isDirection: Bool { mode == .writtenText || mode == .boughtText || mode == .images }
  }

  /// The scales of the modes that somebody had.
  let scales: [Scale]
  /// So many standard deviations of a column at most.
  static let limit: Float = 6

  /// The scales of these windows' blocks.
  init(_ windows: [ProfileModes], whitening: Double) throws {
    var scales: [Scale] = []
    for mode in ProfileMode.allCases {
      let blocks = windows.compactMap { $0[mode] }
      guard let width = blocks.first?.width, width > 0, blocks.contains(where: { $0.present.contains(true) })
      else { continue }
      guard blocks.allSatisfy({ $0.width == width }) else {
        throw NeedError.invalidParameter(
          name: mode.rawValue, value: "blocks of different widths",
          expected: "\(width) numbers in every window")
      }
      scales.append(Self.scale(blocks, mode: mode, width: width, whitening: whitening))
    }
    guard !scales.isEmpty else {
      throw NeedError.notEnoughData(needed: "at least one mode of one customer", found: "none")
    }
    self.scales = scales
  }

  private static func scale(_ blocks: [ModeBlock], mode: ProfileMode, width: Int, whitening: Double) -> Scale
  {
    var scale = Scale(mode: mode, width: width, means: [], factors: [])
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    var count = 0.0
    for block in blocks {
      for customer in 0..<block.customers where block.present[customer] {
        let row = scale.isDirection ? unit(block.values, customer * width, width) : nil
        for index in 0..<width {
          let value = Double(row?[index] ?? block.values[customer * width + index])
          sums[index] += value
          squares[index] += value * value
        }
        count += 1
      }
    }
    let means = sums.map { $0 / max(1, count) }
    let variances = (0..<width).map { max(0, squares[$0] / max(1, count) - means[$0] * means[$0]) }
    let power = scale.isDirection ? 0 : whitening
    // A column that hardly varies says nothing.
    let factors = variances.map { $0 > 1e-10 ? pow($0, -power / 2) : 0 }
    let total = zip(variances, factors).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    let whole = total > 0 ? 1 / total.squareRoot() : 0
    scale.means = means.map(Float.init)
    scale.factors = factors.map { Float($0 * whole) }
    return scale
  }

  private static func unit(_ values: [Float], _ start: Int, _ width: Int) -> [Float] {
    var sum: Float = 0
    for index in start..<start + width { sum += values[index] * values[index] }
    let factor = sum > 0 ? 1 / sum.squareRoot() : 0
    return (start..<start + width).map { values[$0] * factor }
  }

  /// How many numbers all blocks have together.
  var width: Int { scales.reduce(0) { $0 + $1.width } }

  /// The scaled block of one mode: rows × width, zeros where it is missing.
  ///
  /// - Throws: `NeedError.invalidParameter` for a block of another width.
  func block(_ place: Int, of modes: ProfileModes) throws -> (values: [Float], present: [Bool]) {
    let scale = scales[place]
    let customers = modes.customers.count
    guard let block = modes[scale.mode] else {
      return (
        [Float](repeating: 0, count: customers * scale.width), [Bool](repeating: false, count: customers)
      )
    }
    guard block.width == scale.width else {
      throw NeedError.invalidParameter(
        name: scale.mode.rawValue, value: "\(block.width) numbers a customer", expected: "\(scale.width)")
    }
    let width = scale.width
    let parts = parallelBlocks(customers, blockSize: 256) { range in
      var part = [Float](repeating: 0, count: range.count * width)
      for customer in range where block.present[customer] {
        let row = scale.isDirection ? Self.unit(block.values, customer * width, width) : nil
        let start = (customer - range.lowerBound) * width
        for index in 0..<width {
          let value = row?[index] ?? block.values[customer * width + index]
          part[start + index] = (value - scale.means[index]) * scale.factors[index]
        }
        Self.clip(&part, at: start..<start + width)
      }
      return part
    }
    return (parts.flatMap { $0 }, block.present)
  }

  /// Shortens rows that are many times as long as the mean row, so that no outlier turns what is learned.
  private static func clip(_ values: inout [Float], at row: Range<Int>) {
    var sum: Float = 0
    for index in row { sum += values[index] * values[index] }
    guard sum > limit * limit else { return }
    let factor = limit / sum.squareRoot()
    for index in row { values[index] *= factor }
  }

  /// All scaled blocks side by side, and for each a column that says whether the mode is there.
  func concatenated(_ modes: ProfileModes) throws -> Matrix<Float> {
    let (customers, columns) = (modes.customers.count, width + scales.count)
    var result = Matrix<Float>(rows: customers, columns: columns)
    var start = 0
    for place in scales.indices {
      let (values, present) = try block(place, of: modes)
      let width = scales[place].width
      for customer in 0..<customers {
        let row = customer * columns + start
        for index in 0..<width { result.elements[row + index] = values[customer * width + index] }
        result[customer, self.width + place] = present[customer] ? 0 : Self.absence
      }
      start += width
    }
    return result
  }

  /// How far the lack of a mode sets a customer apart.
  private static let absence: Float = 0.25
}

extension ModeScaler {
  private enum CodingKeys: String, CodingKey { case scales }

  /// Reads saved scales.
  init(from decoder: any Decoder) throws {
    scales = try decoder.container(keyedBy: CodingKeys.self).decode([Scale].self, forKey: .scales)
    guard !scales.isEmpty, Set(scales.map(\.mode)).count == scales.count,
      scales.allSatisfy({ $0.width > 0 && $0.means.count == $0.width && $0.factors.count == $0.width })
    else { throw LearningError.corruptModel(reason: "the scales of its modes do not have their widths") }
  }
}
