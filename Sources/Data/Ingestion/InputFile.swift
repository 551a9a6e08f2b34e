import Foundation

/// How the rows of a file are written.
public enum FileFormat: String, Sendable, Codable, CaseIterable {
  /// Values with a separator between them, RFC 4180.
  case csv
  /// Values with tabs between them.
  case tsv
  /// One JSON object on each line.
  case ndjson
  /// Apache Parquet, read through the DuckDB program.
  case parquet
}

/// A file to import, opened: its bytes as UTF-8 without a mark, and what was found out about them.
final class InputFile {
  let path: String
  let name: String
  let format: FileFormat
  private let declaredEncoding: TextEncoding
  private let detecting: DetectingSource?
  let isCompressed: Bool
  /// The file's length; 0 when it has none.
  let length: Int64
  private let source: any ByteSource
  private let file: FileSource?
  private var peeked: [UInt8] = []

  /// The encoding as far as is known: a file that begins with nothing but ASCII may turn out to be in another.
  var encoding: TextEncoding { detecting?.found ?? declaredEncoding }

  /// How many of the file's bytes have been read; 0 while another program reads it.
  var bytesRead: Int64 { file?.bytesRead ?? 0 }

  private static let sampleSize = 1 << 18

  /// Opens a file; format and encoding are found out unless given.
  init(path: String, format given: FileFormat? = nil, encoding givenEncoding: TextEncoding? = nil) throws {
    self.path = path
    name = (path as NSString).lastPathComponent
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw IngestionError.unreadableFile(path: path, reason: "it is a folder")
    }
    let plain = try FileSource(path: path)
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    length = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    let head = try Self.fill(from: plain, limit: 4)
    isCompressed = head.starts(with: [0x1F, 0x8B])
    if head == Array("PAR1".utf8) || given == .parquet {
      format = .parquet
      declaredEncoding = .utf8
      detecting = nil
      file = nil
      source = try DuckDB.csv(ofParquet: path)
      return
    }
    let rewound = try FileSource(path: path)
    file = rewound
    let bytes: any ByteSource = isCompressed ? try GzipSource(rewound, path: path) : rewound
    var sample = try Self.fill(from: bytes, limit: Self.sampleSize)
    guard let found = TextEncoding.detect(sample) ?? givenEncoding.map({ ($0, 0) }) else {
      throw IngestionError.malformedFile(
        path: path, line: nil,
        reason: "the text is neither UTF-8 nor GB18030; name its encoding in the mapping")
    }
    sample.removeFirst(found.encoding == (givenEncoding ?? found.encoding) ? found.markLength : 0)
    let encoding = givenEncoding ?? found.encoding
    declaredEncoding = encoding
    if givenEncoding == nil, encoding == .utf8, found.markLength == 0, sample.allSatisfy({ $0 < 0x80 }) {
      // All encodings agree so far; the first byte beyond ASCII tells them apart.
      let detecting = DetectingSource(bytes, path: path, position: sample.count)
      self.detecting = detecting
      source = detecting
      peeked = sample
    } else if encoding == .utf8 {
      detecting = nil
      source = bytes
      peeked = sample
    } else {
      detecting = nil
      guard let converter = CharacterConverter(encoding) else {
        throw IngestionError.malformedFile(
          path: path, line: nil, reason: "this system cannot read \(encoding.rawValue)")
      }
      let transcoding = TranscodingSource(PrefixedSource(sample, bytes), converter)
      source = transcoding
      peeked = try Self.fill(from: transcoding, limit: Self.sampleSize)
    }
    format = given ?? Self.format(ofName: name, sample: peeked)
  }

  /// A text in memory that is read like a file.
  init(text: String, name: String, format: FileFormat) {
    path = name
    self.name = name
    self.format = format
    declaredEncoding = .utf8
    detecting = nil
    isCompressed = false
    length = 0
    file = nil
    source = PrefixedSource(Array(text.utf8), nil)
  }

  /// The first bytes, as UTF-8, without consuming them.
  func sample() throws -> [UInt8] {
    if peeked.isEmpty { peeked = try Self.fill(from: source, limit: Self.sampleSize) }
    return peeked
  }

  /// Reads on as UTF-8; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if peeked.isEmpty { return try source.read(into: buffer) }
    let count = min(buffer.count, peeked.count)
    buffer.copyBytes(from: peeked.prefix(count))
    peeked.removeFirst(count)
    return count
  }

  private static func fill(from source: any ByteSource, limit: Int) throws -> [UInt8] {
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

  /// The format that a name's ending says, else what the first character suggests.
  private static func format(ofName name: String, sample: [UInt8]) -> FileFormat {
    var name = name.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    switch (name as NSString).pathExtension {
    case "tsv", "tab": return .tsv
    case "csv": return .csv
    case "ndjson", "jsonl": return .ndjson
    default: return sample.first { $0 > 0x20 } == 0x7B ? .ndjson : .csv
    }
  }
}

/// Bytes that were read already, then the rest of their source.
final class PrefixedSource: ByteSource {
  private var prefix: [UInt8]
  private let source: (any ByteSource)?

  init(_ prefix: [UInt8], _ source: (any ByteSource)?) {
    self.prefix = prefix
    self.source = source
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if prefix.isEmpty { return try source?.read(into: buffer) ?? 0 }
    let count = min(buffer.count, prefix.count)
    buffer.copyBytes(from: prefix.prefix(count))
    prefix.removeFirst(count)
    return count
  }
}

/// The DuckDB command-line program, which reads Parquet.
enum DuckDB {
  /// Starts the program so that it writes a Parquet file as CSV, its times in UTC.
  static func csv(ofParquet path: String) throws -> ProcessSource {
    // A path is a pattern to DuckDB, in which a class of one character is that character. `[` goes first.
    let literal = ["[", "*", "?"].reduce(path) { $0.replacingOccurrences(of: $1, with: "[\($1)]") }
    let quoted = literal.replacingOccurrences(of: "'", with: "''")
    let sql = """
      SET TimeZone = 'UTC';
      COPY (SELECT * FROM read_parquet('\(quoted)')) TO '/dev/stdout' (FORMAT csv, HEADER)
      """
    return try ProcessSource(program: try find(), arguments: ["-batch", "-c", sql], path: path)
  }

  /// The program's place: the cache that `scripts/setup` fills, else the search path.
  static func find() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let caches = [environment["LODE_CACHE"], ".cache"].compactMap { $0.map { "\($0)/bin" } }
    let folders = caches + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/duckdb") {
      return "\(folder)/duckdb"
    }
    throw IngestionError.missingTool(name: "duckdb", hint: "scripts/setup fetches it into the cache")
  }
}
