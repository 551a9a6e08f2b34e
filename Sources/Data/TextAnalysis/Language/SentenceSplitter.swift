/// Splits texts into sentences and clauses: Chinese, English, and both in one text.
///
/// ```swift
/// SentenceSplitter().sentences(in: "质量不错！物流慢。Would buy again.")   // three ranges
/// ```
/// A sentence ends after 。！？；… and their kin, together with the quotes and brackets that close it; after `.` unless it
/// belongs to an abbreviation, an initial, a number, an address or goes on in small letters; at a line break; and after a
/// picture when Chinese goes on behind it. Ranges hold no blanks at either end; what has neither letter, digit nor picture
/// belongs to the sentence before it. By rules of our own.
/// - Complexity: O(n).
public struct SentenceSplitter: Sendable, Codable, Equatable {
  /// Whether a line break ends a sentence, as in reviews; otherwise only an empty line does, as in wrapped text.
  public var splitsAtLineBreaks: Bool

  /// A splitter with this setting.
  public init(splitsAtLineBreaks: Bool = true) { self.splitsAtLineBreaks = splitsAtLineBreaks }

  /// The sentences in the text's order, as UTF-8 ranges.
  public func sentences(in text: String) -> [TextRange] {
    let source = ScalarText(text)
    return pieces(of: source, in: 0..<source.count, endOfSentence).map(source.range)
  }

  /// The sentences as they are written.
  public func sentenceTexts(in text: String) -> [String] {
    let source = ScalarText(text)
    return pieces(of: source, in: 0..<source.count, endOfSentence).map { source.text(source.range($0)) }
  }

  /// The clauses of all sentences in the text's order: parted at commas (not within numbers), colons and dashes, at the
  /// blanks between Chinese characters, and before "but" and its kin.
  public func clauses(in text: String) -> [TextRange] {
    let source = ScalarText(text)
    return pieces(of: source, in: 0..<source.count, endOfSentence).flatMap { sentence in
      pieces(of: source, in: sentence) { source, index in endOfClause(source, index) }
    }.map(source.range)
  }

  /// Cuts where `end` says that a piece ends: it is given a place and answers the place after the piece's last mark.
  private func pieces(
    of source: ScalarText, in whole: Range<Int>, _ end: (ScalarText, Int) -> Int?
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = whole.lowerBound
    var index = start
    func close(_ upper: Int) {
      var (low, high) = (start, min(upper, whole.upperBound))
      while low < high, source.scalars[low].isBlank { low += 1 }
      while high > low, source.scalars[high - 1].isBlank { high -= 1 }
      start = upper
      guard low < high else { return }
      let hasContent = source.scalars[low..<high].contains { $0.isLetter || $0.isDigit || $0.isEmoji }
      if hasContent {
        result.append(low..<high)
      } else if let last = result.last {
        result[result.count - 1] = last.lowerBound..<high
      }
    }
    while index < whole.upperBound {
      if let upper = end(source, index) {
        close(upper)
        index = max(upper, index + 1)
      } else {
        index += 1
      }
    }
    close(whole.upperBound)
    return result
  }

  private func endOfSentence(_ source: ScalarText, _ index: Int) -> Int? {
    let scalar = source.scalars[index]
    switch scalar {
    case "。", "！", "？", "；", "!", "?", "｡", "‼", "⁉": return afterMarks(source, index + 1)
    case "…", "‥": return endAfterEllipsis(source, index, isChinese: true)
    case ".": return endAtPoint(source, index)
    case ";": return touchesHan(source, index) ? afterMarks(source, index + 1) : nil
    case "\n", "\r", "\u{2028}", "\u{2029}", "\u{0B}", "\u{0C}":
      let doubled = source.at(index + 1).map { $0 == "\n" || $0 == "\r" } ?? false
      return splitsAtLineBreaks || doubled ? index + 1 : nil
    case _ where scalar.isEmoji: return endAfterEmoji(source, index)
    default: return nil
    }
  }

  /// The place after further marks and whatever closes a quotation or a bracket.
  private func afterMarks(_ source: ScalarText, _ start: Int) -> Int {
    var index = start
    while let scalar = source.at(index), Self.marks.contains(scalar) || Self.closers.contains(scalar) {
      // A straight quote after a blank would open the next sentence, but none comes here after a blank.
      index += 1
    }
    return index
  }

  private static let marks: Set<Unicode.Scalar> = [
    "。", "！", "？", "；", "!", "?", ".", "…", "~", "～", "‼", "⁉", "｡",
  ]
  private static let closers: Set<Unicode.Scalar> = [
    "”", "’", "\"", "'", "」", "』", ")", "）", "]", "】", "》", "〉", "»",
  ]

  private func endAfterEllipsis(_ source: ScalarText, _ start: Int, isChinese: Bool) -> Int? {
    let end = afterMarks(source, start)
    var next = end
    while let scalar = source.at(next), scalar.isBlank { next += 1 }
    guard let scalar = source.at(next) else { return end }
    // "wait... what" goes on; "wait... What", and Chinese, does not.
    if scalar.isHan || source.at(start - 1).map(\.isHan) == true { return end }
    return scalar.isCapital && next > end ? end : nil
  }

