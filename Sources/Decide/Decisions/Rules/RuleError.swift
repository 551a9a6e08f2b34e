/// One thing that is wrong with a document of rules, and where.
///
/// ```swift
/// RuleSet.issues(in: "filtr out where stock = 0").first
/// // line 1, column 1: expected an action (filter, …), found 'filtr'; did you mean 'filter'?
/// ```
public struct RuleIssue: Sendable, Equatable, Codable, CustomStringConvertible {
  /// The line, the first being 1.
  public var line: Int
  /// The character of the line, the first being 1.
  public var column: Int
  /// What was expected there, and what was found.
  public var message: String

  /// An issue at a place.
  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// Place and message in one line.
  public var description: String { "line \(line), column \(column): \(message)" }
}

/// What can go wrong when rules are read.
///
/// ```swift
/// do { _ = try RuleSet(parsing: "boost 0 where stock > 0") } catch RuleError.syntax(let issues) { print(issues) }
/// ```
public enum RuleError: Error, Equatable, CustomStringConvertible {
  /// The document does not follow the rule language; all issues, in the order of the text.
  case syntax([RuleIssue])

  /// The error in one sentence, with all its issues.
  public var description: String {
    switch self {
    case .syntax(let issues):
      let count = issues.count == 1 ? "one issue" : "\(issues.count) issues"
      return "The rules have \(count): \(issues.map(\.description).joined(separator: "; "))."
    }
  }
}
