extension JSONScanner {
  /// Reads a string.
  public mutating func string() throws(JSONSyntaxError) -> String {
    guard peek() == 0x22 else { throw fault("expected a string") }
    position += 1
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x22 {
        let text = String(utf8: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        guard let text else {
          position = start
          throw fault("the string is not valid UTF-8")
        }
        position += 1
        return text
      }
      if byte == 0x5C { return try escapedString(from: start) }
      guard byte >= 0x20 else { throw fault("a control character inside a string must be escaped") }
      position += 1
    }
    throw fault("the string has no closing quote")
  }

  /// Reads on from the first backslash of a string that started at `start`.
  private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var buffer = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case 0x22:
        guard let text = String(validating: buffer, as: UTF8.self) else {
          position = start
          throw fault("the string is not valid UTF-8")
        }
        position += 1
        return text
      case 0x5C:
        position += 1
        try escape(into: &buffer)
      case 0..<0x20: throw fault("a control character inside a string must be escaped")
      default:
        buffer.append(byte)
        position += 1
      }
    }
    throw fault("the string has no closing quote")
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(JSONSyntaxError) {
    guard position < bytes.count else { throw fault("the string has no closing quote") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: buffer.append(byte)
    case 0x62: buffer.append(0x08)
    case 0x66: buffer.append(0x0C)
    case 0x6E: buffer.append(0x0A)
    case 0x72: buffer.append(0x0D)
    case 0x74: buffer.append(0x09)
    case 0x75:
      var code = try hexadecimalUnit()
      if (0xD800...0xDBFF).contains(code) {
        guard position + 1 < bytes.count, bytes[position] == 0x5C, bytes[position + 1] == 0x75 else {
          throw fault("a high surrogate stands alone")
        }
        position += 2
        let low = try hexadecimalUnit()
        guard (0xDC00...0xDFFF).contains(low) else { throw fault("a high surrogate stands alone") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("a low surrogate stands alone") }
      buffer.append(contentsOf: String(Character(scalar)).utf8)
    default:
      position -= 1
      throw fault("an unknown escape in a string")
    }
  }

  private mutating func hexadecimalUnit() throws(JSONSyntaxError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw fault("expected four hexadecimal digits") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[position]
      let digit: UInt32
      switch byte {
      case 0x30...0x39: digit = UInt32(byte) - 0x30
      case 0x41...0x46: digit = UInt32(byte) - 0x37
      case 0x61...0x66: digit = UInt32(byte) - 0x57
      default: throw fault("expected four hexadecimal digits")
      }
      code = code << 4 | digit
      position += 1
    }
    return code
  }

  /// Reads a number. One too large for a `Double` is a fault.
  public mutating func number() throws(JSONSyntaxError) -> Double {
    _ = peek()
    let start = position
    let negative = position < bytes.count && bytes[position] == 0x2D
    if negative { position += 1 }
    var digits = DecimalDigits()
    let first = position
    scanDigits(into: &digits, fraction: false)
    guard position > first else {
      position = start
      throw fault("expected a value")
    }
    guard position == first + 1 || bytes[first] != 0x30 else {
      position = start
      throw fault("a number must not start with a zero")
    }
    if position < bytes.count, bytes[position] == 0x2E {
      position += 1
      let fractionStart = position
      scanDigits(into: &digits, fraction: true)
      guard position > fractionStart else { throw fault("expected a digit after the decimal point") }
    }
    try scanExponent(into: &digits)
    if let exact = digits.exactValue { return negative ? -exact : exact }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      position = start
      throw fault("the number is too large")
    }
    return value
  }

  @inline(__always)
  private mutating func scanDigits(into digits: inout DecimalDigits, fraction: Bool) {
    while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
      digits.append(digit, fraction: fraction)
      position += 1
    }
  }

  private mutating func scanExponent(into digits: inout DecimalDigits) throws(JSONSyntaxError) {
    guard position < bytes.count, bytes[position] | 0x20 == 0x65 else { return }
    position += 1
    if position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D { position += 1 }
    let start = position
    while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
    guard position > start else { throw fault("expected a digit in the exponent") }
    digits.hasExponent = true
  }
}

/// The digits of a decimal number, gathered so that most numbers need no general conversion: up to fifteen
/// significant digits and at most 22 decimals are one correctly rounded division.
public struct DecimalDigits: Sendable {
  /// The digits as a whole number.
  public private(set) var mantissa: UInt64 = 0
  /// How many of them stand after the decimal point.
  public private(set) var decimals = 0
  /// How many digits there are, leading zeros aside.
  public private(set) var significant = 0
  /// Whether an exponent followed, which the fast way does not handle.
  public var hasExponent = false

  /// No digits yet.
  public init() {}

  /// Adds a digit 0…9.
  @inline(__always)
  public mutating func append(_ digit: UInt8, fraction: Bool) {
    if significant > 0 || digit != 0 { significant += 1 }
    if significant <= 18 { mantissa = mantissa * 10 + UInt64(digit) }
    if fraction { decimals += 1 }
  }

  /// The number, when it can be had exactly without a general conversion.
  @inline(__always)
  public var exactValue: Double? {
    guard significant <= 15, decimals <= 22, !hasExponent else { return nil }
    return decimals == 0 ? Double(mantissa) : Double(mantissa) / Self.powersOfTen[decimals]
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19,
    1e20, 1e21, 1e22,
  ]
}
