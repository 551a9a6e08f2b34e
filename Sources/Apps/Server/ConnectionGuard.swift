import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Watches one connection, so that a peer that stalls cannot hold it: a body must keep coming, an answer must be taken,
/// and an answer that says `Connection: close` ends the connection without a reader losing it.
///
/// A connection on which nothing is asked, or a head that does not end, is the idle timeout's to close.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How long a peer may take.
  struct Limits: Sendable {
    /// How often a body that is being sent is looked at.
    var bodyInterval = TimeAmount.seconds(20)
    /// How many bytes of it must have come since the last look.
    var bytesAnInterval = 20 << 10
    /// How long an answer may wait for its reader.
    var answerStall = TimeAmount.seconds(60)
    /// How long the peer has for closing its side after the last answer.
    var farewell = TimeAmount.seconds(2)
    /// How long a request that asks whether its body is wanted waits for a refusal.
    var hesitation = TimeAmount.milliseconds(50)
  }

  private let limits: Limits
  private var isReading = false
  private var isAnswering = false
  private var isLast = false
  private var hasLeft = false

  // Bytes are missed only while they are asked for: a server that is slow itself does not ask.
  private var isAskingForBytes = false
  private var wasAskingThroughout = true
  private var pausedAt = NIODeadline.now()
  private var bytes = 0

  private var bodyCheck: Scheduled<Void>?
  private var stallCheck: Scheduled<Void>?
  private var farewell: Scheduled<Void>?

  init(_ limits: Limits = Limits()) { self.limits = limits }

  func handlerRemoved(context: ChannelHandlerContext) {
    for check in [bodyCheck, stallCheck, farewell] { check?.cancel() }
    (bodyCheck, stallCheck, farewell) = (nil, nil, nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    handlerRemoved(context: context)
    context.fireChannelInactive()
  }

  // MARK: What comes in

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What comes after the last answer is let go.
    if hasLeft { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      (isReading, isAnswering, bytes, wasAskingThroughout) = (true, false, 0, true)
      if head.headerFields[.expect]?.lowercased() == "100-continue" { hesitate(context) }
    case .body(let part): bytes += part.readableBytes
    case .end:
      isReading = false
      // Else it would look at the next request, which may just have begun.
      bodyCheck?.cancel()
      bodyCheck = nil
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    (isAskingForBytes, pausedAt) = (false, .now())
    if isReading, bodyCheck == nil { watchBody(context) }
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    if !isAskingForBytes, NIODeadline.now() - pausedAt > .milliseconds(100) { wasAskingThroughout = false }
    isAskingForBytes = true
    context.read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if hasLeft, case ChannelEvent.inputClosed? = event as? ChannelEvent {
      context.close(promise: nil)
      return
    }
    context.fireUserInboundEventTriggered(event)
  }

  private func watchBody(_ context: ChannelHandlerContext) {
    bodyCheck = context.eventLoop.assumeIsolated().scheduleTask(in: limits.bodyInterval) {
      self.bodyCheck = nil
      guard self.isReading else { return }
      let isStarved = self.isAskingForBytes && self.wasAskingThroughout
      if isStarved, self.bytes < self.limits.bytesAnInterval {
        context.close(promise: nil)
        return
      }
      (self.bytes, self.wasAskingThroughout) = (0, self.isAskingForBytes)
      self.watchBody(context)
    }
  }

  /// Tells the sender of `Expect: 100-continue` to go on, unless it has been refused by then.
  private func hesitate(_ context: ChannelHandlerContext) {
    context.eventLoop.assumeIsolated().scheduleTask(in: limits.hesitation) {
      guard self.isReading, !self.isAnswering, self.bytes == 0, context.channel.isActive else { return }
      context.writeAndFlush(self.wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
  }

  // MARK: What goes out

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      isAnswering = true
      isLast = head.headerFields[.connection]?.lowercased() == "close"
    case .end where isLast && !hasLeft:
      leave(context, after: data, promise)
      return
    default: break
    }
    context.write(data, promise: promise)
  }

  /// Sends the last part of the last answer and closes this side only: closing both while bytes are coming in would
  /// make the peer's system throw the answer away.
  private func leave(_ context: ChannelHandlerContext, after data: NIOAny, _ promise: EventLoopPromise<Void>?)
  {
    hasLeft = true
    let sent = promise ?? context.eventLoop.makePromise()
    sent.futureResult.assumeIsolated().whenComplete { _ in
      context.close(mode: .output, promise: nil)
    }
    context.writeAndFlush(data, promise: sent)
    farewell = context.eventLoop.assumeIsolated().scheduleTask(in: limits.farewell) {
      context.close(promise: nil)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      stallCheck?.cancel()
      stallCheck = nil
    } else if stallCheck == nil {
      stallCheck = context.eventLoop.assumeIsolated().scheduleTask(in: limits.answerStall) {
        context.close(promise: nil)
      }
    }
    context.fireChannelWritabilityChanged()
  }
}
