/// What can go wrong when interactions are read or models are chosen by name.
public enum RecommendationError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be opened or unpacked.
  case unreadableFile(path: String, reason: String)
  /// A file lacks a column.
  case missingColumn(path: String, column: String, found: [String])
  /// A row does not hold what it should.
  case malformedRow(path: String, line: Int, field: String, expected: String, found: String)
  /// No model has this name.
  case unknownModel(name: String, known: [String])
  /// A model has no setting of this name, or it cannot take this value.
  case invalidSetting(model: String, setting: String, reason: String)
  /// There is nobody left to evaluate on.
  case nothingToEvaluate(reason: String)
  /// A model needs something to be known of the items that was not given.
  case missingKnowledge(model: String, needed: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .unreadableFile(let path, let reason): "\(path) cannot be read: \(reason)."
    case .missingColumn(let path, let column, let found):
      "\(path), line 1: there is no column '\(column)'; found \(found.joined(separator: ", "))."
    case .malformedRow(let path, let line, let field, let expected, let found):
      "\(path), line \(line), field '\(field)': expected \(expected), found '\(found)'."
    case .unknownModel(let name, let known):
      "There is no model '\(name)'; there are \(known.joined(separator: ", "))."
    case .invalidSetting(let model, let setting, let reason): "\(model).\(setting): \(reason)."
    case .nothingToEvaluate(let reason): "There is nothing to evaluate: \(reason)."
    case .missingKnowledge(let model, let needed): "\(model) needs \(needed); none were given."
    }
  }
}
