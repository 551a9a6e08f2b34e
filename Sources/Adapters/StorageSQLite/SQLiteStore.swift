import Foundation
import GRDB
import Storage
import Synchronization

/// A shop's store in one SQLite file, `<data directory>/<shop>/lode.sqlite`.
///
/// ```swift
/// let store = try SQLiteStore(dataDirectory: "lode-data", shop: "default")
/// let outcomes = try await store.append(events)  // on disk when this returns
/// ```
///
/// The file is in write-ahead mode with `synchronous = FULL`: a commit returns after its pages have reached the disk,
/// so what was acknowledged survives a killed process and a power cut. One connection writes, several read; writes
/// that arrive while another is being committed share the next transaction (`AppendQueue`).
///
/// Several processes may open the same file; a writer waits up to 30 seconds for another's transaction.
public final class SQLiteStore: Sendable {
  /// The folder that holds the shop's file.
  public let directory: String
  let pool: DatabasePool
  let appends: AppendQueue
  /// The table `names` as far as scans have read it; its rows never change.
  let names = Mutex<[String]>([])

  /// Opens the store of a shop below a data directory, creating it when there is none.
  ///
  /// - Throws: `StorageError.unavailable` when the place cannot be used or the shop's name is not 1 to 64 of
  ///   `a-z 0-9 - _`; `StorageError.newerSchema` when a newer build wrote the file.
  public convenience init(dataDirectory: String, shop: String = "default") throws {
    guard Self.isShopName(shop) else {
      throw StorageError.unavailable(
        path: "\(dataDirectory)/\(shop)",
        reason: "a shop's name is 1 to 64 lower-case letters, digits, hyphens and underscores")
    }
    try self.init(directory: "\(dataDirectory)/\(shop)")
  }

  /// Opens the store in a folder, creating both when they are absent.
  ///
  /// - Throws: `StorageError.unavailable` or `StorageError.newerSchema`.
  public init(directory: String) throws {
    self.directory = directory
    let path = "\(directory)/lode.sqlite"
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      pool = try DatabasePool(path: path, configuration: Self.configuration)
      try pool.writeWithoutTransaction { db in
        // GRDB opens a pool with NORMAL, under which a power cut may lose the last commits.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        // Checkpoints every 32 MiB rather than every 4: pages that many commits touch are copied once.
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 8192")
        try db.execute(sql: "PRAGMA journal_size_limit = 134217728")
        // The writer keeps the inner pages of its indexes at hand.
        try db.execute(sql: "PRAGMA cache_size = -65536")
      }
      try Schema.migrate(pool)
    } catch let error as StorageError {
      throw error
    } catch {
      throw StorageError.unavailable(path: path, reason: Self.reason(of: error))
    }
    appends = AppendQueue(pool: pool)
    // A bulk load that was broken off leaves events without blocks.
    do { try pool.write { try Postings.settle($0, isBulk: false, isIdle: true) } } catch {
      throw StorageError.unavailable(path: path, reason: Self.reason(of: error))
    }
  }

  /// Closes the file after the writes under way. The store cannot be used afterwards.
  public func close() throws { try translatingErrors { try pool.close() } }

  /// Whether a name may be a shop's: it becomes the name of a folder.
  public static func isShopName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
      }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      // Reads go through tables from end to end: what they have seen is not worth keeping, once for each connection.
      try db.execute(sql: "PRAGMA cache_size = -8192")
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
    }
    return configuration
  }
}

extension SQLiteStore {
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await pool.read(body) } catch { throw Self.translated(error) }
  }

  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
    do { return try await pool.write(body) } catch { throw Self.translated(error) }
  }

  private func translatingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw Self.translated(error) }
  }

  /// SQLite's errors as the store's own; anything else as it is.
  static func translated(_ error: any Error) -> any Error {
    error is DatabaseError ? StorageError.writeFailed(reason: reason(of: error)) : error
  }

  private static func reason(of error: any Error) -> String {
    if let error = error as? DatabaseError {
      return error.message ?? "SQLite's code \(error.resultCode.rawValue)"
    }
    return (error as NSError).localizedDescription
  }
}
