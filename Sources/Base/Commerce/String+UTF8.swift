extension String {
  /// The text that bytes are in UTF-8; nil when they are not. Text of ASCII alone, which most ids and numbers are, takes
  /// no validation beyond one look at each byte.
  @inline(__always)
  public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    if all < 0x80 {
      self.init(unsafeUninitializedCapacity: bytes.count) { buffer in
        _ = buffer.initialize(fromContentsOf: bytes)
        return bytes.count
      }
    } else {
      guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
      self = text
    }
  }
}
