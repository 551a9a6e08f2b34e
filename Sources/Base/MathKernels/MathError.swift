/// What can go wrong in a numeric kernel.
public enum MathError: Error, Equatable, CustomStringConvertible {
  /// An argument is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// A matrix that had to be symmetric positive definite is not; `order` is the leading minor that failed.
  case notPositiveDefinite(order: Int)
  /// Two inputs that belong together have different sizes.
  case shapeMismatch(expected: String, found: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter \(name) is \(value); expected \(expected)."
    case .notPositiveDefinite(let order):
      "The matrix is not positive definite: its leading minor of order \(order) is not positive."
    case .shapeMismatch(let expected, let found):
      "The shapes do not agree: expected \(expected), found \(found)."
    }
  }
}
