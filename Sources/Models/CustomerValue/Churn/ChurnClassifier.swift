import Foundation
import Learning
import MathKernels

/// The probability that a customer leaves, from a table of facts: chosen, combined and calibrated on rows held out.
///
/// ```swift
/// let model = try await ChurnClassifier().fit(table, context: FitContext(seed: 42))
/// let risks = try model.risks(table)          // calibrated probabilities
/// let reasons = try model.explain(table)      // what each column adds to the log-odds
/// ```
/// Two families compete: a logistic regression with bends (`PenalizedLogisticRegression` on `ChurnEncoding`'s features) and gradient
/// boosting of shallow trees. Each row is foretold by models that have not seen it, fold by fold; from these foretellings alone come the
/// penalty, the depth and number of trees, the weight of each family, and the curve of calibration (Platt's). Then both families learn
/// anew from all rows, the trees several times with other seeds, and their log-odds are averaged. No test row takes part in any of it.
///
/// Rows without a label are passed over.
/// Sources: Wolpert (1992), https://doi.org/10.1016/S0893-6080(05)80023-1 (stacking); Niculescu-Mizil and Caruana (2005),
/// https://doi.org/10.1145/1102351.1102430 (calibration). Unlike in stacking, the combination is one weight on a grid.
public struct ChurnClassifier: Estimator {
  /// Which families take part.
  public enum Family: String, Sendable, Codable, CaseIterable {
    /// A logistic regression.
    case logisticRegression = "LogisticRegression"
    /// Gradient boosting.
    case gradientBoosting = "GradientBoosting"
    /// Both, with a weight for each.
    case combination = "Combination"
  }

  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The family.
    public var family: Family
    /// How many folds the rows are held out in.
    public var folds: Int
    /// The penalties that are tried for the logistic regression.
    public var regularizations: [Double]
    /// For each depth of trees that is tried, the numbers of rounds that are.
    public var rounds: [Int: [Int]]
    /// How much of each tree counts.
    public var learningRate: Double
    /// How many ensembles with other seeds are averaged.
    public var ensembles: Int
    /// A category of fewer rows has no feature of its own.
    public var rareBelow: Int

    /// Settings.
    public init(
      family: Family = .combination, folds: Int = 5, regularizations: [Double] = [1, 5, 20, 80, 320],
      rounds: [Int: [Int]] = [1: [300, 600, 1000], 2: [100, 200, 400], 3: [75, 150]],
      learningRate: Double = 0.05, ensembles: Int = 5, rareBelow: Int = 10
    ) {
      self.family = family
      self.folds = folds
      self.regularizations = regularizations
      self.rounds = rounds
      self.learningRate = learningRate
      self.ensembles = ensembles
      self.rareBelow = rareBelow
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// A classifier with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns; each fold can be cancelled.
  ///
  /// - Complexity: O(folds · (penalties · rows · features² + depths · rounds · rows · features)).
  /// - Throws: `CustomerValueError.notEnoughData` with fewer than ten customers of either kind, `invalidParameter`,
  ///   `CancellationError`.
  public func fit(_ table: ChurnTable, context: FitContext) async throws -> ChurnModel {
    try await fit(table, groups: nil, context: context)
  }

  /// Learns from rows of which those of one group are held out together, such as the rows of one customer on several days.
  public func fit(_ table: ChurnTable, groups: [Int]?, context: FitContext) async throws -> ChurnModel {
    let models = try await compare(table, groups: groups, context: context)
    guard let model = models.first(where: { $0.family == configuration.family }) else {
      throw CustomerValueError.invalidParameter(
        name: "family", value: configuration.family.rawValue, expected: "a family that takes part")
    }
    return model
  }

  /// The models of all families that the configured one consists of, from one search; the one that lost least on held-out rows first.
  ///
  /// - Throws: as `fit`.
  public func compare(
    _ table: ChurnTable, groups: [Int]? = nil, context: FitContext
  ) async throws -> [ChurnModel] {
    try validate()
    let known = (0..<table.count).filter { table.labels[$0] != nil }
    let data = table.selecting(known)
    let positives = data.labels.count { $0 == true }
    guard min(positives, data.count - positives) >= 10 else {
      throw CustomerValueError.notEnoughData(
        needed: "ten customers who left and ten who stayed",
        found: "\(positives) who left and \(data.count - positives) who stayed")
    }
    var study = ChurnStudy(
      data, groups: groups.map { groups in known.map { groups[$0] } }, configuration, context)
    try await study.run()
    let parts = try await study.components()
    return try Family.allCases.compactMap { try study.model($0, of: parts) }.sorted {
      ($0.choice.logLoss, $0.family.rawValue) < ($1.choice.logLoss, $1.family.rawValue)
    }
  }

  private func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: String, _ expected: String) throws {
      guard holds else {
        throw CustomerValueError.invalidParameter(name: name, value: value, expected: expected)
      }
    }
    let settings = configuration
    try require((2...50).contains(settings.folds), "folds", "\(settings.folds)", "2 to 50")
    try require(
      !settings.regularizations.isEmpty && settings.regularizations.allSatisfy { $0 >= 0 && $0.isFinite },
      "regularizations", "\(settings.regularizations)", "at least one, 0 or more")
    try require(
      !settings.rounds.isEmpty
        && settings.rounds.allSatisfy {
          (1...16).contains($0.key) && !$0.value.isEmpty && $0.value.allSatisfy { $0 > 0 }
        },
      "rounds", "\(settings.rounds)", "numbers of at least 1 for depths of 1 to 16")
    try require((1...100).contains(settings.ensembles), "ensembles", "\(settings.ensembles)", "1 to 100")
  }
}
