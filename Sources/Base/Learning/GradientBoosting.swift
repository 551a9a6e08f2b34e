import CXGBoost
import Foundation

/// Gradient boosting: an ensemble of regression trees, each fitted to what the ones before it got wrong.
///
/// ```swift
/// let table = FeatureMatrix(names: ["days_since_last", "orders"], values: [3, 12, 40, 1, 5, 9, 60, 2])
/// let boosting = GradientBoosting(.init(rounds: 20, minChildWeight: 0))
/// let model = try await boosting.fit(.init(table, labels: [1, 0, 1, 0]), context: FitContext(seed: 7))
/// let margins = try model.margins(table)                  // log-odds, one a row
/// let parts = try model.contributions(table)              // add up to the margins
/// ```
/// Input: dense rows of Float, NaN for a missing value; labels 0 or 1 for `logistic`, at least 0 for `poisson` and
/// `tweedie`, any relevance for the rankings.
/// Trees grow on histograms of `maxBins` bins. The same seed, data and number of threads give the same model.
///
/// The trees are XGBoost's (Chen and Guestrin 2016, https://doi.org/10.1145/2939672.2939785), the contributions exact
/// Shapley values of each tree (Lundberg et al. 2020, https://doi.org/10.1038/s42256-019-0138-9). Unlike XGBoost's own
/// interfaces, an early stop drops the trees after the best round.
public struct GradientBoosting: Estimator {
  /// What the ensemble learns to predict.
  public enum Objective: String, Sendable, Codable, CaseIterable {
    /// The probability of a yes; margins are log-odds.
    case logistic = "binary:logistic"
    /// A number.
    case squaredError = "reg:squarederror"
    /// A count; margins are logarithms of its mean.
    case poisson = "count:poisson"
    /// An amount that is often 0, between a count and a gamma variate (variance as mean to the power 1.5); margins are logarithms
    /// of its mean.
    case tweedie = "reg:tweedie"
    /// The order within each group, by pairs.
    case pairwiseRanking = "rank:pairwise"
    /// The order within each group, weighted towards the top by NDCG.
    case ndcgRanking = "rank:ndcg"

    /// Whether margins are logarithms of what is predicted, which is never below 0.
    public var predictsLogarithm: Bool { self == .poisson || self == .tweedie }

    /// The figure that validation rows are judged by.
    var metric: String {
      switch self {
      case .logistic: "logloss"
      case .squaredError: "rmse"
      case .poisson: "poisson-nloglik"
      case .tweedie: "tweedie-nloglik@1.5"
      case .pairwiseRanking, .ndcgRanking: "ndcg@10"
      }
    }

    /// What is predicted without any tree, before the logarithm.
    var baseScore: String {
      switch self {
      case .logistic: "0.5"
      case .poisson, .tweedie: "1"
      case .squaredError, .pairwiseRanking, .ndcgRanking: "0"
      }
    }

    /// The labels it can learn.
    var labels: ClosedRange<Float> {
      switch self {
      case .logistic: 0...1
      case .poisson, .tweedie: 0...Float.greatestFiniteMagnitude
      case .squaredError, .pairwiseRanking, .ndcgRanking:
        -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
      }
    }
  }

  /// The settings of the ensemble.
  public struct Configuration: Sendable, Codable, Equatable {
    /// What is predicted.
    public var objective: Objective
    /// How many trees at most.
    public var rounds: Int
    /// How much of each tree counts.
    public var learningRate: Double
    /// How many questions a tree asks one after the other.
    public var maxDepth: Int
    /// The least weight of cases (sum of second derivatives) in a leaf.
    public var minChildWeight: Double
    /// The share of rows that each tree sees.
    public var subsample: Double
    /// The share of columns that each tree sees.
    public var columnSample: Double
    /// The L2 penalty on leaf values.
    public var regularization: Double
    /// How many bins a column is cut into.
    public var maxBins: Int
    /// Stops after this many rounds without a better figure on the validation rows; nil runs all rounds.
    public var earlyStoppingRounds: Int?
    /// How many threads train; 0 takes all cores.
    public var threads: Int

