import Application
import Commerce
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

/// Answers with a page of a list, or with the same rows as CSV when the request says `format=csv`.
func answer(_ page: Page, to request: Request) throws -> Response {
  switch request.uri.queryParameters["format"].map(String.init) {
  case nil, "json"?: return answer(page.json)
  case "csv"?:
    var response = answer(text: CSVWriter.table(page.items), type: "text/csv; charset=utf-8")
    response.headers[.contentDisposition] = "attachment; filename=\"\(page.name).csv\""
    return response
  case let other?:
    throw ApplicationError.invalidParameter(name: "format", value: other, expected: "json or csv")
  }
}

/// The parameters in a request's query, read with their limits.
struct Query {
  let request: Request

  /// A parameter's text; nil when absent or empty.
  ///
  /// - Parameter maximumLength: in characters; by default room for an id of the greatest length.
  func text(_ name: String, maximumLength: Int = 512) throws -> String? {
    guard let raw = request.uri.queryParameters[Substring(name)], !raw.isEmpty else { return nil }
    guard raw.unicodeScalars.count <= maximumLength else {
      throw ApplicationError.invalidParameter(
        name: name, value: "\(raw.prefix(20))…", expected: "at most \(maximumLength) characters")
    }
    return String(raw)
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
    guard let value = Timestamp(rfc3339: raw) else {
      throw ApplicationError.invalidParameter(
        name: name, value: raw, expected: "a time such as 2017-12-31T10:00:00Z")
    }
    return value
  }

  /// `limit` and `cursor`. The wider limit is for exports.
  func page() throws -> PageRequest {
    let isExport = request.uri.queryParameters["format"] == "csv"
    return PageRequest(
      limit: try integer("limit", default: isExport ? 10_000 : 50, in: 1...(isExport ? 100_000 : 500)),
      cursor: try text("cursor"))
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
      return try await collectBody(upTo: limit)
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      throw ApplicationError.tooLarge(limitBytes: limit)
    }
  }

  /// The body as JSON; an empty body is `null`.
  mutating func json(limit: Int = 1 << 20) async throws -> JSONValue {
    let buffer = try await bytes(limit: limit)
    guard buffer.readableBytes > 0 else { return .null }
    do {
      return try JSONValue(json: buffer.readableBytesView)
    } catch {
      throw ApplicationError.invalidParameter(name: "body", value: nil, expected: "JSON text")
    }
  }
}
