/// What can go wrong when a question about behaviour is read or answered.
///
/// ```swift
/// do { _ = try AnalysisDefinition(json: ["analysis": "funel"]) } catch { print(error) }
/// // 'analysis' is "funel"; expected one of trends, funnel, …
/// ```
public enum AnalyticsError: Error, Equatable, CustomStringConvertible {
  /// A part of the definition cannot be used; `field` is its path, such as `funnel.steps[2].filter.all[0].op`.
  case invalid(field: String, found: String?, expected: String)
  /// A filter names a cohort whose members were not given.
  case unknownCohort(field: String, id: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalid(let field, let found, let expected):
      found.map { "'\(field)' is \($0); expected \(expected)." }
        ?? "'\(field)' is missing; expected \(expected)."
    case .unknownCohort(let field, let id): "'\(field)' names the cohort '\(id)', which there is not."
    }
  }
}
