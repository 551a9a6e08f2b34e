import Foundation
import Learning
import MathKernels
import Testing
import TextAnalysis

@Suite struct SentimentTests {
  static let english = SentimentLexicon(
    language: .english, polarities: ["good": 0.5, "great": 0.8, "bad": -0.6, "awful": -0.9, "broken": -0.5])
  static let chinese = SentimentLexicon(
    language: .chinese, polarities: ["好": 0.6, "好用": 0.8, "满意": 0.8, "差": -0.8, "坏": -0.7, "失望": -0.9])

  /// Reviews with a polarity, a few of them with a contrast.
  static func reviews(_ count: Int, seed: UInt64) -> [LabelledText] {
    var random = RandomSource(seed: seed)
    let good = ["质量很好", "非常满意", "物流快", "做工精致", "推荐购买", "很好用"]
    let bad = ["质量太差", "很失望", "物流慢", "做工粗糙", "不推荐", "用两天就坏了"]
    return (0..<count).map { row in
      let isPositive = row % 2 == 0
      let (own, other) = isPositive ? (good, bad) : (bad, good)
      let first = own[random.index(below: 6)]
      let second = own[random.index(below: 6)]
      let text = row % 5 == 0 ? "\(other[random.index(below: 6)])，但是\(first)" : "\(first)，\(second)。"
      return LabelledText(label: isPositive ? "positive" : "negative", text: text)
    }
  }

  private func polarity(_ text: String, _ lexicon: SentimentLexicon) -> Double {
    lexicon.opinions(in: text).reduce(0) { $0 + $1.polarity }
  }

  @Test func negationTurnsOpinionsRoundAndClausesStopIt() {
    #expect(polarity("it is good", Self.english) > 0)
    #expect(polarity("it is not good", Self.english) < 0)
    #expect(polarity("It isn't very good", Self.english) < 0)
    #expect(polarity("not today, good", Self.english) > 0)
    #expect(polarity("goodness", Self.english) == 0)
    #expect(polarity("这个好用", Self.chinese) > 0)
    #expect(polarity("一点也不好用", Self.chinese) < 0)
    #expect(polarity("没有让人失望", Self.chinese) > 0)
    #expect(polarity("不是我的，好用", Self.chinese) > 0)
    #expect(Self.chinese.opinions(in: "不好用").map(\.word) == ["好用"])
    #expect(Self.chinese.opinions(in: "不好用").map(\.isNegated) == [true])
  }

  @Test func degreeScalesAnOpinion() {
    #expect(polarity("very good", Self.english) > polarity("good", Self.english))
    #expect(polarity("somewhat good", Self.english) < polarity("good", Self.english))
    #expect(polarity("very strange but good", Self.english) == polarity("good", Self.english))
  }

  @Test func learnsPolarityAndWeighsWhatFollowsAContrast() async throws {
    let model = try await SentimentClassifier(lexicon: Self.chinese).fit(
      Self.reviews(400, seed: 1), context: FitContext())
    let held = Self.reviews(100, seed: 2)
    let probabilities = model.probabilities(of: held.map(\.text))
    let right = zip(held, probabilities).count { ($1 >= 0.5) == ($0.label == "positive") }
    #expect(right >= 95)
    #expect(model.probability(of: "做工精致，但是用两天就坏了") < 0.5)
    #expect(model.probability(of: "用两天就坏了，但是做工精致") > 0.5)
    #expect(model.partWeights["contrast"] ?? 0 > 0)
  }

  @Test func namesTheWordsThatDecided() async throws {
    let model = try await SentimentClassifier(lexicon: Self.chinese).fit(
      Self.reviews(400, seed: 1), context: FitContext())
    let text = "物流快，可惜质量太差"
    let sentiment = model.sentiment(of: text)
    #expect(sentiment.reasons.count <= 10)
    #expect(sentiment.reasons.contains { $0.text.contains("差") && $0.contribution < 0 })
    #expect(sentiment.reasons.contains { $0.text.contains("快") && $0.contribution > 0 })
    let bytes = Array(text.utf8)
    for reason in sentiment.reasons {
      #expect(reason.text == String(decoding: bytes[reason.range], as: UTF8.self))
    }
    #expect(sentiment.probability == model.probability(of: text))
  }

  @Test func anAspectHasThePolarityOfItsClause() async throws {
    let model = try await SentimentClassifier(lexicon: Self.chinese).fit(
      Self.reviews(400, seed: 1), context: FitContext())
    let text = "物流快，质量太差。"
    let first = try model.polarity(of: 0..<6, in: text)
    let second = try model.polarity(of: 12..<18, in: text)
    #expect(first.probability > 0.5 && second.probability < 0.5)
    #expect(second.reasons.allSatisfy { $0.range.lowerBound >= 12 })
    #expect(throws: TextError.self) { try model.polarity(of: 0..<1000, in: text) }
    // A range in the middle of a character is a range like any other.
    #expect(try model.polarity(of: 1..<2, in: text).probability > 0.5)
  }

