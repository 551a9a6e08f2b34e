import Commerce

/// One row of a batch while its bytes are at hand.
struct RowView {
  let bytes: UnsafeBufferPointer<UInt8>
  let values: UnsafeBufferPointer<Range<Int32>>

  /// The value in a column without blanks at its ends; nil when it is empty or one of the databases' words for
  /// nothing, `NULL` and `\N`.
  @inline(__always)
  func value(_ column: Int) -> UnsafeBufferPointer<UInt8>? {
    guard column < values.count else { return nil }
    var start = Int(values[column].lowerBound)
    var end = Int(values[column].upperBound)
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    guard start < end else { return nil }
    if bytes[start] == 0x4E, end - start == 4, bytes[start + 1] == 0x55, bytes[start + 2] == 0x4C,
      bytes[start + 3] == 0x4C
    {
      return nil
    }
    if bytes[start] == 0x5C, end - start == 2, bytes[start + 1] == 0x4E { return nil }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }

  /// The value in a column as text.
  @inline(__always)
  func text(_ column: Int, _ field: String) throws(RowRejection) -> String? {
    guard let value = value(column) else { return nil }
    return try Self.text(value, field)
  }

  @inline(__always)
  static func text(_ value: UnsafeBufferPointer<UInt8>, _ field: String) throws(RowRejection) -> String {
    guard let text = String(utf8: value) else {
      throw RowRejection(
        stage: .parse, field: field,
        reason: "is not valid UTF-8; if the file is in GB18030, its mapping must say so")
    }
    return text
  }
}

/// A field's source with its columns found in the file.
struct CompiledSource {
  enum Value {
    case column(Int)
    case constant(String)
    case template([Piece])
    case sum([Int])
  }

  enum Piece {
    case text(String)
    case column(Int, isTitle: Bool)
  }

  let field: String
  let value: Value
  let scale: Double?
  let times: Int?
  let isAbsolute: Bool
  let words: [String: String]
  let timeFormat: TimeFormat?
  let isNumber: Bool

  /// The field's text; nil when it has none. Of a template nil only when all its columns are empty, or, when `whole`,
  /// any is.
  @inline(__always)
  func text(_ row: RowView, whole: Bool = false) throws(RowRejection) -> String? {
    var text: String?
    switch value {
    case .column(let column): text = try row.text(column, field)
    case .constant(let constant): text = constant
    case .template(let pieces): text = try template(pieces, row, whole: whole)
    case .sum: text = try number(row).map { String($0) }
    }
    if !words.isEmpty, let word = text { text = words[word] ?? word }
    return text
  }

  private func template(_ pieces: [Piece], _ row: RowView, whole: Bool) throws(RowRejection) -> String? {
    // Short ids stay within a string's own storage; longer ones are one allocation.
    var text = ""
    var isAnyThere = false
    var isAnyMissing = false
    for piece in pieces {
      switch piece {
      case .text(let plain): text += plain
      case .column(let column, let isTitle):
        guard let value = try row.text(column, field) else {
          if whole { return nil }
          isAnyMissing = true
          continue
        }
        isAnyThere = true
        text += isTitle ? value.titleCased : value
      }
    }
    guard isAnyThere else { return nil }
    return isAnyMissing ? text.withoutDanglingSeparators : text
  }

  /// The field's number; nil when it has none.
  @inline(__always)
  func number(_ row: RowView) throws(RowRejection) -> Double? {
    var number: Double
    switch value {
    case .column(let column):
      guard let value = row.value(column) else { return nil }
      number = try Self.number(value, field)
    case .sum(let columns):
      number = 0
      var isAnyThere = false
      for column in columns {
        guard let value = row.value(column) else { continue }
        number += try Self.number(value, field)
        isAnyThere = true
      }
      guard isAnyThere else { return nil }
      // Sums of decimals gather noise far below a millionth of the unit.
      number = (number * 1e6).rounded() / 1e6
    case .constant, .template:
      guard let text = try text(row) else { return nil }
      number = try Array(text.utf8).withUnsafeBufferPointer { bytes throws(RowRejection) in
        try Self.number(bytes, field)
      }
    }
    if let times {
      guard let factor = row.value(times) else { return nil }
      number *= try Self.number(factor, field)
    }
    if let scale { number *= scale }
    return isAbsolute ? abs(number) : number
  }

  @inline(__always)
  private static func number(_ value: UnsafeBufferPointer<UInt8>, _ field: String) throws(RowRejection)
    -> Double
  {
    guard let number = Decimals.parse(value) else {
      throw RowRejection(
        field: field, reason: "'\(String(decoding: value.prefix(64), as: UTF8.self))' is not a number")
    }
    return number
  }

  /// The field's time; nil when it has none.
  @inline(__always)
  func time(_ row: RowView, _ clock: inout LocalClock) throws(RowRejection) -> Timestamp? {
    if case .column(let column) = value {
      guard let value = row.value(column) else { return nil }
      return try time(value, &clock)
    }
    guard let text = try text(row) else { return nil }
    var result: Result<Timestamp, RowRejection>?
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      result = Result { () throws(RowRejection) in try time(bytes, &clock) }
    }
    return try result?.get()
  }

  private static let iso = TimeFormat("iso8601")!

  @inline(__always)
  private func time(_ value: UnsafeBufferPointer<UInt8>, _ clock: inout LocalClock) throws(RowRejection)
    -> Timestamp
  {
    if let timeFormat {
      if let time = timeFormat.parse(value, &clock) { return time }
    } else if let time = Self.iso.parse(value, &clock) ?? Decimals.parse(value).flatMap(EventRules.epoch) {
      return time
    }
    let expected =
      timeFormat?.name ?? "ISO 8601 such as 2024-05-01 10:00:00, or seconds or milliseconds since 1970"
    throw RowRejection(
      field: field,
      reason: "'\(String(decoding: value.prefix(64), as: UTF8.self))' is not a time; expected \(expected)")
  }

  /// The property's value: a number when the mapping says so, else text.
  func property(_ row: RowView) throws(RowRejection) -> JSONValue? {
    if isNumber { return try number(row).map { .number($0) } }
    return try text(row).map { .string($0) }
  }
}

extension String {
  /// The text with each word in small letters but its first: "ICE - CRUSHED" as "Ice - Crushed".
  var titleCased: String {
    var result = ""
    var isInWord = false
    for scalar in unicodeScalars {
      result += isInWord ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
      isInWord = scalar.properties.isAlphabetic || scalar == "'"
    }
    return result
  }

  /// The text without the blanks and marks that a missing part of a template leaves at its ends.
  fileprivate var withoutDanglingSeparators: String {
    let marks: Set<Unicode.Scalar> = [" ", ",", "-", "/", "|", ":", ";", "(", ")", "·", "，"]
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !marks.contains($0) }),
      let last = scalars.lastIndex(where: { !marks.contains($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}
