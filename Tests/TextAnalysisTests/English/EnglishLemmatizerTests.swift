import Testing
import TextAnalysis

@Suite struct EnglishLemmatizerTests {
  @Test(arguments: [
    ("was", "VBD", "be"), ("went", "VBD", "go"), ("bought", "VBN", "buy"), ("studies", "VBZ", "study"),
    ("making", "VBG", "make"), ("stopped", "VBD", "stop"), ("falling", "VBG", "fall"),
    ("looked", "VBD", "look"),
    ("using", "VBG", "use"), ("hoping", "VBG", "hope"), ("charging", "VBG", "charge"),
    ("arrived", "VBD", "arrive"),
    ("returned", "VBD", "return"), ("ordered", "VBD", "order"), ("replaced", "VBN", "replace"),
    ("cried", "VBD", "cry"),
    ("batteries", "NNS", "battery"), ("boxes", "NNS", "box"), ("houses", "NNS", "house"),
    ("children", "NNS", "child"),
    ("knives", "NNS", "knife"), ("glass", "NN", "glass"), ("shoes", "NNS", "shoe"), ("dishes", "NNS", "dish"),
    ("better", "JJR", "good"), ("cheapest", "JJS", "cheap"), ("easier", "JJR", "easy"),
    ("bigger", "JJR", "big"),
    ("larger", "JJR", "large"), ("n't", "RB", "not"), ("Apples", "NNPS", "Apples"),
    ("Screens", "NNS", "screen"),
  ])
  func findsBaseForms(word: String, tag: String, expected: String) {
    #expect(EnglishLemmatizer().lemma(of: word, tag: tag) == expected)
  }

  @Test func triesVerbsAndPluralsWithoutATag() {
    let lemmatizer = EnglishLemmatizer(vocabulary: ["phone", "hop"])
    #expect(
      ["phones", "broke", "this", "bus", "was"].map { lemmatizer.lemma(of: $0) } == [
        "phone", "break", "this", "bus", "be",
      ])
    #expect(lemmatizer.lemma(of: "hopping", tag: "VBG") == "hop")
  }

  @Test(arguments: ["", "s", "é", "'s", "ing", "ed", "es", "ss", "中文", "😊s"])
  func acceptsAnyWord(word: String) {
    for tag in [nil, "VBG", "NNS", "JJS", "VBD"] {
      #expect(EnglishLemmatizer().lemma(of: word, tag: tag).utf8.count <= word.utf8.count + 2)
    }
  }
}
