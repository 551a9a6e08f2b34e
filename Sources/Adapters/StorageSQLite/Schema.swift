import GRDB
import Storage

/// The tables, and how older files are brought up to date.
///
/// A migration that was released is never changed: shops have run it. What is to be different goes into a new one.
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
    if let missing = try pool.read({ try missingColumn($0) }) {
      throw StorageError.olderSchema(path: pool.path, missing: missing)
    }
    try migrator.migrate(pool)
  }

  /// The first column of the first release that a table lacks, or such a table: early builds had other tables under the same names.
  private static func missingColumn(_ db: Database) throws -> String? {
    guard try db.tableExists("events") else { return nil }
    for (table, names) in firstColumns {
      guard try db.tableExists(table) else {
        // Without the tables beside it, that of the events is an early one; others may be still to come.
        if ["names", "blocks", "postings"].contains(table) { return table }
        continue
      }
      let found = Set(try db.columns(in: table).map(\.name))
      if let missing = names.split(separator: " ").first(where: { !found.contains(String($0)) }) {
        return "\(table).\(missing)"
      }
    }
    return nil
  }

  private static let firstColumns = [
    ("names", "name_id name"),
    (
      "events",
      """
      sequence event_id kind customer session_id item order_id timestamp quantity amount currency discount \
      rating channel device decision_id dwell_ms query text properties
      """
    ),
    ("blocks", "first last newest"), ("postings", "first kind name_id places"),
    ("items", "item_id title category category_path brand price currency available_from attributes"),
    ("customers", "customer_id joined_at attributes"),
    ("dead_letters", "dead_letter_id stage source kind field reason raw context received_at status"),
    ("models", "name version header envelope"), ("promotions", "promotion_id name version undone"),
    ("decisions", "decision_id record"), ("documents", "collection key document"),
  ]

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0001-events") { try $0.execute(sql: events) }
    migrator.registerMigration("0002-catalogue") { try $0.execute(sql: catalogue) }
    migrator.registerMigration("0003-dead-letters") { try $0.execute(sql: deadLetters) }
    migrator.registerMigration("0004-models") { try $0.execute(sql: models) }
    migrator.registerMigration("0005-decisions") { try $0.execute(sql: decisions) }
    migrator.registerMigration("0006-retention") { try $0.execute(sql: retention) }
    migrator.registerMigration("0007-changes") { try $0.execute(sql: changes) }
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

  // Decisions are found by their age; a record whose time cannot be read is kept. Of the versions of a model that were
  // removed the last is noted, so that its number is not given again.
  private static let retention = """
    ALTER TABLE decisions ADD COLUMN made_at INTEGER;
    UPDATE decisions SET made_at = CAST(strftime('%s', json_extract(record, '$.madeAt')) AS INTEGER) * 1000;
    CREATE INDEX decisions_by_time ON decisions (made_at);
    CREATE TABLE removed_models (
      name TEXT NOT NULL PRIMARY KEY,
      version INTEGER NOT NULL
    ) WITHOUT ROWID;
    """

  // Each row has the number of its last change, so that a server finds what other processes have written.
  private static let changes = """
    ALTER TABLE items ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
    UPDATE items SET change = numbered.number
      FROM (SELECT item_id AS id, row_number() OVER (ORDER BY item_id) AS number FROM items) AS numbered
      WHERE items.item_id = numbered.id;
    CREATE INDEX items_by_change ON items (change);
    ALTER TABLE customers ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
    UPDATE customers SET change = numbered.number
      FROM (SELECT customer_id AS id, row_number() OVER (ORDER BY customer_id) AS number FROM customers)
        AS numbered
      WHERE customers.customer_id = numbered.id;
    CREATE INDEX customers_by_change ON customers (change);
    """
}
