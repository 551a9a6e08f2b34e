/// What can go wrong when learning or when a learned model is saved or loaded.
public enum LearningError: Error, Equatable, CustomStringConvertible {
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// The data are too few to learn from.
  case notEnoughData(needed: String, found: String)
  /// An iteration ended without meeting its tolerance.
  case didNotConverge(steps: Int)
  /// A saved model is of a version that this build cannot read.
  case unsupportedFormat(kind: String, version: Int, supported: Int)
  /// A saved model's bytes are not those that were saved.
  case corruptModel(reason: String)
  /// There is no such model or version.
  case unknownModel(name: String, version: Int?)

  /// A library that does part of the work failed.
  case libraryFailure(library: String, reason: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter \(name) is \(value); expected \(expected)."
    case .notEnoughData(let needed, let found): "There is not enough data: needed \(needed), found \(found)."
    case .didNotConverge(let steps): "The fit did not converge within \(steps) steps."
    case .unsupportedFormat(let kind, let version, let supported):
      "The saved \(kind) has format version \(version); this build reads version \(supported)."
    case .corruptModel(let reason): "The saved model is damaged: \(reason)."
    case .libraryFailure(let library, let reason): "\(library) failed: \(reason)."
    case .unknownModel(let name, let version):
      version.map { "There is no version \($0) of the model '\(name)'." } ?? "There is no model '\(name)'."
    }
  }
}
