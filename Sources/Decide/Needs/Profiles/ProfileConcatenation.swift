import Features
import Foundation
import Learning
import MathKernels

/// Early fusion: all modes side by side on one scale, drawn onto the directions in which customers differ most.
///
/// ```swift
/// let model = try await ProfileConcatenation(.init(width: 128)).fit(dataset, context: context)
/// let vectors = try model.vectors(of: modes)          // customers × 128
/// ```
/// Input: windows of modes; what was bought is not looked at. The directions are the first right singular vectors of the centred
/// concatenation of all training windows (principal components). Source: Pearson (1901),
/// https://doi.org/10.1080/14786440109462720; early fusion as in Baltrušaitis et al. (2019),
/// https://doi.org/10.1109/TPAMI.2018.2798607. We scale each block as a whole, and add a column for each missing mode.
///
/// - Complexity: O(rows × columns² + columns² × width) with the columns of all modes together.
public struct ProfileConcatenation: ProfileFusion {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many numbers a profile has at most.
    public var width: Int
    /// 0 leaves columns their spread, 1 gives all columns of a block the same.
    public var whitening: Double

    /// Settings; the defaults were chosen on the validation window of a year of grocery shopping.
    public init(width: Int = 128, whitening: Double = 0) {
      (self.width, self.whitening) = (width, whitening)
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// The fusion with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// See `ProfileFusion`.
  public var name: String { "early concatenation" }

  /// Learns scales and directions.
  ///
  /// - Throws: `NeedError.invalidParameter`, `NeedError.notEnoughData`, `CancellationError`.
  public func fit(_ data: ProfileDataset, context: FitContext) async throws -> ProfileConcatenationModel {
    try data.validate()
    guard configuration.width > 0, configuration.whitening.isFinite,
      (0...1).contains(configuration.whitening)
    else {
      throw NeedError.invalidParameter(
        name: "width, whitening", value: "\(configuration.width), \(configuration.whitening)",
        expected: "at least 1, from 0 to 1")
    }
    let windows = data.training.map(\.modes)
    let scaler = try ModeScaler(windows, whitening: configuration.whitening)
    try context.checkpoint(step: 0, of: windows.count + 1)
    let columns = scaler.width + scaler.scales.count
    var sums = [Double](repeating: 0, count: columns)
    var gram = [Double](repeating: 0, count: columns * columns)
    var count = 0
    for (step, window) in windows.enumerated() {
      let rows = try scaler.concatenated(window)
      for row in 0..<rows.rows {
        for column in 0..<columns { sums[column] += Double(rows.elements[row * columns + column]) }
      }
      let part = rows.gram().elements
      for index in gram.indices { gram[index] += Double(part[index]) }
      count += rows.rows
      try context.checkpoint(step: step + 1, of: windows.count + 1)
    }
    let means = sums.map { $0 / Double(max(1, count)) }
    for row in 0..<columns {
      for column in 0..<columns {
        gram[row * columns + column] =
          gram[row * columns + column] / Double(max(1, count)) - means[row] * means[column]
      }
    }
    let width = min(configuration.width, columns)
    let directions = try LeadingDirections(
      Matrix(rows: columns, columns: columns, gram.map(Float.init)), count: width, seed: context.seed)
    return ProfileConcatenationModel(
      configuration: configuration, scaler: scaler, means: means.map(Float.init),
      directions: directions.rows)
  }
}

/// The leading eigenvectors of a covariance, by subspace iteration from a random start with some more directions than asked for.
///
/// Source: Halko, Martinsson and Tropp (2011), https://doi.org/10.1137/090771806
struct LeadingDirections {
  /// The eigenvectors, the largest eigenvalue's first, each with its largest entry positive.
  let rows: [Float]
  private static let iterations = 10

  init(_ covariance: Matrix<Float>, count: Int, seed: UInt64) throws {
    ThreadPools.capBLASOnce()
    let order = covariance.rows
    let width = min(order, count + 16)
    var random = RandomSource(seed: seed, stream: 0x9C0)
    var basis = Matrix<Float>(
      rows: order, columns: width, (0..<order * width).map { _ in Float(random.normal()) })
    for _ in 0..<Self.iterations { basis = try Self.orthonormal(covariance.multiplied(by: basis)) }
    let small = basis.multiplied(by: covariance.multiplied(by: basis), transposingSelf: true)
    let parts = try SymmetricEigen(
      Matrix<Double>(rows: width, columns: width, small.elements.map(Double.init)))
    // Ascending: the largest eigenvalues come last.
    let turn = Matrix<Float>(
      rows: count, columns: width,
      (0..<count).flatMap { parts.vectors.row(width - 1 - $0).map(Float.init) })
    var found = turn.multiplied(by: basis, transposingOther: true)
    for row in 0..<count {
      let largest = found.row(row).max { abs($0) < abs($1) } ?? 1
      guard largest < 0 else { continue }
      for column in 0..<order { found[row, column] = -found[row, column] }
    }
    rows = found.elements
  }

  /// Columns of length one at right angles that span the same space; directions that are hardly there become zero.
  private static func orthonormal(_ columns: Matrix<Float>) throws -> Matrix<Float> {
    let width = columns.columns
    let overlaps = columns.gram()
    let parts = try SymmetricEigen(
      Matrix<Double>(rows: width, columns: width, overlaps.elements.map(Double.init)))
    let largest = parts.values.last ?? 0
    var turn = Matrix<Float>(rows: width, columns: width)
    for column in 0..<width where parts.values[column] > largest * 1e-12 {
      let scale = 1 / parts.values[column].squareRoot()
      for row in 0..<width { turn[row, column] = Float(parts.vectors[column, row] * scale) }
    }
    return columns.multiplied(by: turn)
  }
}

/// What `ProfileConcatenation` learned.
public struct ProfileConcatenationModel: FusedProfiles, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ProfileConcatenation.Configuration
  let scaler: ModeScaler
  @Packed var means: [Float]
  @Packed var directions: [Float]

  init(
    configuration: ProfileConcatenation.Configuration, scaler: ModeScaler, means: [Float], directions: [Float]
  ) {
    (self.configuration, self.scaler) = (configuration, scaler)
    (self.means, self.directions) = (means, directions)
  }

  /// See `FusedProfiles`.
  public var width: Int { means.isEmpty ? 0 : directions.count / means.count }

  /// See `FusedProfiles`.
  ///
  /// - Complexity: O(customers × columns × width).
  public func vectors(of modes: ProfileModes) throws -> Matrix<Float> {
    var rows = try scaler.concatenated(modes)
    for row in 0..<rows.rows {
      for column in means.indices { rows.elements[row * means.count + column] -= means[column] }
    }
    ThreadPools.capBLASOnce()
    return rows.multiplied(
      by: Matrix(rows: width, columns: means.count, directions), transposingOther: true)
  }
}

extension ProfileConcatenationModel {
  private enum CodingKeys: String, CodingKey { case configuration, scaler, means, directions }

  /// Reads a saved model.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try values.decode(ProfileConcatenation.Configuration.self, forKey: .configuration)
    scaler = try values.decode(ModeScaler.self, forKey: .scaler)
    _means = try values.decode(Packed<Float>.self, forKey: .means)
    _directions = try values.decode(Packed<Float>.self, forKey: .directions)
    let columns = scaler.width + scaler.scales.count
    guard means.count == columns, !directions.isEmpty, directions.count % columns == 0 else {
      throw LearningError.corruptModel(reason: "its directions do not have as many numbers as its modes")
    }
  }
}
