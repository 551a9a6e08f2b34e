/// Why customers could not be segmented.
public enum SegmentationError: Error, Equatable, CustomStringConvertible {
  /// A parameter is out of its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// A table holds a value that is missing or infinite where a number is needed.
  case notFinite(row: Int, column: Int)
  /// There are fewer rows than needed.
  case notEnoughData(needed: Int, found: Int)
  /// There are more rows than an algorithm can take in memory.
  case tooManyRows(limit: Int, found: Int, instead: String)
  /// Two inputs that belong together have different sizes.
  case shapeMismatch(expected: String, found: String)
  /// A mixture of a family cannot be fitted to these rows.
  case degenerateMixture(family: String, segments: Int)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is \(value); expected \(expected)."
    case .notFinite(let row, let column):
      "The value in row \(row), column \(column) (counted from 0) is missing or infinite; expected a number. Scale the table first, which fills gaps."
    case .notEnoughData(let needed, let found):
      "There are \(found) rows; expected at least \(needed)."
    case .tooManyRows(let limit, let found, let instead):
      "There are \(found) rows; expected at most \(limit), as memory grows with their square. \(instead)"
    case .shapeMismatch(let expected, let found): "Expected \(expected), found \(found)."
    case .degenerateMixture(let family, let segments):
      "A mixture of \(segments) segments of the family \(family) collapses on these rows; ask for fewer segments, a simpler family or more regularization."
    }
  }
}
