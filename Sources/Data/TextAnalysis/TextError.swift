/// What can go wrong with texts, and with the models and word lists that read them.
public enum TextError: Error, Equatable, CustomStringConvertible {
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// There is too little to learn from.
  case notEnoughData(what: String, needed: Int, found: Int)
  /// A line of a file is not what its format asks for.
  case malformedLine(file: String, line: Int, expected: String, found: String)
  /// A file that is needed is not there; the hint says how to get it.
  case missingFile(path: String, hint: String)
  /// A file's bytes are not what its format says.
  case damagedFile(path: String, reason: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter \(name) is \(value); expected \(expected)."
    case .notEnoughData(let what, let needed, let found):
      "Too little to learn from: \(needed) \(what) are needed, found \(found)."
    case .malformedLine(let file, let line, let expected, let found):
      "\(file):\(line): expected \(expected), found \(found)."
    case .missingFile(let path, let hint): "There is no file \(path): \(hint)."
    case .damagedFile(let path, let reason): "The file \(path) is damaged: \(reason)."
    }
  }
}
