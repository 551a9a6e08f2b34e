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
  /// A setting and the values that tuning tries for it.
  public struct TuningAxis: Sendable {
    /// The setting's name.
    public var setting: String
    /// The values to try.
    public var values: [JSONValue]
  }

  /// The algorithm's name.
  public let name: String
  /// Its settings.
  public private(set) var configuration: JSONValue
  /// What tuning tries, one setting after the other.
  public let axes: [TuningAxis]
  private let fitting: @Sendable (JSONValue, Interactions, FitContext) async throws -> any Recommender
  private let check: @Sendable (JSONValue) throws -> Void

  init<Algorithm: Estimator, Configuration: Codable & Sendable>(
    _ name: String, _ configuration: Configuration, axes: [(String, [JSONValue])],
    _ make: @escaping @Sendable (Configuration) -> Algorithm
  ) where Algorithm.Dataset == Interactions, Algorithm.Model: Recommender {
    self.name = name
    self.configuration = Self.json(configuration)
    self.axes = axes.map { TuningAxis(setting: $0.0, values: $0.1) }
    fitting = { json, data, context in
      try await make(Self.value(json)).fit(data, context: context)
    }
    check = { let _: Configuration = try Self.value($0) }
  }

  /// Learns a model with the present settings.
  public func fit(_ data: Interactions, context: FitContext) async throws -> any Recommender {
    try await fitting(configuration, data, context)
  }

  /// The names of all algorithms.
  public static var names: [String] { all.map(\.name) }

  /// The algorithm of this name with its default settings; capitals do not matter.
  public static func named(_ name: String) throws -> RecommendationAlgorithm {
    guard let found = all.first(where: { $0.name.lowercased() == name.lowercased() }) else {
      throw RecommendationError.unknownModel(name: name, known: names)
    }
    return found
  }

  /// Changes a setting.
  ///
  /// A string also stands for the case of that name without values, such as `cosine`.
  /// - Throws: `RecommendationError.invalidSetting` when there is no such setting or it cannot take the value.
  public mutating func set(_ setting: String, to value: JSONValue) throws {
    guard case .object(var settings) = configuration else { return }
    let known = Set(settings.keys).union(axes.map(\.setting))
    guard known.contains(setting) else {
      throw RecommendationError.invalidSetting(
        model: name, setting: setting,
        reason: "there is no such setting; there are \(known.sorted().joined(separator: ", "))")
    }
    var forms = [value]
    if let word = value.string { forms.append(.object([word: .object([:])])) }
    for form in forms {
      settings[setting] = form
      if (try? check(.object(settings))) != nil {
        configuration = .object(settings)
        return
      }
    }
    throw RecommendationError.invalidSetting(
      model: name, setting: setting,
      reason: "it cannot take the value \(String(decoding: Self.text(value), as: UTF8.self))")
  }

  private static func text(_ value: JSONValue) -> Data { (try? JSONEncoder().encode(value)) ?? Data() }

  private static func json(_ value: some Encodable) -> JSONValue {
    guard let data = try? JSONEncoder().encode(value),
      let json = try? JSONDecoder().decode(JSONValue.self, from: data)
    else { preconditionFailure("a configuration is plain data") }
    return json
  }

  private static func value<Value: Decodable>(_ json: JSONValue) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(json))
  }

  static func numbers(_ values: Double...) -> [JSONValue] { values.map(JSONValue.number) }

  private static func bm25(_ k1: Double, _ b: Double) -> JSONValue {
    .object(["bm25": .object(["k1": .number(k1), "b": .number(b)])])
  }

  private static let all: [RecommendationAlgorithm] =
    [
      RecommendationAlgorithm(
        "Popularity", Popularity.Configuration(), axes: [("halfLifeDays", [.null] + numbers(7, 30, 90, 365))]
      ) { Popularity($0) },
      RecommendationAlgorithm(
        "ItemKNN", ItemKNN.Configuration(),
        axes: [
          (
            "similarity",
            [
              .object(["cosine": .object([:])]), .object(["tfidf": .object([:])]), bm25(100, 0.8),
              bm25(1.2, 0.2),
            ]
          ),
          ("shrink", numbers(0, 1, 10, 50)), ("neighbours", numbers(100, 250, 500)),
        ]
      ) { ItemKNN($0) },
      RecommendationAlgorithm(
        "ImplicitALS", ImplicitALS.Configuration(),
        axes: [
          ("confidence", numbers(1, 10, 40)), ("regularization", numbers(0.01, 0.1, 1, 10)),
          ("frequencyScaling", numbers(0, 0.5, 1)), ("embeddingSize", numbers(32, 64, 128)),
        ]
      ) { ImplicitALS($0) },
      RecommendationAlgorithm(
        "DecayedTransitions", DecayedTransitions.Configuration(),
        axes: [
          ("window", numbers(5, 10, 20)), ("distanceDecay", numbers(0.8, 0.9, 1)),
          ("backwardWeight", numbers(0.6, 0.8, 1)), ("rowExponent", numbers(0.1, 0.2, 0.4)),
          ("popularityExponent", numbers(0, 0.1, 0.2)), ("historyDecay", numbers(0.6, 0.7, 0.8)),
        ]
      ) { DecayedTransitions($0) },
    ] + neural
}
