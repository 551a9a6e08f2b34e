import Application
import ArgumentParser
import Foundation
import Logging
import Server

/// Serves the API and the dashboard.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the REST API and the dashboard.",
    discussion: """
      Without API keys the server listens on loopback only. To listen elsewhere, make a key first: \
      'lode keys create --role admin'.
      """)

  @Option(help: "The address to bind.")
  var host = "127.0.0.1"
  @Option(help: "The port to bind; 0 takes a free one.")
  var port = 8080
  @Option(
    help:
      "Requests a second that one caller may make on average. Default: no limit on loopback, 200 elsewhere.")
  var rateLimit: Double?
  @Option(help: "The largest body of an ordinary request, in MiB.")
  var bodyLimit = 16
  @Option(help: "How many connections may be open at the same time.")
  var maxConnections = 1000
  @Option(help: "How much to log: trace, debug, info, notice, warning, error, critical.")
  var logLevel: Logger.Level = .notice
  @Flag(
    help:
      "Let webhooks go to addresses that are not public, and unencrypted: for systems in the same network.")
  var allowPrivateWebhooks = false
  @OptionGroup var store: StoreOptions

  func validate() throws {
    guard (0...65535).contains(port) else { throw ValidationError("--port is \(port); expected 0 to 65535.") }
    guard rateLimit.map({ $0 > 0 }) ?? true else { throw ValidationError("--rate-limit must be above 0.") }
    guard (1...100_000).contains(maxConnections) else {
      throw ValidationError("--max-connections must be 1 to 100000.")
    }
    guard (1...1024).contains(bodyLimit) else { throw ValidationError("--body-limit must be 1 to 1024 MiB.") }
  }

  func run() async throws {
    try await serve(
      store.workspace(
        sending: WebhookSending(transport: HTTPWebhookTransport(), allowsPrivate: allowPrivateWebhooks)))
  }

  /// Serves a workspace until the process is told to stop; its shops are read while the first requests come in.
  func serve(_ workspace: Workspace) async throws {
    let logger = Logger(label: "lode", level: logLevel)
    var configuration = LodeServer.Configuration()
    configuration.host = host
    configuration.port = port
    configuration.webRoot = Installation.web
    configuration.vendorRoot = Installation.vendor
    configuration.openAPI = Installation.openAPI
    configuration.bodyLimit = bodyLimit << 20
    // As many bodies of ordinary requests as memory is set aside for, and one of the largest at least.
    configuration.bodyMemory = max(configuration.bodyMemory, 4 * configuration.bodyLimit)
    configuration.connectionLimit = maxConnections
    configuration.requestsPerSecond = rateLimit ?? (host == "127.0.0.1" || host == "localhost" ? nil : 200)
    let server = LodeServer(workspace, configuration: configuration, logger: logger)
    if configuration.webRoot == nil {
      Console.note("The dashboard's files were not found; set LODE_HOME to the folder that holds Web/.")
    }
    let host = host
    // A data directory that cannot be used is said at once, not by a server that answers nothing.
    _ = try await workspace.store(ofShop: store.shop, create: true)
    let names = Set(try workspace.shopNames()).union([store.shop])
    try await server.run { port in
      Console.note("Lode serves http://\(host):\(port)")
      for name in names.sorted() {
        do {
          try await workspace.shop(name, create: true).start()
        } catch {
          logger.error("a shop could not be opened", metadata: ["shop": "\(name)", "error": "\(error)"])
        }
      }
    }
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// Where the files beside the program lie: the dashboard, the API's description, and what `scripts/setup` fetched.
enum Installation {
  /// The folder that holds `Web/` and `docs/`: `LODE_HOME`, else the working directory, else a folder above the program.
  static let home: URL? = {
    let files = FileManager.default
    var candidates: [URL] = []
    if let home = ProcessInfo.processInfo.environment["LODE_HOME"] {
      candidates.append(URL(fileURLWithPath: home, isDirectory: true))
    }
    candidates.append(URL(fileURLWithPath: files.currentDirectoryPath, isDirectory: true))
    // Not the first argument: a program found on the search path has its bare name there.
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent()
    for _ in 0..<5 {
      candidates.append(folder)
      folder.deleteLastPathComponent()
    }
    return candidates.first { files.fileExists(atPath: $0.appendingPathComponent("Web/index.html").path) }
  }()

  /// The ignored folder of fetched files: `LODE_CACHE`, else `.cache` in the home folder.
  static let cache: URL? = {
    if let cache = ProcessInfo.processInfo.environment["LODE_CACHE"] {
      return URL(fileURLWithPath: cache, isDirectory: true)
    }
    return home?.appendingPathComponent(".cache", isDirectory: true)
  }()

  static var web: URL? { home?.appendingPathComponent("Web", isDirectory: true) }
  static var openAPI: URL? { home?.appendingPathComponent("docs/openapi.yaml") }
  static var vendor: URL? { cache?.appendingPathComponent("web", isDirectory: true) }
}

extension Logger {
  /// A logger that writes to standard error.
  fileprivate init(label: String, level: Level) {
    self.init(label: label, factory: StreamLogHandler.standardError(label:))
    logLevel = level
  }
}
