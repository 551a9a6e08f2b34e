/// An algorithm with its configuration and without any learned state: `fit` returns the learned thing as a value of
/// another type, so "not fitted yet" cannot be written.
public protocol Estimator<Dataset, Model>: Sendable {
  /// What it learns from.
  associatedtype Dataset: Sendable
  /// What it learns.
  associatedtype Model: FittedModel

  /// Learns a model; validates its configuration and the data first.
  func fit(_ data: Dataset, context: FitContext) async throws -> Model
}

/// Something learned, which can be saved and loaded.
public protocol FittedModel: Sendable, Codable {
  /// The version of the saved form; a change of layout is a new version.
  static var formatVersion: Int { get }
}

/// The circumstances of one training run, as opposed to the algorithm's settings.
public struct FitContext: Sendable {
  /// Seeds every random choice of the run.
  public var seed: UInt64
  /// Called with each step of progress, possibly from another thread.
  public var onProgress: @Sendable (FitProgress) -> Void

  /// A run; by default seeded with 42 and silent.
  public init(seed: UInt64 = 42, onProgress: @escaping @Sendable (FitProgress) -> Void = { _ in }) {
    self.seed = seed
    self.onProgress = onProgress
  }

  /// Reports a step, then stops the run by throwing `CancellationError` when its task has been cancelled.
  public func checkpoint(step: Int, of total: Int?, metrics: [String: Double] = [:]) throws {
    onProgress(FitProgress(step: step, totalSteps: total, metrics: metrics))
    try Task.checkCancellation()
  }
}

/// How far a training run has come.
public struct FitProgress: Sendable, Equatable {
  /// The step just finished, counted from 1.
  public var step: Int
  /// How many steps there will be, when known.
  public var totalSteps: Int?
  /// Figures of the step, such as its loss.
  public var metrics: [String: Double]

  /// One report.
  public init(step: Int, totalSteps: Int?, metrics: [String: Double] = [:]) {
    self.step = step
    self.totalSteps = totalSteps
    self.metrics = metrics
  }
}
