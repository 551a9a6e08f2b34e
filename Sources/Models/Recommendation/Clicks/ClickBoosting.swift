import Foundation
import Learning
import MathKernels

/// Predicts clicks by gradient boosting over rates: how often cases with the same name of a field came true before.
///
/// ```swift
/// let model = try await ClickBoosting().fit(ClickDataset(training: table, validation: held), context: FitContext())
/// ```
/// Each name of a field becomes two numbers: the share of cases that came true, pulled to the overall share by
/// `smoothing` cases, and the logarithm of how many there were. For a training case they are counted over those cases
/// alone that come before it in a random order, so that no case sees its own outcome. Numbers stay as they are. With
/// validation cases the trees stop growing at the best log loss, and probabilities are calibrated on them.
///
/// The order is that of Prokhorenkova et al. (2018), https://arxiv.org/abs/1706.09516; the trees are `GradientBoosting`'s.
///
/// - Complexity: O(cases · names of a case) for the rates, then that of `GradientBoosting`.
/// - Throws: `LearningError`.
public struct ClickBoosting: Estimator {
  /// The algorithm's settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How the trees are grown.
    public var boosting: GradientBoosting.Configuration
    /// How many cases of the overall share each name starts with.
    public var smoothing: Double

    /// Settings.
    public init(
      boosting: GradientBoosting.Configuration = .init(
        rounds: 1000, learningRate: 0.05, maxDepth: 5, earlyStoppingRounds: 50),
      smoothing: Double = 10
    ) {
      self.boosting = boosting
      self.smoothing = smoothing
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// An estimator with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Counts the rates and grows the trees.
  public func fit(_ data: ClickDataset, context: FitContext) async throws -> ClickBoostingModel {
    try data.validate()
    try Settings.require("smoothing", configuration.smoothing, 1e-3...1e6)
    try context.checkpoint(step: 0, of: configuration.boosting.rounds)
    var rates = FieldRates(data.training, smoothing: configuration.smoothing)
    let training = rates.learning(data.training, seed: context.seed)
    func rows(_ table: ClickTable, _ features: FeatureMatrix) -> GradientBoosting.Rows {
      GradientBoosting.Rows(features, labels: table.labels.map { $0 ? 1 : 0 })
    }
    let held = data.validation.flatMap { $0.count > 0 ? $0 : nil }
    var boosting = configuration.boosting
    boosting.objective = .logistic
    if held == nil { boosting.earlyStoppingRounds = nil }
    let trees = try await GradientBoosting(boosting).fit(
      .init(
        training: rows(data.training, training),
        validation: held.map { rows($0, rates.features($0.rows)) }), context: context)
    let model = ClickBoostingModel(configuration, rates, trees, .none)
    guard let held else { return model }
    return ClickBoostingModel(
      configuration, rates, trees, LogitCalibration(logits: model.logits(held.rows), labels: held.labels))
  }
}

/// How often each name of each field came true.
struct FieldRates: Sendable, Codable {
  struct Counter: Sendable, Codable {
    var cases: Float = 0
    var hits: Float = 0
  }

  let fields: [String]
  private let smoothing: Double
  private let share: Float
  private let isNumber: [Bool]
  private var counters: [[String: Counter]]

  init(_ table: ClickTable, smoothing: Double) {
    fields = table.fields
    self.smoothing = smoothing
    let hits = table.labels.lazy.filter { $0 }.count
    share = Float(Double(hits) / Double(max(1, table.count)))
    isNumber = table.fields.indices.map { field in
      table.rows.contains { if case .number = $0[field] { true } else { false } }
    }
    counters = table.fields.map { _ in [:] }
  }

  /// The columns: for each field its number, or the rate and the count of its names.
  var names: [String] {
    zip(fields, isNumber).flatMap { $1 ? [$0, "\($0) rate", "\($0) count"] : ["\($0) rate", "\($0) count"] }
  }

  /// Goes through the cases in a random order; each sees those before it.
  mutating func learning(_ table: ClickTable, seed: UInt64) -> FeatureMatrix {
    var random = RandomSource(seed: seed)
    let width = names.count
    var values = [Float](repeating: 0, count: table.count * width)
    for row in Array(0..<table.count).shuffled(using: &random) {
      values.replaceSubrange(row * width..<(row + 1) * width, with: features(table.rows[row]))
      for field in fields.indices {
        for word in Self.words(table.rows[row][field]) {
          counters[field][word, default: Counter()].cases += 1
          if table.labels[row] { counters[field][word, default: Counter()].hits += 1 }
        }
      }
    }
    return FeatureMatrix(names: names, values: values)
  }

  func features(_ rows: [[FieldValue]]) -> FeatureMatrix {
    FeatureMatrix(names: names, values: rows.flatMap { features($0) })
  }

  private func features(_ row: [FieldValue]) -> [Float] {
    var result: [Float] = []
    for field in fields.indices {
      if isNumber[field] {
        if case .number(let number) = row[field], number.isFinite {
          result.append(Float(min(max(number, -1e30), 1e30)))
        } else {
          result.append(.nan)
        }
      }
      let found = Self.words(row[field]).map { counters[field][$0] ?? Counter() }
      guard !found.isEmpty else {
        result += [.nan, .nan]
        continue
      }
      let prior = Float(smoothing)
      let rates = found.map { ($0.hits + prior * share) / ($0.cases + prior) }
      result.append(rates.reduce(0, +) / Float(rates.count))
      result.append(log1p(found.reduce(0) { $0 + $1.cases } / Float(found.count)))
    }
    return result
  }

  private static func words(_ value: FieldValue) -> [String] {
    switch value {
    case .category(let word): [word]
    case .categories(let words): words
    case .number, .missing: []
    }
  }
}

/// What `ClickBoosting` learned: rates and trees.
public struct ClickBoostingModel: ClickModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The settings it was fitted with.
  public let configuration: ClickBoosting.Configuration
  /// How logits become probabilities.
  public let calibration: LogitCalibration
  private let rates: FieldRates
  private let trees: GradientBoostingModel

  /// The fields it reads.
  public var fields: [String] { rates.fields }

  init(
    _ configuration: ClickBoosting.Configuration, _ rates: FieldRates, _ trees: GradientBoostingModel,
    _ calibration: LogitCalibration
  ) {
    self.configuration = configuration
    self.rates = rates
    self.trees = trees
    self.calibration = calibration
  }

  /// The sums of the trees.
  public func logits(_ rows: [[FieldValue]]) -> [Double] {
    guard !rows.isEmpty, let margins = try? trees.margins(rates.features(rows)) else {
      // The columns are those the trees were grown on, so that only an empty table has no margins.
      return [Double](repeating: 0, count: rows.count)
    }
    return margins.map(Double.init)
  }

  /// The logit of a case taken apart into what each column adds; exact Shapley values.
  ///
  /// - Throws: `LearningError.libraryFailure`.
  public func explain(_ row: [FieldValue]) throws -> Explanation {
    let features = rates.features([row])
    let (base, parts) = try trees.contributions(features)[0]
    let named = parts.indices.map { index in
      let value = features[0, index]
      return Explanation.Contribution(
        feature: features.names[index], value: value.isNaN ? nil : Double(value),
        contribution: parts[index])
    }
    let logit = parts.reduce(base, +)
    return Explanation(
      base: base, contributions: named, calibration: (calibration.slope - 1) * logit + calibration.offset,
      unit: "log-odds")
  }
}
