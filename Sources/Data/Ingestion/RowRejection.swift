import Storage

/// Why one row was not taken in.
public struct RowRejection: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where it failed.
  public var stage: DeadLetter.Stage
  /// The field at fault, when one is.
  public var field: String?
  /// What was wrong and what was expected.
  public var reason: String
  /// The row's event id, when it could be read.
  public var eventID: String?
  /// The row as it came.
  public var raw: String

  /// A rejected row.
  public init(
    stage: DeadLetter.Stage = .validate, field: String?, reason: String, eventID: String? = nil,
    raw: String = ""
  ) {
    self.stage = stage
    self.field = field
    self.reason = reason
    self.eventID = eventID
    self.raw = raw
  }

  /// The reason with its field.
  public var description: String { field.map { "\($0): \(reason)" } ?? reason }
}
