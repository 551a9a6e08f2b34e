import Foundation
import Learning
import MathKernels

/// How well lapse is foretold: learned from mornings whose outcome was known on a day, measured on what came after it.
///
/// ```swift
/// let evaluation = try await LapseEvaluation().run(history, asOf: day, context: FitContext())
/// evaluation.results[0].figures.areaUnderROC
/// ```
/// Beside the models stand the two things to beat: days since the last purchase alone, and the probability of BG/NBD to be alive alone,
/// both as logistic curves with bends learned on the same rows.
public struct LapseEvaluation: Sendable {
  /// The names of what is compared.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Days since the last purchase alone.
    case recency = "Recency"
    /// P(alive) alone.
    case alive = "BetaGeometricNBD"
    /// A logistic regression on all columns.
    case logisticRegression = "LogisticRegression"
    /// Gradient boosting on all columns.
    case gradientBoosting = "GradientBoosting"
    /// Both, weighted on held-out rows.
    case combination = "Combination"
    /// The hazard of coming back, week by week.
    case hazard = "DiscreteTimeHazard"
  }

  /// A difference of figures on the same customers, with its interval over resampled customers.
  public struct Difference: Sendable, Codable, Equatable {
    /// Against what.
    public var against: Method
    /// Which figure.
    public var figure: String
    /// The difference: the method's less the other's.
    public var value: Double
    /// Its interval of level 0.95.
    public var interval: ConfidenceInterval
  }

  /// One method's figures.
  public struct Result: Sendable, Codable {
    /// The method.
    public var method: Method
    /// Its figures.
    public var figures: ChurnEvaluation
    /// The log loss on held-out training rows; nil for a method that holds none out.
    public var validationLogLoss: Double?
    /// How it differs from the things to beat.
    public var differences: [Difference]
    /// The risks, in the order of the customers.
    public var risks: [Double]
    /// How long learning took.
    public var seconds: Double
  }

  /// What was measured.
  public struct Report: Sendable, Codable {
    /// The morning that was measured.
    public var asOf: Int32
    /// The mornings that were learned from.
    public var trainingDays: [Int32]
    /// How many rows were learned from.
    public var trainingRows: Int
    /// The methods.
    public var results: [Result]
    /// Of the families, the one that lost least on held-out training rows.
    public var chosen: Method
  }

  /// The definition of lapse.
  public let features: LapseFeatures
  /// The settings of the families.
  public let classifier: ChurnClassifier
  /// How many resamples the intervals take.
  public let resamples: Int

  /// An evaluation.
  public init(
    features: LapseFeatures = LapseFeatures(), classifier: ChurnClassifier = ChurnClassifier(.lapse),
    resamples: Int = 1000
  ) {
    (self.features, self.classifier, self.resamples) = (features, classifier, resamples)
  }

  /// Learns and measures.
  ///
  /// - Parameter day: the morning to measure; its horizon must have been seen to its end.
  /// - Throws: `CustomerValueError.notEnoughData` for too short a history, `CancellationError`.
  public func run(_ history: LapseHistory, asOf day: Int32, context: FitContext) async throws -> Report {
    let days = features.trainingDays(history, asOf: day)
    guard !days.isEmpty else {
      throw CustomerValueError.notEnoughData(
        needed:
          "\(features.configuration.horizonDays + 84) days of purchases before the day that is measured",
        found: "\(max(0, day - history.firstDay))")
    }
    let test = try features.table(history, asOf: day, context: context)
    guard test.table.labels.allSatisfy({ $0 != nil }) else {
      throw CustomerValueError.notEnoughData(
        needed: "\(features.configuration.horizonDays) days after the day that is measured",
        found: "\(history.lastDay - day + 1)")
    }
    let training = try LapseFeatures.joined(
      try days.map { try features.table(history, asOf: $0, context: context) })
    var risks: [(method: Method, risks: [Double], loss: Double?, seconds: Double)] = []
    let clock = ContinuousClock()
    func timed(_ body: () async throws -> Void) async rethrows -> Double {
      let start = clock.now
      try await body()
      return (clock.now - start) / .seconds(1)
    }
    for (method, column) in [(Method.recency, LapseFeatures.Column.recency), (.alive, .alive)] {
      var model: ChurnModel?
      let seconds = try await timed {
        model = try await alone(column, training, context)
      }
      if let model {
        risks.append((method, try model.risks(test.table), model.choice.logLoss, seconds))
      }
    }
    var models: [ChurnModel] = []
    let seconds = try await timed {
      models = try await classifier.compare(training.table, groups: training.groups, context: context)
    }
    for model in models {
      risks.append(
        (Method(model.family), try model.risks(test.table), model.choice.logLoss, seconds))
    }
    var returning: [Double] = []
    let hazardSeconds = try await timed { returning = try hazardRisks(history, test) }
    risks.append((.hazard, returning, nil, hazardSeconds))
    return try report(test, days, training.table.count, risks, chosen: models.first.map { Method($0.family) })
  }

  private func alone(
    _ column: LapseFeatures.Column, _ training: (table: ChurnTable, groups: [Int]), _ context: FitContext
  ) async throws -> ChurnModel {
    let table = try ChurnTable(
      ids: training.table.ids, columns: training.table.columns.filter { $0.name == column.rawValue },
      labels: training.table.labels)
    var settings = classifier.configuration
    settings.family = .logisticRegression
    return try await ChurnClassifier(settings).fit(table, groups: training.groups, context: context)
  }

  /// 1 − the probability to come back within the horizon, given the days since the last purchase.
  private func hazardRisks(_ history: LapseHistory, _ test: LapseFeatures.Day) throws -> [Double] {
    let model = try LapseRhythm(history, asOf: test.asOf).hazard()
    return test.customers.map { place in
      let seen = history.customers[place].visits.prefix { $0.day < test.asOf }
      let recency = Double(test.asOf - (seen.last?.day ?? test.asOf))
      return 1
        - model.risk(
          of: LapseRhythm.covariates(seen), age: recency, within: Double(features.configuration.horizonDays))
    }
  }

  private func report(
    _ test: LapseFeatures.Day, _ days: [Int32], _ rows: Int,
    _ risks: [(method: Method, risks: [Double], loss: Double?, seconds: Double)], chosen: Method?
  ) throws -> Report {
    let left = test.table.labels.map { $0 == true }
    let results = try risks.map { entry -> Result in
      let others = risks.filter { [.recency, .alive].contains($0.method) && $0.method != entry.method }
      return Result(
        method: entry.method, figures: try ChurnEvaluation(risks: entry.risks, left: left),
        validationLogLoss: entry.loss,
        differences: others.flatMap { other in
          PairedDifference.of(entry.risks, other.risks, left, resamples: resamples).map {
            Difference(against: other.method, figure: $0.figure, value: $0.value, interval: $0.interval)
          }
        }, risks: entry.risks, seconds: entry.seconds)
    }
    return Report(
      asOf: test.asOf, trainingDays: days, trainingRows: rows, results: results,
      chosen: chosen ?? .logisticRegression)
  }
}

