/// Splits English, and texts of mixed scripts, into words by rules.
///
/// ```swift
/// ScriptTokenizer().tokens(of: "I don't like the $9.99 iPhone15Pro :(").map(\.text)
/// // I, do, n't, like, the, $, 9.99, iPhone15Pro, :(
/// ```
/// Words follow the Penn Treebank (contractions are parted, hyphenated words are not). Kept whole: numbers with points and
/// separators, numbers with a unit or a model's letters, addresses of the web and of mail, @names and #themes, smileys, and
/// pictures with all that modifies them. Runs of one mark are one word. Chinese characters are given to `chinese`, or stand
/// alone without it.
/// - Complexity: O(n).
public struct ScriptTokenizer: Tokenizer {
  /// What splits stretches of Chinese.
  public var chinese: (any Tokenizer)?

  /// A tokenizer; `chinese` splits the stretches of Chinese characters.
  public init(chinese: (any Tokenizer)? = nil) { self.chinese = chinese }

  /// The words in the text's order.
  public func tokens(of text: String) -> [Token] {
    let source = ScalarText(text)
    var result: [Token] = []
    result.reserveCapacity(source.count / 4)
    var index = 0
    while index < source.count {
      let scalar = source.scalars[index]
      if scalar.isBlank {
        index += 1
      } else if scalar.isHan {
        index = appendChinese(source, index, &result)
      } else {
        let end = ScriptRules.endOfWord(source, index)
        Contractions.append(source, index..<end, to: &result)
        index = end
      }
    }
    return result
  }

  private func appendChinese(_ source: ScalarText, _ start: Int, _ result: inout [Token]) -> Int {
    var end = start
    while let scalar = source.at(end), scalar.isHan { end += 1 }
    guard let chinese else {
      for index in start..<end { result.append(source.token(index..<index + 1)) }
      return end
    }
    let place = source.range(start..<end)
    for token in chinese.tokens(of: source.text(place)) {
      var moved = token
      moved.range = token.range.lowerBound + place.lowerBound..<token.range.upperBound + place.lowerBound
      result.append(moved)
    }
    return end
  }
}

/// Where words of one kind end.
enum ScriptRules {
  /// The end of the word, number, address, smiley or mark that starts here.
  static func endOfWord(_ source: ScalarText, _ start: Int) -> Int {
    let scalar = source.scalars[start]
    if let end = address(source, start) { return end }
    if scalar.isLetter || scalar.isDigit { return endOfLetters(source, start) }
    if scalar.isEmoji { return endOfPicture(source, start) }
    if scalar == "@" || scalar == "#", let next = source.at(start + 1), next.isLatin || next.isDigit {
      return endOfLetters(source, start + 1)
    }
    if scalar == "'" || scalar == "’", let end = leadingContraction(source, start) { return end }
    if let end = smiley(source, start) { return end }
    var end = start + 1
    while source.at(end) == scalar { end += 1 }
    return end
  }

  private static func endOfLetters(_ source: ScalarText, _ start: Int) -> Int {
    var index = start
    while let scalar = source.at(index) {
      let isWord = !scalar.isHan && (scalar.isLetter || scalar.isDigit)
      if isWord {
        index += 1
        continue
      }
      guard index > start, let before = source.at(index - 1), let after = source.at(index + 1), !after.isHan
      else { break }
      let joinsLetters =
        (scalar == "'" || scalar == "’" || scalar == "-" || scalar == "_" || scalar == "&"
          || scalar == "\u{AD}")
        && before.isLetter && (after.isLetter || (scalar == "-" && after.isDigit))
      let joinsDigits =
        (scalar == "." || scalar == "," || scalar == "/" || scalar == "-" || scalar == ":") && before.isDigit
        && after.isDigit
      let joinsModel = scalar == "-" && before.isDigit && after.isLetter
      // "U.S.", "e.g.": single letters with points.
      let joinsInitials = scalar == "." && before.isLetter && after.isLetter && isSingle(source, index - 1)
      guard joinsLetters || joinsDigits || joinsModel || joinsInitials else {
        if scalar == ".", before.isLetter, isSingle(source, index - 1), source.at(index - 2) == "." {
          return index + 1
        }
        if scalar == ".", index - start <= 4, isTitle(source, start..<index) { return index + 1 }
        break
      }
      index += 1
    }
    return index
  }

  private static let titles: Set<String> = ["mr", "mrs", "ms", "dr", "prof", "st", "vs", "jr", "sr"]

  /// Whether a word is one that its point belongs to.
  private static func isTitle(_ source: ScalarText, _ scalars: Range<Int>) -> Bool {
    titles.contains(String(String.UnicodeScalarView(source.scalars[scalars])).lowercased())
  }

  private static func isSingle(_ source: ScalarText, _ index: Int) -> Bool {
    guard let before = source.at(index - 1) else { return true }
    return !before.isLetter && !before.isDigit
  }

  private static func endOfPicture(_ source: ScalarText, _ start: Int) -> Int {
    var end = start + 1
    let isFlag = (0x1F1E6...0x1F1FF).contains(source.scalars[start].value)
    if isFlag, let next = source.at(end), (0x1F1E6...0x1F1FF).contains(next.value) { return end + 1 }
    while let scalar = source.at(end) {
      if scalar.isEmojiModifier || source.at(end - 1)?.value == 0x200D { end += 1 } else { break }
    }
    return end
  }

