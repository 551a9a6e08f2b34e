import Foundation
import Learning
import Testing
import TextAnalysis

/// The corpora that scripts/fetch-data brings, where they are there.
enum FetchedTexts {
  static let folder = ProcessInfo.processInfo.environment["LODE_CACHE"].map { URL(filePath: "\($0)/data") }
  static let newspaper = folder?.appending(path: "peoples-daily/199801.txt")
  static let words = folder?.appending(path: "jieba/dict.txt")
  static let areThere = [newspaper, words].allSatisfy {
    $0.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
  }
}

@Suite("The People's Daily of January 1998")
struct PeoplesDailyTests {
  @Test(.enabled(if: FetchedTexts.areThere, "scripts/fetch-data peoples-daily jieba"))
  func aThirdOfTheTextTeachesWordsAndTheirPartsOfSpeech() throws {
    let newspaper = try #require(FetchedTexts.newspaper)
    let all = try AnnotatedSentence.read(contentsOf: newspaper, format: .peoplesDaily)
    let train = Array(all[..<(all.count * 3 / 10)])
    let test = all[(all.count * 9 / 10)...].filter { !$0.words.isEmpty }
    let lexicon = try Lexicon(contentsOf: try #require(FetchedTexts.words))
    let model = try PerceptronSegmenter(.init(epochs: 5)).fit(
      SegmentationCorpus(sentences: train, lexicon: lexicon), context: FitContext(seed: 42))
    let tagger = try PerceptronTagger(.init(epochs: 3)).fit(train, context: FitContext(seed: 42))
    var words = SegmentationEvaluation(vocabulary: Set(train.flatMap(\.words)))
    var tags = TaggingEvaluation()
    let segmenter = ChineseSegmenter(model)
    for sentence in test {
      try words.add(gold: sentence.words, found: segmenter.words(of: sentence.text))
      tags.add(gold: sentence, words: sentence.words, tags: tagger.tags(of: sentence.words))
    }
    #expect(words.f1 > 0.945)
    #expect(words.unknownRecall > 0.7)
    #expect(tags.f1 > 0.92)
  }
}
