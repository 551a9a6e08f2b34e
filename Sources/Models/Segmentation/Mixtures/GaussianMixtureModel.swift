import Foundation
import Learning
import MathKernels

/// A mixture of normal distributions, the segment that most rows are of first.
public struct GaussianMixtureModel: FittedModel, Equatable {
  /// 1.
  public static var formatVersion: Int { 1 }

  /// How its covariances may differ.
  public let family: CovarianceFamily
  /// The share of each segment.
  public let weights: [Double]
  /// The mean of each segment.
  public let means: [[Double]]
  /// The covariance of each segment, row by row.
  public let covariances: [[Double]]
  /// The sum of the log densities of the rows that it was fitted to.
  public let logLikelihood: Double
  /// 2 log L − parameters · log rows: the greater the better, the sign of mclust.
  ///
  /// Source: Schwarz (1978), https://doi.org/10.1214/aos/1176344136
  public let bic: Double
  /// The BIC, less for rows between segments.
  ///
  /// Source: Biernacki, Celeux and Govaert (2000), https://doi.org/10.1109/34.865189
  public let icl: Double
  /// How many iterations were made.
  public let iterations: Int
  /// Whether the likelihood had come to rest.
  public let converged: Bool

  /// How many segments there are.
  public var count: Int { weights.count }

  init(
    family: CovarianceFamily, density: MixtureDensity, covariances: [Matrix<Double>], posteriors: [Double],
    rows: Int, logLikelihood: Double, iterations: Int, converged: Bool
  ) {
    let (count, columns) = (density.weights.count, density.means[0].count)
    let labels = Self.mostProbable(posteriors, count)
    var certainty = 0.0
    for (row, label) in labels.enumerated() { certainty += log(posteriors[row * count + label]) }
    let sizes = Segments.sizes(labels, count)
    let order = (0..<count).sorted { (-sizes[$0], -density.weights[$0]) < (-sizes[$1], -density.weights[$1]) }
    (self.family, self.logLikelihood) = (family, logLikelihood)
    (self.iterations, self.converged) = (iterations, converged)
    weights = order.map { density.weights[$0] }
    means = order.map { density.means[$0] }
    self.covariances = order.map { covariances[$0].elements }
    let parameters = family.parameters(segments: count, columns: columns) + count * columns + count - 1
    bic = 2 * logLikelihood - Double(parameters) * log(Double(rows))
    icl = bic + 2 * certainty
  }

  /// Each row's probability to be of each segment: a column for each.
  ///
  /// - Throws: `SegmentationError` for other columns than those of the means, or numbers that are not finite.
  public func posteriors(_ points: Matrix<Double>) throws -> Matrix<Double> {
    try Segments.check(points, segments: 1)
    guard points.columns == means[0].count else {
      throw SegmentationError.shapeMismatch(
        expected: "\(means[0].count) columns", found: "\(points.columns)")
    }
    let matrices = covariances.map { Matrix(rows: points.columns, columns: points.columns, $0) }
    guard let density = try MixtureDensity(weights: weights, means: means, covariances: matrices) else {
      throw SegmentationError.degenerateMixture(family: family.rawValue, segments: count)
    }
    return Matrix(
      rows: points.rows, columns: count, density.posteriors(points, serially: false).values)
  }

  /// The most probable segment of each row.
  ///
  /// - Throws: `SegmentationError`.
  public func assign(_ points: Matrix<Double>) throws -> [Int] {
    Self.mostProbable(try posteriors(points).elements, count)
  }

  private static func mostProbable(_ posteriors: [Double], _ count: Int) -> [Int] {
    stride(from: 0, to: posteriors.count, by: count).map { start in
      (1..<max(1, count)).reduce(0) { posteriors[start + $1] > posteriors[start + $0] ? $1 : $0 }
    }
  }
}

/// A search for the family and the number of segments of greatest BIC.
public struct MixtureSearch: Sendable {
  /// The numbers of segments tried.
  public var segments: ClosedRange<Int>
  /// The families tried.
  public var families: [CovarianceFamily]
  /// The settings of each fit.
  public var configuration: GaussianMixture.Configuration

  /// The search.
  public init(
    segments: ClosedRange<Int>, families: [CovarianceFamily] = CovarianceFamily.allCases,
    configuration: GaussianMixture.Configuration = .init()
  ) {
    (self.segments, self.families, self.configuration) = (segments, families, configuration)
  }

  /// One fit.
  public struct Entry: Sendable, Codable, Equatable {
    /// How many segments.
    public var segments: Int
    /// The family.
    public var family: CovarianceFamily
    /// The BIC; nil when the mixture collapses.
    public var bic: Double?
  }

  /// The mixture of greatest BIC, and all that were tried.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func best(_ points: Matrix<Double>, context: FitContext) throws -> (
    model: GaussianMixtureModel, table: [Entry]
  ) {
    var best: GaussianMixtureModel?
    var table: [Entry] = []
    for count in segments {
      for family in families {
        var mixture = GaussianMixture(configuration)
        (mixture.configuration.segments, mixture.configuration.family) = (count, family)
        do {
          let model = try mixture.fit(points, context: FitContext(seed: context.seed))
          table.append(Entry(segments: count, family: family, bic: model.bic))
          if model.bic > best?.bic ?? -.infinity { best = model }
        } catch SegmentationError.degenerateMixture {
          table.append(Entry(segments: count, family: family, bic: nil))
        }
        try context.checkpoint(step: table.count, of: segments.count * families.count)
      }
    }
    guard let best else {
      throw SegmentationError.degenerateMixture(
        family: families.map(\.rawValue).joined(separator: ", "), segments: segments.upperBound)
    }
    return (best, table)
  }
}
