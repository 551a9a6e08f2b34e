import Foundation
import Learning
import Testing
import TextAnalysis

@Suite struct EnglishTaggerTests {
  /// Sentences of a tiny grammar in which "run" is a noun after "the" and a verb after "they".
  static let corpus = TaggedCorpus(
    sentences: (0..<40).map { index in
      let noun = ["dog", "phone", "screen", "run"][index % 4]
      let verb = ["run", "walk", "work", "talk"][index / 4 % 4]
      return index % 2 == 0
        ? [.init("the", "DT"), .init(noun, "NN"), .init("is", "VBZ"), .init("big", "JJ"), .init(".", ".")]
        : [.init("they", "PRP"), .init(verb, "VBP"), .init("quickly", "RB"), .init(".", ".")]
    })

  @Test func learnsWordsFromTheirNeighbours() async throws {
    let model = try await EnglishTagger(configuration: .init(leastCount: 1)).fit(
      Self.corpus, context: FitContext())
    #expect(model.accuracy(on: Self.corpus) == 1)
    #expect(model.tags(of: ["they", "run", "."]) == ["PRP", "VBP", "."])
    #expect(model.tags(of: ["the", "run", "is"]) == ["DT", "NN", "VBZ"])
    #expect(model.tags(of: []) == [])
    #expect(model.tags(of: ["", "\u{0}", "😊"]).count == 3)
  }

  @Test func isTheSameForTheSameSeedAndAfterLoading() async throws {
    let first = try await EnglishTagger().fit(Self.corpus, context: FitContext(seed: 7))
    let second = try await EnglishTagger().fit(Self.corpus, context: FitContext(seed: 7))
    let data = try PackedPayload.encode(first)
    #expect(try PackedPayload.encode(second) == data)
    let loaded = try PackedPayload.decode(EnglishTaggerModel.self, from: data)
    #expect(loaded.tags(of: ["the", "zebra", "runs"]) == first.tags(of: ["the", "zebra", "runs"]))
    #expect(loaded.baseForms == first.baseForms)
  }

  @Test func refusesWhatItCannotLearnFrom() async {
    await #expect(throws: TextError.notEnoughData(what: "tagged sentences", needed: 1, found: 0)) {
      try await EnglishTagger().fit(TaggedCorpus(sentences: []), context: FitContext())
    }
    await #expect(throws: TextError.self) {
      try await EnglishTagger(configuration: .init(epochs: 0)).fit(Self.corpus, context: FitContext())
    }
  }

  @Test func saysWhichLineHasNoTag() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "tagged-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(";;; note\nthe/DT 1/2/CD\nbroken\n".utf8).write(to: file)
    #expect(
      throws: TextError.malformedLine(
        file: file.lastPathComponent, line: 3, expected: "words as word/TAG", found: "'broken'")
    ) {
      try TaggedCorpus(contentsOf: file)
    }
  }

  @Test(
    .enabled(
      if: Fetched.path("tagged-english/oanc.txt") != nil, "scripts/fetch-data tagged-english brings the data")
  )
  func reachesItsFloorOnWrittenAmericanEnglish() async throws {
    let path = try #require(Fetched.path("tagged-english/oanc.txt"))
    let news = try #require(Fetched.path("tagged-english/wsj.txt"))
    let (training, test) = try TaggedCorpus(contentsOf: URL(fileURLWithPath: path)).split(last: 0.1)
    let model = try await EnglishTagger(configuration: .init(epochs: 4)).fit(training, context: FitContext())
    #expect(model.accuracy(on: test) > 0.96)
    #expect(try model.accuracy(on: TaggedCorpus(contentsOf: URL(fileURLWithPath: news))) > 0.925)
  }
}

/// Where fetched data lie.
enum Fetched {
  /// A file of the cache; nil when it has not been fetched.
  static func path(_ name: String) -> String? {
    let cache = ProcessInfo.processInfo.environment["LODE_CACHE"] ?? ".cache"
    let path = "\(cache)/data/\(name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
