import Application
import Commerce
import Foundation
import Hummingbird

/// Answers with a JSON value.
func answer(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
  answer(bytes: value.serialized, status: status)
}

/// Answers with bytes that are JSON already.
func answer(bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
  Response(
    status: status, headers: [.contentType: "application/json"],
    body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
}

/// Answers with text of some media type.
func answer(text: String, type: String) -> Response {
  Response(
    status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
}

/// The parameters in a request's query, read with their limits.
struct Query {
  let request: Request

  /// A parameter's text; nil when absent or empty.
  ///
  /// - Parameter maximumLength: in characters; by default room for an id of the greatest length.
  func text(_ name: String, maximumLength: Int = 512) throws -> String? {
    guard let raw = raw(name), !raw.isEmpty else { return nil }
    guard let text = Self.decode(raw) else {
      throw ApplicationError.invalidParameter(
        name: name, value: String(raw.prefix(40)), expected: "percent-encoded UTF-8")
    }
    guard text.unicodeScalars.count <= maximumLength else {
      throw ApplicationError.invalidParameter(
        name: name, value: "\(text.prefix(20))…", expected: "at most \(maximumLength) characters")
    }
    return text
  }

  private func raw(_ name: String) -> Substring? {
    guard let query = request.uri.query else { return nil }
    for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
      let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      guard Self.decode(Substring(pair[..<end])) == name else { continue }
      return Substring(end < pair.endIndex ? pair[pair.index(after: end)...] : pair[end...])
    }
    return nil
  }

  // As forms encode: most clients write a blank as a plus sign, and a plus sign as %2B.
  private static func decode(_ raw: Substring) -> String? {
    guard raw.utf8.contains(UInt8(ascii: "+")) else { return String(raw).percentDecoded }
    return String(raw.replacing("+", with: " ")).percentDecoded
  }

  /// All texts of a parameter that may be given several times.
  func texts(_ name: String, maximumLength: Int = 512) throws -> [String] {
    try (request.uri.query ?? "").split(separator: "&").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, Self.decode(parts[0]) == name else { return nil }
      guard let text = Self.decode(parts[1]), text.unicodeScalars.count <= maximumLength else {
        throw ApplicationError.invalidParameter(
          name: name, value: String(parts[1].prefix(40)),
          expected: "percent-encoded UTF-8 of at most \(maximumLength) characters")
      }
      return text.isEmpty ? nil : text
    }
  }

  /// A whole number within a range.
  func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let raw = try text(name) else { return fallback }
    guard let value = Int(raw), range.contains(value) else {
      throw ApplicationError.invalidParameter(
        name: name, value: raw, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number within a range.
  func number(_ name: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let raw = try text(name) else { return nil }
    guard let value = Double(raw), range.contains(value) else {
      throw ApplicationError.invalidParameter(
        name: name, value: raw, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// `true` or `false`; false when absent.
  func flag(_ name: String) throws -> Bool {
    guard let raw = try text(name) else { return false }
    guard let value = Bool(raw) else {
      throw ApplicationError.invalidParameter(name: name, value: raw, expected: "true or false")
    }
    return value
  }

  /// One of a fixed set of words.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of type: Choice.Type = Choice.self
  ) throws -> Choice? where Choice.RawValue == String {
    guard let raw = try text(name) else { return nil }
    guard let choice = Choice(rawValue: raw) else {
      let expected = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw ApplicationError.invalidParameter(name: name, value: raw, expected: "one of \(expected)")
    }
    return choice
  }

  /// A moment in RFC 3339.
  func timestamp(_ name: String) throws -> Timestamp? {
    guard let raw = try text(name) else { return nil }
    // The plus sign of an offset that was sent as it is has been read as a blank.
    let offset = raw.replacing(/[ ](\d\d:\d\d)$/) { "+\($0.1)" }
    guard let value = Timestamp(rfc3339: offset) ?? Timestamp(rfc3339: raw) else {
      throw ApplicationError.invalidParameter(
        name: name, value: raw, expected: "a time such as 2017-12-31T10:00:00Z")
    }
    return value
  }

  /// `limit` and `cursor`.
  func page(defaultLimit: Int) throws -> PageRequest {
    PageRequest(limit: try integer("limit", default: defaultLimit, in: 1...500), cursor: try text("cursor"))
  }
}

extension Request {
  /// The parameters in the query.
  var query: Query { Query(request: self) }

  /// The whole body, when it is no longer than allowed.
  ///
  /// - Throws: `ApplicationError.tooLarge`.
  mutating func bytes(limit: Int) async throws -> ByteBuffer {
    if let length = headers[.contentLength].flatMap(Int.init), length > limit {
      throw ApplicationError.tooLarge(limitBytes: limit)
    }
    do {
      let body = try await collectBody(upTo: limit)
      try requireWhole(body.readableBytes)
      return body
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      throw ApplicationError.tooLarge(limitBytes: limit)
    }
  }

  /// Stops a request whose body broke off: its sender is gone, and half a body must not pass for a whole one.
  func requireWhole(_ length: Int) throws {
    guard let said = headers[.contentLength].flatMap({ Int($0) }), said != length else { return }
    throw Problem.body("The body broke off: it has \(length) bytes, and Content-Length says \(said).")
  }

  /// The body as JSON; an empty body is `null`.
  mutating func json(limit: Int = 1 << 20) async throws -> JSONValue {
    let buffer = try await bytes(limit: limit)
    guard buffer.readableBytes > 0 else { return .null }
    do {
      return try JSONValue(json: buffer.readableBytesView)
    } catch {
      throw Problem.body("\(error)")
    }
  }
}

extension String {
  /// The text without percent-encoding; nil when that is not UTF-8. Most texts have none, and Foundation takes its time.
  var percentDecoded: String? { utf8.contains(UInt8(ascii: "%")) ? removingPercentEncoding : self }
}
