import Application
import ArgumentParser
import Commerce
import Foundation

/// API keys: who may do what over HTTP.
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, list and revoke API keys.", subcommands: [Create.self, List.self, Revoke.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key. Its text is shown once and stored only as a hash.")

    @Option(help: "What it allows: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    var role: Role
    @Option(help: "What it is for.")
    var label = ""
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let workspace = store.workspace()
      _ = try await workspace.store(ofShop: store.shop, create: true)
      guard let keys = try await workspace.keys(ofShop: store.shop) else {
        throw ApplicationError.notFound(what: "shop", id: store.shop)
      }
      let (text, key) = try await keys.create(role: role, label: label, now: Timestamp(Date()))
      if output.json {
        output.write(json: [
          "key": .string(text), "key_id": .string(key.keyID), "role": .string(role.rawValue),
        ])
      } else {
        print(text)
        Console.note("Keep it: it cannot be shown again. From now on every request must carry a key.")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the keys, without their secrets.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let keys = try await existingKeys(store).list()
      if output.json {
        output.write(
          json: .array(
            keys.map {
              [
                "key_id": .string($0.keyID), "role": .string($0.role.rawValue), "label": .string($0.label),
                "created_at": JSONValue($0.createdAt),
              ]
            }))
      } else {
        Console.table(
          ["key", "role", "label", "created"],
          keys.map { [$0.keyID, $0.role.rawValue, $0.label, $0.createdAt.description] })
      }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a key worthless, within five seconds.")

    @Argument(help: "The key's id, as listed.")
    var keyID: String
    @OptionGroup var store: StoreOptions

    func run() async throws {
      try await existingKeys(store).revoke(keyID)
      Console.note("Revoked \(keyID).")
    }
  }
}

private func existingKeys(_ options: StoreOptions) async throws -> APIKeys {
  guard let keys = try await options.workspace().keys(ofShop: options.shop) else {
    throw ApplicationError.notFound(what: "shop", id: "\(options.shop) in \(options.dataDirectory)")
  }
  return keys
}

extension Role: ExpressibleByArgument {}
