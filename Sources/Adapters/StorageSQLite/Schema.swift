import GRDB
import Storage

/// The tables, and how older files are brought up to date.
enum Schema {
  /// Brings a file up to date; a file with migrations that this build does not know is left alone.
  static func migrate(_ pool: DatabasePool) throws {
    let known = Set(migrator.migrations)
    let unknown = try pool.read { db -> String? in
      guard try db.tableExists("grdb_migrations") else { return nil }
      return try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        .last { !known.contains($0) }
    }
    if let unknown { throw StorageError.newerSchema(found: unknown) }
    try migrator.migrate(pool)
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0001-events") { try $0.execute(sql: events) }
    migrator.registerMigration("0002-catalogue") { try $0.execute(sql: catalogue) }
    migrator.registerMigration("0003-dead-letters") { try $0.execute(sql: deadLetters) }
    migrator.registerMigration("0004-models") { try $0.execute(sql: models) }
    migrator.registerMigration("0005-decisions") { try $0.execute(sql: decisions) }
    return migrator
  }

  // `customer` and `item` are places in `names`, which postings refer to; see `Postings`. `amount` is in minor units of `currency`; `discount` is the property of that name,
  // which is not among `properties` then.
  private static let events = """
    CREATE TABLE names (
      name_id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    );
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY,
      event_id TEXT NOT NULL,
      kind INTEGER NOT NULL,
      customer INTEGER,
      session_id TEXT,
      item INTEGER,
      order_id TEXT,
      timestamp INTEGER NOT NULL,
      quantity REAL,
      amount INTEGER,
      currency TEXT,
      discount REAL,
      rating REAL,
      channel TEXT,
      device TEXT,
      decision_id TEXT,
      dwell_ms INTEGER,
      query TEXT,
      text TEXT,
      properties TEXT
    );
    CREATE UNIQUE INDEX events_by_id ON events (event_id);
    CREATE INDEX events_by_time ON events (timestamp);
    CREATE INDEX events_by_decision ON events (decision_id) WHERE decision_id IS NOT NULL;
    CREATE TABLE blocks (
      first INTEGER PRIMARY KEY,
      last INTEGER NOT NULL,
      newest INTEGER NOT NULL
    );
    CREATE TABLE postings (
      first INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      name_id INTEGER NOT NULL,
      places BLOB NOT NULL,
      PRIMARY KEY (first, kind, name_id)
    ) WITHOUT ROWID;
    """

  private static let catalogue = """
    CREATE TABLE items (
      item_id TEXT NOT NULL PRIMARY KEY,
      title TEXT,
      category TEXT,
      category_path TEXT NOT NULL,
      brand TEXT,
      price INTEGER,
      currency TEXT,
      available_from INTEGER,
      attributes TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX items_by_category ON items (category) WHERE category IS NOT NULL;
    CREATE TABLE customers (
      customer_id TEXT NOT NULL PRIMARY KEY,
      joined_at INTEGER,
      attributes TEXT NOT NULL
    ) WITHOUT ROWID;
    """

  private static let deadLetters = """
    CREATE TABLE dead_letters (
      dead_letter_id INTEGER PRIMARY KEY,
      stage TEXT NOT NULL,
      source TEXT NOT NULL,
      kind TEXT NOT NULL,
      field TEXT,
      reason TEXT NOT NULL,
      raw TEXT NOT NULL,
      context TEXT,
      received_at INTEGER NOT NULL,
      status TEXT NOT NULL,
      UNIQUE (source, stage, raw)
    );
    CREATE INDEX dead_letters_by_status ON dead_letters (status);
    """

  // A model's live version is the last of its promotions that was not undone; rolling back undoes that one.
  private static let models = """
    CREATE TABLE models (
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      header TEXT NOT NULL,
      envelope BLOB NOT NULL,
      PRIMARY KEY (name, version)
    );
    CREATE TABLE promotions (
      promotion_id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      undone INTEGER NOT NULL DEFAULT 0,
      FOREIGN KEY (name, version) REFERENCES models (name, version)
    );
    """

  private static let decisions = """
    CREATE TABLE decisions (
      decision_id TEXT NOT NULL PRIMARY KEY,
      record TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE documents (
      collection TEXT NOT NULL,
      key TEXT NOT NULL,
      document TEXT NOT NULL,
      PRIMARY KEY (collection, key)
    ) WITHOUT ROWID;
    """
}
