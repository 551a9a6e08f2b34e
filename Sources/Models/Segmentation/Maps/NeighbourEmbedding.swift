import Foundation
import Learning
import MathKernels

/// A map on which neighbours stay together: t-distributed stochastic neighbour embedding.
///
/// ```swift
/// let places = try NeighbourEmbedding().embed(points, context: FitContext(seed: 1))   // a place on the plane for each row
/// ```
/// Points are rows of finite numbers on comparable scales (see `TableEncoding`), at most `maximumRows`: draw a sample of more.
/// Every pair's affinity is taken, none is approximated. The map starts from the principal components, so that the same rows
/// give the same map. What lies near each other is alike; distances between clumps and the size of clumps say nothing.
///
/// - Complexity: O(iterations × rows²), on all cores; memory of eight bytes for each pair of rows.
/// - Throws: `SegmentationError`, `CancellationError`.
/// Source: van der Maaten and Hinton (2008), https://www.jmlr.org/papers/v9/vandermaaten08a.html; the start and the learning rate
/// are those of Kobak and Berens (2019), https://doi.org/10.1038/s41467-019-13056-x.
public struct NeighbourEmbedding: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// About how many neighbours a row has.
    public var perplexity: Double
    /// How many steps are made.
    public var iterations: Int
    /// In the first of them affinities are enlarged so that clumps can form.
    public var exaggerated: Int
    /// By how much.
    public var exaggeration: Double
    /// More rows are refused.
    public var maximumRows: Int

    /// Settings.
    public init(
      perplexity: Double = 30, iterations: Int = 600, exaggerated: Int = 200, exaggeration: Double = 12,
      maximumRows: Int = 3_000
    ) {
      (self.perplexity, self.iterations) = (perplexity, iterations)
      (self.exaggerated, self.exaggeration) = (exaggerated, exaggeration)
      self.maximumRows = maximumRows
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The embedding with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// A place on the plane for each row.
  public func embed(_ points: Matrix<Double>, context: FitContext) throws -> [[Double]] {
    try check(points)
    let objective = NeighbourObjective(
      affinities: NeighbourAffinities(perplexity: min(configuration.perplexity, Double(points.rows - 1) / 3))
        .affinities(of: points))
    var places = try start(points)
    var (speed, gains) = (
      [Double](repeating: 0, count: places.count), [Double](repeating: 1, count: places.count)
    )
    let rate = max(50, Double(points.rows) / configuration.exaggeration / 4)
    for step in 0..<configuration.iterations {
      let isEarly = step < configuration.exaggerated
      let gradient = objective.gradient(places, exaggeration: isEarly ? configuration.exaggeration : 1)
      let momentum = isEarly ? 0.5 : 0.8
      for index in places.indices {
        // A gain grows while the sign stays, which is when the gradient opposes the speed.
        let turned = (gradient[index] > 0) == (speed[index] > 0)
        gains[index] = max(0.01, turned ? gains[index] * 0.8 : gains[index] + 0.2)
        speed[index] = momentum * speed[index] - rate * gains[index] * gradient[index]
        places[index] += speed[index]
      }
      if step % 25 == 24 { try context.checkpoint(step: step + 1, of: configuration.iterations) }
    }
    return stride(from: 0, to: places.count, by: 2).map { [places[$0], places[$0 + 1]] }
  }

  private func check(_ points: Matrix<Double>) throws {
    try Segments.check(points, segments: 4)
    guard points.rows <= configuration.maximumRows else {
      throw SegmentationError.tooManyRows(
        limit: configuration.maximumRows, found: points.rows, instead: "Draw a sample first.")
    }
    guard configuration.perplexity >= 1, configuration.iterations >= 1 else {
      throw SegmentationError.invalidParameter(
        name: configuration.perplexity < 1 ? "perplexity" : "iterations",
        value: configuration.perplexity < 1
          ? "\(configuration.perplexity)" : "\(configuration.iterations)", expected: "at least 1")
    }
  }

  /// The principal components, made so small that all rows are near each other.
  private func start(_ points: Matrix<Double>) throws -> [Double] {
    let map = try PrincipalMap(of: points)
    let deviation = Statistics.standardDeviation(map.coordinates.map { $0[0] }, degreesOfFreedomLost: 0)
    let scale = deviation > 0 ? 1e-4 / deviation : 1
    // Equal rows must not start at one place, from where nothing would part them.
    var random = RandomSource(seed: 1)
    return map.coordinates.flatMap { $0.map { $0 * scale + 1e-6 * random.normal() } }
  }
}

/// How near each row is to each other: probabilities that sum to 1 over all pairs.
struct NeighbourAffinities {
  let perplexity: Double

