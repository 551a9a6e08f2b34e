extension JSONValue {
  /// The value of a whole JSON text.
  ///
  /// - Throws: `JSONSyntaxError` with the place of the fault.
  public init(json bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
    var result: Result<JSONValue, JSONSyntaxError>?
    let read = { (buffer: UnsafeBufferPointer<UInt8>) in
      result = Result { () throws(JSONSyntaxError) in
        var scanner = JSONScanner(buffer)
        let value = try scanner.value()
        guard scanner.isAtEnd() else { throw scanner.fault("there is more after the value") }
        return value
      }
    }
    if bytes.withContiguousStorageIfAvailable(read) == nil { Array(bytes).withUnsafeBufferPointer(read) }
    self = try result!.get()
  }

  /// The value as compact JSON text: keys in order, so that equal values give equal texts.
  public var json: String {
    var bytes: [UInt8] = []
    appendJSON(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Adds the value as compact JSON text. A number that is not finite, which JSON has no form for, becomes `null`.
  public func appendJSON(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let value): Self.appendJSON(number: value, to: &bytes)
    case .string(let value): Self.appendJSON(string: value, to: &bytes)
    case .array(let elements):
      bytes.append(0x5B)
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(0x2C) }
        element.appendJSON(to: &bytes)
      }
      bytes.append(0x5D)
    case .object(let members): Self.appendJSON(object: members, to: &bytes)
    }
  }

  /// Adds an object as compact JSON text with its keys in order.
  public static func appendJSON(object members: [String: JSONValue], to bytes: inout [UInt8]) {
    bytes.append(0x7B)
    var first = true
    func append(_ key: String, _ value: JSONValue) {
      if !first { bytes.append(0x2C) }
      first = false
      appendJSON(string: key, to: &bytes)
      bytes.append(0x3A)
      value.appendJSON(to: &bytes)
    }
    if members.count == 1 {
      for (key, value) in members { append(key, value) }
    } else {
      for (key, value) in members.sorted(by: { $0.key < $1.key }) { append(key, value) }
    }
    bytes.append(0x7D)
  }

  static func appendJSON(number value: Double, to bytes: inout [UInt8]) {
    if abs(value) < 1e15, let whole = Int64(exactly: value) {
      bytes.append(contentsOf: String(whole).utf8)
    } else if value.isFinite {
      bytes.append(contentsOf: value.description.utf8)
    } else {
      bytes.append(contentsOf: "null".utf8)
    }
  }

  static func appendJSON(string value: String, to bytes: inout [UInt8]) {
    bytes.append(0x22)
    var value = value
    value.withUTF8 { text in
      // Most texts need no escape, and are copied whole.
      if text.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
        appendEscaped(text, to: &bytes)
      } else {
        bytes.append(contentsOf: text)
      }
    }
    bytes.append(0x22)
  }

  private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    for byte in text {
      switch byte {
      case 0x22, 0x5C:
        bytes.append(0x5C)
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
      case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
      case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes.append(contentsOf: (byte < 16 ? #"\u000"# : #"\u00"#).utf8)
        bytes.append(contentsOf: digits.utf8)
      default: bytes.append(byte)
      }
    }
  }
}
