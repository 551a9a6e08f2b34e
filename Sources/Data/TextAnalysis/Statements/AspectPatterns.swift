/// A word as the patterns of aspects see it.
struct AspectWord {
  enum Kind { case noun, adjective, adverb, negation, copula, and, of, verb, breaks, other }

  var kind: Kind
  var term: String
  var range: TextRange

  /// The words of a sentence; tags of the Penn Treebank are capitals, those of the People's Daily small letters.
  static func words(_ sentence: [Token]) -> [AspectWord] {
    sentence.map { token in
      let lowered = token.text.lowercased()
      return AspectWord(
        kind: kind(lowered, token.tag ?? ""), term: term(lowered, token.tag ?? ""), range: token.range)
    }
  }

  private static let lemmatizer = EnglishLemmatizer()

  private static func term(_ word: String, _ tag: String) -> String {
    tag == "NNS" ? lemmatizer.lemma(of: word, tag: tag) : word
  }

  static let negations = EnglishWords.words(
    "不 没 没有 未 无 别 不太 不怎么 不够 并不 不是 毫无 从不 没什么 不算 不会 not n't no never hardly barely without isn't don't doesn't wasn't aren't ain't cannot"
  )
  static let intensifiers = EnglishWords.words(
    "很 非常 十分 特别 太 极 超 超级 挺 蛮 相当 格外 真 真的 真心 最 更 更加 比较 还 还是 都 也 有点 有些 稍 稍微 略 so very really too extremely pretty quite super just also still a bit little rather fairly always absolutely incredibly somewhat way"
  )
  private static let copulas = EnglishWords.words(
    "是 显得 变得 做得 得 is are was were be been 's 're look looks looked feel feels felt seem seems seemed sound sounds sounded taste tastes smell smells stay stays became gets get got"
  )
  private static let ands = EnglishWords.words("和 与 及 、 又 且 而且 并且 以及 and & or ,也")
  private static let breaks = EnglishWords.words(
    "， 。 ！ ？ ； ： , ; : ! ? . … 但 但是 可是 不过 然而 就是 只是 虽然 but however although though yet because which that ( ) （ ） — - …… ..."
  )

  private static func kind(_ word: String, _ tag: String) -> Kind {
    if breaks.contains(word) { return .breaks }
    if negations.contains(word) { return .negation }
    if ands.contains(word) { return .and }
    if word == "的" { return .of }
    if copulas.contains(word) { return .copula }
    if intensifiers.contains(word) { return .adverb }
    switch tag {
    case "NN", "NNS", "NNP", "NNPS": return .noun
    case "JJ", "JJR", "JJS": return .adjective
    case "RB", "RBR", "RBS": return .adverb
    case _ where tag.hasPrefix("VB"): return .verb
    case _ where tag.hasPrefix("n") && !["nr", "ns", "nt"].contains(tag):
      return StopWords.essential.contains(word) ? .other : .noun
    case "vn": return .noun
    case _ where tag.hasPrefix("a"), "z": return .adjective
    case _ where tag.hasPrefix("d"): return .adverb
    case "i", "l": return AspectMining.essentialSeeds[word] != nil ? .adjective : .other
    case _ where tag.hasPrefix("v"): return .verb
    case "w", "x": return .breaks
    default: return .other
    }
  }
}

/// Finds which adjectives describe which nouns, by parts of speech within a clause.
struct AspectPatterns {
  /// A noun and what is said of it.
  struct Pair {
    var aspect: String
    var aspectRange: TextRange
    var opinion: String
    var opinionRange: TextRange
    var isNegated: Bool
    var isExcessive: Bool
    var strength: Double
  }

  /// All that one sentence tells.
  struct Relations {
    var pairs: [Pair] = []
    var likeAspects: [(String, String)] = []
    var likeOpinions: [(String, String)] = []
  }

  /// Runs of nouns that are one aspect.
  var compounds: Set<String>

  func relations(in words: [AspectWord]) -> Relations {
    var result = Relations()
    var place = 0
    while place < words.count {
      if words[place].kind == .adjective || isDescribingVerb(words, place) {
        if let pair = pair(words, place) { result.pairs.append(pair) }
        if let other = conjoined(words, place, .adjective) {
          result.likeOpinions.append((words[place].term, words[other].term))
        }
      } else if words[place].kind == .noun, let other = conjoined(words, place, .noun) {
        result.likeAspects.append((words[place].term, words[other].term))
      }
      place += 1
    }
    return result
  }