  @Test func sentencesArePartsOfTheText() async throws {
    let model = try await SentimentClassifier(lexicon: Self.chinese).fit(
      Self.reviews(200, seed: 1), context: FitContext())
    let text = "质量很好！价格 3.5 元…… 物流慢\n不推荐"
    let bytes = Array(text.utf8)
    let sentences = model.sentiment(of: text).sentences.map {
      String(decoding: bytes[$0.range], as: UTF8.self)
    }
    #expect(sentences == ["质量很好！", "价格 3.5 元……", " 物流慢\n", "不推荐"])
  }

  @Test func savingKeepsItAndHostileTextsHaveAnAnswer() async throws {
    let model = try await SentimentClassifier(lexicon: Self.chinese).fit(
      Self.reviews(200, seed: 1), context: FitContext())
    let loaded = try PackedPayload.decode(SentimentModel.self, from: PackedPayload.encode(model))
    let texts = ["", "\u{0}\u{7}", "😀", "但是", "但是。但是", "<b>好</b>", String(repeating: "好，", count: 20_000)]
    for text in texts {
      let sentiment = model.sentiment(of: text)
      #expect(sentiment.probability.isFinite)
      #expect(sentiment == loaded.sentiment(of: text))
    }
  }

  @Test func refusesOtherLabelsAndTooFewTexts() async {
    await #expect(
      throws: TextError.invalidParameter(name: "label", value: "meh", expected: "positive or negative")
    ) {
      try await SentimentClassifier(lexicon: Self.chinese).fit(
        [LabelledText(label: "meh", text: "好")], context: FitContext())
    }
    await #expect(throws: TextError.notEnoughData(what: "texts of either polarity", needed: 20, found: 5)) {
      try await SentimentClassifier(lexicon: Self.chinese).fit(
        Self.reviews(10, seed: 1), context: FitContext())
    }
  }

  @Test func emotionsAreNamedUnlessNegated() {
    let lexicon = EmotionLexicon(language: .chinese, words: [.joy: ["开心"], .anger: ["气愤", "生气"]])
    #expect(lexicon.counts(in: "很开心，不生气，他气愤") == [.joy: 1, .anger: 1])
    #expect(lexicon.occurrences(in: "很开心").map(\.range) == [3..<9])
    #expect(lexicon.occurrences(in: "").isEmpty)
  }

  private static let cache = (ProcessInfo.processInfo.environment["LODE_CACHE"] ?? ".cache") + "/data"

  @Test(.enabled(if: FileManager.default.fileExists(atPath: cache + "/chinese-lexicons/cntext")))
  func readsTheChineseLists() throws {
    let lexicon = try SentimentLexicon.chinese(folder: Self.cache + "/chinese-lexicons")
    #expect(lexicon.polarities.count > 20_000)
    #expect(lexicon.polarities["满意"] ?? 0 > 0.5 && lexicon.polarities["失望"] ?? 0 < -0.5)
    let emotions = try EmotionLexicon.chinese(folder: Self.cache + "/chinese-lexicons")
    for emotion in EmotionLexicon.Emotion.allCases {
      let word =
        [
          .joy: "欢快", .approval: "美观", .anger: "气愤", .sadness: "悲伤", .fear: "害怕", .disgust: "讨厌",
          .surprise: "惊讶",
        ][emotion] ?? ""
      #expect(emotions.counts(in: word)[emotion] == 1, "\(word) is \(emotion)")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: cache + "/english-lexicons/vader_lexicon.txt")))
  func readsTheEnglishLists() throws {
    let lexicon = try SentimentLexicon.english(folder: Self.cache + "/english-lexicons")
    #expect(lexicon.polarities["great"] ?? 0 > 0.5 && lexicon.polarities["terrible"] ?? 0 < -0.4)
    #expect(lexicon.score(of: "😀") > 0)
    #expect(lexicon.score(of: "The food was not great :(") < 0)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: cache + "/movie-polarity/polarity-en.csv")))
  func readsFilmReviewsItHasNotSeen() async throws {
    let reviews = try SentimentClassifier.publicReviews(.english, folder: Self.cache)
    #expect(reviews.count > 1_400)
    let lexicon = try SentimentLexicon.english(folder: Self.cache + "/english-lexicons")
    let learned = reviews.indices.filter { $0 % 3 == 0 }.map { reviews[$0] }
    let held = reviews.indices.filter { $0 % 9 == 1 }.map { reviews[$0] }
    let settings = SentimentClassifier.Configuration(
      language: .english, linear: .init(features: .init(kinds: [NGrams(.words, 1...2)]), ratioWeight: 0.5),
      folds: 2)
    let model = try await SentimentClassifier(configuration: settings, lexicon: lexicon).fit(
      learned, context: FitContext())
    let right = zip(held, model.probabilities(of: held.map(\.text))).count {
      ($0.label == "1") == ($1 >= 0.5)
    }
    #expect(Double(right) / Double(held.count) > 0.75)
  }
}
