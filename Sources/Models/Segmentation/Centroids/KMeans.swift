import Foundation
import Learning
import MathKernels

/// K-means: segments around centers, each row with its nearest one, so that squared distances sum to as little as possible.
///
/// ```swift
/// let model = try KMeans(.init(clusters: 5)).fit(points, context: FitContext(seed: 1))
/// print(model.inertia, model.sizes, model.assign(points))
/// ```
/// Points are rows of finite numbers on comparable scales (see `TableEncoding`). Centers start by greedy k-means++ and move by
/// Lloyd's iteration with Hamerly's bounds; the best of several starts is kept. Rows are taken eight at a time against four
/// centers.
///
/// - Complexity: O(restarts × iterations × rows × columns × clusters) at most; bounds pass over most rows after the first
///   iterations. Memory for a copy of the points and two bounds a row.
/// Sources: Lloyd (1982), https://doi.org/10.1109/TIT.1982.1056489; `CenterSeeding`; `HamerlyLloyd`. Differs from Hamerly's
/// program in that eight rows share one decision.
public struct KMeans: Segmenter, Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many segments.
    public var clusters: Int
    /// How many starts; the one of least inertia is kept.
    public var restarts: Int
    /// How many iterations a start has at most.
    public var maximumIterations: Int
    /// A start ends when the centers' squared shifts sum to this times the columns' mean variance.
    public var tolerance: Double
    /// Whether one core alone works; the answer is the same.
    public var serially: Bool

    /// Settings.
    public init(
      clusters: Int = 8, restarts: Int = 4, maximumIterations: Int = 300, tolerance: Double = 1e-4,
      serially: Bool = false
    ) {
      (self.clusters, self.restarts, self.maximumIterations) = (clusters, restarts, maximumIterations)
      (self.tolerance, self.serially) = (tolerance, serially)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// `KMeans`.
  public var name: String { "KMeans" }

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
      ("restarts", configuration.restarts), ("maximumIterations", configuration.maximumIterations),
    ] where value < 1 {
      throw SegmentationError.invalidParameter(
        name: name, value: "\(value)", expected: "a whole number of at least 1")
    }
    let packed = PackedPoints(points, serially: configuration.serially)
    let tolerance = configuration.tolerance * packed.meanVariance
    var best: CenterResult?
    for restart in 0..<configuration.restarts {
      var random = RandomSource(seed: context.seed, stream: UInt64(restart) + 1)
      var seeding = CenterSeeding(packed, serially: configuration.serially)
      let start = seeding.centers(configuration.clusters, random: &random)
      let lloyd = HamerlyLloyd(packed, centers: start, serially: configuration.serially)
      var converged = false
      while !converged, lloyd.iterations < configuration.maximumIterations {
        converged = lloyd.iterate(tolerance: tolerance)
        try Task.checkCancellation()
      }
      let result = CenterResult(
        packed, centers: lloyd.centers, iterations: lloyd.iterations, converged: converged,
        serially: configuration.serially)
      try context.checkpoint(
        step: restart + 1, of: configuration.restarts, metrics: ["inertia": result.inertia])
      if result.inertia < best?.inertia ?? .infinity { best = result }
    }
    guard let best else {
      throw SegmentationError.notEnoughData(needed: configuration.clusters, found: points.rows)
    }
    return best.model(of: packed)
  }
}

/// Centers with the rows nearest to each.
struct CenterResult {
  let centers: [Double]
  let labels: [Int32]
  let inertia: Double
  let iterations: Int
  let converged: Bool

  init(_ points: PackedPoints, centers: [Double], iterations: Int, converged: Bool, serially: Bool) {
    let (labels, inertia) = Self.assign(points, CenterTable(centers, columns: points.columns), serially)
    (self.centers, self.labels, self.inertia) = (centers, labels, inertia)
    (self.iterations, self.converged) = (iterations, converged)
  }

  /// The nearest center of each row, and the sum of squared distances.
  static func assign(_ points: PackedPoints, _ table: CenterTable, _ serially: Bool) -> ([Int32], Double) {
    let columns = points.columns
    let parts = parallelBlocks(points.packs, blockSize: PackedPoints.blockPacks, serially: serially) {
      block -> ([Int32], Double) in
      var labels: [Int32] = []
      labels.reserveCapacity(block.count * 8)
      var inertia = 0.0
      points.values.withUnsafeBufferPointer { values in
        table.elements.withUnsafeBufferPointer { centers in
          table.halfSquares.withUnsafeBufferPointer { halves in
            for pack in block {
              let x = values.baseAddress! + pack * columns
              let nearest = CenterKernel.nearest(
                x, centers.baseAddress!, halves.baseAddress!, count: table.count, columns)
              for lane in 0..<min(8, points.rows - pack * 8) {
                let own = Int(nearest.center[lane])
                labels.append(Int32(own))
                for column in 0..<columns {
                  let difference = x[column][lane] - centers[own * columns + column]
                  inertia += difference * difference
                }
              }
            }
          }
        }
      }
      return (labels, inertia)
    }
    return (parts.flatMap(\.0), parts.reduce(0) { $0 + $1.1 })
  }

  /// The model, its segments numbered by size, and each row's segment.
  func model(of points: PackedPoints) -> (model: KMeansModel, labels: [Int]) {
    let ranks = Segments.ranks(of: labels.map(Int.init))
    let numbered = labels.map { ranks[Int($0)] }
    // Centers without rows, of which there are some when there are fewer distinct rows than centers, are left out.
    let sizes = Segments.sizes(numbered, ranks.count).filter { $0 > 0 }
    var ordered = [Double](repeating: 0, count: sizes.count * points.columns)
    for (old, rank) in ranks.enumerated() where rank < sizes.count {
      for column in 0..<points.columns {
        ordered[rank * points.columns + column] =
          centers[old * points.columns + column] + points.means[column]
      }
    }
    let model = KMeansModel(
      columns: points.columns, centers: ordered, sizes: sizes, inertia: inertia, iterations: iterations,
      converged: converged)
    return (model, numbered)
  }
}
