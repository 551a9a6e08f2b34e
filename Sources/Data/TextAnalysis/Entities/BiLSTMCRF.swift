import Learning
import MathKernels
import Neural

/// Learns to find named pieces in texts by a network: vectors of characters, pairs and known names, read in both directions by
/// long short-term memory, and a conditional random field over the labels.
///
/// ```swift
/// let model = try BiLSTMCRF().fit(EntityCorpus(sentences: sentences), context: FitContext(seed: 42))
/// try model.entities(in: "小米14手机壳")
/// ```
/// Training runs on libtorch; the learned model predicts without it. A share of the sentences is kept for choosing the epoch.
///
/// Source: Huang, Xu and Yu (2015), https://arxiv.org/abs/1508.01991, with characters in place of words, and pairs of them as in
/// Zhang and Yang (2018), https://doi.org/10.18653/v1/P18-1144. Known names are trusted as `PerceptronEntityTagger` does.
///
/// - Complexity: O(epochs · characters · size²).
public struct BiLSTMCRF: Estimator {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// How many numbers describe a character; a pair and a known name have half as many.
    public var embeddingSize: Int
    /// How many numbers the state of each direction has.
    public var size: Int
    /// The share of numbers set to zero while training.
    public var dropout: Double
    /// How often all sentences are gone through at most.
    public var epochs: Int
    /// Epochs without a better figure before training stops.
    public var patience: Int
    /// The length of a step.
    public var learningRate: Double
    /// How many sentences a step sees.
    public var batchSize: Int
    /// The share of sentences kept for choosing the epoch.
    public var validationShare: Double

