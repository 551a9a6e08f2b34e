import StorageSQLite

/// Opens a shop's store for a command of the command line.
func openStore(dataDirectory: String, shop: String) throws -> SQLiteStore {
  try SQLiteStore(dataDirectory: dataDirectory, shop: shop)
}
