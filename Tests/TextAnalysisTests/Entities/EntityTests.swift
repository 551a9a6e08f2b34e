import Foundation
import Learning
import Synchronization
import Testing
import TextAnalysis

@Suite("Named pieces of texts")
struct EntityTests {
  /// Titles of a brand, a thing and a model.
  static let sentences: [LabelledSentence] = {
    let (brands, things) = (["云海", "星河", "蓝山"], ["手机壳", "充电器", "耳机", "背包"])
    return (0..<240).map { number in
      let parts = [
        (brands[number % 3], "BRAND"), ("正品", "O"), (things[number % 4], "THING"), ("包邮", "O"),
        ("X\(number % 7)", "MODEL"),
      ]
      let ordered = number % 2 == 0 ? parts : [parts[4], parts[1], parts[0], parts[2], parts[3]]
      var (characters, labels): ([String], [String]) = ([], [])
      for (text, label) in ordered {
        for (place, character) in text.map(String.init).enumerated() {
          characters.append(character)
          labels.append(label == "O" ? "O" : (place == 0 ? "B-" : "I-") + label)
        }
      }
      return LabelledSentence(characters: characters, labels: labels)
    }
  }()
  let model: EntityModel

  init() throws {
    model = try PerceptronEntityTagger(.init(epochs: 6)).fit(
      EntityCorpus(sentences: Self.sentences, names: ["银杏": "BRAND", "北京": "ns"]),
      context: FitContext(seed: 5))
  }

  @Test func areFoundWithTheirPlaces() {
    let found = model.entities(in: "星河正品耳机包邮X3")
    #expect(
      found == [
        LabelledRange(label: "BRAND", text: "星河", range: 0..<6),
        LabelledRange(label: "THING", text: "耳机", range: 12..<18),
        LabelledRange(label: "MODEL", text: "X3", range: 24..<26),
      ])
  }

  @Test(arguments: ["", " ", "👍👍", "\u{0}\u{FFFD}", "<script>云海</script>", "X", "，。"])
  func lieInOrderInAnyText(text: String) {
    let bytes = Array(text.utf8)
    var place = 0
    for piece in model.entities(in: text) {
      #expect(piece.range.lowerBound >= place && !piece.range.isEmpty)
      #expect(Array(piece.text.utf8) == Array(bytes[piece.range]))
      place = piece.range.upperBound
    }
    #expect(place <= bytes.count)
  }

  @Test func areFoundInLongLines() {
    let line = String(repeating: "云海正品背包包邮X1。", count: 5000)
    #expect(model.entities(in: line).count == 15_000)
  }

  @Test func areTheSameOfASavedModelAndOfTheSameSeed() throws {
    let data = try PackedPayload.encode(model)
    let loaded = try PackedPayload.decode(EntityModel.self, from: data)
    for sentence in Self.sentences.prefix(30) {
      #expect(loaded.entities(in: sentence.text) == model.entities(in: sentence.text))
    }
    let tagger = PerceptronEntityTagger(.init(epochs: 6))
    let corpus = EntityCorpus(sentences: Self.sentences, names: ["银杏": "BRAND", "北京": "ns"])
    #expect(try PackedPayload.encode(tagger.fit(corpus, context: FitContext(seed: 5))) == data)
  }

  @Test func needMarkedPiecesToLearnFrom() {
    #expect(throws: TextError.notEnoughData(what: "sentences with marked pieces", needed: 1, found: 0)) {
      try PerceptronEntityTagger().fit(
        EntityCorpus(sentences: [LabelledSentence(characters: ["好"], labels: ["O"])]), context: FitContext())
    }
    #expect(throws: TextError.self) {
      try PerceptronEntityTagger(.init(epochs: 0)).fit(
        EntityCorpus(sentences: Self.sentences), context: FitContext())
    }
  }

  @Test func areReadFromColumns() throws {
    let sentences = try LabelledSentence.readColumns(
      "云 B-BRAND\r\n海 I-BRAND\n好\tO\n\n\n耳 I-THING\n机 I-THING\n壳 B-THING")
    #expect(sentences.count == 2)
    #expect(sentences[0].entities == [LabelledRange(label: "BRAND", text: "云海", range: 0..<6)])
    #expect(sentences[1].entities.map(\.text) == ["耳机", "壳"])
    #expect(
      throws: TextError.malformedLine(
        file: "t.txt", line: 2, expected: "a character and O, B-NAME or I-NAME", found: "'海 X'")
    ) {
      try LabelledSentence.readColumns("云 O\n海 X", file: "t.txt")
    }
  }

  @Test func ofTheNewspaperJoinFamilyAndGivenNames() throws {
    let text = "[中国/ns  政府/n]nt  江/nr  泽民/nr  访问/v  北京/ns"
    let sentence = LabelledSentence(
      try #require(try AnnotatedSentence.read(text, format: .peoplesDaily).first))
    #expect(sentence.entities.map(\.text) == ["中国政府", "江泽民", "北京"])
    #expect(sentence.entities.map(\.label) == ["ORG", "PER", "LOC"])
  }

  @Test func areScoredByPlaceAndLabel() {
    var evaluation = EntityEvaluation()
    let a = LabelledRange(label: "PER", text: "甲", range: 0..<3)
    let b = LabelledRange(label: "LOC", text: "乙", range: 3..<6)
    let c = LabelledRange(label: "PER", text: "乙", range: 3..<6)
    evaluation.add(gold: [a, b], found: [a, c])
    #expect(evaluation.all.correct == 1 && evaluation.all.gold == 2 && evaluation.all.found == 2)
    #expect(evaluation.byLabel["PER"]?.precision == 0.5 && evaluation.byLabel["PER"]?.recall == 1)
    #expect(evaluation.byLabel["LOC"]?.f1 == 0 && evaluation.all.f1 == 0.5)
  }
}