extension LapseEvaluation.Method {
  /// The method of a family.
  init(_ family: ChurnClassifier.Family) {
    switch family {
    case .logisticRegression: self = .logisticRegression
    case .gradientBoosting: self = .gradientBoosting
    case .combination: self = .combination
    }
  }
}

extension ChurnClassifier.Configuration {
  /// Settings for the rows of one customer on several mornings, which say much the same.
  public static let lapse = ChurnClassifier.Configuration(
    regularizations: [5, 20, 80, 320, 1280], rounds: [1: [200, 400], 2: [100, 200], 3: [50, 100]],
    ensembles: 3)
}

/// Differences of AUC and Brier score between two lists of risks for the same customers.
enum PairedDifference {
  /// The differences of `first` less `second`, with intervals by resampling customers.
  static func of(
    _ first: [Double], _ second: [Double], _ left: [Bool], resamples: Int, seed: UInt64 = 42
  ) -> [(figure: String, value: Double, interval: ConfidenceInterval)] {
    let drawn = parallelBlocks(resamples, blockSize: 16) { block in
      block.map { resample -> [Double] in
        var random = RandomSource(seed: seed, stream: UInt64(resample) + 1)
        let rows = left.indices.map { _ in random.index(below: left.count) }
        return differences(rows.map { first[$0] }, rows.map { second[$0] }, rows.map { left[$0] })
      }
    }.flatMap { $0 }
    return zip(["auc", "brier"], differences(first, second, left)).enumerated().map { place, entry in
      let sorted = drawn.map { $0[place] }.filter { !$0.isNaN }.sorted()
      func quantile(_ p: Double) -> Double {
        sorted.isEmpty ? .nan : Statistics.quantile(ofSorted: sorted, at: p)
      }
      return (
        entry.0, entry.1, ConfidenceInterval(lower: quantile(0.025), upper: quantile(0.975), level: 0.95)
      )
    }
  }

  private static func differences(_ a: [Double], _ b: [Double], _ left: [Bool]) -> [Double] {
    [
      ClassificationMetrics.areaUnderROC(scores: a, labels: left)
        - ClassificationMetrics.areaUnderROC(scores: b, labels: left),
      ClassificationMetrics.brierScore(predictions: a, labels: left)
        - ClassificationMetrics.brierScore(predictions: b, labels: left),
    ]
  }
}
