import Foundation
import Storage
import StorageSQLite

/// Opens a shop's store; nil when there is none and none is to be made.
func openSQLiteStore(dataDirectory: URL, shop: String, create: Bool) throws -> (any ShopStore)? {
  let file = dataDirectory.appendingPathComponent(shop).appendingPathComponent("lode.sqlite")
  guard create || FileManager.default.fileExists(atPath: file.path) else { return nil }
  return try SQLiteStore(dataDirectory: dataDirectory.path, shop: shop)
}
