import Commerce
import Features
import Foundation
import Learning
import MathKernels

/// Mines needs: for each customer and category the calibrated probability of a purchase within the next 28 days.
///
/// ```swift
/// let data = NeedDataset(frame: frame, catalogue: CatalogueIndex(items))
/// let mined = try await NeedMining().mine(data, context: FitContext(seed: 42))
/// mined.evaluation.table             // the model beside four baselines, on the last 28 days
/// mined.model                        // refitted on everything, to be served
/// ```
/// Input: at least 112 days of purchases with customers and categories. The log is replayed once; samples of past windows
/// train an ensemble of trees, the window before the last decides when to stop and how to calibrate, the last is the
/// test. The model that is served is then trained again with the last windows included; the evaluation's figures belong
/// to the one before.
///
/// - Complexity: O(windows × customers × categories²) time, O(customers × categories) memory.
public struct NeedMining: Estimator {
  /// How far ahead needs reach, in days.
  public static let horizonDays = Int(MarketTimeline.windowDays)
  /// So many pairs of a customer and a category are learned from and tested at most: whole windows of them are in memory. In a
  /// larger shop customers are drawn at random; needs are mined for all of them all the same.
  public static let mostPairs = 3_000_000

  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many past windows samples are taken from.
    public var windows: Int
    /// How many days lie between the beginnings of two windows; a divisor of 28.
    public var stepDays: Int
    /// The share of pairs that is sampled: of those bought before and of those never bought.
    public var sampleShares: SampleShares
    /// The settings of the trees.
    public var boosting: GradientBoosting.Configuration
    /// The share of customers of the validation window that decides when to stop.
    public var stoppingShare: Double
    /// How events turn into features.
    public var features: FeatureSettings

    /// Shares of pairs.
    public struct SampleShares: Sendable, Codable, Equatable {
      /// Of the pairs with a purchase.
      public var bought: Double
      /// Of the pairs without.
      public var never: Double

      /// Two shares.
      public init(bought: Double, never: Double) {
        self.bought = bought
        self.never = never
      }
    }

