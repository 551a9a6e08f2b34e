/// What can go wrong in a store.
public enum StorageError: Error, Equatable, CustomStringConvertible {
  /// The store's place cannot be opened or written.
  case unavailable(path: String, reason: String)
  /// The store was made by a newer build.
  case newerSchema(found: String)
  /// The store was made by an early build, before its layout was settled.
  case olderSchema(path: String, missing: String)
  /// There is no such record.
  case notFound(what: String, id: String)
  /// The disk is full or failing; nothing of the transaction was kept.
  case writeFailed(reason: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .unavailable(let path, let reason): "The store at \(path) cannot be opened: \(reason)."
    case .newerSchema(let found):
      "The store was written by a newer version of Lode (schema \(found)); update Lode."
    case .olderSchema(let path, let missing):
      "The store at \(path) was written by an early version of Lode and lacks \(missing); import the data into a "
        + "new data directory."
    case .notFound(let what, let id): "There is no \(what) '\(id)'."
    case .writeFailed(let reason): "The write failed and nothing of it was kept: \(reason)."
    }
  }
}