  /// For each row the width of its kernel is such that its neighbours are about as many as the perplexity.
  func affinities(of points: Matrix<Double>) -> Matrix<Double> {
    let rows = points.rows
    let blocks = parallelBlocks(rows, blockSize: 32) { block in
      block.flatMap { row in conditional(Self.distances(points, row), except: row) }
    }
    let values = blocks.flatMap { $0 }
    var joint = Matrix<Double>(rows: rows, columns: rows)
    for row in 0..<rows {
      for other in 0..<rows {
        joint[row, other] = (values[row * rows + other] + values[other * rows + row]) / Double(2 * rows)
      }
    }
    return joint
  }

  private static func distances(_ points: Matrix<Double>, _ row: Int) -> [Double] {
    (0..<points.rows).map { other in
      (0..<points.columns).reduce(0) { sum, column in
        let difference = points[row, column] - points[other, column]
        return sum + difference * difference
      }
    }
  }

  private func conditional(_ distances: [Double], except row: Int) -> [Double] {
    let target = log(perplexity)
    var (precision, low, high) = (1.0, 0.0, Double.infinity)
    var weights = distances
    let nearest = distances.indices.reduce(.infinity) { $1 == row ? $0 : min($0, distances[$1]) }
    for _ in 0..<60 {
      var (sum, weighted) = (0.0, 0.0)
      for other in distances.indices {
        let far = distances[other] - nearest
        let weight = other == row ? 0 : exp(-precision * far)
        weights[other] = weight
        sum += weight
        weighted += weight * far
      }
      let entropy = log(sum) + precision * weighted / sum
      for other in weights.indices { weights[other] /= sum }
      if abs(entropy - target) < 1e-5 { break }
      if entropy > target { low = precision } else { high = precision }
      precision = high.isFinite ? (low + high) / 2 : precision * 2
    }
    return weights
  }
}

/// What the map minimises: the Kullback–Leibler divergence of the nearness on the map from that of the rows.
///
/// ```swift
/// let objective = NeighbourObjective(affinities: affinities)      // of each pair of rows, together 1
/// objective.divergence(places)                                    // x and y of each row, one after the other
/// objective.gradient(places)
/// ```
/// - Complexity: O(rows²), on all cores.
public struct NeighbourObjective: Sendable {
  private let count: Int
  private let affinities: [Double]

  /// The objective for these affinities: a symmetric square matrix of shares with zeros on the diagonal.
  public init(affinities: Matrix<Double>) {
    precondition(affinities.rows == affinities.columns, "an affinity for each pair of rows")
    count = affinities.rows
    self.affinities = affinities.elements
  }

  /// The divergence at these places.
  public func divergence(_ places: [Double]) -> Double {
    let total = nearness(places)
    var sum = 0.0
    for row in 0..<count {
      for other in 0..<count where affinities[row * count + other] > 0 && other != row {
        let share = affinities[row * count + other]
        sum += share * log(share * total / Self.kernel(places, row, other))
      }
    }
    return sum
  }

  /// Its gradient, with affinities multiplied.
  public func gradient(_ places: [Double], exaggeration: Double = 1) -> [Double] {
    let blocks: [[Forces]] = parallelBlocks(count, blockSize: 64) { block in
      block.map { forces(places, row: $0) }
    }
    let parts = blocks.flatMap { $0 }
    let total: Double = parts.reduce(0) { $0 + $1.nearness }
    var gradient: [Double] = []
    gradient.reserveCapacity(2 * count)
    for part in parts {
      gradient.append(4 * (exaggeration * part.pullX - part.pushX / total))
      gradient.append(4 * (exaggeration * part.pullY - part.pushY / total))
    }
    return gradient
  }

  private struct Forces: Sendable {
    var pullX = 0.0
    var pullY = 0.0
    var pushX = 0.0
    var pushY = 0.0
    var nearness = 0.0
  }

  private func forces(_ places: [Double], row: Int) -> Forces {
    var forces = Forces()
    places.withUnsafeBufferPointer { places in
      affinities.withUnsafeBufferPointer { affinities in
        let (x, y) = (places[2 * row], places[2 * row + 1])
        for other in 0..<count where other != row {
          let (dx, dy) = (x - places[2 * other], y - places[2 * other + 1])
          let near = 1 / (1 + dx * dx + dy * dy)
          let pull = affinities[row * count + other] * near
          let push = near * near
          forces.pullX += pull * dx
          forces.pullY += pull * dy
          forces.pushX += push * dx
          forces.pushY += push * dy
          forces.nearness += near
        }
      }
    }
    return forces
  }

  private func nearness(_ places: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<count {
      for other in 0..<count where other != row { sum += Self.kernel(places, row, other) }
    }
    return sum
  }

  private static func kernel(_ places: [Double], _ row: Int, _ other: Int) -> Double {
    let (dx, dy) = (places[2 * row] - places[2 * other], places[2 * row + 1] - places[2 * other + 1])
    return 1 / (1 + dx * dx + dy * dy)
  }
}