@Suite("Named pieces by a network")
struct BiLSTMCRFTests {
  private static let small = BiLSTMCRF.Configuration(
    embeddingSize: 16, size: 16, dropout: 0.1, epochs: 12, learningRate: 0.01, batchSize: 16)

  @Test func areFoundAndFoundAgainByASavedModel() throws {
    let corpus = EntityCorpus(sentences: EntityTests.sentences, names: ["银杏": "BRAND"])
    let model = try BiLSTMCRF(Self.small).fit(corpus, context: FitContext(seed: 3))
    let found = model.entities(in: "星河正品耳机包邮X3")
    #expect(found.map(\.text) == ["星河", "耳机", "X3"])
    #expect(found.map(\.label) == ["BRAND", "THING", "MODEL"])
    let data = try PackedPayload.encode(model)
    let loaded = try PackedPayload.decode(BiLSTMCRFModel.self, from: data)
    for sentence in EntityTests.sentences.prefix(40) {
      #expect(loaded.entities(in: sentence.text) == model.entities(in: sentence.text))
    }
    for text in ["", "👍\u{0}", "X", String(repeating: "云海背包", count: 3000)] {
      #expect(model.entities(in: text).allSatisfy { !$0.range.isEmpty })
    }
    #expect(try PackedPayload.encode(BiLSTMCRF(Self.small).fit(corpus, context: FitContext(seed: 3))) == data)
  }

  @Test func theLossFallsFromThatOfGuessing() throws {
    let losses = Losses()
    var settings = Self.small
    settings.epochs = 4
    _ = try BiLSTMCRF(settings).fit(
      EntityCorpus(sentences: EntityTests.sentences),
      context: FitContext(seed: 3) { progress in
        if let loss = progress.metrics["loss"] { losses.append(loss) }
      })
    let values = losses.values
    // Twelve characters of seven labels each: guessing costs about 12 · ln 7 = 23.
    #expect(values.count == 4 && values[0] < 24 && values.allSatisfy { $0 > 0 })
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test func refusesSettingsOutOfRange() {
    var settings = Self.small
    settings.dropout = 1
    #expect(throws: TextError.self) {
      try BiLSTMCRF(settings).fit(EntityCorpus(sentences: EntityTests.sentences), context: FitContext())
    }
    #expect(throws: TextError.self) {
      try BiLSTMCRF().fit(EntityCorpus(sentences: []), context: FitContext())
    }
  }
}

/// Losses that a training run reports from its thread.
private final class Losses: Sendable {
  private let stored = Mutex<[Double]>([])

  func append(_ loss: Double) { stored.withLock { $0.append(loss) } }

  var values: [Double] { stored.withLock { $0 } }
}
