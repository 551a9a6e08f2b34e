import Foundation
import Learning
import MathKernels

/// Sorts texts into classes by a linear model on their n-grams and, if asked for, their sentence vectors; with calibrated
/// probabilities and reasons.
///
/// ```swift
/// let classifier = LinearTextClassifier()
/// let model = try await classifier.fit(reviews, context: FitContext())
/// let answer = try model.classify("做工很差，用了两天就坏了")
/// print(answer.label, answer.probability)
/// print(try model.explanation(of: "做工很差").contributions.prefix(3))
/// ```
/// One problem per class against all others (a single one for two classes), each solved by `DualCoordinateDescent`. Its
/// margins become probabilities by what held-out folds show: Platt's curve for two classes, a softmax with a fitted
/// temperature for more (Guo et al., 2017, https://arxiv.org/abs/1706.04599).
///
/// Source of the features and of their stretching by log-count ratios: Wang and Manning (2012),
/// https://aclanthology.org/P12-2018; here the ratios stretch tf-idf weights, by their size without the sign.
public struct LinearTextClassifier: Estimator {
  /// The settings of a classifier.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The n-grams it looks at.
    public var features: NGramVectorizer.Configuration
    /// The loss that is minimized.
    public var loss: DualCoordinateDescent.Loss
    /// The price of losses against the penalty on weights.
    public var cost: Double
    /// How far from optimal the weights may be.
    public var tolerance: Double
    /// Whether rare classes weigh as much as frequent ones.
    public var isBalanced: Bool
    /// How many folds calibrate the probabilities; below 2 margins are taken as log-odds.
    public var calibrationFolds: Int
    /// The length that sentence vectors have beside the n-grams' unit length; 0 leaves them out.
    public var embeddingWeight: Double
    /// How much n-grams that are commoner in one class than in the others are stretched before the fit: 0 not at all,
    /// 1 by their log-count ratio.
    public var ratioWeight: Double

    /// Settings.
    public init(
      features: NGramVectorizer.Configuration = .init(), loss: DualCoordinateDescent.Loss = .squaredHinge,
      cost: Double = 0.5, tolerance: Double = 0.05, isBalanced: Bool = false, calibrationFolds: Int = 3,
      embeddingWeight: Double = 0, ratioWeight: Double = 0
    ) {
      self.features = features
      self.loss = loss
      self.cost = cost
      self.tolerance = tolerance
      self.isBalanced = isBalanced
      self.calibrationFolds = calibrationFolds
      self.embeddingWeight = embeddingWeight
      self.ratioWeight = ratioWeight
    }

    func validate() throws {
      try features.validate()
      func check(_ holds: Bool, _ name: String, _ value: Double, _ expected: String) throws {
        if !holds { throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected) }
      }
      try check(cost > 0 && cost.isFinite, "cost", cost, "a positive number")
      try check(tolerance > 0 && tolerance.isFinite, "tolerance", tolerance, "a positive number")
      try check(
        embeddingWeight >= 0 && embeddingWeight.isFinite, "embeddingWeight", embeddingWeight, "zero or more")
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// What splits texts into words.
  public var tokenizer: any Tokenizer
  /// What makes sentence vectors; needed when `embeddingWeight` is above zero.
  public var embedder: (any SentenceEmbedder)?

  /// A classifier.
  public init(
    configuration: Configuration = .init(), tokenizer: any Tokenizer = LetterRunTokenizer(),
    embedder: (any SentenceEmbedder)? = nil
  ) {
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.embedder = embedder
  }

