import Commerce
import Glibc

/// What can go wrong between a test and a server on this machine.
public enum LoopbackError: Error, Equatable, CustomStringConvertible {
  /// Nothing accepts connections there.
  case notListening(port: Int)
  /// The connection ended before the answer was whole.
  case cutOff
  /// The connection is open, and nothing comes.
  case silent
  /// What came back is not HTTP as this client knows it.
  case malformed(String)
  /// The program ended before it listened.
  case didNotStart(output: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .notListening(let port): "Nothing listens on port \(port)."
    case .cutOff: "The connection ended before the answer was whole."
    case .silent: "Nothing came for 30 seconds."
    case .malformed(let head): "The answer is not HTTP: \(head.prefix(80))."
    case .didNotStart(let output): "The server ended before it listened; it said: \(output)"
    }
  }
}

/// An answer as it came over the connection.
public struct LoopbackAnswer: Sendable {
  /// The status code.
  public let status: Int
  /// The header fields by lower-case name.
  public let headers: [String: String]
  /// The body.
  public let body: [UInt8]

  /// The body as JSON; null when it is none.
  public var json: JSONValue { (try? JSONValue(json: body)) ?? .null }
}

/// A connection to a server on this machine that waits for each answer: a client that does nothing on its own, so
/// that a test knows exactly which requests were answered.
///
/// Blocks its thread, and is used from one at a time.
public final class LoopbackConnection {
  private let descriptor: Int32
  private var unread: [UInt8] = []

  /// Connects.
  ///
  /// - Parameter receiveBuffer: how many bytes the system takes in before they are read; nil for the usual.
  /// - Throws: `LoopbackError.notListening`.
  public init(port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw LoopbackError.notListening(port: port)
    }
  }

  deinit { close(descriptor) }

  /// Sends a request and waits for the whole answer.
  ///
  /// - Throws: `LoopbackError.cutOff` when the connection ends first.
  public func request(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []
  ) throws -> LoopbackAnswer {
    try send(method, path, headers: headers, body: body)
    return try readAnswer()
  }

  /// Sends a request without waiting.
  public func send(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []
  ) throws {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    try send(Array((head + "\r\n").utf8) + body)
  }

  /// Sends bytes as they are.
  public func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw LoopbackError.cutOff }
      sent += count
    }
  }

  /// Waits until the other side has closed the connection; whatever comes before is let go.
  public func waitForEnd() throws {
    do {
      while true {
        unread = []
        try receive()
      }
    } catch LoopbackError.cutOff {}
  }

  /// Waits for the answer to the oldest request without one.
  public func readAnswer() throws -> LoopbackAnswer {
    let head = try take(until: [0x0D, 0x0A, 0x0D, 0x0A])
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    guard let line = lines.first, line.hasPrefix("HTTP/1.1 "), let status = Int(line.dropFirst(9).prefix(3))
    else {
      throw LoopbackError.malformed(String(decoding: head, as: UTF8.self))
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].drop { $0 == " " }.description
    }
    let body: [UInt8]
    if headers["transfer-encoding"] == "chunked" {
      body = try takeChunks()
    } else {
      body = try take(headers["content-length"].flatMap { Int($0) } ?? 0)
    }
    return LoopbackAnswer(status: status, headers: headers, body: body)
  }

  /// Whether something of the next answer comes within so many milliseconds.
  public func hasBytes(within milliseconds: Int32) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return !unread.isEmpty || poll(&state, 1, milliseconds) > 0
  }

  /// Waits until something of the next answer has come.
  public func waitForBytes() throws {
    if unread.isEmpty { try receive() }
  }

  private func takeChunks() throws -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let line = String(decoding: try take(until: [0x0D, 0x0A]), as: UTF8.self)
      guard let size = Int(line, radix: 16) else { throw LoopbackError.malformed(line) }
      body += try take(size)
      _ = try take(until: [0x0D, 0x0A])
      if size == 0 { return body }
    }
  }

  /// The bytes before a mark, which is taken away too.
  private func take(until mark: [UInt8]) throws -> [UInt8] {
    var searched = 0
    while true {
      if unread.count >= mark.count {
        for start in searched...(unread.count - mark.count)
        where unread[start..<(start + mark.count)].elementsEqual(mark) {
          defer { unread.removeFirst(start + mark.count) }
          return Array(unread[..<start])
        }
        searched = unread.count - mark.count + 1
      }
      try receive()
    }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while unread.count < count { try receive() }
    defer { unread.removeFirst(count) }
    return Array(unread[..<count])
  }

  private func receive() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 || errno != EAGAIN else { throw LoopbackError.silent }
    guard count > 0 else { throw LoopbackError.cutOff }
    unread += buffer[..<count]
  }
}