    /// Settings.
    public init(
      embeddingSize: Int = 64, size: Int = 96, dropout: Double = 0.5, epochs: Int = 12, patience: Int = 4,
      learningRate: Double = 2e-3, batchSize: Int = 32, validationShare: Double = 0.1
    ) {
      self.embeddingSize = embeddingSize
      self.size = size
      self.dropout = dropout
      self.epochs = epochs
      self.patience = patience
      self.learningRate = learningRate
      self.batchSize = batchSize
      self.validationShare = validationShare
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// A network to be trained with these settings.
  public init(_ configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from marked sentences.
  ///
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData`, `NeuralError.libraryUnavailable` without libtorch,
  ///   `CancellationError`.
  public func fit(_ data: EntityCorpus, context: FitContext) throws -> BiLSTMCRFModel {
    try check()
    let names = Set(
      data.sentences.flatMap { $0.labels.map { String($0.dropFirst(2)) } }.filter { !$0.isEmpty }
    )
    .sorted()
    let usable = data.sentences.filter { !$0.characters.isEmpty }
    guard !names.isEmpty, names.count <= 100, usable.count >= 2 else {
      throw TextError.notEnoughData(what: "sentences with marked pieces", needed: 2, found: usable.count)
    }
    let lexicon = NameLexicon(usable, data.names, names)
    let inputs = EntityInputs(usable, lexicon, names)
    var random = RandomSource(seed: context.seed)
    let network = try EntityNetwork(inputs.sizes, labels: 1 + 2 * names.count, configuration, &random)
    let order = usable.indices.shuffled(using: &random)
    let held = max(1, Int(Double(usable.count) * configuration.validationShare))
    let (validation, training) = (Array(order[..<held]), Array(order[held...]))
    let noise = try NoiseSource(seed: context.seed)
    // libtorch multiplies by the same OpenBLAS, whose sums depend on its number of threads.
    ThreadPools.capBLASOnce()
    var (epochOfBatches, batches) = (0, [[Int]]())
    let count = inputs.batches(training, configuration.batchSize, seed: context.seed, epoch: 1).count
    _ = try Trainer(
      .init(
        epochs: configuration.epochs, patience: configuration.patience,
        optimizer: .init(learningRate: configuration.learningRate, gradientClip: 5))
    ).train(
      network.parameters, batches: count, context: context,
      loss: { epoch, batch in
        if epoch != epochOfBatches {
          batches = inputs.batches(training, configuration.batchSize, seed: context.seed, epoch: epoch)
          epochOfBatches = epoch
        }
        return try network.loss(inputs, batches[batch], noise)
      },
      validation: { try Self.score(network, inputs, validation, names) })
    let (known, kinds) = lexicon.trusted
    return try BiLSTMCRFModel(
      names: names, configuration: configuration, characters: inputs.characters, pairs: inputs.pairs,
      marks: inputs.marks, known: known, kinds: kinds, parameters: Checkpoint(network.parameters))
  }

  /// The share of right labels in pieces among those that are in pieces: F1 by characters.
  private static func score(
    _ network: EntityNetwork, _ inputs: EntityInputs, _ held: [Int], _ names: [String]
  ) throws -> Double {
    let lattice = LabelLattice(names: names)
    let transitions = try network.transitions.floats()
    var (right, marked) = (0, 0)
    for batch in inputs.batches(held, 64, seed: 0, epoch: 0) {
      let scores = try network.scores(inputs, batch, nil).floats()
      let length = inputs.gold[batch[0]].count
      for (row, sentence) in batch.enumerated() {
        let start = row * length * lattice.labels
        let found = lattice.decode(Array(scores[start..<start + length * lattice.labels]), transitions)
        for (label, gold) in zip(found, inputs.gold[sentence]) {
          right += label == gold && gold > 0 ? 2 : 0
          marked += (label > 0 ? 1 : 0) + (gold > 0 ? 1 : 0)
        }
      }
    }
    return marked > 0 ? Double(right) / Double(marked) : 0
  }

  private func check() throws {
    func require(_ holds: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      guard holds else {
        throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    let settings = configuration
    try require(
      (2...1024).contains(settings.embeddingSize), "embeddingSize", settings.embeddingSize, "2 to 1024")
    try require((1...1024).contains(settings.size), "size", settings.size, "1 to 1024")
    try require((0..<1).contains(settings.dropout), "dropout", settings.dropout, "a share from 0 to below 1")
    try require(settings.batchSize > 0, "batchSize", settings.batchSize, "1 or more")
    try require(
      (0..<1).contains(settings.validationShare), "validationShare", settings.validationShare,
      "a share from 0 to below 1")
  }
}

/// Sentences as the numbers that a network reads.
struct EntityInputs {
  /// The numbers of characters, pairs and marks of known names; 0 is any other.
  let characters: [UInt64: Int64]
  let pairs: [UInt64: Int64]
  let marks: [UInt64: Int64]
  private(set) var rows: [[SIMD4<Int64>]] = []
  private(set) var gold: [[UInt8]] = []

  /// How many vectors of each kind are needed.
  var sizes: SIMD4<Int> { SIMD4(characters.count + 1, pairs.count + 1, marks.count + 1, 0) }

  init(_ sentences: [LabelledSentence], _ lexicon: NameLexicon, _ names: [String]) {
    let codes = sentences.map { NameLexicon.codes($0) }
    let allMarks = codes.enumerated().map { lexicon.marks($1, inSentence: $0) }
    characters = Self.frequent(codes.lazy.flatMap { $0.map(UInt64.init) })
    pairs = Self.frequent(codes.lazy.flatMap { codes in codes.indices.map { Self.pair(codes, $0) } })
    marks = Self.frequent(allMarks.lazy.flatMap { $0.map(UInt64.init) })
    rows = zip(codes, allMarks).map { Self.rows($0, $1, characters, pairs, marks) }
    gold = sentences.map { $0.labels.map { EntityModel.number(of: $0, names) } }
  }

  /// The numbers of keys that occur at least twice, in the order of the keys.
  private static func frequent(_ keys: some Sequence<UInt64>) -> [UInt64: Int64] {
    var counts: [UInt64: Int] = [:]
    for key in keys { counts[key, default: 0] += 1 }
    let kept = counts.filter { $0.value > 1 }.keys.sorted()
    return Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, Int64($0 + 1)) })
  }

  static func pair(_ codes: [UInt32], _ place: Int) -> UInt64 {
    UInt64(codes[place]) << 32 | UInt64(place + 1 < codes.count ? codes[place + 1] : EntityFeatures.outside)
  }

  static func rows(
    _ codes: [UInt32], _ marks: [UInt16], _ characters: [UInt64: Int64], _ pairs: [UInt64: Int64],
    _ numbers: [UInt64: Int64]
  ) -> [SIMD4<Int64>] {
    codes.indices.map { place in
      SIMD4(
        characters[UInt64(codes[place])] ?? 0, pairs[pair(codes, place)] ?? 0,
        numbers[UInt64(marks[place])] ?? 0, 0)
    }
  }

  /// Sentences of the same length together, in a new order for each epoch.
  func batches(_ sentences: [Int], _ size: Int, seed: UInt64, epoch: Int) -> [[Int]] {
    var random = RandomSource(seed: seed, stream: UInt64(epoch + 1))
    let byLength = Dictionary(grouping: sentences.shuffled(using: &random)) { gold[$0].count }
    let batches = byLength.keys.sorted().flatMap { length -> [[Int]] in
      let group = byLength[length] ?? []
      return stride(from: 0, to: group.count, by: size).map { Array(group[$0..<min(group.count, $0 + size)]) }
    }
    return batches.shuffled(using: &random)
  }
}

/// The network as it is trained.
struct EntityNetwork: Layer {
  private let embeddings: [Embedding]
  private let ahead: LSTM
  private let back: LSTM
  private let output: Linear
  private let dropout: Dropout
  private let labels: Int
  /// The score of each label after each other.
  let transitions: Tensor

  init(
    _ sizes: SIMD4<Int>, labels: Int, _ configuration: BiLSTMCRF.Configuration, _ random: inout RandomSource
  ) throws {
    self.labels = labels
    let half = configuration.embeddingSize / 2
    let widths = [configuration.embeddingSize, half, half]
    embeddings = try (0..<3).map {
      try Embedding(
        count: sizes[$0], size: widths[$0], initialization: .normal(deviation: 0.1), random: &random)
    }
    let inputs = widths.reduce(0, +)
    ahead = try LSTM(inputs: inputs, size: configuration.size, random: &random)
    back = try LSTM(inputs: inputs, size: configuration.size, random: &random)
    output = try Linear(inputs: 2 * configuration.size, outputs: labels, random: &random)
    dropout = try Dropout(configuration.dropout)
    transitions = try Initialization.zeros.parameter([labels, labels], &random)
  }

  var parameters: Parameters {
    var all = Parameters()
    for (name, part) in zip(["character", "pair", "mark"], embeddings) { all.add(name, part.parameters) }
    all.add("ahead", ahead.parameters)
    all.add("back", back.parameters)
    all.add("output", output.parameters)
    all.add("transitions", transitions)
    return all
  }

  /// The scores of the labels of sentences of one length: batch × time × labels.
  func scores(_ inputs: EntityInputs, _ batch: [Int], _ noise: NoiseSource?) throws -> Tensor {
    let length = inputs.gold[batch[0]].count
    let vectors = try (0..<3).map { kind in
      try embeddings[kind](
        Tensor(batch.flatMap { inputs.rows[$0].map { $0[kind] } }, shape: [batch.count, length]))
    }
    let x = try dropout(Tensor.concatenated(vectors, along: 2), noise)
    let reversed = try Tensor((0..<length).reversed().map { Int64($0) }, shape: [length])
    let forth = try ahead(x)
    let turned = try back(x.selecting(reversed, along: 1)).selecting(reversed, along: 1)
    return try output(dropout(Tensor.concatenated([forth, turned], along: 2), noise))
  }

  /// The mean loss of sentences of one length; its gradient is that of the conditional random field.
  func loss(_ inputs: EntityInputs, _ batch: [Int], _ noise: NoiseSource?) throws -> Tensor {
    let scores = try scores(inputs, batch, noise)
    let values = try scores.floats()
    let steps = try transitions.floats()
    let field = ConditionalRandomField(labels: labels, transitions: steps)
    let width = inputs.gold[batch[0]].count * labels
    let share = 1 / Float(batch.count)
    let gradients = parallelBlocks(batch.count, blockSize: 1) { block in
      field.gradient(
        scores: values[block.lowerBound * width..<block.upperBound * width],
        gold: inputs.gold[batch[block.lowerBound]])
    }
    let byScores = gradients.flatMap { $0.scores.map { $0 * share } }
    var bySteps = [Float](repeating: 0, count: steps.count)
    for gradient in gradients {
      for way in bySteps.indices { bySteps[way] += gradient.transitions[way] * share }
    }
    // A sum of products with constants has these constants as its gradient; its value is made that of the loss.
    let product =
      try (scores * Tensor(byScores, shape: scores.shape)).sum()
      + (transitions * Tensor(bySteps, shape: transitions.shape)).sum()
    let loss = gradients.reduce(0) { $0 + $1.loss } / Double(batch.count)
    return try product + (loss - Double(product.scalar()))
  }
}
