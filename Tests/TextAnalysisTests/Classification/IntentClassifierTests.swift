import Foundation
import Learning
import MathKernels
import Testing
import TextAnalysis

@Suite struct IntentClassifierTests {
  /// Counts letters: a small stand-in for sentence vectors that needs no weights.
  struct LetterCounts: SentenceEmbedder {
    let dimensions = 26
    func vectors(of sentences: [String]) throws -> Matrix<Float> {
      var result = Matrix<Float>(rows: sentences.count, columns: 26)
      for (row, sentence) in sentences.enumerated() {
        for byte in sentence.utf8 where (97...122).contains(byte) { result[row, Int(byte) - 97] += 1 }
        let length = result.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
        for column in 0..<26 where length > 0 { result[row, column] /= length }
      }
      return result
    }
  }

  static func questions(_ count: Int, seed: UInt64) -> [LabelledText] {
    var random = RandomSource(seed: seed)
    let forms = [
      "track": ["where is my parcel", "track the package", "has my order shipped", "parcel status please"],
      "refund": [
        "i want my money back", "refund this purchase", "return it for a refund", "give the money back",
      ],
      "hours": [
        "when do you open", "opening hours today", "what time do you close", "are you open on sunday",
      ],
    ]
    let ends = ["", "please", "now", "thanks", "today", "again", "if you can"]
    return (0..<count).map { row in
      let label = ["track", "refund", "hours"][row % 3]
      let form = (forms[label] ?? [])[random.index(below: 4)]
      return LabelledText(label: label, text: form + " " + ends[random.index(below: ends.count)])
    }
  }

  private static let elsewhere = [
    "zebra migration across kenyan plains", "quantum chromodynamics lecture", "bake sourdough with rye flour",
    "compose a symphony in b minor", "fix the gearbox of a tractor",
  ]

  @Test func rejectsWhatItDoesNotKnow() async throws {
    let model = try await IntentClassifier(embedder: LetterCounts()).fit(
      Self.questions(300, seed: 1), validation: Self.questions(120, seed: 2), context: FitContext())
    let evaluation = try model.evaluation(known: Self.questions(90, seed: 3), outOfScope: Self.elsewhere)
    #expect(evaluation.answers.accuracy > 0.9)
    #expect(evaluation.outOfScopeRecall >= 0.6)
    #expect(evaluation.outOfScopeArea > 0.9)
    let answer = try model.intent(of: "please track my parcel")
    #expect(answer.label == "track" && !answer.isOutOfScope && answer.probability > 0.5)
    let foreign = try model.intent(of: Self.elsewhere[0])
    #expect(foreign.label == nil && model.labels.contains(foreign.nearest))
  }

  @Test func keepsTheAccuracyItPromisesOnTheValidationPart() async throws {
    let held = Self.questions(200, seed: 5)
    for kept in [1.0, 0.95, 0.5] {
      let model = try await IntentClassifier(configuration: .init(keptAccuracy: kept), embedder: nil).fit(
        Self.questions(300, seed: 4), validation: held, context: FitContext())
      let evaluation = try model.evaluation(known: held, outOfScope: [])
      #expect(evaluation.answers.accuracy >= kept * evaluation.accuracyWithoutRejection - 1e-9)
      if kept < 1 { #expect(evaluation.answers.accuracy < 1) }
    }
  }

  @Test func choosesTheThresholdFromFoldsWithoutAValidationPart() async throws {
    let model = try await IntentClassifier(embedder: nil).fit(
      Self.questions(300, seed: 1), context: FitContext())
    #expect(model.threshold > 0 && model.threshold < 1)
    #expect(try model.intent(of: "refund this purchase").label == "refund")
  }

  @Test func savingKeepsItAndAMissingEmbedderIsSaid() async throws {
    let model = try await IntentClassifier(embedder: LetterCounts()).fit(
      Self.questions(150, seed: 1), validation: Self.questions(60, seed: 2), context: FitContext())
    var loaded = try PackedPayload.decode(IntentModel.self, from: PackedPayload.encode(model))
    #expect(throws: TextError.self) { try loaded.intent(of: "where is it") }
    loaded.embedder = LetterCounts()
    let texts = Self.questions(20, seed: 7).map(\.text) + ["", "\u{0}😀"]
    let (before, after) = (try model.intents(of: texts), try loaded.intents(of: texts))
    #expect(before == after)
  }
}