    /// Settings; the defaults suit tables of a hundred thousand rows and some dozens of columns.
    public init(
      objective: Objective = .logistic, rounds: Int = 300, learningRate: Double = 0.1, maxDepth: Int = 6,
      minChildWeight: Double = 20, subsample: Double = 0.8, columnSample: Double = 0.6,
      regularization: Double = 5, maxBins: Int = 128, earlyStoppingRounds: Int? = nil, threads: Int = 0
    ) {
      self.objective = objective
      self.rounds = rounds
      self.learningRate = learningRate
      self.maxDepth = maxDepth
      self.minChildWeight = minChildWeight
      self.subsample = subsample
      self.columnSample = columnSample
      self.regularization = regularization
      self.maxBins = maxBins
      self.earlyStoppingRounds = earlyStoppingRounds
      self.threads = threads
    }
  }

  /// Rows with what came true, and optionally their weights and the sizes of their groups.
  public struct Rows: Sendable {
    /// The features.
    public var features: FeatureMatrix
    /// What came true, one a row.
    public var labels: [Float]
    /// How much each row counts; nil counts all alike.
    public var weights: [Float]?
    /// The sizes of the groups, in row order; for the ranking objectives.
    public var groups: [UInt32]?

    /// Rows with their labels.
    public init(
      _ features: FeatureMatrix, labels: [Float], weights: [Float]? = nil, groups: [UInt32]? = nil
    ) {
      self.features = features
      self.labels = labels
      self.weights = weights
      self.groups = groups
    }
  }

  /// What the ensemble learns from.
  public struct Dataset: Sendable {
    /// The rows to learn from.
    public var training: Rows
    /// The rows that decide when to stop.
    public var validation: Rows?

    /// Training rows and, for an early stop, validation rows.
    public init(training: Rows, validation: Rows? = nil) {
      self.training = training
      self.validation = validation
    }