    /// Settings; the defaults were chosen on the validation window of a year of grocery shopping.
    public init(
      windows: Int = 13, stepDays: Int = 14, sampleShares: SampleShares = .init(bought: 0.15, never: 0.05),
      boosting: GradientBoosting.Configuration = .init(
        rounds: 400, learningRate: 0.1, maxDepth: 6, minChildWeight: 40, subsample: 0.8, columnSample: 0.6,
        regularization: 5, maxBins: 128, earlyStoppingRounds: 20),
      stoppingShare: Double = 0.3, features: FeatureSettings = .init()
    ) {
      self.windows = windows
      self.stepDays = stepDays
      self.sampleShares = sampleShares
      self.boosting = boosting
      self.stoppingShare = stoppingShare
      self.features = features
    }
  }

  /// A model with the evaluation of the one before it.
  public struct Mined: Sendable {
    /// The model to be served, trained on everything.
    public var model: NeedModel
    /// The figures of the same algorithm on the last 28 days, which that one had not seen.
    public var evaluation: NeedEvaluation
    /// The customers as of the end of the log, for predictions without a second replay.
    public var states: [CustomerState]
  }

  /// The settings.
  public let configuration: Configuration

  /// Need mining with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Trains the model to be served.
  ///
  /// - Throws: see `mine`.
  public func fit(_ data: NeedDataset, context: FitContext) async throws -> NeedModel {
    try await mine(data, context: context).model
  }

  /// Evaluates the algorithm on the last 28 days, then trains the model to be served on everything.
  ///
  /// - Throws: `NeedError.notEnoughData` when the log is shorter than 112 days or without purchases,
  ///   `NeedError.invalidParameter`, `CancellationError`.
  public func mine(_ data: NeedDataset, context: FitContext) async throws -> Mined {
    try validate()
    ThreadPools.setBLASThreads(1)
    let started = ContinuousClock.now
    let data = data.drawn(mostPairs: Self.mostPairs, seed: context.seed)
    var progress = NeedProgress(total: configuration.windows + configuration.boosting.rounds * 2 + 30)
    let windows = try windows(of: data, context: context, progress: &progress)
    let collected = ContinuousClock.now
    let trained = try await train(
      windows.samples.filter { $0.day <= windows.validation.day - MarketTimeline.windowDays },
      stopping: windows.validation, categories: windows.space.count, context: context)
    let fitted = ContinuousClock.now
    let validationMargins = try margins(of: trained, windows.validation)
    let testMargins = try margins(of: trained, windows.test)
    let calibrator = LevelCalibration(margins: validationMargins, labels: windows.validation.labels)
    let evaluation = try NeedEvaluation(
      windows: windows, margins: testMargins, calibrator: calibrator, rounds: trained.rounds,
      seed: context.seed)
    let evaluated = ContinuousClock.now
    let served = try await retrain(windows, rounds: trained.rounds, context: context)
    let model = NeedModel(
      configuration: configuration, categories: windows.space.categories.ids, snapshot: windows.snapshot,
      trees: served,
      calibration: calibrator,
      categoryPaths: windows.space.categories.ids.map { id in
        data.catalogue.categories.index(of: id).map { data.catalogue.paths[Int($0)] } ?? [id]
      }, currency: data.frame.currency)
    var finished = evaluation
    func seconds(_ from: ContinuousClock.Instant, _ to: ContinuousClock.Instant) -> Double {
      let span = (to - from).components
      return Double(span.seconds) + Double(span.attoseconds) / 1e18
    }
    finished.seconds = [
      "features": seconds(started, collected), "training": seconds(collected, fitted),
      "evaluation": seconds(fitted, evaluated), "retraining": seconds(evaluated, .now),
      "total": seconds(started, .now),
    ]
    return Mined(model: model, evaluation: finished, states: windows.states)
  }

  func train(
    _ samples: [NeedWindow], stopping: NeedWindow, categories: Int, names: [String] = NeedFeature.names,
    context: FitContext
  ) async throws -> GradientBoostingModel {
    var random = RandomSource(seed: context.seed, stream: 0x57_0F)
    var stop = NeedWindow(day: stopping.day, rows: [], firstDays: [])
    let width = names.count
    for customer in 0..<stopping.firstDays.count / categories
    where random.uniform() < configuration.stoppingShare {
      let pairs = customer * categories..<(customer + 1) * categories
      stop.rows.append(contentsOf: stopping.rows[pairs.lowerBound * width..<pairs.upperBound * width])
      stop.firstDays.append(contentsOf: stopping.firstDays[pairs])
    }
    let held = stop.firstDays.isEmpty ? stopping : stop
    return try await GradientBoosting(configuration.boosting).fit(
      GradientBoosting.Dataset(
        training: rows(samples, names: names), validation: rows([held], names: names)), context: context)
  }

  private func retrain(
    _ windows: NeedWindows, rounds: Int, context: FitContext
  ) async throws -> GradientBoostingModel {
    var settings = configuration.boosting
    settings.rounds = rounds
    settings.earlyStoppingRounds = nil
    return try await GradientBoosting(settings).fit(
      GradientBoosting.Dataset(training: rows(windows.samples.suffix(configuration.windows))),
      context: context)
  }

  private func rows(_ windows: [NeedWindow], names: [String] = NeedFeature.names) -> GradientBoosting.Rows {
    var values: [Float] = []
    values.reserveCapacity(windows.reduce(0) { $0 + $1.rows.count })
    for window in windows { values.append(contentsOf: window.rows) }
    let weights = windows.flatMap(\.weights)
    return GradientBoosting.Rows(
      FeatureMatrix(names: names, values: values), labels: windows.flatMap(\.labels),
      weights: weights.isEmpty ? nil : weights)
  }

  func margins(
    of model: GradientBoostingModel, _ window: NeedWindow, width: Int = NeedFeatures.width
  ) throws -> [Float] {
    try parallelBlocks(window.firstDays.count, blockSize: 16_384) { block in
      try window.rows.withUnsafeBufferPointer {
        try model.margins(
          rows: UnsafeBufferPointer(rebasing: $0[block.lowerBound * width..<block.upperBound * width]))
      }
    }.flatMap { $0 }
  }

  private func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: any CustomStringConvertible, _ expected: String)
      throws
    {
      guard holds else {
        throw NeedError.invalidParameter(name: name, value: value.description, expected: expected)
      }
    }
    let settings = configuration
    try require(settings.windows > 0, "windows", settings.windows, "at least 1")
    try require(
      settings.stepDays > 0 && Self.horizonDays % max(1, settings.stepDays) == 0, "stepDays",
      settings.stepDays,
      "a divisor of 28")
    for (name, share) in [
      ("sampleShares.bought", settings.sampleShares.bought),
      ("sampleShares.never", settings.sampleShares.never),
      ("stoppingShare", settings.stoppingShare),
    ] { try require(share > 0 && share <= 1, name, share, "above 0, at most 1") }
    do { try settings.features.validate() } catch FeatureError.invalidSetting(
      let name, let value, let expected)
    {
      throw NeedError.invalidParameter(name: "features.\(name)", value: value, expected: expected)
    }
  }
}
