import Foundation
import Learning
import MathKernels

/// Trains a network epoch by epoch: steps of Adam, a figure on validation, the best parameters kept.
///
/// ```swift
/// let report = try Trainer(.init(epochs: 20, patience: 3)).train(
///   network.parameters, batches: 100, context: context,
///   loss: { epoch, batch in try network.loss(cases[batch]) },
///   validation: { try network.accuracy(held) })
/// ```
/// It runs on the caller's thread and reports each epoch through `FitContext`; cancelling the task ends it before the next
/// batch. With `patience`, training stops after so many epochs in a row without a better figure; with a validation figure at
/// all, the parameters at the end are those of the best epoch.
public struct Trainer: Sendable {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How often all batches are gone through at most.
    public var epochs: Int
    /// Epochs without a better validation figure before training stops; nil trains all epochs.
    public var patience: Int?
    /// How steps are made.
    public var optimizer: Adam.Configuration
    /// Over how many of the first steps the learning rate rises to its full size; 0 for none.
    public var warmupSteps: Int

    /// Settings.
    public init(
      epochs: Int, patience: Int? = nil, optimizer: Adam.Configuration = .init(), warmupSteps: Int = 0
    ) {
      self.epochs = epochs
      self.patience = patience
      self.optimizer = optimizer
      self.warmupSteps = warmupSteps
    }
  }

  /// What came of a training run.
  public struct Report: Sendable, Codable, Equatable {
    /// The mean loss of each epoch.
    public var losses: [Double] = []
    /// The validation figure after each epoch.
    public var validation: [Double] = []
    /// The epoch, from 1, whose parameters were kept.
    public var bestEpoch = 0
  }

  /// The settings.
  public var configuration: Configuration

  /// A trainer with these settings.
  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// Trains.
  ///
  /// - Parameters:
  ///   - parameters: what is learned.
  ///   - batches: how many batches an epoch has.
  ///   - context: told of each epoch; its task can be cancelled.
  ///   - loss: the loss of a batch, given the epoch from 1 and the batch from 0; nil passes the batch over.
  ///   - validation: a figure on held-out data, the larger the better; called without recording gradients.
  /// - Throws: `NeuralError.diverged` for a loss that is not finite, `CancellationError`, what the closures throw.
  public func train(
    _ parameters: Parameters, batches: Int, context: FitContext,
    loss: (_ epoch: Int, _ batch: Int) throws -> Tensor?, validation: (() throws -> Double)? = nil
  ) throws -> Report {
    try check()
    var optimizer = try Adam(parameters, configuration.optimizer)
    var report = Report()
    var best: (figure: Double, checkpoint: Checkpoint)?
    var step = 0
    try context.checkpoint(step: 0, of: configuration.epochs)
    for epoch in 1...configuration.epochs {
      var total = 0.0
      var counted = 0
      for batch in 0..<batches {
        try Task.checkCancellation()
        guard let value = try loss(epoch, batch) else { continue }
        let number = Double(try value.scalar())
        guard number.isFinite else { throw NeuralError.diverged(epoch: epoch, batch: batch) }
        try value.backward()
        step += 1
        optimizer.configuration.learningRate = rate(at: step)
        try optimizer.step()
        total += number
        counted += 1
      }
      report.losses.append(counted > 0 ? total / Double(counted) : 0)
      var metrics = ["loss": report.losses[epoch - 1]]
      report.bestEpoch = validation == nil ? epoch : report.bestEpoch
      if let validation {
        let figure = try Tensor.withoutGradient(validation)
        report.validation.append(figure)
        metrics["validation"] = figure
        if figure > best?.figure ?? -.infinity {
          best = (figure, try Checkpoint(parameters))
          report.bestEpoch = epoch
        }
      }
      try context.checkpoint(step: epoch, of: configuration.epochs, metrics: metrics)
      if let patience = configuration.patience, validation != nil, epoch - report.bestEpoch >= patience {
        break
      }
    }
    if let best, report.bestEpoch < report.losses.count { try best.checkpoint.restore(into: parameters) }
    return report
  }

  private func rate(at step: Int) -> Double {
    let share = configuration.warmupSteps > 0 ? min(1, Double(step) / Double(configuration.warmupSteps)) : 1
    return configuration.optimizer.learningRate * share
  }

  private func check() throws {
    func require(_ holds: Bool, _ name: String, _ value: Int, _ expected: String) throws {
      guard holds else {
        throw NeuralError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    try require((1...100_000).contains(configuration.epochs), "epochs", configuration.epochs, "1 to 100000")
    try require((configuration.patience ?? 1) > 0, "patience", configuration.patience ?? 1, "at least 1")
    try require(configuration.warmupSteps >= 0, "warmupSteps", configuration.warmupSteps, "0 or more")
  }
}

/// The cases of an epoch in a random order, cut into batches.
public struct Batches: Sendable {
  /// The cases of each batch.
  public let batches: [[Int]]

  /// `count` cases in batches of `size`, shuffled anew for each epoch of a seed.
  public init(count: Int, size: Int, seed: UInt64, epoch: Int) {
    var random = RandomSource(seed: seed, stream: UInt64(epoch))
    let order = Array(0..<count).shuffled(using: &random)
    batches = stride(from: 0, to: count, by: max(1, size)).map {
      Array(order[$0..<min(count, $0 + max(1, size))])
    }
  }
}
