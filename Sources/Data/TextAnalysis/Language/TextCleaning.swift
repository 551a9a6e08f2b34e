/// A text made ready for analysis, which knows where each of its pieces stood in the original.
public struct CleanedText: Sendable, Equatable {
  /// A stretch of the cleaned text.
  struct Run: Sendable, Equatable {
    /// Where it starts in the cleaned text.
    var start: Int
    /// Where it starts in the original.
    var original: Int
    /// How many bytes of the original it stands for, or nil when byte stands for byte.
    var replaced: Int?
  }

  /// The text without markup and noise.
  public let text: String
  private let runs: [Run]
  private let originalCount: Int

  init(text: String, runs: [Run], originalCount: Int) {
    (self.text, self.runs, self.originalCount) = (text, runs, originalCount)
  }

  /// Where a piece of the cleaned text stands in the original: from the start of its first sign to the end of its last.
  ///
  /// - Complexity: O(log of the number of replacements).
  public func originalRange(of range: TextRange) -> TextRange {
    guard !runs.isEmpty else { return 0..<0 }
    let start = place(range.lowerBound).start
    guard !range.isEmpty else { return start..<start }
    return start..<max(start, place(range.upperBound - 1).end)
  }

  /// The original bytes that a byte of the cleaned text stands for.
  private func place(_ offset: Int) -> (start: Int, end: Int) {
    var (low, high) = (0, runs.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if runs[middle].start <= offset { low = middle } else { high = middle - 1 }
    }
    let run = runs[low]
    if let replaced = run.replaced { return (run.original, min(originalCount, run.original + replaced)) }
    let start = min(originalCount, run.original + max(0, offset - run.start))
    return (start, min(originalCount, start + 1))
  }
}

/// Takes out of a text what is not language: HTML tags and entities, control characters, full-width letters, endless
/// punctuation. Places in the result can be led back to the original.
///
/// ```swift
/// let cleaned = TextCleaning().clean("质量<b>很好</b>！！！！！")
/// cleaned.text                               // 质量 很好 ！
/// cleaned.originalRange(of: 7..<13)          // 9..<15, where 很好 stands in the original
/// ```
/// What stands in `<script>` and `<style>` is left out. Only what looks like a tag (a letter, `/` or `!` after `<`, and a
/// `>` within 1,000 signs) is one, so that "3 < 5" and "<3" stay.
/// - Complexity: O(n).
public struct TextCleaning: Sendable, Codable, Equatable {
  /// Leaves out tags and turns entities into the signs they name.
  public var removesMarkup: Bool
  /// Turns letters, digits and blanks of full width into those of usual width.
  public var narrowsWidth: Bool
  /// How often a mark such as ! or 。 may be repeated; further ones are left out.
  public var longestRepetition: Int

  /// Cleaning with these settings.
  public init(removesMarkup: Bool = true, narrowsWidth: Bool = true, longestRepetition: Int = 1) {
    self.removesMarkup = removesMarkup
    self.narrowsWidth = narrowsWidth
    self.longestRepetition = longestRepetition
  }

  /// The text without markup and noise, with the way back to the original.
  public func clean(_ text: String) -> CleanedText {
    let source = ScalarText(text)
    var output = CleaningOutput(capacity: source.bytes.count)
    var index = 0
    var repeated = 0
    var close = 0
    while let scalar = source.at(index) {
      if removesMarkup, scalar == "<" {
        // The next ">" is looked for once, however many "<" come before it.
        close = max(close, index)
        while close < source.count, source.scalars[close] != ">" { close += 1 }
        if let end = Markup.endOfTag(source, index, close) {
          output.blank(source, index..<end)
          index = end
          continue
        }
      }
      if removesMarkup, scalar == "&", let (replacement, end) = Markup.entity(source, index) {
        output.replace(replacement, source, index..<end)
        index = end
        continue
      }
      repeated = index > 0 && source.at(index - 1) == scalar && Self.isMark(scalar) ? repeated + 1 : 0
      if repeated < max(1, longestRepetition) { append(scalar, source, index, &output) }
      index += 1
    }
    return CleanedText(
      text: String(decoding: output.bytes, as: UTF8.self), runs: output.runs,
      originalCount: source.bytes.count)
  }

  private func append(
    _ scalar: Unicode.Scalar, _ source: ScalarText, _ index: Int, _ output: inout CleaningOutput
  ) {
    if scalar == "\n" || scalar == "\u{2028}" || scalar == "\u{2029}" {
      output.replace("\n", source, index..<index + 1)
    } else if scalar == "\u{200B}" || scalar == "\u{FEFF}" || scalar == "\u{AD}" {
      return
    } else if scalar.isBlank {
      output.blank(source, index..<index + 1)
    } else if narrowsWidth, let narrow = Self.narrow(scalar) {
      output.replace(narrow, source, index..<index + 1)
    } else {
      output.copy(source, index)
    }
  }

