import Commerce

/// What came of importing one file.
public struct ImportReport: Sendable, Codable, Equatable {
  /// The import's id: when it started and the file's name.
  public var importID: String
  /// The file's name.
  public var file: String
  /// What the rows became: `events`, `items` or `customers`.
  public var kind: String
  /// The file's format, with `gzip` when it was compressed: `csv`, `csv, gzip`.
  public var format: String
  /// The file's encoding.
  public var encoding: String
  /// How many rows were read.
  public var rows: Int
  /// How many records were stored. With several order lines in a row there are more records than rows.
  public var stored: Int
  /// How many had been stored before.
  public var duplicates: Int
  /// How many rows were set aside as dead letters.
  public var rejected: Int
  /// How many were stored with something odd about them.
  public var flagged: Int
  /// When it started.
  public var startedAt: Timestamp
  /// When it ended.
  public var finishedAt: Timestamp
  /// What was noticed, the gravest first.
  public var checks: [QualityCheck]

  private enum CodingKeys: String, CodingKey {
    case importID = "import_id"
    case file, kind, format, encoding, rows, stored, duplicates, rejected, flagged
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case checks
  }
}

/// How far an import has come.
public struct ImportProgress: Sendable, Equatable {
  /// The file's name.
  public var file: String
  /// How many rows have been read.
  public var rows: Int
  /// How many records have been stored.
  public var stored: Int
  /// How many rows have been set aside.
  public var rejected: Int
  /// The share of the file that has been read, 0 to 1; nil when another program reads it.
  public var fraction: Double?
}
