import Commerce
import Foundation
import Learning

/// An algorithm that predicts ratings, chosen by name, with settings that can be read and changed as JSON.
///
/// ```swift
/// var algorithm = try RatingAlgorithm.named("SVDPlusPlus")
/// try algorithm.set("embeddingSize", to: .number(32))
/// let model = try await algorithm.fit(ratings, context: FitContext())
/// ```
public struct RatingAlgorithm: Sendable {
  private var settings: AlgorithmSettings
  private let fitting: @Sendable (JSONValue, Interactions, FitContext) async throws -> any RatingPredictor

  /// An algorithm under a name, with its default settings and what tuning tries.
  public init<Algorithm: Estimator, Configuration: Codable & Sendable>(
    _ name: String, _ configuration: Configuration, axes: [TuningAxis] = [],
    _ make: @escaping @Sendable (Configuration) -> Algorithm
  ) where Algorithm.Dataset == Interactions, Algorithm.Model: RatingPredictor {
    settings = AlgorithmSettings(name, configuration, axes)
    fitting = { json, data, context in
      try await make(AlgorithmSettings.value(json)).fit(data, context: context)
    }
  }

  /// The algorithm's name.
  public var name: String { settings.name }

  /// Its settings.
  public var configuration: JSONValue { settings.configuration }

  /// What tuning tries, one setting after the other.
  public var axes: [TuningAxis] { settings.axes }

  /// Learns a model with the present settings.
  public func fit(_ data: Interactions, context: FitContext) async throws -> any RatingPredictor {
    try await fitting(configuration, data, context)
  }

  /// Changes a setting.
  ///
  /// - Throws: `RecommendationError.invalidSetting` when there is no such setting or it cannot take the value.
  public mutating func set(_ setting: String, to value: JSONValue) throws {
    try settings.set(setting, to: value)
  }

  /// The names of all algorithms, the simplest first.
  public static var names: [String] { all.map(\.name) }

  /// The algorithm of this name with its default settings; capitals do not matter.
  public static func named(_ name: String) throws -> RatingAlgorithm {
    guard let found = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
      throw RecommendationError.unknownModel(name: name, known: names)
    }
    return found
  }

  private static let all: [RatingAlgorithm] = [
    RatingAlgorithm(
      "RatingBaseline", RatingBaseline.Configuration(),
      axes: [TuningAxis("userRegularization", 2, 5, 15), TuningAxis("itemRegularization", 2, 5, 10)]
    ) { RatingBaseline($0) },
    RatingAlgorithm(
      "SlopeOne", SlopeOne.Configuration(), axes: [TuningAxis("weighted", [.bool(true), .bool(false)])]
    ) { SlopeOne($0) },
    RatingAlgorithm(
      "KNNBaseline", KNNBaseline.Configuration(),
      axes: [TuningAxis("neighbours", 20, 40, 80), TuningAxis("shrink", 10, 50, 100, 200)]
    ) { KNNBaseline($0) },
    RatingAlgorithm(
      "FunkSVD", FunkSVD.Configuration(),
      axes: [TuningAxis("regularization", 0.06, 0.08, 0.1), TuningAxis("embeddingSize", 64, 128, 256)]
    ) { FunkSVD($0) },
    RatingAlgorithm(
      "SVDPlusPlus", SVDPlusPlus.Configuration(),
      axes: [TuningAxis("regularization", 0.08, 0.1, 0.12, 0.15), TuningAxis("timeSpans", 0, 5, 30)]
    ) { SVDPlusPlus($0) },
  ]
}
