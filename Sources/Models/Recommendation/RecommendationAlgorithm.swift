import Commerce
import Foundation
import Learning

/// An algorithm chosen by name, with settings that can be read and changed as JSON: what the command line and tuning need.
///
/// ```swift
/// var algorithm = try RecommendationAlgorithm.named("ImplicitALS")
/// try algorithm.set("embeddingSize", to: .number(32))
/// let model = try await algorithm.fit(interactions, context: FitContext())
/// ```
public struct RecommendationAlgorithm: Sendable {
  private var settings: AlgorithmSettings
  private let fitting: @Sendable (JSONValue, Interactions, FitContext) async throws -> any Recommender

  /// An algorithm under a name.
  ///
  /// - Parameters:
  ///   - name: what it is called on the command line.
  ///   - configuration: its default settings.
  ///   - axes: what tuning tries, the settings that matter most first.
  ///   - make: makes the estimator of some settings.
  public init<Algorithm: Estimator, Configuration: Codable & Sendable>(
    _ name: String, _ configuration: Configuration, axes: [TuningAxis] = [],
    _ make: @escaping @Sendable (Configuration) -> Algorithm
  ) where Algorithm.Dataset == Interactions, Algorithm.Model: Recommender {
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
  public func fit(_ data: Interactions, context: FitContext) async throws -> any Recommender {
    try await fitting(configuration, data, context)
  }

  /// Changes a setting.
  ///
  /// A string also stands for the case of that name without values, such as `cosine`.
  /// - Throws: `RecommendationError.invalidSetting` when there is no such setting or it cannot take the value.
  public mutating func set(_ setting: String, to value: JSONValue) throws {
    try settings.set(setting, to: value)
  }

  /// The names of all algorithms, the simplest first.
  public static var names: [String] { all.map(\.name) }

  /// The algorithm of this name with its default settings; capitals do not matter.
  public static func named(_ name: String) throws -> RecommendationAlgorithm {
    guard let found = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
      throw RecommendationError.unknownModel(name: name, known: names)
    }
    return found
  }
}
