import Foundation
import Learning
import Neural
import Testing
import TextAnalysis

@Suite struct TransformerClassifierTests {
  @Test(.enabled(if: Torch.isAvailable, "networks are trained with libtorch"))
  func learnsWhatOnlyTheOrderOfWordsTells() async throws {
    // "a before b" against "b before a": the words are the same, so that only attention with positions can tell.
    var random = SystemlessOrder(seed: 3)
    let texts = (0..<320).map { row -> LabelledText in
      let (first, second) = row % 2 == 0 ? ("cat", "dog") : ("dog", "cat")
      let filler = ["the", "saw", "x", "了"][random.next(4)]
      return LabelledText(label: first, text: "\(first) \(filler) \(second)")
    }
    let settings = TransformerClassifier.Configuration(
      embeddingSize: 16, blocks: 1, heads: 2, dropout: 0, wordDropout: 0, batchSize: 32,
      training: .init(epochs: 30, optimizer: .init(learningRate: 1e-2)))
    let model = try await TransformerClassifier(configuration: settings).fit(texts, context: FitContext())
    let answers = model.classify(["cat saw dog", "dog saw cat"])
    #expect(answers.map(\.label) == ["cat", "dog"])
    let loaded = try PackedPayload.decode(TransformerTextModel.self, from: PackedPayload.encode(model))
    let odd = ["", "\u{0}", "😀", String(repeating: "cat ", count: 5000)]
    let (before, after) = (model.classify(odd), loaded.classify(odd))
    #expect(before == after && !before.contains { !$0.probability.isFinite })
  }

  @Test func refusesSettingsOutOfRange() async {
    let texts = (0..<30).map { LabelledText(label: "\($0 % 2)", text: "a") }
    await #expect(
      throws: TextError.invalidParameter(
        name: "heads", value: "3", expected: "a divisor of the embeddingSize")
    ) {
      try await TransformerClassifier(configuration: .init(heads: 3)).fit(texts, context: FitContext())
    }
    await #expect(throws: TextError.notEnoughData(what: "texts", needed: 20, found: 4)) {
      try await TransformerClassifier().fit(Array(texts.prefix(4)), context: FitContext())
    }
  }

  /// A small generator of its own, so that the texts never change.
  struct SystemlessOrder {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
  }
}
