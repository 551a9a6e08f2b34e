/// What can go wrong in a use case, in the caller's terms.
public enum ApplicationError: Error, Equatable, CustomStringConvertible {
  /// A parameter of the request is missing or out of range.
  case invalidParameter(name: String, value: String?, expected: String)
  /// There is no such thing.
  case notFound(what: String, id: String)
  /// The shop holds nothing yet that could answer.
  case notTrained(what: String)
  /// The request contradicts the present state.
  case conflict(reason: String)
  /// More is waiting than can be taken in; try again later.
  case overloaded(retryAfterSeconds: Int)
  /// The request is larger than allowed.
  case tooLarge(limitBytes: Int)
  /// The caller has shown no valid key.
  case unauthenticated
  /// The caller's role does not allow it.
  case forbidden(reason: String)
  /// The caller sends more requests than allowed.
  case rateLimited(retryAfterSeconds: Int)
  /// The shop's data are still being read into memory.
  case starting
  /// The answer would take longer than a question may.
  case tooSlow(seconds: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      value.map { "'\(name)' is '\($0)'; expected \(expected)." }
        ?? "'\(name)' is missing; expected \(expected)."
    case .notFound(let what, let id): "There is no \(what) '\(id)'."
    case .notTrained(let what): "There is no \(what) yet: import events, then train."
    case .conflict(let reason): reason
    case .overloaded(let seconds): "Too much is waiting to be written; try again in \(seconds) s."
    case .tooLarge(let limit): "The request is larger than the limit of \(limit) bytes; send it in parts."
    case .unauthenticated: "A valid API key is required: Authorization: Bearer KEY."
    case .forbidden(let reason): reason
    case .rateLimited(let seconds): "Too many requests; try again in \(seconds) s."
    case .starting: "The shop's data are still being read; try again in a few seconds."
    case .tooSlow(let seconds):
      "The answer takes longer than \(seconds) s; ask about a shorter span, or about fewer events."
    }
  }
}