    /// Training rows only.
    public init(_ features: FeatureMatrix, labels: [Float], weights: [Float]? = nil) {
      self.init(training: Rows(features, labels: labels, weights: weights))
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// Gradient boosting with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Grows the trees one round at a time; each round can be cancelled.
  ///
  /// - Complexity: O(rounds · depth · rows · columns).
  /// - Throws: `LearningError.invalidParameter` or `notEnoughData` for settings or rows that do not fit,
  ///   `libraryFailure` with XGBoost's own words, `CancellationError`.
  public func fit(_ data: Dataset, context: FitContext) async throws -> GradientBoostingModel {
    try validate(data)
    let threads =
      configuration.threads > 0 ? configuration.threads : ProcessInfo.processInfo.activeProcessorCount
    let training = try matrix(data.training, threads: threads)
    let validation = try data.validation.map { try matrix($0, threads: threads) }
    let growing = try GrowingBooster(
      matrices: [training] + (validation.map { [$0] } ?? []),
      parameters: parameters(seed: context.seed, threads: threads))
    var best = (round: configuration.rounds, metric: Double.infinity)
    let patience = configuration.earlyStoppingRounds
    for round in 0..<configuration.rounds {
      try growing.grow(round: round, on: training)
      var metrics: [String: Double] = [:]
      if let validation {
        let metric = try growing.evaluate(round: round, on: validation)
        metrics["validation"] = metric
        // Ranking metrics grow when they get better, losses shrink.
        let loss =
          configuration.objective == .ndcgRanking || configuration.objective == .pairwiseRanking
          ? -metric : metric
        if patience != nil, loss < best.metric { best = (round + 1, loss) }
      }
      try context.checkpoint(step: round + 1, of: configuration.rounds, metrics: metrics)
      if let patience, validation != nil, round + 1 >= best.round + patience { break }
    }
    return try GradientBoostingModel(
      configuration: configuration, featureNames: data.training.features.names, rounds: best.round,
      serialized: growing.serialized(rounds: best.round))
  }

  private func validate(_ data: Dataset) throws {
    func require(_ holds: Bool, _ name: String, _ value: any CustomStringConvertible, _ expected: String)
      throws
    {
      guard holds else {
        throw LearningError.invalidParameter(name: name, value: value.description, expected: expected)
      }
    }
    let settings = configuration
    try require(settings.rounds > 0, "rounds", settings.rounds, "at least 1")
    try require((1...16).contains(settings.maxDepth), "maxDepth", settings.maxDepth, "1 to 16")
    try require(
      settings.learningRate > 0 && settings.learningRate <= 1, "learningRate", settings.learningRate,
      "above 0, at most 1")
    try require(
      settings.subsample > 0 && settings.subsample <= 1, "subsample", settings.subsample, "above 0, at most 1"
    )
    try require(
      settings.columnSample > 0 && settings.columnSample <= 1, "columnSample", settings.columnSample,
      "above 0, at most 1")
    try require(settings.minChildWeight >= 0, "minChildWeight", settings.minChildWeight, "0 or more")
    try require(settings.regularization >= 0, "regularization", settings.regularization, "0 or more")
    try require((2...1024).contains(settings.maxBins), "maxBins", settings.maxBins, "2 to 1024")
    if let patience = settings.earlyStoppingRounds {
      try require(patience > 0, "earlyStoppingRounds", patience, "at least 1")
      try require(
        data.validation != nil, "earlyStoppingRounds", patience, "no early stop without validation rows")
    }
    guard data.training.features.rowCount > 0 else {
      throw LearningError.notEnoughData(needed: "at least one training row", found: "none")
    }
    for rows in [data.training] + (data.validation.map { [$0] } ?? []) {
      let count = rows.features.rowCount
      try require(
        rows.features.names == data.training.features.names, "validation",
        rows.features.names.joined(separator: ","),
        "the columns of the training rows")
      try require(rows.labels.count == count, "labels", rows.labels.count, "\(count), one a row")
      try require(
        rows.weights?.count ?? count == count, "weights", rows.weights?.count ?? 0, "\(count), one a row")
      try require(
        rows.labels.allSatisfy { $0.isFinite && settings.objective.labels.contains($0) },
        "labels", "out of range",
        settings.objective == .logistic
          ? "0 to 1"
          : settings.objective.predictsLogarithm ? "finite numbers of at least 0" : "finite numbers")
      try require(
        rows.weights?.allSatisfy { $0.isFinite && $0 >= 0 } ?? true, "weights", "out of range", "0 or more")
      try require(
        rows.groups.map { $0.reduce(0) { $0 + Int($1) } == count } ?? true, "groups", "of another size",
        "sizes that add up to \(count) rows")
      try require(
        rows.features.values.allSatisfy { !$0.isInfinite }, "features", "infinite", "finite numbers or NaN")
    }
  }

  private func matrix(_ rows: Rows, threads: Int) throws -> DataMatrix {
    let matrix = try rows.features.values.withUnsafeBufferPointer {
      try DataMatrix($0, columnCount: rows.features.columnCount, threads: threads)
    }
    try matrix.set("label", rows.labels)
    if let weights = rows.weights { try matrix.set("weight", weights) }
    if let groups = rows.groups { try matrix.setGroups(groups) }
    return matrix
  }

  private func parameters(seed: UInt64, threads: Int) -> [(String, String)] {
    return [
      ("objective", configuration.objective.rawValue), ("eval_metric", configuration.objective.metric),
      ("tree_method", "hist"),
      ("base_score", configuration.objective.baseScore),
      ("eta", "\(configuration.learningRate)"), ("max_depth", "\(configuration.maxDepth)"),
      ("min_child_weight", "\(configuration.minChildWeight)"), ("subsample", "\(configuration.subsample)"),
      ("colsample_bytree", "\(configuration.columnSample)"), ("lambda", "\(configuration.regularization)"),
      ("max_bin", "\(configuration.maxBins)"), ("nthread", "\(threads)"),
      // XGBoost takes a signed 32-bit seed.
      ("seed", "\(seed & 0x7FFF_FFFF)"), ("verbosity", "0"),
    ]
  }
}

/// A learned ensemble of trees.
public struct GradientBoostingModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The settings it was trained with.
  public let configuration: GradientBoosting.Configuration
  /// The columns it reads, in order.
  public let featureNames: [String]
  /// How many trees it has.
  public let rounds: Int
  private let serialized: Data
  private let booster: Booster

