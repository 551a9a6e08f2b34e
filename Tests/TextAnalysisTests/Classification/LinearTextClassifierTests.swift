import Foundation
import Learning
import MathKernels
import Testing
import TextAnalysis

@Suite struct LinearTextClassifierTests {
  /// Texts of three classes with some words in common.
  static func texts(_ count: Int, seed: UInt64) -> [LabelledText] {
    var random = RandomSource(seed: seed)
    let words = [
      "delivery": ["late", "courier", "快递", "送货", "parcel"],
      "price": ["cheap", "expensive", "价格", "便宜", "cost"],
      "quality": ["broken", "sturdy", "质量", "做工", "finish"],
    ]
    let filler = ["the", "was", "今天", "很", "really", "is", "it", "了"]
    return (0..<count).map { row in
      let label = ["delivery", "price", "quality"][row % 3]
      let chosen = (0..<4).map { _ in filler[random.index(below: filler.count)] }
      let telling = (0..<2).map { _ in (words[label] ?? [])[random.index(below: 5)] }
      return LabelledText(
        label: label, text: (chosen + telling).shuffled(using: &random).joined(separator: " "))
    }
  }

  private static let rows = SparseMatrix(
    rows: 8, columns: 3, rowStarts: Array(0...8).map { $0 * 3 },
    columnIndices: (0..<24).map { Int32($0 % 3) },
    values: [
      1, 0, 0.5, 0.8, 0.2, 0, 0.6, 0, 0.9, 0.1, 1, 0.2, 0, 0.7, 0.6, 0.3, 0.9, 0, 0.5, 0.5, 0.5, 0.2, 0.1, 1,
    ])
  private static let positives = [true, true, true, false, false, false, false, true]

  @Test(arguments: [1, 7, 99] as [UInt64])
  func agreesWithLinearSVCOfScikitLearn(seed: UInt64) {
    // LinearSVC(C=2, tol=1e-10, dual=True) of scikit-learn 1.9.1
    let solver = DualCoordinateDescent(loss: .squaredHinge, cost: 2, tolerance: 1e-9, maximumPasses: 100_000)
    let weights = solver.weights(Self.rows, Self.positives, seed: seed)
    let expected = [0.64772813, -1.72723474, 0.22399808, 0.29688168]
    for (found, fact) in zip(weights, expected) { #expect(abs(found - fact) < 1e-6) }
  }

  @Test(arguments: [1, 7, 99] as [UInt64])
  func agreesWithLogisticRegressionOfScikitLearn(seed: UInt64) {
    // LogisticRegression(C=2, tol=1e-10, dual=True, solver="liblinear") of scikit-learn 1.9.1
    let solver = DualCoordinateDescent(loss: .logistic, cost: 2, tolerance: 1e-9, maximumPasses: 100_000)
    let weights = solver.weights(Self.rows, Self.positives, seed: seed)
    let expected = [0.89799059, -1.5560332, 0.50287971, 0.0191524]
    for (found, fact) in zip(weights, expected) { #expect(abs(found - fact) < 1e-5) }
  }

  @Test(arguments: [DualCoordinateDescent.Loss.squaredHinge, .logistic])
  func learnsClassesWithCalibratedProbabilities(loss: DualCoordinateDescent.Loss) async throws {
    var classifier = LinearTextClassifier()
    classifier.configuration.loss = loss
    let model = try await classifier.fit(Self.texts(600, seed: 1), context: FitContext())
    let evaluation = try ClassificationEvaluation(of: model, on: Self.texts(300, seed: 2))
    #expect(model.labels == ["delivery", "price", "quality"])
    #expect(evaluation.accuracy > 0.98)
    #expect((evaluation.calibrationError ?? 1) < 0.05)
    let answer = try model.classify("快递 late")
    #expect(answer.label == "delivery")
    #expect(abs(answer.probabilities.reduce(0, +) - 1) < 1e-9)
  }

  @Test func explainsAMarginByItsParts() async throws {
    let texts = Self.texts(300, seed: 3).filter { $0.label != "price" }
    let model = try await LinearTextClassifier().fit(texts, context: FitContext())
    for text in ["the courier was late", "质量 很 broken", "😀"] {
      let explanation = try model.explanation(of: text, label: "quality")
      let margin = try model.margins(of: [text])[0, 0]
      #expect(abs(explanation.total - Double(margin)) < 1e-4)
    }
    let reasons = try model.explanation(of: "the courier was late", label: "delivery").contributions
    #expect(reasons[0].contribution > 0)
    #expect(reasons.prefix(4).contains { $0.feature.contains("courier") || $0.feature.contains("late") })
  }

  @Test func sameSeedGivesTheSameModelAndSavingKeepsIt() async throws {
    let texts = Self.texts(200, seed: 4)
    let first = try await LinearTextClassifier().fit(texts, context: FitContext(seed: 5))
    let second = try await LinearTextClassifier().fit(texts, context: FitContext(seed: 5))
    let questions = Self.texts(40, seed: 6).map(\.text) + ["", "\u{0}", "<b>hi</b>", "👩‍👩‍👧"]
    let answers = try first.classify(questions)
    #expect(answers == (try second.classify(questions)))
    let bytes = try PackedPayload.encode(first)
    let loaded = try PackedPayload.decode(LinearTextModel.self, from: bytes)
    #expect(answers == (try loaded.classify(questions)))
    let singly = try questions.map { try first.classify($0) }
    #expect(answers == singly)
  }

  @Test func refusesWhatCannotBeLearned() async {
    await #expect(throws: TextError.notEnoughData(what: "classes", needed: 2, found: 1)) {
      try await LinearTextClassifier().fit([LabelledText(label: "a", text: "b")], context: FitContext())
    }
    await #expect(
      throws: TextError.invalidParameter(name: "cost", value: "0.0", expected: "a positive number")
    ) {
      try await LinearTextClassifier(configuration: .init(cost: 0)).fit(
        Self.texts(9, seed: 1), context: FitContext())
    }
  }

  @Test func stopsWhenItsTaskIsCancelled() async {
    let task = Task {
      try await LinearTextClassifier().fit(
        Self.texts(300, seed: 1),
        context: FitContext(onProgress: { _ in withUnsafeCurrentTask { $0?.cancel() } }))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
