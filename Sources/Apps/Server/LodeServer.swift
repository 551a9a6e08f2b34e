import Application
import Foundation
import Hummingbird
import Logging
import Metrics
import NIOCore

/// The HTTP server: the REST API under `/v1`, the dashboard at `/`.
public struct LodeServer: Sendable {
  /// How the server listens and what it allows.
  public struct Configuration: Sendable {
    /// The address to bind.
    public var host = "127.0.0.1"
    /// The port to bind; 0 takes a free one.
    public var port = 8080
    /// The dashboard's files.
    public var webRoot: URL?
    /// Other people's web assets, fetched by `scripts/setup`.
    public var vendorRoot: URL?
    /// The API's description, served at `/openapi.json`.
    public var openAPI: URL?
    /// Requests a second that one caller may make on average; nil for no limit.
    public var requestsPerSecond: Double?
    /// The largest body of an ordinary request, in bytes.
    public var bodyLimit = 16 << 20
    /// The largest file that can be uploaded for import, in bytes.
    public var uploadLimit = 4 << 30

    /// A server on loopback, port 8080, without a dashboard.
    public init() {}
  }

  let configuration: Configuration
  let workspace: Workspace
  let logger: Logger

  private static let metrics: PrometheusMetrics = {
    let metrics = PrometheusMetrics()
    MetricsSystem.bootstrap(metrics)
    return metrics
  }()

  /// A server over a workspace.
  public init(_ workspace: Workspace, configuration: Configuration, logger: Logger) {
    self.workspace = workspace
    self.configuration = configuration
    self.logger = logger
  }

  /// Serves until the process is told to stop, then finishes the requests under way and writes out what waits.
  ///
  /// - Parameter onReady: called with the port once connections are accepted.
  /// - Throws: `ApplicationError.forbidden` when asked to listen beyond loopback without any API key.
  public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
    try await refuseOpenDoor()
    let application = Hummingbird.Application(
      router: router(),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port), serverName: "lode"),
      // Connections are accepted only after this returns, so what follows must not wait for the shops to be read.
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? 0
        Task { await onReady(port) }
      },
      logger: logger)
    do {
      try await application.runService()
    } catch {
      await workspace.close()
      guard let error = error as? IOError, error.errnoCode == EADDRINUSE else { throw error }
      throw ApplicationError.conflict(
        reason: "Port \(configuration.port) of \(configuration.host) is in use; take another with --port.")
    }
    await workspace.close()
  }

  private var isOnLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(configuration.host) }

  private func refuseOpenDoor() async throws {
    guard !isOnLoopback, try await !workspace.hasKeys() else { return }
    throw ApplicationError.forbidden(
      reason:
        "Listening on \(configuration.host) needs API keys: make one with 'lode keys create --role admin'.")
  }

  /// All routes behind all middleware.
  public func router() -> Router<LodeRequestContext> {
    let router = Router(context: LodeRequestContext.self)
    router.add(middleware: MetricsMiddleware())
    router.add(middleware: SecurityHeadersMiddleware())
    router.add(middleware: ProblemMiddleware())
    if let web = configuration.webRoot {
      router.add(
        middleware: FileMiddleware(
          web.path, cacheControl: .init([(MediaType(type: .any), [.noCache])]), searchForIndexHtml: true,
          logger: logger))
    }
    if let vendor = configuration.vendorRoot {
      router.add(
        middleware: FileMiddleware(
          vendor.path, urlBasePath: "/vendor",
          cacheControl: .init([(MediaType(type: .any), [.maxAge(86_400)])]), logger: logger))
    }
    SystemRoutes(server: self, metrics: Self.metrics).add(to: router)

    let guarded = router.group()
      .add(
        middleware: AuthenticationMiddleware(
          keyring: Keyring(workspace: workspace, isAlwaysGuarded: !isOnLoopback)))
    if let rate = configuration.requestsPerSecond {
      guarded.add(middleware: RateLimitMiddleware(requestsPerSecond: rate))
    }
    let api = guarded.group("v1")
    EventRoutes(server: self).add(to: api)
    CatalogueRoutes(server: self).add(to: api)
    CustomerRoutes(server: self).add(to: api)
    ImportRoutes(server: self).add(to: api)
    NeedRoutes(server: self).add(to: api)
    ModelRoutes(server: self).add(to: api)
    OperationRoutes(server: self).add(to: api)
    return router
  }

  /// The caller's shop. One that was made after the server had started is read now, by the first who asks.
  func shop(_ context: LodeRequestContext) async throws -> Shop {
    let shop = try await workspace.shop(context.caller.shop, create: true)
    try await shop.startIfNew()
    return shop
  }
}