  /// An address of the web or of mail: up to a blank, a Chinese character or closing marks.
  private static func address(_ source: ScalarText, _ start: Int) -> Int? {
    guard let first = source.at(start), first.isASCII, first.isLetter || first.isDigit else { return nil }
    let isWeb = ["http://", "https://", "www."].contains { prefix in
      zip(source.scalars[start...].prefix(prefix.utf8.count), prefix.unicodeScalars).allSatisfy {
        $0.value | 0x20 == $1.value | 0x20
      }
        && start + prefix.utf8.count < source.count
    }
    if isWeb {
      var end = start
      while let scalar = source.at(end), scalar.isASCII, !scalar.isBlank, scalar != "<", scalar != "\"" {
        end += 1
      }
      while end > start + 1, let last = source.at(end - 1), ".,;:!?)'".unicodeScalars.contains(last) {
        end -= 1
      }
      return end
    }
    return mail(source, start)
  }

  private static func mail(_ source: ScalarText, _ start: Int) -> Int? {
    // A word can only start a mail address where the word before has ended.
    func isPart(_ scalar: Unicode.Scalar?) -> Bool {
      guard let scalar, scalar.isASCII else { return false }
      return scalar.isLetter || scalar.isDigit || scalar == "." || scalar == "_" || scalar == "-"
        || scalar == "+"
    }
    var end = start
    while end - start < 64, isPart(source.at(end)) { end += 1 }
    guard source.at(end) == "@", isPart(source.at(end + 1)) else { return nil }
    end += 1
    var hasPoint = false
    while end - start < 256, isPart(source.at(end)) {
      if source.at(end) == "." { hasPoint = true }
      end += 1
    }
    while source.at(end - 1) == "." { end -= 1 }
    return hasPoint ? end : nil
  }

  private static let smileys: [[Unicode.Scalar]] = [
    ":-)", ":-(", ":-D", ":-P", ":-/", ";-)", ":'(", ":)", ":(", ":D", ":P", ":/", ";)", "=)", "=(", "<3",
    "^_^", "T_T",
    "-_-", ">_<", "XD", "(:",
  ].map { Array($0.unicodeScalars) }

  private static func smiley(_ source: ScalarText, _ start: Int) -> Int? {
    guard let first = source.at(start), first.isASCII else { return nil }
    for face in smileys where face[0] == first && start + face.count <= source.count {
      guard zip(source.scalars[start...], face).allSatisfy({ $0 == $1 }) else { continue }
      // "http:/" is an address cut short, and ":D" before letters is a word.
      let after = source.at(start + face.count)
      if after == "/" || after.map({ $0.isLatin || $0.isDigit }) == true { continue }
      return start + face.count
    }
    return nil
  }

  private static func leadingContraction(_ source: ScalarText, _ start: Int) -> Int? {
    for word in ["s", "m", "d", "re", "ve", "ll", "em", "til", "cause"] {
      let end = start + 1 + word.utf8.count
      guard end <= source.count,
        zip(source.scalars[(start + 1)...], word.unicodeScalars).allSatisfy({ $0.value | 0x20 == $1.value }),
        source.at(end).map({ $0.isLetter || $0.isDigit }) != true
      else { continue }
      return end
    }
    return nil
  }
}

/// Parts "don't" into "do" and "n't", "it's" into "it" and "'s", "cannot" into "can" and "not".
private enum Contractions {
  static func append(_ source: ScalarText, _ scalars: Range<Int>, to tokens: inout [Token]) {
    let split = place(source, scalars)
    guard let split, split > scalars.lowerBound, split < scalars.upperBound else {
      tokens.append(source.token(scalars))
      return
    }
    tokens.append(source.token(scalars.lowerBound..<split))
    tokens.append(source.token(split..<scalars.upperBound))
  }

  private static func place(_ source: ScalarText, _ scalars: Range<Int>) -> Int? {
    guard scalars.count >= 3, scalars.count <= 24, source.scalars[scalars.lowerBound].isLatin else {
      return nil
    }
    let word = source.scalars[scalars]
    if let mark = word.lastIndex(where: { $0 == "'" || $0 == "’" }) {
      let tail = word[(mark + 1)...].map { $0.value | 0x20 }
      switch tail.count {
      case 1 where tail[0] == 0x74:  // n't
        let isN = word[..<mark].last.map { $0.value | 0x20 == 0x6E } ?? false
        return isN ? mark - 1 : nil
      case 1 where tail[0] == 0x73 || tail[0] == 0x6D || tail[0] == 0x64: return mark
      case 2 where tail == [0x72, 0x65] || tail == [0x76, 0x65] || tail == [0x6C, 0x6C]: return mark
      default: return nil
      }
    }
    let lowered = String(String.UnicodeScalarView(word)).lowercased()
    let parts = ["cannot": 3, "gonna": 3, "wanna": 3, "gotta": 3, "gimme": 3, "lemme": 3]
    return parts[lowered].map { scalars.lowerBound + $0 }
  }
}
