/// What can stop an import as a whole. A bad row stops nothing: it becomes a dead letter.
public enum IngestionError: Error, Equatable, CustomStringConvertible {
  /// A file cannot be opened or read.
  case unreadableFile(path: String, reason: String)
  /// A file is of a form that cannot be read, or damaged.
  case malformedFile(path: String, line: Int?, reason: String)
  /// A mapping has a fault.
  case invalidMapping(source: String, line: Int, column: Int, reason: String)
  /// A mapping names a column that the file does not have.
  case unknownColumn(path: String, column: String, field: String, available: [String])
  /// A mapping cannot be guessed.
  case cannotGuess(path: String, missing: [String])
  /// A program that is needed is not there.
  case missingTool(name: String, hint: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .unreadableFile(let path, let reason): "\(path): cannot be read: \(reason)."
    case .malformedFile(let path, let line, let reason):
      line.map { "\(path):\($0): \(reason)." } ?? "\(path): \(reason)."
    case .invalidMapping(let source, let line, let column, let reason):
      "\(source):\(line):\(column): \(reason)."
    case .unknownColumn(let path, let column, let field, let available):
      "\(path):1: there is no column '\(column)', which the mapping takes for '\(field)'; "
        + "the columns are \(available.joined(separator: ", "))."
    case .cannotGuess(let path, let missing):
      "\(path): no mapping can be guessed: \(missing.joined(separator: "; ")). Name the columns in a mapping file."
    case .missingTool(let name, let hint): "The program \(name) is needed and was not found; \(hint)."
    }
  }

  /// The same error with the file called by another name: where an upload lies is not the sender's to know.
  public func calling(_ path: String, by name: String) -> IngestionError {
    func named(_ other: String) -> String { other == path ? name : other }
    return switch self {
    case .unreadableFile(let path, let reason): .unreadableFile(path: named(path), reason: reason)
    case .malformedFile(let path, let line, let reason):
      .malformedFile(path: named(path), line: line, reason: reason)
    case .unknownColumn(let path, let column, let field, let available):
      .unknownColumn(path: named(path), column: column, field: field, available: available)
    case .cannotGuess(let path, let missing): .cannotGuess(path: named(path), missing: missing)
    case .invalidMapping, .missingTool: self
    }
  }
}
