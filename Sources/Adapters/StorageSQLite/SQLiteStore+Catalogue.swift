import Commerce
import GRDB
import Storage

extension SQLiteStore: CatalogueStore {
  private static let itemColumns =
    "item_id, title, category, category_path, brand, price, currency, available_from, attributes"

  /// Adds items, or replaces those with the same id, in one transaction.
  public func upsert(items: [Item]) async throws {
    try await write { db in
      var change = try db.number("SELECT max(change) FROM items") ?? 0
      for item in items {
        change += 1
        try db.run(
          "INSERT OR REPLACE INTO items (\(Self.itemColumns), change) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          .text(item.itemID), .text(item.title), .text(item.category),
          .text(JSONValue.array(item.categoryPath.map { .string($0) }).json), .text(item.brand),
          .integer(item.price?.minorUnits), .text(item.price?.currency.code),
          .integer(item.availableFrom?.milliseconds), .text(JSONValue.object(item.attributes).json),
          .integer(change))
      }
    }
  }

  /// The items with these ids; unknown ids are left out.
  public func items(withIDs ids: [String]) async throws -> [Item] {
    try await read { db in
      try ids.flatMap { id in
        try Self.items(db.query("SELECT \(Self.itemColumns) FROM items WHERE item_id = ?", .text(id)))
      }
    }
  }

  /// One page of items in order of id.
  public func items(
    containing text: String?, category: String?, afterID: String?, limit: Int
  ) async throws -> [Item] {
    guard limit > 0 else { return [] }
    return try await read { db in
      var conditions: [String] = []
      var values: [SQLValue] = []
      if let text {
        conditions.append(
          #"(item_id LIKE ?1 ESCAPE '\' OR title LIKE ?1 ESCAPE '\' OR brand LIKE ?1 ESCAPE '\' "#
            + #"OR category LIKE ?1 ESCAPE '\')"#)
        values.append(.text(Self.containing(text)))
      }
      if let category {
        conditions.append("category = ?")
        values.append(.text(category))
      }
      if let afterID {
        conditions.append("item_id > ?")
        values.append(.text(afterID))
      }
      values.append(.integer(limit))
      let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
      return try Self.items(
        db.query("SELECT \(Self.itemColumns) FROM items \(filter) ORDER BY item_id LIMIT ?", values))
    }
  }

  /// Streams all items in order of id.
  public func scanItems(batchSize: Int, _ body: @Sendable ([Item]) throws -> Void) async throws {
    precondition(batchSize > 0, "a batch holds at least one item")
    var last: String?
    while true {
      try Task.checkCancellation()
      let page = try await items(containing: nil, category: nil, afterID: last, limit: batchSize)
      if page.isEmpty { return }
      try body(page)
      last = page.last?.itemID
      if page.count < batchSize { return }
    }
  }

  /// The items added or replaced after a change, at most so many.
  public func items(changedAfter change: Int64, limit: Int) async throws -> RecordChanges<Item> {
    try await read { db in
      let rows = try Self.items(
        db.query(
          "SELECT \(Self.itemColumns) FROM items WHERE change > ? ORDER BY change LIMIT ?", .integer(change),
          .integer(max(0, limit))))
      guard let last = rows.last else { return RecordChanges(rows: [], last: change) }
      let number = try db.number("SELECT change FROM items WHERE item_id = ?", .text(last.itemID))
      return RecordChanges(rows: rows, last: number ?? change)
    }
  }

  /// How many items there are.
  public func itemCount() async throws -> Int {
    try await read { Int(try $0.number("SELECT count(*) FROM items") ?? 0) }
  }

  /// A LIKE pattern for text that contains the given text, in which `%`, `_` and `\` stand for themselves.
  private static func containing(_ text: String) -> String {
    var pattern = "%"
    for scalar in text.unicodeScalars {
      if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.unicodeScalars.append("\\") }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern + "%"
  }

  private static func items(_ cursor: StatementCursor) throws -> [Item] {
    var items: [Item] = []
    while try cursor.next() {
      var path: [String] = []
      if case .array(let names) = try cursor.json(3) { path = names.compactMap(\.string) }
      items.append(
        Item(
          itemID: cursor.text(0) ?? "", title: cursor.text(1), category: cursor.text(2), categoryPath: path,
          brand: cursor.text(4), price: cursor.money(5, currency: 6), availableFrom: cursor.timestamp(7),
          attributes: try cursor.object(8)))
    }
    return items
  }
}

extension SQLiteStore: CustomerStore {
  /// Adds customers, or replaces those with the same id, in one transaction.
  public func upsert(customers: [Customer]) async throws {
    try await write { db in
      var change = try db.number("SELECT max(change) FROM customers") ?? 0
      for customer in customers {
        change += 1
        try db.run(
          "INSERT OR REPLACE INTO customers (customer_id, joined_at, attributes, change) VALUES (?, ?, ?, ?)",
          .text(customer.customerID), .integer(customer.joinedAt?.milliseconds),
          .text(JSONValue.object(customer.attributes).json), .integer(change))
      }
    }
  }

  /// The customers with these ids; unknown ids are left out.
  public func customers(withIDs ids: [String]) async throws -> [Customer] {
    try await read { db in
      try ids.flatMap { id in
        try Self.customers(
          db.query(
            "SELECT customer_id, joined_at, attributes FROM customers WHERE customer_id = ?", .text(id)))
      }
    }
  }

  /// Streams all customers in order of id.
  public func scanCustomers(batchSize: Int, _ body: @Sendable ([Customer]) throws -> Void) async throws {
    precondition(batchSize > 0, "a batch holds at least one customer")
    var last: String?
    while true {
      try Task.checkCancellation()
      let after = last
      let page = try await read { db in
        try Self.customers(
          db.query(
            """
            SELECT customer_id, joined_at, attributes FROM customers
            WHERE ?1 IS NULL OR customer_id > ?1 ORDER BY customer_id LIMIT ?2
            """, .text(after), .integer(batchSize)))
      }
      if page.isEmpty { return }
      try body(page)
      last = page.last?.customerID
      if page.count < batchSize { return }
    }
  }

  /// The customers added or replaced after a change, at most so many.
  public func customers(changedAfter change: Int64, limit: Int) async throws -> RecordChanges<Customer> {
    try await read { db in
      let rows = try Self.customers(
        db.query(
          """
          SELECT customer_id, joined_at, attributes FROM customers WHERE change > ? ORDER BY change LIMIT ?
          """, .integer(change), .integer(max(0, limit))))
      guard let last = rows.last else { return RecordChanges(rows: [], last: change) }
      let number = try db.number(
        "SELECT change FROM customers WHERE customer_id = ?", .text(last.customerID))
      return RecordChanges(rows: rows, last: number ?? change)
    }
  }

  /// How many customers there are.
  public func customerCount() async throws -> Int {
    try await read { Int(try $0.number("SELECT count(*) FROM customers") ?? 0) }
  }

  private static func customers(_ cursor: StatementCursor) throws -> [Customer] {
    var customers: [Customer] = []
    while try cursor.next() {
      customers.append(
        Customer(
          customerID: cursor.text(0) ?? "", joinedAt: cursor.timestamp(1), attributes: try cursor.object(2)))
    }
    return customers
  }
}
