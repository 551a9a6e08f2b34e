import Foundation

/// How the characters of a file are written.
public enum TextEncoding: String, Sendable, Codable, CaseIterable {
  /// UTF-8, with or without a byte order mark.
  case utf8 = "UTF-8"
  /// The Chinese national standard, which takes in GBK and GB2312.
  case gb18030 = "GB18030"
  /// UTF-16, lower byte first.
  case utf16LittleEndian = "UTF-16LE"
  /// UTF-16, upper byte first.
  case utf16BigEndian = "UTF-16BE"

  /// An encoding from its name, in any spelling: `utf8`, `GBK`, `gb2312`.
  public init?(name: String) {
    switch name.lowercased().filter({ $0.isLetter || $0.isNumber }) {
    case "utf8", "ascii", "usascii": self = .utf8
    case "gb18030", "gbk", "gb2312", "cp936", "936": self = .gb18030
    case "utf16", "utf16le": self = .utf16LittleEndian
    case "utf16be": self = .utf16BigEndian
    default: return nil
    }
  }

  /// The encoding that the first bytes of a file are in, and how many bytes its mark takes; nil when it is none of
  /// these.
  static func detect(_ sample: [UInt8]) -> (encoding: TextEncoding, markLength: Int)? {
    if sample.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if sample.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
    if sample.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
    if isUTF8(sample) { return (.utf8, 0) }
    guard let converter = CharacterConverter(.gb18030) else { return nil }
    var text: [UInt8] = []
    var rest = sample[...]
    converter.convert(&rest, into: &text, isFinal: false)
    return text.contains(0xFF) ? nil : (.gb18030, 0)
  }

  /// Whether bytes are UTF-8, but for a character cut off at their end.
  private static func isUTF8(_ bytes: [UInt8]) -> Bool {
    for dropped in 0...min(3, bytes.count) {
      if String(validating: bytes.dropLast(dropped), as: UTF8.self) != nil { return true }
    }
    return false
  }
}

/// Turns bytes of another encoding into UTF-8 through the C library's iconv.
final class CharacterConverter {
  private let descriptor: iconv_t

  init?(_ encoding: TextEncoding) {
    guard let opened = iconv_open("UTF-8", encoding.rawValue), Int(bitPattern: opened) != -1 else {
      return nil
    }
    descriptor = opened
  }

  deinit { iconv_close(descriptor) }

  /// Converts what can be; what is left in `input` is the start of a character. A byte that begins no character
  /// becomes 0xFF, which is no UTF-8 either, so that its row is rejected rather than altered.
  func convert(_ input: inout ArraySlice<UInt8>, into output: inout [UInt8], isFinal: Bool) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !input.isEmpty {
      var bytes = Array(input)
      let code: Int = bytes.withUnsafeMutableBytes { source in
        buffer.withUnsafeMutableBytes { target in
          var next = source.bindMemory(to: CChar.self).baseAddress
          var left = source.count
          var end = target.bindMemory(to: CChar.self).baseAddress
          var room = target.count
          let result = iconv(descriptor, &next, &left, &end, &room)
          let fault = result == -1 ? Int(errno) : 0
          output.append(contentsOf: target.prefix(target.count - room))
          input = input.dropFirst(source.count - left)
          return fault
        }
      }
      switch Int32(code) {
      case 0, E2BIG: continue
      case EINVAL where !isFinal: return
      default:
        output.append(0xFF)
        input = input.dropFirst()
      }
    }
  }
}

/// A source in another encoding, as UTF-8.
final class TranscodingSource: ByteSource {
  private let source: any ByteSource
  private let converter: CharacterConverter
  private var pending: [UInt8] = []
  private var ready: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  init(_ source: any ByteSource, _ converter: CharacterConverter) {
    self.source = source
    self.converter = converter
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while position == ready.count, !isAtEnd { try refill() }
    let count = min(buffer.count, ready.count - position)
    buffer.copyBytes(from: ready[position..<position + count])
    position += count
    return count
  }

  private func refill() throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 17)
    let count = try chunk.withUnsafeMutableBytes { try source.read(into: $0) }
    isAtEnd = count == 0
    pending += chunk.prefix(count)
    ready.removeAll(keepingCapacity: true)
    position = 0
    var rest = pending[...]
    converter.convert(&rest, into: &ready, isFinal: isAtEnd)
    pending = Array(rest)
  }
}

/// A source that began with nothing but ASCII: it is passed on as it is until the first byte beyond ASCII, and the bytes
/// from there on tell which encoding it is in.
final class DetectingSource: ByteSource {
  private static let sampleSize = 1 << 18
  private let path: String
  private var source: any ByteSource
  private var position: Int
  /// The encoding, once a byte beyond ASCII has been met.
  private(set) var found: TextEncoding?

  /// - Parameter position: how many bytes of the text came before.
  init(_ source: any ByteSource, path: String, position: Int) {
    self.source = source
    self.path = path
    self.position = position
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try source.read(into: buffer)
    guard found == nil, let first = buffer.prefix(count).firstIndex(where: { $0 >= 0x80 }) else {
      position += count
      return count
    }
    // What is ASCII goes out; the rest is looked at with as much as follows.
    var sample = Array(buffer[first..<count])
    sample += try fill(Self.sampleSize - min(Self.sampleSize, sample.count))
    guard let encoding = TextEncoding.detect(sample)?.encoding, encoding == .utf8 || encoding == .gb18030
    else {
      throw IngestionError.malformedFile(
        path: path, line: nil,
        reason: "byte \(position + first) is neither UTF-8 nor GB18030; name the encoding in the mapping, "
          + "such as 'encoding: GB18030'")
    }
    found = encoding
    position += first
    let rest = PrefixedSource(sample, source)
    if encoding == .utf8 {
      source = rest
    } else {
      guard let converter = CharacterConverter(encoding) else {
        throw IngestionError.malformedFile(
          path: path, line: nil, reason: "this system cannot read \(encoding.rawValue)")
      }
      source = TranscodingSource(rest, converter)
    }
    return first > 0 ? first : try source.read(into: buffer)
  }

  private func fill(_ limit: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let more = try bytes.withUnsafeMutableBytes {
        try source.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
      }
      if more == 0 { break }
      count += more
    }
    return Array(bytes.prefix(count))
  }
}
