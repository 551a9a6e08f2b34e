/// Leads English words back to their base forms: "studies" → "study", "was" → "be", "better" → "good".
///
/// ```swift
/// EnglishLemmatizer().lemma(of: "batteries", tag: "NNS")   // "battery"
/// ```
/// Words without a rule are looked up; the endings of the others are taken off by rules, where a vocabulary of base forms
/// decides between candidates ("hoping" → "hope", "hopping" → "hop"), and without one what English spelling usually does.
/// Rules and exceptions are our own. Tags are those of the Penn Treebank; without a tag, a word is tried as an irregular verb,
/// a plural, then a verb.
/// - Complexity: O(length of the word).
public struct EnglishLemmatizer: Sendable, Codable, Equatable {
  private let vocabulary: Set<String>

  /// A lemmatizer that knows these base forms, in small letters.
  public init(vocabulary: some Sequence<String> = []) { self.vocabulary = Set(vocabulary) }

  /// The base form in small letters; proper names keep their letters.
  public func lemma(of word: String, tag: String? = nil) -> String {
    if tag == "NNP" || tag == "NNPS" { return word }
    let lowered = word.lowercased()
    guard lowered.utf8.count > 1 else { return lowered }
    if lowered == "n't" { return "not" }
    switch tag {
    case "VBD", "VBN", "VBG", "VBZ", "VBP", "VB", "MD": return verb(lowered)
    case "NNS", "NN": return tag == "NN" ? lowered : noun(lowered)
    case "JJR", "JJS", "RBR", "RBS": return adjective(lowered)
    case nil: return untagged(lowered)
    default: return lowered
    }
  }

  private func untagged(_ word: String) -> String {
    if let base = EnglishForms.verbs[word] ?? EnglishForms.nouns[word] { return base }
    if let base = EnglishForms.adjectives[word] { return base }
    if vocabulary.contains(word) && !word.hasSuffix("s") { return word }
    let singular = noun(word)
    return singular != word ? singular : verb(word)
  }

  private func verb(_ word: String) -> String {
    if let base = EnglishForms.verbs[word] { return base }
    if word.hasSuffix("s") { return withoutS(word) }
    for ending in ["ing", "ed"] where word.hasSuffix(ending) {
      let stem = String(word.dropLast(ending.count))
      guard stem.utf8.contains(where: Self.isVowelOrY), stem.utf8.count > 1 else { return word }
      if ending == "ed", stem.hasSuffix("i") { return String(stem.dropLast()) + "y" }
      return base(ofStem: stem)
    }
    return word
  }

  private func noun(_ word: String) -> String {
    if let base = EnglishForms.nouns[word] { return base }
    guard word.hasSuffix("s") else { return word }
    return withoutS(word)
  }

  private func adjective(_ word: String) -> String {
    if let base = EnglishForms.adjectives[word] { return base }
    for ending in ["est", "er"] where word.hasSuffix(ending) && word.utf8.count > ending.utf8.count + 2 {
      let stem = String(word.dropLast(ending.count))
      if stem.hasSuffix("i") { return String(stem.dropLast()) + "y" }
      return base(ofStem: stem)
    }
    return word
  }

  /// The word before -s, -es or -ies.
  private func withoutS(_ word: String) -> String {
    if word.utf8.count <= 3 || word.hasSuffix("ss") || word.hasSuffix("us") || word.hasSuffix("is") {
      return word
    }
    if word.hasSuffix("ies") {
      return word.utf8.count == 4 ? String(word.dropLast()) : String(word.dropLast(3)) + "y"
    }
    if word.hasSuffix("es") {
      let short = String(word.dropLast(2))
      let long = String(word.dropLast())
      if vocabulary.contains(long) { return long }
      if vocabulary.contains(short) { return short }
      let hisses = ["s", "x", "z", "ch", "sh"].contains { short.hasSuffix($0) }
      // "houses", "sizes", "causes" keep their e; "boxes", "classes", "dishes" do not.
      let keepsE =
        short.hasSuffix("s") && !short.hasSuffix("ss") || short.hasSuffix("z") && !short.hasSuffix("zz")
      return hisses && !keepsE ? short : long
    }
    return String(word.dropLast())
  }

  /// The base form of what stands before -ing, -ed, -er or -est.
  private func base(ofStem stem: String) -> String {
    let letters = Array(stem.utf8)
    let isDoubled = letters.count > 2 && letters[letters.count - 1] == letters[letters.count - 2]
    let single = isDoubled ? String(stem.dropLast()) : stem
    let candidates = isDoubled ? [single, stem] : [stem + "e", stem]
    let known = candidates.filter(vocabulary.contains)
    if known.count == 1 { return known[0] }
    if isDoubled {
      // "falling", "missing", "buzzing" have a double letter of their own.
      let own: Set<UInt8> = [0x6C, 0x73, 0x7A, 0x66]
      return own.contains(letters[letters.count - 1]) && letters.count < 6 ? stem : single
    }
    return Self.lacksE(letters) ? stem + "e" : stem
  }

  /// Whether English spelling asks for an e after such a stem.
  private static func lacksE(_ letters: [UInt8]) -> Bool {
    let text = String(decoding: letters, as: UTF8.self)
    for ending in [
      "v", "u", "dg", "rg", "nc", "rc", "rs", "ls", "ns", "ps", "th", "iz", "yz", "ys", "bl", "pl", "dl",
      "tl", "gl", "fl", "kl", "zl",
    ]
    where text.hasSuffix(ending) {
      if ending == "th" || ending == "ns" {
        return text.hasSuffix("eath") || text.hasSuffix("ath") || ending == "ns"
      }
      return true
    }
    guard letters.count >= 2 else { return false }
    let (last, before) = (letters[letters.count - 1], letters[letters.count - 2])
    let first = letters.count >= 3 ? letters[letters.count - 3] : 0
    // One vowel before one of these consonants, and no vowel before it: "mak-", "lik-", "hop-", "us-", but not "look-".
    guard isVowel(before), !isVowel(last), !isVowel(first) || first == 0x75 else {
      // "increas-", "releas-", "choos-": s and c after two vowels.
      return (last == 0x73 || last == 0x63) && isVowel(before)
    }
    if letters.count <= 4 { return !(last == 0x77 || last == 0x78 || last == 0x79) }
    let open = [
      "at", "ut", "iv", "id", "ud", "ar", "ir", "ur", "or", "as", "os", "us", "is", "ic", "ac", "uc", "in",
      "ak", "ok", "ag", "am", "um", "ap", "op", "yp", "ul", "il",
    ]
    let closed = [
      "it", "et", "ot", "er", "en", "on", "an", "el", "al", "ol", "om", "im", "ed", "em", "ip", "up", "op",
    ]
    let ending = String(text.suffix(2))
    if closed.contains(ending) { return false }
    return open.contains(ending)
      && !["vis", "fin", "eas"].contains { text.hasPrefix($0) && letters.count <= 3 }
  }

  private static func isVowel(_ letter: UInt8) -> Bool { [0x61, 0x65, 0x69, 0x6F, 0x75].contains(letter) }
  private static func isVowelOrY(_ letter: UInt8) -> Bool { isVowel(letter) || letter == 0x79 }
}
