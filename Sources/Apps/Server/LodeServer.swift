import Application
import Foundation
import Hummingbird
import HummingbirdCore
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
    /// Bytes of bodies that may be in memory at the same time; no less than `bodyLimit`.
    public var bodyMemory = 256 << 20
    /// Files that may be uploaded at the same time.
    public var uploadsAtOnce = 4
    /// Connections that may be open at the same time; the system holds further ones back until one closes.
    public var connectionLimit = 1_000
    /// How long a connection may be open without a request, or take to send a request's head.
    public var idleTimeout = Duration.seconds(75)
    /// How often a body that is being sent is looked at; less than a kibibyte a second on average ends the connection.
    public var bodyInterval = Duration.seconds(20)
    /// How long an answer may wait for its reader to take some of it.
    public var answerStall = Duration.seconds(60)

    /// A server on loopback, port 8080, without a dashboard.
    public init() {}
  }

  let configuration: Configuration
  let workspace: Workspace
  let logger: Logger
  let admission: Admission

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
    admission = Admission(bodyBytes: configuration.bodyMemory, uploads: configuration.uploadsAtOnce)
  }

  /// Serves until the process is told to stop, then finishes the requests under way and writes out what waits.
  ///
  /// - Parameter onReady: called with the port once connections are accepted.
  /// - Throws: `ApplicationError.forbidden` when asked to listen beyond loopback without any API key.
  public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
    try await refuseOpenDoor()
    allowManyOpenFiles()
    let application = Hummingbird.Application(
      router: router(),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionGuard(guardLimits)],
          idleTimeout: .init(configuration.idleTimeout))),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port), serverName: "lode",
        availableConnectionsDelegate: .maximum(configuration.connectionLimit, logger: logger)),
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

  /// Each connection is an open file, and the usual limit of a shell leaves no room for a thousand of them.
  private func allowManyOpenFiles() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    if setrlimit(resource, &limit) != 0 {
      logger.warning("the number of open files could not be raised")
    }
  }

  private var guardLimits: ConnectionGuard.Limits {
    var limits = ConnectionGuard.Limits()
    limits.bodyInterval = .init(configuration.bodyInterval)
    limits.bytesAnInterval = Int(configuration.bodyInterval.components.seconds) << 10
    limits.answerStall = .init(configuration.answerStall)
    return limits
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
    router.add(middleware: PlainFileMiddleware())
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
    let methods = MethodMiddleware()
    router.add(middleware: methods)
    let system = SystemRoutes(server: self, metrics: Self.metrics)
    system.add(to: router)

    let guarded = router.group()
      .add(
        middleware: AuthenticationMiddleware(
          keyring: Keyring(workspace: workspace, isAlwaysGuarded: !isOnLoopback)))
    if let rate = configuration.requestsPerSecond {
      guarded.add(middleware: RateLimitMiddleware(requestsPerSecond: rate))
    }
    system.addMetrics(to: guarded)
    let api = guarded.group("v1").add(middleware: IdempotencyMiddleware(server: self))
    EventRoutes(server: self).add(to: api)
    CatalogueRoutes(server: self).add(to: api)
    CustomerRoutes(server: self).add(to: api)
    AnalyticsRoutes(server: self).add(to: api)
    InterestRoutes(server: self).add(to: api)
    ImportRoutes(server: self).add(to: api)
    NeedRoutes(server: self).add(to: api)
    VoiceRoutes(server: self).add(to: api)
    DemandRoutes(server: self).add(to: api)
    ValueRoutes(server: self).add(to: api)
    ChurnRoutes(server: self).add(to: api)
    PatternRoutes(server: self).add(to: api)
    RestockRoutes(server: self).add(to: api)
    TextRoutes(server: self).add(to: api)
    LaunchRoutes(server: self).add(to: api)
    TrendRoutes(server: self).add(to: api)
    SegmentRoutes(server: self).add(to: api)
    ModelRoutes(server: self).add(to: api)
    PageRoutes(server: self).add(to: api)
    CampaignRoutes(server: self).add(to: api)
    OperationRoutes(server: self).add(to: api)
    methods.learn(router)
    return router
  }

  /// How many bytes the body of a request may have.
  func longestBody(of request: Request) -> Int {
    request.uri.path.hasPrefix("/v1/imports") ? configuration.uploadLimit : configuration.bodyLimit
  }

  /// The caller's shop. One that was made after the server had started is read now, by the first who asks.
  func shop(_ context: LodeRequestContext) async throws -> Shop {
    let shop = try await workspace.shop(context.caller.shop, create: true)
    try await shop.startIfNew()
    return shop
  }
}
