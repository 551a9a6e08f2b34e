import Foundation
import MathKernels
import TextAnalysis

/// Reads texts line by line and writes an answer for each, in the same order: a few megabytes at a time, on all cores.
///
/// ```swift
/// try LineStream(input: .standardInput).forEach { lines in lines.map { $0.uppercased() } }
/// ```
/// Bytes that are not UTF-8 are read as U+FFFD; a byte order mark at the start is no part of the first line. An empty line is a text of its own; the last line may lack its end.
public struct LineStream: Sendable {
  private static let chunk = 1 << 20
  private static let block = 64
  private static let longestLine = 64 << 20

  private let input: FileHandle
  private let output: FileHandle

  /// Reads from one handle and writes to another.
  public init(input: FileHandle, output: FileHandle = .standardOutput) {
    self.input = input
    self.output = output
  }

  /// Answers every line; the work is given some lines at a time and gives as many answers.
  ///
  /// - Returns: how many lines there were.
  @discardableResult
  public func answer(_ work: @Sendable ([String]) throws -> [String]) throws -> Int {
    var count = 0
    try forEachBatch { lines in
      count += lines.count
      let answers = try parallelBlocks(lines.count, blockSize: Self.block) { block in
        let answers = try work(Array(lines[block]))
        precondition(answers.count == block.count, "every line has one answer")
        var bytes: [UInt8] = []
        for answer in answers {
          bytes.append(contentsOf: answer.utf8)
          bytes.append(0x0A)
        }
        return bytes
      }
      for bytes in answers { try output.write(contentsOf: Data(bytes)) }
    }
    return count
  }

  /// All lines.
  public func all() throws -> [String] {
    var lines: [String] = []
    try forEachBatch { lines += $0 }
    return lines
  }

  private func forEachBatch(_ body: ([String]) throws -> Void) throws {
    var rest = Data()
    var lineCount = 0
    var isFirst = true
    while var data = try nextBytes(), !data.isEmpty {
      if isFirst, data.starts(with: [0xEF, 0xBB, 0xBF]) { data = Data(data.dropFirst(3)) }
      isFirst = false
      guard let end = data.lastIndex(of: 0x0A) else {
        rest.append(data)
        guard rest.count <= Self.longestLine else {
          throw TextError.malformedLine(
            file: "the input", line: lineCount + 1, expected: "lines of at most 64 MB", found: "a longer one")
        }
        continue
      }
      rest.append(data[data.startIndex..<end])
      let lines = Self.lines(rest)
      lineCount += lines.count
      try body(lines)
      rest = Data(data[data.index(after: end)...])
    }
    if !rest.isEmpty { try body(Self.lines(rest)) }
  }

  /// What there is to read, as soon as there is any: whoever writes into a pipe line by line is answered line by line. Nil at the
  /// end.
  private func nextBytes() throws -> Data? {
    var buffer = [UInt8](repeating: 0, count: Self.chunk)
    while true {
      let count = read(input.fileDescriptor, &buffer, buffer.count)
      if count >= 0 { return count == 0 ? nil : Data(buffer[..<count]) }
      guard errno == EINTR else {
        throw TextError.damagedFile(path: "the input", reason: String(cString: strerror(errno)))
      }
    }
  }

  private static func lines(_ data: Data) -> [String] {
    data.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
  }
}