  private func endAtPoint(_ source: ScalarText, _ index: Int) -> Int? {
    if source.at(index + 1) == "." || source.at(index - 1) == "." {
      var start = index
      while source.at(start - 1) == "." { start -= 1 }
      return source.at(index + 1) == "." ? nil : endAfterEllipsis(source, start, isChinese: false)
    }
    guard let before = source.at(index - 1) else { return nil }
    if before.isHan { return afterMarks(source, index + 1) }
    let end = afterMarks(source, index + 1)
    guard let after = source.at(end) else { return end }
    if !after.isBlank {
      // Chinese after a point: "OK.下次再来", but not within "No.1" or an address.
      return after.isHan && (before.isLetter || Self.closers.contains(before)) ? end : nil
    }
    var next = end
    while let scalar = source.at(next), scalar.isBlank || Self.openers.contains(scalar) { next += 1 }
    guard let following = source.at(next) else { return end }
    if following.isLatin, !following.isCapital, !following.isDigit {
      return endBeforeSmallLetter(source, index, end)
    }
    return endsWithAbbreviation(source, index, next) ? nil : end
  }

  private static let openers: Set<Unicode.Scalar> = ["\"", "'", "“", "‘", "(", "[", "（"]

  /// Before small letters a point ends a sentence only after a whole word: people write reviews without capitals.
  private func endBeforeSmallLetter(_ source: ScalarText, _ index: Int, _ end: Int) -> Int? {
    let word = wordBefore(source, index)
    let lowered = word.lowercased()
    let isShort = word.contains(".") || Self.abbreviations.contains(lowered) || Self.titles.contains(lowered)
    return word.utf8.count >= 2 && !isShort ? end : nil
  }

  private func endsWithAbbreviation(_ source: ScalarText, _ index: Int, _ next: Int) -> Bool {
    let word = wordBefore(source, index)
    let lowered = word.lowercased()
    if Self.titles.contains(lowered) { return true }
    // "at 9 a.m. The shop": what may end a sentence ends it before a capital.
    if Self.abbreviations.contains(lowered) { return source.at(next).map(\.isDigit) == true }
    let isInitial =
      word.unicodeScalars.count == 1 && word.unicodeScalars.first.map(\.isCapital) == true && word != "I"
    return isInitial && source.at(next).map(\.isCapital) == true
  }

  private func wordBefore(_ source: ScalarText, _ index: Int) -> String {
    var start = index
    while start > index - 12, let scalar = source.at(start - 1), scalar.isLatin || scalar == "." {
      start -= 1
    }
    return String(String.UnicodeScalarView(source.scalars[max(0, start)..<index]))
  }

  private static let titles: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "gen", "col", "lt", "capt", "rev", "hon", "messrs",
    "vs",
    "e.g", "i.e", "cf", "approx", "fig", "figs", "eq", "viz",
  ]
  private static let abbreviations: Set<String> = [
    "inc", "ltd", "co", "corp", "etc", "a.m", "p.m", "am", "pm", "u.s", "u.k", "no", "nos", "vol", "pp",
    "dept", "est",
    "min", "max", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "oz",
    "lb",
    "lbs", "ft", "qty", "tel", "ext", "avg", "al", "ph.d", "b.a", "m.a",
  ]

  /// After a run of pictures behind Chinese, when more words follow without a mark.
  private func endAfterEmoji(_ source: ScalarText, _ index: Int) -> Int? {
    guard source.at(index - 1).map({ $0.isEmoji || $0.isEmojiModifier }) != true else { return nil }
    guard let before = source.at(index - 1), before.isHan || Self.marks.contains(before) else { return nil }
    var end = index
    while let scalar = source.at(end), scalar.isEmoji || scalar.isEmojiModifier { end += 1 }
    return source.at(end).map { $0.isHan || $0.isCapital } == true ? end : nil
  }

  private func touchesHan(_ source: ScalarText, _ index: Int) -> Bool {
    source.at(index - 1).map(\.isHan) == true || source.at(index + 1).map(\.isHan) == true
  }

  private func endOfClause(_ source: ScalarText, _ index: Int) -> Int? {
    switch source.scalars[index] {
    case "，", ";", "：", "—", "–", "~", "～", "､": return index + 1
    case ",", ":":
      let within = source.at(index - 1).map(\.isDigit) == true && source.at(index + 1).map(\.isDigit) == true
      let isAddress = source.at(index + 1) == "/"
      return within || isAddress ? nil : index + 1
    case " ", "\t", "\u{3000}":
      if source.at(index - 1).map(\.isHan) == true, source.at(index + 1).map(\.isHan) == true {
        return index + 1
      }
      return startsContrast(source, index + 1) ? index + 1 : nil
    default: return nil
    }
  }

  private static let contrasts = ["but ", "however ", "although ", "though ", "except ", "yet "].map {
    Array($0.unicodeScalars)
  }

  private func startsContrast(_ source: ScalarText, _ start: Int) -> Bool {
    Self.contrasts.contains { word in
      start + word.count <= source.count
        && zip(source.scalars[start...], word).allSatisfy { $0.value | 0x20 == $1.value | 0x20 }
    }
  }
}
