/// Splits delimited text into rows and values, in one pass over the bytes.
struct RowParser {
  /// The rows found; `bytes` is left empty for the caller to fill.
  private(set) var batch = RecordBatch()
  /// The line that the next row starts on.
  private(set) var line: Int

  private let separator: UInt8
  private let isFinal: Bool
  // Values with doubled quotes, unescaped; their ranges are marked by being at `unescapedMark` and beyond.
  private var unescaped: [UInt8] = []
  private var unescapedValues: [Int] = []

  private enum End { case value, row, open, malformed }

  /// A parser at a line; `isFinal` when no more text follows, so that the last row may lack its line end.
  init(separator: UInt8, line: Int, isFinal: Bool) {
    self.separator = separator
    self.line = line
    self.isFinal = isFinal
  }

  /// Parses whole rows; returns how many bytes they took. What follows is the start of a row that goes on.
  mutating func parse(_ text: UnsafeBufferPointer<UInt8>, limit: Int) -> Int {
    var position = 0
    batch.rows.reserveCapacity(limit == .max ? text.count / 64 : 1)
    while position < text.count, batch.rows.count < limit {
      if skipBlankLine(text, &position) { continue }
      guard parseRow(text, &position) else { break }
    }
    return position
  }

  /// Puts the unescaped values behind the text, once that is in place.
  func placeUnescaped(in batch: inout RecordBatch) {
    let offset = Int32(batch.bytes.count)
    batch.bytes += unescaped
    for index in unescapedValues {
      let range = batch.values[index]
      batch.values[index] = range.lowerBound + offset..<range.upperBound + offset
    }
  }

  private mutating func skipBlankLine(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Bool {
    if text[position] == 0x0A {
      position += 1
    } else if text[position] == 0x0D, position + 1 < text.count, text[position + 1] == 0x0A {
      position += 2
    } else if text[position] == 0x0D, position + 1 == text.count, isFinal {
      position += 1
    } else {
      return false
    }
    line += 1
    return true
  }

  /// Parses one row; false, and nothing changes, when its end is not in the text yet.
  private mutating func parseRow(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Bool {
    let start = position
    let firstValue = batch.values.count
    let unescapedStart = (unescaped.count, unescapedValues.count)
    var cursor = position
    var lines = 1
    var end = End.value
    while end == .value {
      end =
        cursor < text.count && text[cursor] == 0x22
        ? quotedValue(text, &cursor, &lines) : plainValue(text, &cursor)
    }
    func forget() {
      batch.values.removeLast(batch.values.count - firstValue)
      unescaped.removeLast(unescaped.count - unescapedStart.0)
      unescapedValues.removeLast(unescapedValues.count - unescapedStart.1)
    }
    if end == .row, cursor - start <= DelimitedReader.longestRow {
      let rawEnd = Self.withoutLineEnd(text, start, cursor)
      batch.rows.append(
        RecordBatch.Row(
          line: line, raw: Int32(start)..<Int32(rawEnd), values: Int32(firstValue)..<Int32(batch.values.count)
        ))
      line += lines
      position = cursor
      return true
    }
    forget()
    if end == .open, !isFinal, text.count - start <= DelimitedReader.longestRow { return false }
    rejectLine(text, &position, end)
    return true
  }

  /// Gives up the line that a row starts on, and goes on after it.
  private mutating func rejectLine(_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ end: End) {
    let start = position
    let next = text[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
    let fault =
      switch end {
      case .open where text[start..<next].contains(0x22): "a quoted value is not closed"
      case .malformed: "there is text between a closing quote and the next separator"
      default: "the row is longer than \(DelimitedReader.longestRow) bytes"
      }
    let none = Int32(batch.values.count)
    let rawEnd = min(Self.withoutLineEnd(text, start, next), start + 4096)
    batch.rows.append(
      RecordBatch.Row(line: line, raw: Int32(start)..<Int32(rawEnd), values: none..<none, fault: fault))
    line += 1
    position = next
  }

  /// Where a row ends without its line end.
  private static func withoutLineEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var end = end
    if end > start, text[end - 1] == 0x0A { end -= 1 }
    if end > start, text[end - 1] == 0x0D { end -= 1 }
    return end
  }

  /// Reads a value up to the next separator or line end.
  @inline(__always)
  private mutating func plainValue(_ text: UnsafeBufferPointer<UInt8>, _ cursor: inout Int) -> End {
    let start = cursor
    while cursor < text.count {
      let byte = text[cursor]
      if byte == separator {
        batch.values.append(Int32(start)..<Int32(cursor))
        cursor += 1
        return .value
      }
      if byte == 0x0A {
        let end = cursor > start && text[cursor - 1] == 0x0D ? cursor - 1 : cursor
        batch.values.append(Int32(start)..<Int32(end))
        cursor += 1
        return .row
      }
      cursor += 1
    }
    guard isFinal else { return .open }
    let end = cursor > start && text[cursor - 1] == 0x0D ? cursor - 1 : cursor
    batch.values.append(Int32(start)..<Int32(end))
    return .row
  }

  /// Reads a value in quotes and what ends it.
  private mutating func quotedValue(
    _ text: UnsafeBufferPointer<UInt8>, _ cursor: inout Int, _ lines: inout Int
  ) -> End {
    cursor += 1
    let start = cursor
    var hasDoubled = false
    while cursor < text.count {
      if text[cursor] == 0x22 {
        if cursor + 1 < text.count, text[cursor + 1] == 0x22 {
          hasDoubled = true
          cursor += 2
          continue
        }
        if cursor + 1 == text.count, !isFinal { return .open }
        break
      }
      if text[cursor] == 0x0A { lines += 1 }
      cursor += 1
    }
    guard cursor < text.count else { return .open }
    append(text, start, cursor, hasDoubled)
    cursor += 1
    return afterQuote(text, &cursor)
  }

  private mutating func append(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ hasDoubled: Bool
  ) {
    guard hasDoubled else {
      batch.values.append(Int32(start)..<Int32(end))
      return
    }
    let from = unescaped.count
    var index = start
    while index < end {
      unescaped.append(text[index])
      index += text[index] == 0x22 ? 2 : 1
    }
    unescapedValues.append(batch.values.count)
    batch.values.append(Int32(from)..<Int32(unescaped.count))
  }

  private func afterQuote(_ text: UnsafeBufferPointer<UInt8>, _ cursor: inout Int) -> End {
    guard cursor < text.count else { return isFinal ? .row : .open }
    switch text[cursor] {
    case separator:
      cursor += 1
      return .value
    case 0x0A:
      cursor += 1
      return .row
    case 0x0D where cursor + 1 < text.count && text[cursor + 1] == 0x0A:
      cursor += 2
      return .row
    case 0x0D where cursor + 1 == text.count:
      cursor += isFinal ? 1 : 0
      return isFinal ? .row : .open
    default: return .malformed
    }
  }
}
