import Application
import ArgumentParser
import Commerce
import Foundation
import Storage

/// Which shop of which data directory a command works on.
struct StoreOptions: ParsableArguments {
  @Option(name: .customLong("data-dir"), help: "Where the shops' data lie.")
  var dataDirectory = "./lode-data"

  @Option(help: "The shop: 1 to 40 lower-case letters, digits and hyphens.")
  var shop = "default"

  /// The shops of the data directory; only a server sends webhooks.
  func workspace(sending: WebhookSending = WebhookSending()) -> Workspace {
    let directory = URL(fileURLWithPath: dataDirectory, isDirectory: true)
    let models = Installation.cache.map { TextModels(cache: $0) }
    return Workspace(dataDirectory: directory, textModels: models, sending: sending) { shop, create in
      try openSQLiteStore(dataDirectory: directory, shop: shop, create: create)
    }
  }

  /// The shop's store.
  ///
  /// - Throws: `ApplicationError.notFound` when it does not exist and is not to be made.
  func openStore(create: Bool) async throws -> any ShopStore {
    guard let store = try await workspace().store(ofShop: shop, create: create) else {
      throw ApplicationError.notFound(what: "shop", id: "\(shop) in \(dataDirectory)")
    }
    return store
  }

  /// The shop, read into memory.
  ///
  /// - Throws: `ApplicationError.notFound` when it does not exist and is not to be made.
  func loadShop(create: Bool = false) async throws -> (Workspace, Shop) {
    let workspace = workspace()
    guard try await workspace.store(ofShop: shop, create: create) != nil else {
      throw ApplicationError.notFound(what: "shop", id: "\(shop) in \(dataDirectory)")
    }
    let shop = try await workspace.shop(shop, create: create)
    try await shop.load()
    return (workspace, shop)
  }
}

/// How results are written.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Write JSON for machines instead of tables for people.")
  var json = false

  /// Writes a JSON result to standard output.
  func write(json value: JSONValue) {
    FileHandle.standardOutput.write(Data(value.serialized + [0x0A]))
  }
}