  /// Marks that people repeat for emphasis; three points are a mark of their own and stay.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "!", "?", "~", ",", "。", "！", "？", "～", "，", "；", "、", "…", "—", "-", "=", "*", "_", "#", "^": true
    default: false
    }
  }

  private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A, 0xFF04, 0xFF05, 0xFF0B, 0xFF0D, 0xFF0E, 0xFF0F,
      0xFF1D:
      Unicode.Scalar(scalar.value - 0xFEE0)
    default: nil
    }
  }
}

/// What cleaning writes, with the place of each stretch in the original.
private struct CleaningOutput {
  var bytes: [UInt8] = []
  var runs: [CleanedText.Run] = []
  /// Where the next byte-for-byte copy would have to stand in the original to go on with the last run.
  private var expected = -1

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func copy(_ source: ScalarText, _ index: Int) {
    let (start, end) = (Int(source.offsets[index]), Int(source.offsets[index + 1]))
    if expected != start { runs.append(.init(start: bytes.count, original: start, replaced: nil)) }
    bytes.append(contentsOf: source.bytes[start..<end])
    expected = end
  }

  mutating func replace(_ scalar: Unicode.Scalar, _ source: ScalarText, _ scalars: Range<Int>) {
    let place = source.range(scalars)
    if place.count == 1, UTF8.width(scalar) == 1 {
      if expected != place.lowerBound {
        runs.append(.init(start: bytes.count, original: place.lowerBound, replaced: nil))
      }
      expected = place.upperBound
    } else {
      runs.append(.init(start: bytes.count, original: place.lowerBound, replaced: place.count))
      expected = -1
    }
    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  /// One space, unless the text starts here or a blank is already there.
  mutating func blank(_ source: ScalarText, _ scalars: Range<Int>) {
    guard let last = bytes.last, last != 0x20, last != 0x0A else { return }
    replace(" ", source, scalars)
  }
}

/// The little of HTML that reviews carry.
private enum Markup {
  static let longestTag = 1_000

  /// Where the tag that starts here ends; the content of scripts and styles belongs to their tag.
  static func endOfTag(_ source: ScalarText, _ start: Int, _ close: Int) -> Int? {
    guard let next = source.at(start + 1), next == "/" || next == "!" || (next.isLetter && !next.isHan),
      close < source.count, close - start <= longestTag
    else { return nil }
    for hidden in ["script", "style"]
    where matches(source, start + 1, hidden) && source.at(start + 1 + hidden.count)?.isLetter != true {
      // Without an end tag it hides nothing: only the tag itself goes.
      return endOfElement(source, close + 1, hidden) ?? close + 1
    }
    return close + 1
  }

  private static func endOfElement(_ source: ScalarText, _ start: Int, _ name: String) -> Int? {
    var index = start
    while index < source.count {
      if source.scalars[index] == "<", matches(source, index + 1, "/" + name) {
        while index < source.count, source.scalars[index] != ">" { index += 1 }
        return min(source.count, index + 1)
      }
      index += 1
    }
    return nil
  }

  /// Whether a word in small letters of ASCII stands here, in whatever case.
  private static func matches(_ source: ScalarText, _ start: Int, _ word: String) -> Bool {
    var index = start
    for expected in word.unicodeScalars {
      guard let scalar = source.at(index), scalar.isASCII else { return false }
      let folded = scalar.isCapital ? scalar.value + 32 : scalar.value
      guard folded == expected.value else { return false }
      index += 1
    }
    return true
  }

  private static let names: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "hellip": "…", "mdash": "—",
    "ndash": "–", "ldquo": "“", "rdquo": "”", "lsquo": "‘", "rsquo": "’", "middot": "·", "times": "×",
    "yen": "¥", "euro": "€", "pound": "£", "copy": "©", "reg": "®", "trade": "™", "deg": "°", "bull": "•",
  ]

  /// The sign that an entity names, and where the entity ends.
  static func entity(_ source: ScalarText, _ start: Int) -> (Unicode.Scalar, Int)? {
    var name = String.UnicodeScalarView()
    var index = start + 1
    while let scalar = source.at(index), scalar != ";", name.count < 10, scalar.isASCII {
      name.append(scalar)
      index += 1
    }
    guard source.at(index) == ";" else { return nil }
    let text = String(name)
    if let scalar = names[text] { return (scalar, index + 1) }
    guard text.hasPrefix("#") else { return nil }
    let digits = text.dropFirst()
    let value =
      digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    guard let value, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar.isBlank ? " " : scalar, index + 1)
  }
}
