/// Why some bytes are not the JSON that was expected.
public struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  /// Where in the bytes, counted from 0.
  public var offset: Int
  /// What was expected or found, as the rest of a sentence.
  public var reason: String

  /// A fault at a place.
  public init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  /// The error in one sentence.
  public var description: String { "The JSON is malformed at byte \(offset + 1): \(reason)." }
}

/// Reads JSON (RFC 8259) off bytes, strictly and in one pass, without building a tree for what is not wanted.
///
/// Foundation's decoder on Linux spends some 20 µs on an event; a server that takes tens of thousands a second
/// cannot. The scanner accepts hostile input: every fault is an error with its place, nesting is limited to
/// `maximumDepth`, and text must be valid UTF-8.
///
/// ```swift
/// let value = try JSONValue(json: Array(#"{"colour": "红"}"#.utf8))
/// ```
public struct JSONScanner {
  /// How deep arrays and objects may nest.
  public static let maximumDepth = 64

  /// What is read. The bytes must outlive the scanner.
  public let bytes: UnsafeBufferPointer<UInt8>
  /// The next byte to read.
  public var position: Int

  /// A scanner over bytes that outlive it.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The next byte that is not white space, without consuming it; nil at the end.
  @inline(__always)
  public mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte > 0x20 || (byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09) { return byte }
      position += 1
    }
    return nil
  }

  /// Consumes the given byte after white space, or says what was expected.
  @inline(__always)
  public mutating func expect(_ byte: UInt8, _ what: @autoclosure () -> String) throws(JSONSyntaxError) {
    guard peek() == byte else { throw fault("expected \(what())") }
    position += 1
  }

  /// Whether nothing but white space is left.
  public mutating func isAtEnd() -> Bool { peek() == nil }

  /// A fault at the current place.
  public func fault(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(offset: position, reason: reason) }

  /// Reads the members of an object: `body` gets each key and must consume its value.
  @inline(__always)
  public mutating func object(
    _ body: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try expect(0x7B, "an object")
    if peek() == 0x7D {
      position += 1
      return
    }
    while true {
      guard peek() == 0x22 else { throw fault("expected a key in double quotes") }
      let key = try string()
      try expect(0x3A, "a colon after the key '\(key.prefix(64))'")
      try body(&self, key)
      switch peek() {
      case 0x2C: position += 1
      case 0x7D:
        position += 1
        return
      default: throw fault("expected a comma or the end of the object")
      }
    }
  }

  /// Reads the elements of an array: `body` must consume one value each time.
  @inline(__always)
  public mutating func array(
    _ body: (inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try expect(0x5B, "an array")
    if peek() == 0x5D {
      position += 1
      return
    }
    while true {
      try body(&self)
      switch peek() {
      case 0x2C: position += 1
      case 0x5D:
        position += 1
        return
      default: throw fault("expected a comma or the end of the array")
      }
    }
  }

  /// Reads any value.
  public mutating func value(depth: Int = 0) throws(JSONSyntaxError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw fault("values nest deeper than \(Self.maximumDepth)") }
    switch peek() {
    case 0x22: return .string(try string())
    case 0x7B:
      var members: [String: JSONValue] = [:]
      try object { (scanner, key) throws(JSONSyntaxError) in
        members[key] = try scanner.value(depth: depth + 1)
      }
      return .object(members)
    case 0x5B:
      var elements: [JSONValue] = []
      try array { scanner throws(JSONSyntaxError) in elements.append(try scanner.value(depth: depth + 1)) }
      return .array(elements)
    case 0x74:
      try literal("true")
      return .bool(true)
    case 0x66:
      try literal("false")
      return .bool(false)
    case 0x6E:
      try literal("null")
      return .null
    case nil: throw fault("the text ends where a value was expected")
    default: return .number(try number())
    }
  }

  /// Reads and forgets any value; returns the bytes it took.
  @discardableResult
  public mutating func skipValue() throws(JSONSyntaxError) -> Range<Int> {
    _ = peek()
    let start = position
    _ = try value()
    return start..<position
  }

  /// Reads `null` when it comes next.
  @inline(__always)
  public mutating func takeNull() throws(JSONSyntaxError) -> Bool {
    guard peek() == 0x6E else { return false }
    try literal("null")
    return true
  }

  private mutating func literal(_ word: StaticString) throws(JSONSyntaxError) {
    let length = word.utf8CodeUnitCount
    guard position + length <= bytes.count else { throw fault("expected \(word)") }
    for index in 0..<length where bytes[position + index] != word.utf8Start[index] {
      throw fault("expected \(word)")
    }
    position += length
  }
}
