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
  static let complements = "complements"
  static let needs = "needs"
  static let voice = "voice"
  static let demand = "demand"
  static let segments = "segments"
  static let value = "value"
  static let patterns = "patterns"
  static let churn = "churn"

  /// Those that are made anew each week by themselves.
  static let weekly: Set = [demand, segments, value, patterns, churn]
}
