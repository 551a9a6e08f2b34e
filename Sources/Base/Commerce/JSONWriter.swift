/// Writes compact JSON text piece by piece, where making a `JSONValue` first would take longer than all else.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object {
///   $0.member("id", "7")
///   $0.array("sizes", [1, 2]) { $0.write(Double($1)) }
/// }
/// String(decoding: writer.bytes, as: UTF8.self)    // {"id":"7","sizes":[1,2]}
/// ```
/// Members come in the order in which they are written. A number that is not finite, which JSON has no form for, becomes `null`.
public struct JSONWriter: Sendable {
  /// What is written so far.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Nothing written yet.
  public init() {}

  /// An object with the members that the body writes.
  public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
    try enclosed(0x7B, 0x7D, body)
  }

  /// A member that is an object.
  public mutating func object(_ key: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
    self.key(key)
    try object(body)
  }

  /// A member that is an array of as many elements as the sequence has; the body writes one value for each.
  public mutating func array<Elements: Sequence>(
    _ key: StaticString, _ elements: Elements,
    _ body: (inout JSONWriter, Elements.Element) throws -> Void
  ) rethrows {
    self.key(key)
    try enclosed(0x5B, 0x5D) { writer in
      for element in elements { try body(&writer, element) }
    }
  }

  /// A member that is a text, or `null`.
  public mutating func member(_ key: StaticString, _ value: String?) {
    self.key(key)
    if let value { write(value) } else { write(.null) }
  }

  /// A member that is a number, or `null`.
  public mutating func member(_ key: StaticString, _ value: Double?) {
    self.key(key)
    write(value ?? .nan)
  }

  /// A member that is a whole number.
  public mutating func member(_ key: StaticString, _ value: Int) {
    self.key(key)
    write(Double(value))
  }

  /// A member of any value.
  public mutating func member(_ key: StaticString, _ value: JSONValue) {
    self.key(key)
    write(value)
  }

  /// A text.
  public mutating func write(_ value: String) {
    separate()
    JSONValue.appendJSON(string: value, to: &bytes)
  }

  /// A number.
  public mutating func write(_ value: Double) {
    separate()
    JSONValue.appendJSON(number: value, to: &bytes)
  }

  /// Any value.
  public mutating func write(_ value: JSONValue) {
    separate()
    value.appendJSON(to: &bytes)
  }

  /// Keys are names of the program's own, without anything to escape.
  private mutating func key(_ name: StaticString) {
    separate()
    bytes.append(0x22)
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(0x22)
    bytes.append(0x3A)
    needsComma = false
  }

  private mutating func enclosed(
    _ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) throws -> Void
  ) rethrows {
    separate()
    bytes.append(opening)
    needsComma = false
    try body(&self)
    bytes.append(closing)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(0x2C) }
    needsComma = true
  }
}
