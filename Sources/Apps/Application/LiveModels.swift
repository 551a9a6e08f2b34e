import Commerce
import Foundation
import Learning
import Recommendation
import Storage

/// A model in use with the version it was saved as.
struct Live<Model: Sendable>: Sendable {
  let model: Model
  let version: Int
  let header: ModelEnvelope.Header

  /// The model as answers name it.
  func json(named name: String) -> JSONValue {
    [
      "name": .string(name), "kind": .string(header.kind), "version": JSONValue(version),
      "trained_at": JSONValue(header.trainedAt),
    ]
  }
}

/// The names under which a shop's models are saved.
enum ModelName {
  static let recommendation = "recommendation"
  static let needs = "needs"
}

/// The recommenders that can be served, by the kind their envelope names.
enum SavedRecommender {
  static func decode(_ envelope: ModelEnvelope) throws -> any Recommender {
    switch envelope.header.kind {
    case String(describing: PopularityModel.self): try envelope.model(as: PopularityModel.self)
    case String(describing: ItemKNNModel.self): try envelope.model(as: ItemKNNModel.self)
    case String(describing: FactorModel.self): try envelope.model(as: FactorModel.self)
    case String(describing: TransitionModel.self): try envelope.model(as: TransitionModel.self)
    case let other: throw LearningError.corruptModel(reason: "'\(other)' is not a recommender of this build")
    }
  }
}
