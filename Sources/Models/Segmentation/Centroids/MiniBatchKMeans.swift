import Foundation
import Learning
import MathKernels

/// K-means from small random batches, for more rows than one wants to pass over again and again.
///
/// ```swift
/// let model = try MiniBatchKMeans(.init(clusters: 8)).fit(points, context: FitContext(seed: 1))
/// ```
/// Each row of a batch pulls its nearest center by one over the rows that this center has had. Centers start by greedy
/// k-means++ on a sample of the rows. The segments are those of one last pass over all rows.
///
/// - Complexity: O(batches × batch size × columns × clusters), and one pass over all rows.
/// Source: Sculley (2010), https://doi.org/10.1145/1772690.1772862. Differs in that a batch's rows are taken together.
public struct MiniBatchKMeans: Segmenter, Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many segments.
    public var clusters: Int
    /// How many rows a batch has.
    public var batchSize: Int
    /// How many batches there are at most.
    public var batches: Int
    /// How many rows the starting centers are drawn from.
    public var startRows: Int

    /// Settings.
    public init(clusters: Int = 8, batchSize: Int = 1_024, batches: Int = 200, startRows: Int = 8_192) {
      (self.clusters, self.batchSize) = (clusters, batchSize)
      (self.batches, self.startRows) = (batches, startRows)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// `MiniBatchKMeans`.
  public var name: String { "MiniBatchKMeans" }

  /// Finds the centers.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func fit(_ points: Matrix<Double>, context: FitContext) throws -> KMeansModel {
    try fitting(points, context: context).model
  }

  /// The segment of each row, the largest first.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func segment(_ points: Matrix<Double>, into count: Int, context: FitContext) throws -> [Int] {
    var own = self
    own.configuration.clusters = count
    return try own.fitting(points, context: context).labels
  }

  /// The centers, and the segment of each row.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func fitting(_ points: Matrix<Double>, context: FitContext) throws -> (
    model: KMeansModel, labels: [Int]
  ) {
    try Segments.check(points, segments: configuration.clusters)
    for (name, value) in [
      ("batchSize", configuration.batchSize), ("batches", configuration.batches),
      ("startRows", configuration.startRows),
    ] where value < 1 {
      throw SegmentationError.invalidParameter(
        name: name, value: "\(value)", expected: "a whole number of at least 1")
    }
    let packed = PackedPoints(points, serially: false)
    var random = RandomSource(seed: context.seed)
    var centers = start(packed, &random)
    var counts = [Int](repeating: 0, count: configuration.clusters)
    for step in 0..<configuration.batches {
      pull(&centers, &counts, packed, &random)
      try context.checkpoint(step: step + 1, of: configuration.batches)
    }
    return CenterResult(
      packed, centers: centers, iterations: configuration.batches, converged: true, serially: false
    ).model(of: packed)
  }

  private func start(_ points: PackedPoints, _ random: inout RandomSource) -> [Double] {
    let size = min(points.rows, max(configuration.startRows, configuration.clusters))
    let rows = (0..<size).map { size == points.rows ? $0 : random.index(below: points.rows) }
    let sample = Matrix(rows: size, columns: points.columns, rows.flatMap(points.row))
    let none = [Double](repeating: 0, count: points.columns)
    var seeding = CenterSeeding(PackedPoints(sample, means: none, serially: false), serially: false)
    return seeding.centers(configuration.clusters, random: &random)
  }

  private func pull(
    _ centers: inout [Double], _ counts: inout [Int], _ points: PackedPoints, _ random: inout RandomSource
  ) {
    let columns = points.columns
    let rows = (0..<configuration.batchSize).map { _ in random.index(below: points.rows) }
    let batch = PackedPoints(
      Matrix(rows: rows.count, columns: columns, rows.flatMap(points.row)),
      means: [Double](repeating: 0, count: columns), serially: true)
    let labels = CenterResult.assign(batch, CenterTable(centers, columns: columns), true).0
    for (row, label) in labels.enumerated() {
      let center = Int(label)
      counts[center] += 1
      let rate = 1 / Double(counts[center])
      for column in 0..<columns {
        let place = center * columns + column
        centers[place] += rate * (batch[row, column] - centers[place])
      }
    }
  }
}
