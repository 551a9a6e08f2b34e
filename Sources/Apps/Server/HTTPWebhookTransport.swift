import Application
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends webhooks over HTTP/1.1: one connection for each, to the very address that was judged, and no redirection is followed.
///
/// A host's name could resolve to a public address when it is judged and to a private one when it is connected to; here it is resolved
/// once.
public struct HTTPWebhookTransport: WebhookTransport {
  private let timeout: TimeAmount
  private let group: MultiThreadedEventLoopGroup

  /// A transport.
  ///
  /// - Parameter timeoutSeconds: how long connecting and how long the answer may each take.
  public init(timeoutSeconds: Int64 = 10) {
    timeout = .seconds(timeoutSeconds)
    group = .singleton
  }

  /// Posts a body.
  public func post(
    _ body: [UInt8], headers: [(name: String, value: String)], to target: WebhookTarget, allowsPrivate: Bool
  ) async throws -> Int {
    let address = try await resolve(target, allowsPrivate: allowsPrivate)
    let tls = target.isSecure ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
    let head = request(headers, body, target)
    let status = group.next().makePromise(of: Int.self)
    let (timeout, bytes) = (timeout, body)
    let bootstrap = ClientBootstrap(group: status.futureResult.eventLoop).connectTimeout(timeout)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            // A name is checked against the certificate; an address has none to send along.
            let name = (try? SocketAddress(ipAddress: target.host, port: 0)) == nil ? target.host : nil
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: name))
          }
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(
            AnswerHandler(head: head, body: bytes, status: status, timeout: timeout))
        }
      }
    do {
      _ = try await bootstrap.connect(to: address).get()
    } catch {
      status.fail(error)
    }
    do {
      return try await status.futureResult.get()
    } catch {
      throw WebhookError.unreachable(host: target.host)
    }
  }

  private func request(
    _ headers: [(name: String, value: String)], _ body: [UInt8], _ target: WebhookTarget
  ) -> HTTPRequestHead {
    var fields = HTTPHeaders([("Host", target.authority), ("User-Agent", "lode"), ("Connection", "close")])
    for (name, value) in headers { fields.add(name: name, value: value) }
    fields.add(name: "Content-Length", value: String(body.count))
    return HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: fields)
  }

  /// The host's address; of several all must be public, so that nobody mixes a private one in.
  private func resolve(_ target: WebhookTarget, allowsPrivate: Bool) async throws -> SocketAddress {
    let addresses = try await NIOThreadPool.singleton.runIfActive {
      try Self.addresses(of: target.host, port: target.port)
    }
    guard let first = addresses.first else { throw WebhookError.unresolved(host: target.host) }
    guard allowsPrivate || addresses.allSatisfy({ PublicAddress.isPublic(Self.bytes(of: $0)) }) else {
      throw WebhookError.privateAddress(host: target.host)
    }
    return first
  }

  private static func addresses(of host: String, port: Int) throws -> [SocketAddress] {
    var (hints, found): (addrinfo, UnsafeMutablePointer<addrinfo>?) = (addrinfo(), nil)
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
      throw WebhookError.unresolved(host: host)
    }
    defer { freeaddrinfo(found) }
    var (addresses, next): ([SocketAddress], UnsafeMutablePointer<addrinfo>?) = ([], found)
    while let entry = next {
      next = entry.pointee.ai_next
      guard let raw = entry.pointee.ai_addr else { continue }
      switch entry.pointee.ai_family {
      case AF_INET:
        raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          addresses.append(SocketAddress($0.pointee, host: host))
        }
      case AF_INET6:
        raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          addresses.append(SocketAddress($0.pointee, host: host))
        }
      default: continue
      }
    }
    return addresses
  }

  /// The bytes of an address; none for one that is not of the internet.
  private static func bytes(of address: SocketAddress) -> [UInt8] {
    switch address {
    case .v4(let address): withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address): withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
    case .unixDomainSocket: []
    }
  }
}

/// Writes one request and takes the status of its answer; what else the answer holds is not read.
private final class AnswerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let head: HTTPRequestHead
  private let body: [UInt8]
  private let timeout: TimeAmount
  private var status: EventLoopPromise<Int>?
  private var timer: Scheduled<Void>?

  init(head: HTTPRequestHead, body: [UInt8], status: EventLoopPromise<Int>, timeout: TimeAmount) {
    (self.head, self.body, self.status, self.timeout) = (head, body, status, timeout)
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let answer) = unwrapInboundIn(data) else { return }
    // A provisional answer (1xx) is not the answer.
    guard answer.status.code >= 200 else { return }
    status?.succeed(Int(answer.status.code))
    status = nil
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    status?.fail(error)
    status = nil
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    status?.fail(ChannelError.eof)
    status = nil
    context.fireChannelInactive()
  }
}
