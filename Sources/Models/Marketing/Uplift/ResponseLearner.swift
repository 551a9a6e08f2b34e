import Foundation
import Learning
import MathKernels

/// What learners of uplift use to foretell an outcome from features.
public enum ResponseLearner: Sendable, Codable, Equatable {
  /// Boosted trees; the objective is chosen by the outcomes.
  case boosting(GradientBoosting.Configuration)
  /// A linear model of standardised columns, logistic for outcomes of 0 and 1, with an L2 penalty.
  case linear(regularization: Double)

  /// Small trees, as effects are small and arms few.
  public static let trees = ResponseLearner.boosting(
    .init(
      rounds: 80, learningRate: 0.08, maxDepth: 3, minChildWeight: 8, columnSample: 0.8, regularization: 5,
      threads: 2))
  /// The linear model with a light penalty.
  public static let line = ResponseLearner.linear(regularization: 1)

  /// Learns outcomes; `isBinary` where they are 0 and 1 and what is wanted is a probability.
  func fit(
    _ table: FeatureMatrix, outcomes: [Double], isBinary: Bool, context: FitContext
  ) async throws -> ResponseModel {
    switch self {
    case .linear(let regularization):
      return .linear(
        try LinearResponse.fit(
          table, outcomes: outcomes, isBinary: isBinary, regularization: regularization))
    case .boosting(var settings):
      settings.objective = isBinary ? .logistic : .squaredError
      // Trees start from the mean, which a squared error would otherwise have to grow towards.
      let centre = isBinary ? 0 : Statistics.mean(outcomes)
      // A logistic case weighs p(1 − p) at most 1/4, so the same number of cases makes a smaller sum.
      if isBinary { settings.minChildWeight /= 4 }
      let model = try await GradientBoosting(settings).fit(
        .init(table, labels: outcomes.map { Float($0 - centre) }),
        context: FitContext(seed: context.seed) { _ in })
      return .trees(model, centre: centre)
    }
  }
}

/// A learned response.
enum ResponseModel: Sendable, Codable {
  case linear(LinearResponse)
  case trees(GradientBoostingModel, centre: Double)

  /// The mean outcome that is foretold for each row.
  func predict(_ table: FeatureMatrix) throws -> [Double] {
    switch self {
    case .linear(let model): return try model.predict(table)
    case .trees(let model, let centre):
      let margins = try model.margins(table)
      return model.configuration.objective == .logistic
        ? margins.map { SpecialFunctions.logistic(Double($0)) } : margins.map { Double($0) + centre }
    }
  }
}
