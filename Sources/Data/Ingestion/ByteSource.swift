import CZlib
import Foundation

/// Somewhere bytes come from, in order.
protocol ByteSource: AnyObject {
  /// Reads up to the buffer's size; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// The bytes of a file.
final class FileSource: ByteSource {
  private let descriptor: Int32
  private let path: String
  /// How many bytes have been read.
  private(set) var bytesRead: Int64 = 0

  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw IngestionError.unreadableFile(path: path, reason: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try readAll(descriptor, into: buffer, path: path)
    bytesRead += Int64(count)
    return count
  }
}

/// Reads once, again after an interruption.
func readAll(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: String) throws -> Int {
  while true {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count >= 0 { return count }
    if errno != EINTR {
      throw IngestionError.unreadableFile(path: path, reason: String(cString: strerror(errno)))
    }
  }
}

/// The contents of a gzip file, of one or several members.
final class GzipSource: ByteSource {
  private let source: any ByteSource
  private let path: String
  private var stream = z_stream()
  private var input = [UInt8](repeating: 0, count: 1 << 18)
  private var available = 0
  private var position = 0
  private var isInsideMember = false

  init(_ source: any ByteSource, path: String) throws {
    self.source = source
    self.path = path
    // 15 bits of window; 16 more ask for the gzip header.
    let code = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw IngestionError.unreadableFile(path: path, reason: "zlib cannot start") }
  }

  deinit { inflateEnd(&stream) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let output = buffer.bindMemory(to: UInt8.self)
    while true {
      if position == available {
        position = 0
        available = try input.withUnsafeMutableBytes { try source.read(into: $0) }
        if available == 0 {
          if isInsideMember {
            throw IngestionError.malformedFile(path: path, line: nil, reason: "the gzip data end early")
          }
          return 0
        }
      }
      let produced = try inflateSome(into: output)
      if produced > 0 { return produced }
    }
  }

  private func inflateSome(into output: UnsafeMutableBufferPointer<UInt8>) throws -> Int {
    let (code, produced) = input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress! + position
      stream.avail_in = UInt32(available - position)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      isInsideMember = true
      let code = inflate(&stream, Z_NO_FLUSH)
      position = available - Int(stream.avail_in)
      return (code, output.count - Int(stream.avail_out))
    }
    switch code {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END:
      isInsideMember = false
      inflateReset(&stream)
    default: throw IngestionError.malformedFile(path: path, line: nil, reason: "the gzip data are damaged")
    }
    return produced
  }
}

/// What a program writes to its standard output.
final class ProcessSource: ByteSource {
  private let process = Process()
  private let output = Pipe()
  private let errors = Pipe()
  private let path: String

  /// Starts the program; `path` is the file that it reads, for the error's sake.
  init(program: String, arguments: [String], path: String) throws {
    self.path = path
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    do { try process.run() } catch {
      throw IngestionError.unreadableFile(path: path, reason: "\(program) cannot be started")
    }
    try? output.fileHandleForWriting.close()
    try? errors.fileHandleForWriting.close()
  }

  deinit { if process.isRunning { process.terminate() } }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try readAll(output.fileHandleForReading.fileDescriptor, into: buffer, path: path)
    if count > 0 { return count }
    let message = (try? errors.fileHandleForReading.readToEnd()).flatMap { String(data: $0, encoding: .utf8) }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let first = (message ?? "").split(separator: "\n").first.map(String.init) ?? "it ended with an error"
      throw IngestionError.malformedFile(path: path, line: nil, reason: first)
    }
    return 0
  }
}