  init(
    configuration: GradientBoosting.Configuration, featureNames: [String], rounds: Int, serialized: Data
  ) throws {
    self.configuration = configuration
    self.featureNames = featureNames
    self.rounds = rounds
    self.serialized = serialized
    booster = try Booster(serialized: serialized, columnCount: featureNames.count)
  }

  /// The sum of the trees for each row: log-odds for `logistic`, logarithms for `poisson` and `tweedie`.
  ///
  /// - Complexity: O(rows · rounds · depth), on the caller's thread.
  /// - Throws: `LearningError.invalidParameter` when the columns are not those the model was trained on.
  public func margins(_ table: FeatureMatrix) throws -> [Float] {
    try check(table.names)
    return try table.values.withUnsafeBufferPointer { try booster.margins($0) }
  }

  /// The sum of the first trees for each row, as if the ensemble had ended after that many rounds.
  ///
  /// - Throws: `LearningError.invalidParameter` for rounds it does not have, or other columns.
  public func margins(_ table: FeatureMatrix, rounds count: Int) throws -> [Float] {
    try check(table.names)
    guard (1...rounds).contains(count) else {
      throw LearningError.invalidParameter(name: "rounds", value: "\(count)", expected: "1 to \(rounds)")
    }
    return try table.values.withUnsafeBufferPointer { try booster.margins($0, rounds: count) }
  }

  /// The trees as XGBoost writes them in JSON, one text a tree: splits, leaves, and the weight of rows in each node.
  public func treeDescriptions() throws -> [String] { try booster.dump() }

  /// The same for rows that lie in memory one after the other, `featureNames.count` numbers each.
  public func margins(rows: UnsafeBufferPointer<Float>) throws -> [Float] { try booster.margins(rows) }

  /// What each column adds to the margin of each row: exact Shapley values of the trees.
  ///
  /// - Returns: for each row the base and one contribution a column; they add up to the margin within Float's precision.
  /// - Complexity: O(rows · rounds · leaves · depth²), on the caller's thread.
  public func contributions(_ table: FeatureMatrix) throws -> [(base: Double, contributions: [Double])] {
    try check(table.names)
    let flat = try table.values.withUnsafeBufferPointer { try booster.contributions($0) }
    let width = featureNames.count + 1
    return (0..<table.rowCount).map { row in
      let part = flat[row * width..<(row + 1) * width]
      return (Double(part[part.endIndex - 1]), part.dropLast().map(Double.init))
    }
  }

  private func check(_ names: [String]) throws {
    guard names == featureNames else {
      throw LearningError.invalidParameter(
        name: "features", value: names.joined(separator: ","), expected: featureNames.joined(separator: ","))
    }
  }
}

extension GradientBoostingModel: Codable {
  private enum CodingKeys: String, CodingKey { case configuration, featureNames, rounds, trees }

  /// Reads a saved ensemble.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      configuration: container.decode(GradientBoosting.Configuration.self, forKey: .configuration),
      featureNames: container.decode([String].self, forKey: .featureNames),
      rounds: container.decode(Int.self, forKey: .rounds),
      serialized: container.decode(Data.self, forKey: .trees))
  }

  /// Saves the ensemble, its trees in XGBoost's binary JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(configuration, forKey: .configuration)
    try container.encode(featureNames, forKey: .featureNames)
    try container.encode(rounds, forKey: .rounds)
    try container.encode(serialized, forKey: .trees)
  }
}