  /// Learns from labelled texts.
  ///
  /// - Complexity: O(classes × passes × n-grams), `calibrationFolds` times and once more; classes on all cores.
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData` with fewer than two classes.
  public func fit(_ texts: [LabelledText], context: FitContext) async throws -> LinearTextModel {
    try learned(from: texts, context: context).model
  }

  /// The model, and the margins that held-out folds gave each text, one row per text; nil without folds.
  func learned(
    from texts: [LabelledText], context: FitContext
  ) throws -> (model: LinearTextModel, heldOut: Matrix<Float>?) {
    try configuration.validate()
    let labels = Set(texts.map(\.label)).sorted()
    guard labels.count > 1 else {
      throw TextError.notEnoughData(what: "classes", needed: 2, found: labels.count)
    }
    let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let classes = texts.map { index[$0.label] ?? 0 }
    let vectorizer = NGramVectorizer(configuration: configuration.features, tokenizer: tokenizer)
    var model = LinearTextModel(
      configuration, labels, features: try vectorizer.fit(texts.map(\.text)), embedder: embedder)
    let rows = try model.rows(of: texts.map(\.text))
    let folds = configuration.calibrationFolds
    var heldOut: Matrix<Float>?
    if folds > 1, texts.count >= 2 * folds {
      var margins = Matrix<Float>(rows: texts.count, columns: model.outputs)
      for (step, split) in Splits.kFold(count: texts.count, folds: folds, seed: context.seed).enumerated() {
        let weights = weights(rows, classes, model.outputs, split.training, context.seed)
        for row in split.test {
          let scores = model.margins(rows.row(row), weights)
          margins.elements.replaceSubrange(row * model.outputs..<(row + 1) * model.outputs, with: scores)
        }
        try context.checkpoint(step: step + 1, of: folds + 1)
      }
      try model.calibrate(margins, classes)
      heldOut = margins
    }
    model.weights = weights(rows, classes, model.outputs, nil, context.seed)
    try context.checkpoint(step: max(folds, 0) + 1, of: max(folds, 0) + 1)
    return (model, heldOut)
  }

  /// The weights feature by feature, the intercepts last; one column per class, or one for two classes.
  private func weights(
    _ rows: SparseMatrix, _ classes: [Int], _ outputs: Int, _ examples: [Int]?, _ seed: UInt64
  ) -> [Float] {
    let solver = DualCoordinateDescent(
      loss: configuration.loss, cost: configuration.cost, tolerance: configuration.tolerance)
    let solutions = parallelBlocks(outputs, blockSize: 1) { block in
      let positive = outputs == 1 ? 1 : block.lowerBound
      let labels = classes.map { $0 == positive }
      let chosen = examples ?? Array(labels.indices)
      let positives = chosen.lazy.filter { labels[$0] }.count
      let ratio = Double(chosen.count - positives) / Double(max(positives, 1))
      let stretch = configuration.ratioWeight > 0 ? stretches(rows, labels, chosen) : []
      var stretched = rows
      for position in stretch.isEmpty ? 0..<0 : stretched.values.indices {
        stretched.values[position] *= stretch[Int(rows.columnIndices[position])]
      }
      let solution = solver.weights(
        stretched, labels, examples: chosen, positiveCost: configuration.isBalanced ? ratio : 1, seed: seed)
      return solution.enumerated().map { Float($1) * ($0 < stretch.count ? stretch[$0] : 1) }
    }
    var weights = [Float](repeating: 0, count: (rows.columns + 1) * outputs)
    for (output, solution) in solutions.enumerated() {
      for (feature, weight) in solution.enumerated() { weights[feature * outputs + output] = weight }
    }
    return weights
  }

  /// By how much each column is stretched: `1 − w + w · |log-count ratio|`; sentence vectors are left as they are.
  private func stretches(_ rows: SparseMatrix, _ labels: [Bool], _ examples: [Int]) -> [Float] {
    var (positive, negative) = (
      [Double](repeating: 1, count: rows.columns), [Double](repeating: 1, count: rows.columns)
    )
    for row in examples {
      let entries = rows.row(row)
      for (column, value) in zip(entries.columns, entries.values) where value > 0 {
        if labels[row] { positive[Int(column)] += Double(value) } else { negative[Int(column)] += Double(value) }
      }
    }
    let (sumPositive, sumNegative) = (positive.reduce(0, +), negative.reduce(0, +))
    let dense = configuration.embeddingWeight > 0 ? embedder?.dimensions ?? 0 : 0
    return (0..<rows.columns).map { column in
      if column >= rows.columns - dense { return 1 }
      let ratio = log(positive[column] / sumPositive) - log(negative[column] / sumNegative)
      return Float(1 - configuration.ratioWeight + configuration.ratioWeight * abs(ratio))
    }
  }
}
