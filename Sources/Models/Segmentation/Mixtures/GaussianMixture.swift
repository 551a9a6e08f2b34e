import Foundation
import Learning
import MathKernels

/// Mixtures of normal distributions: each segment has a mean and a covariance, and each row a probability to be of it.
///
/// ```swift
/// let model = try GaussianMixture(.init(segments: 3, family: .vev)).fit(points, context: FitContext(seed: 1))
/// print(model.bic, model.assign(points), model.posteriors(points))
/// let search = try MixtureSearch(segments: 1...6).best(points, context: FitContext(seed: 1))
/// ```
/// Points are rows of finite numbers. EM starts from segments of k-means (and of Ward's method for few rows); the start of
/// greatest likelihood is kept. Densities are summed as logarithms.
///
/// - Complexity: O(restarts × iterations × rows × segments × columns²), on all cores.
/// Source: Dempster, Laird and Rubin (1977), https://doi.org/10.1111/j.2517-6161.1977.tb01600.x; families: `CovarianceFamily`.
/// Differs from mclust, which starts from a hierarchical clustering by likelihood alone.
public struct GaussianMixture: Segmenter, Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many segments.
    public var segments: Int
    /// How covariances may differ.
    public var family: CovarianceFamily
    /// How many starts.
    public var restarts: Int
    /// How many iterations a start has at most.
    public var maximumIterations: Int
    /// A start ends when the log likelihood rises by less than this share of itself.
    public var tolerance: Double
    /// What is added to all variances, as a share of the columns' mean variance.
    public var regularization: Double
    /// Whether one core alone works; the answer is the same.
    public var serially: Bool

    /// Settings.
    public init(
      segments: Int = 3, family: CovarianceFamily = .vvv, restarts: Int = 3, maximumIterations: Int = 500,
      tolerance: Double = 1e-8, regularization: Double = 1e-6, serially: Bool = false
    ) {
      (self.segments, self.family, self.restarts) = (segments, family, restarts)
      (self.maximumIterations, self.tolerance) = (maximumIterations, tolerance)
      (self.regularization, self.serially) = (regularization, serially)
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// `GaussianMixture`.
  public var name: String { "GaussianMixture" }

  /// The most probable segment of each row.
  ///
  /// - Throws: `SegmentationError`, `CancellationError`.
  public func segment(_ points: Matrix<Double>, into count: Int, context: FitContext) throws -> [Int] {
    var own = self
    own.configuration.segments = count
    return Segments.bySize(try own.fit(points, context: context).assign(points))
  }

  /// Fits the mixture.
  ///
  /// - Throws: `SegmentationError`, of which `degenerateMixture` when all starts collapse; `CancellationError`.
  public func fit(_ points: Matrix<Double>, context: FitContext) throws -> GaussianMixtureModel {
    try Segments.check(points, segments: configuration.segments)
    guard configuration.restarts >= 1, configuration.regularization >= 0 else {
      throw SegmentationError.invalidParameter(
        name: configuration.restarts < 1 ? "restarts" : "regularization",
        value: configuration.restarts < 1 ? "\(configuration.restarts)" : "\(configuration.regularization)",
        expected: configuration.restarts < 1 ? "a whole number of at least 1" : "a number of at least 0")
    }
    let ridge =
      configuration.regularization * PackedPoints(points, serially: configuration.serially).meanVariance
    var best: GaussianMixtureModel?
    for restart in 0..<configuration.restarts {
      let labels = try start(restart, points, context)
      let model = try expectationMaximization(points, labels, ridge)
      try context.checkpoint(step: restart + 1, of: configuration.restarts)
      if let model, model.logLikelihood > best?.logLikelihood ?? -.infinity { best = model }
    }
    guard let best else {
      throw SegmentationError.degenerateMixture(
        family: configuration.family.rawValue, segments: configuration.segments)
    }
    return best
  }

  /// The segments that a start begins from.
  private func start(_ restart: Int, _ points: Matrix<Double>, _ context: FitContext) throws -> [Int] {
    if restart == 1, points.rows <= 2_000 {
      return try HierarchicalClustering(.ward).segment(
        points, into: configuration.segments, context: FitContext())
    }
    var settings = KMeans.Configuration(clusters: configuration.segments, restarts: restart == 0 ? 4 : 1)
    settings.serially = configuration.serially
    return try KMeans(settings).fitting(
      points, context: FitContext(seed: context.seed &+ UInt64(restart))
    ).labels
  }

  /// EM from these segments; nil when a segment collapses.
  private func expectationMaximization(_ points: Matrix<Double>, _ labels: [Int], _ ridge: Double) throws
    -> GaussianMixtureModel?
  {
    let (count, rows) = (configuration.segments, Double(points.rows))
    var posteriors = [Double](repeating: 0, count: points.rows * count)
    for (row, label) in labels.enumerated() { posteriors[row * count + label] = 1 }
    var (last, iteration, converged) = (-Double.infinity, 0, false)
    while true {
      iteration += 1
      try Task.checkCancellation()
      let moments = MixtureMoments(
        points, posteriors: posteriors, segments: count, serially: configuration.serially)
      guard moments.weights.allSatisfy({ $0 > 1e-8 }) else { return nil }
      var scatters = moments.scatters
      for (segment, weight) in moments.weights.enumerated() {
        for column in 0..<points.columns { scatters[segment][column, column] += ridge * weight }
      }
      let covariances = try configuration.family.covariances(scatters: scatters, weights: moments.weights)
      guard
        let density = try MixtureDensity(
          weights: moments.weights.map { $0 / rows }, means: moments.means, covariances: covariances)
      else { return nil }
      let logLikelihood: Double
      (posteriors, logLikelihood) = density.posteriors(points, serially: configuration.serially)
      guard logLikelihood.isFinite else { return nil }
      converged = logLikelihood - last < configuration.tolerance * (1 + abs(logLikelihood))
      last = logLikelihood
      if converged || iteration >= configuration.maximumIterations {
        return GaussianMixtureModel(
          family: configuration.family, density: density, covariances: covariances, posteriors: posteriors,
          rows: points.rows, logLikelihood: last, iterations: iteration, converged: converged)
      }
    }
  }
}