  /// Verbs that judge: "I love the screen", 喜欢 … .
  private func isDescribingVerb(_ words: [AspectWord], _ place: Int) -> Bool {
    words[place].kind == .verb && AspectMining.essentialSeeds[words[place].term] != nil
  }

  private func conjoined(_ words: [AspectWord], _ place: Int, _ kind: AspectWord.Kind) -> Int? {
    var next = place + 1
    guard next < words.count, words[next].kind == .and else { return nil }
    next += 1
    while next < words.count, words[next].kind == .adverb { next += 1 }
    return next < words.count && words[next].kind == kind ? next : nil
  }

  private func pair(_ words: [AspectWord], _ place: Int) -> Pair? {
    guard let noun = nounBefore(words, place) ?? nounAfter(words, place) else { return nil }
    let aspect = aspect(words, noun)
    var (first, isNegated, isExcessive, strength) = (place, false, false, 1.0)
    var index = place - 1
    while index >= max(0, place - 4), [.adverb, .negation, .copula].contains(words[index].kind) {
      let word = words[index].term
      if words[index].kind == .negation {
        isNegated.toggle()
        first = index
      } else if words[index].kind == .adverb {
        first = index
        if word == "太" || word == "too" || word == "过于" { isExcessive = true }
        if ["很", "非常", "十分", "特别", "超级", "very", "really", "extremely", "so", "太"].contains(word) {
          strength = 1
        }
        if ["有点", "有些", "稍微", "稍", "略", "bit", "little", "somewhat", "fairly", "还"].contains(word) {
          strength = 0.6
        }
      }
      index -= 1
    }
    return Pair(
      aspect: aspect.name, aspectRange: aspect.range, opinion: words[place].term,
      opinionRange: words[first].range.lowerBound..<words[place].range.upperBound, isNegated: isNegated,
      isExcessive: isExcessive && !isNegated, strength: strength)
  }

  /// The noun that an adjective behind it describes: 质量 (也) 很 好, "the screen is (not) bright".
  private func nounBefore(_ words: [AspectWord], _ place: Int) -> Int? {
    guard words[place].kind == .adjective else { return nil }
    var index = place - 1
    var isLinked = false
    while index >= 0, place - index <= 7 {
      switch words[index].kind {
      case .noun:
        let isChinese = words[place].term.unicodeScalars.first.map(\.isHan) ?? false
        // An English noun needs a copula: "screen bright" is rare, "screen is bright" is the rule.
        return isChinese || isLinked || place - index == 1 && !isFollowedByNoun(words, place) ? index : nil
      case .copula:
        isLinked = true
        index -= 1
      case .adverb, .negation: index -= 1
      case .and, .adjective:
        // 质量好又便宜: what "and" joins describes the same noun.
        index -= 1
      default: return nil
      }
    }
    return nil
  }

  private func isFollowedByNoun(_ words: [AspectWord], _ place: Int) -> Bool {
    place + 1 < words.count && words[place + 1].kind == .noun
  }

  /// The noun that an adjective before it describes: 好 (的) 质量, "great screen", "love the screen".
  private func nounAfter(_ words: [AspectWord], _ place: Int) -> Int? {
    var index = place + 1
    let isVerb = words[place].kind == .verb
    while index < words.count, index - place <= 4 {
      switch words[index].kind {
      case .noun:
        while index + 1 < words.count, words[index + 1].kind == .noun { index += 1 }
        return index
      case .of, .adjective: index += 1
      case .other where isVerb, .and where !isVerb: index += 1
      default: return nil
      }
    }
    return nil
  }

  /// The noun with those before it that belong to it.
  private func aspect(_ words: [AspectWord], _ last: Int) -> (name: String, range: TextRange) {
    for length in [3, 2] where last - length + 1 >= 0 {
      let run = words[last - length + 1...last]
      let name = run.map(\.term).joined(separator: " ")
      guard run.allSatisfy({ $0.kind == .noun }), compounds.contains(name) else { continue }
      let isChinese = name.unicodeScalars.first.map(\.isHan) ?? false
      return (
        isChinese ? run.map(\.term).joined() : name,
        words[last - length + 1].range.lowerBound..<words[last].range.upperBound
      )
    }
    return (words[last].term, words[last].range)
  }
}
