/// Words of a text.
enum Words {
  /// Runs of letters and digits in lower case; of scripts without blanks, pairs of neighbouring characters and single ones
  /// where they stand alone.
  static func of(_ text: String) -> [String] {
    var words: [String] = []
    var run = ""
    var ideographs: [Unicode.Scalar] = []
    func end() {
      if !run.isEmpty { words.append(run) }
      run = ""
      if ideographs.count == 1 { words.append(String(ideographs[0])) }
      for (first, second) in zip(ideographs, ideographs.dropFirst()) {
        var pair = String.UnicodeScalarView()
        pair.append(first)
        pair.append(second)
        words.append(String(pair))
      }
      ideographs = []
    }
    for scalar in text.lowercased().unicodeScalars {
      if isIdeograph(scalar) {
        if !run.isEmpty { end() }
        ideographs.append(scalar)
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        if !ideographs.isEmpty { end() }
        run.unicodeScalars.append(scalar)
      } else {
        end()
      }
    }
    end()
    return words
  }

  /// Han, kana and Hangul.
  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF,
      0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
