import Foundation
import Learning
import MathKernels
import Neural

/// Sorts short texts into classes by a small Transformer encoder over their words, learned from nothing but the examples.
///
/// ```swift
/// let model = try await TransformerClassifier().fit(examples, context: FitContext())
/// let answer = model.classify("where is my parcel")
/// ```
/// Blocks of self-attention and a layer of rectified units, each after a normalization and with a shortcut; the mean over
/// the words goes through a linear layer. Words seen once, and a few others at random while training, are "unknown", so
/// that the network learns what to make of new ones. A tenth of the examples chooses the epoch and the temperature of the
/// probabilities. Training needs libtorch, predicting does not.
///
/// Source: Vaswani et al. (2017), https://arxiv.org/abs/1706.03762, the encoder with normalization first (Xiong et al.,
/// 2020, https://arxiv.org/abs/2002.04745), without pretraining. Fewer examples than a few thousand suit
/// `LinearTextClassifier` better.
/// - Complexity: O(texts · length · size · (size + length)) an epoch.
public struct TransformerClassifier: Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// The length of a word's vector.
    public var embeddingSize: Int
    /// How many blocks lie on one another.
    public var blocks: Int
    /// How many heads attention has; a divisor of `embeddingSize`.
    public var heads: Int
    /// The share of numbers set to zero while training.
    public var dropout: Double
    /// The share of words made unknown while training.
    public var wordDropout: Double
    /// How many words of a text count.
    public var maximumWords: Int
    /// In how many texts a word must occur to have a vector of its own.
    public var minimumTexts: Int
    /// How many texts make one step.
    public var batchSize: Int
    /// How often the texts are gone through, when to stop, how large steps are.
    public var training: Trainer.Configuration

    /// Settings.
    public init(
      embeddingSize: Int = 128, blocks: Int = 2, heads: Int = 4, dropout: Double = 0.2,
      wordDropout: Double = 0.1,
      maximumWords: Int = 64, minimumTexts: Int = 2, batchSize: Int = 64,
      training: Trainer.Configuration = .init(
        epochs: 15, patience: 3, optimizer: .init(learningRate: 1e-3, gradientClip: 1), warmupSteps: 200)
    ) {
      self.embeddingSize = embeddingSize
      self.blocks = blocks
      self.heads = heads
      self.dropout = dropout
      self.wordDropout = wordDropout
      self.maximumWords = maximumWords
      self.minimumTexts = minimumTexts
      self.batchSize = batchSize
      self.training = training
    }

    func validate() throws {
      func check(_ holds: Bool, _ name: String, _ value: Any, _ expected: String) throws {
        if !holds { throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected) }
      }
      try check((1...4096).contains(embeddingSize), "embeddingSize", embeddingSize, "1 to 4096")
      try check(heads > 0 && embeddingSize % heads == 0, "heads", heads, "a divisor of the embeddingSize")
      try check((1...64).contains(blocks), "blocks", blocks, "1 to 64")
      try check((0..<1).contains(dropout), "dropout", dropout, "from 0 to below 1")
      try check((0..<1).contains(wordDropout), "wordDropout", wordDropout, "from 0 to below 1")
      try check((1...4096).contains(maximumWords), "maximumWords", maximumWords, "1 to 4096")
      try check(minimumTexts >= 1, "minimumTexts", minimumTexts, "at least 1")
      try check(batchSize >= 1, "batchSize", batchSize, "at least 1")
    }
  }

  /// The settings.
  public var configuration: Configuration

  /// A classifier.
  public init(configuration: Configuration = .init()) { self.configuration = configuration }

  /// Learns from labelled texts.
  ///
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData`, `NeuralError` without libtorch.
  public func fit(_ texts: [LabelledText], context: FitContext) async throws -> TransformerTextModel {
    try configuration.validate()
    let labels = Set(texts.map(\.label)).sorted()
    guard labels.count > 1 else {
      throw TextError.notEnoughData(what: "classes", needed: 2, found: labels.count)
    }
    guard texts.count >= 20 else {
      throw TextError.notEnoughData(what: "texts", needed: 20, found: texts.count)
    }
    let index = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
    let classes = texts.map { index[$0.label] ?? 0 }
    let split = Splits.kFold(count: texts.count, folds: 10, seed: context.seed)[0]
    let words = TransformerWords(split.training.map { texts[$0].text }, configuration)
    let numbers = texts.map { words.numbers(of: $0.text) }
    var random = RandomSource(seed: context.seed)
    let network = try TransformerNetwork(configuration, words: words.count, classes: labels.count, &random)
    let noise = try NoiseSource(seed: context.seed)
    let steps = (split.training.count + configuration.batchSize - 1) / configuration.batchSize
    var (epochOfBatches, batches) = (0, [[Int]]())
    _ = try Trainer(configuration.training).train(
      network.parameters, batches: steps, context: context,
      loss: { epoch, batch in
        if epoch != epochOfBatches {
          batches =
            Batches(
              count: split.training.count, size: configuration.batchSize, seed: context.seed, epoch: epoch
            ).batches
          epochOfBatches = epoch
        }
        let rows = batches[batch].map { split.training[$0] }
        let inputs = rows.map { row in
          numbers[row].map { random.uniform() < configuration.wordDropout ? 0 : $0 }
        }
        let target = try Tensor(rows.map { Int64(classes[$0]) }, shape: [rows.count])
        return try Losses.crossEntropy(network.logits(inputs, noise), target: target, smoothing: 0.1)
      },
      validation: {
        let margins = try network.margins(split.test.map { numbers[$0] }, configuration.batchSize)
        let right = split.test.enumerated().count { classes[$1] == margins.best($0) }
        return Double(right) / Double(split.test.count)
      })
    var model = TransformerTextModel(configuration, labels, words, try Checkpoint(network.parameters))
    model.temperature = Softmax.temperature(
      model.margins(of: split.test.map { texts[$0].text }), split.test.map { classes[$0] })
    return model
  }
}

/// The words that have vectors; 0 stands for all others.
struct TransformerWords: Sendable {
  private let table: KeyTable
  let keys: [UInt64]
  private let maximum: Int

  /// One more than there are words with vectors of their own.
  var count: Int { keys.count + 1 }

  init(_ texts: [String], _ configuration: TransformerClassifier.Configuration) {
    var frequencies = KeyTable()
    for text in texts { for key in Set(Self.keys(of: text)) { frequencies.add(1, to: key) } }
    let kept = frequencies.entries.filter { Int($0.value) >= configuration.minimumTexts }.map(\.key).sorted()
    self.init(keys: kept, maximum: configuration.maximumWords)
  }

  init(keys: [UInt64], maximum: Int) {
    var table = KeyTable(capacity: keys.count)
    for (index, key) in keys.enumerated() { table.add(Int32(index) + 1, to: key) }
    (self.table, self.keys, self.maximum) = (table, keys, maximum)
  }

  /// The numbers of a text's first words; an empty text is one unknown word.
  func numbers(of text: String) -> [Int] {
    let numbers = Self.keys(of: text, maximum).map { Int(table[$0] ?? 0) }
    return numbers.isEmpty ? [0] : numbers
  }

  private static func keys(of text: String, _ maximum: Int = .max) -> [UInt64] {
    ScriptTokenizer().tokens(of: text).prefix(maximum).map { token in
      token.text.unicodeScalars.reduce(1) { NGramScanner.mixed($0 ^ UInt64(TextCharacter.folded($1))) }
    }
  }
}

/// The network while it is trained.
private struct TransformerNetwork: Layer {
  struct Block {
    let attentionNorm: LayerNorm
    let attention: MultiHeadAttention
    let forwardNorm: LayerNorm
    let first: Linear
    let second: Linear
  }

  let words: Embedding
  let positions: Embedding
  let blocks: [Block]
  let norm: LayerNorm
  let output: Linear
  let dropout: Dropout

  init(
    _ it: TransformerClassifier.Configuration, words: Int, classes: Int, _ random: inout RandomSource
  ) throws {
    let (size, start) = (it.embeddingSize, Initialization.normal(deviation: 0.05))
    self.words = try Embedding(count: words, size: size, initialization: start, random: &random)
    positions = try Embedding(count: it.maximumWords, size: size, initialization: start, random: &random)
    var blocks: [Block] = []
    for _ in 0..<it.blocks {
      blocks.append(
        Block(
          attentionNorm: try LayerNorm(size: size),
          attention: try MultiHeadAttention(
            size: size, heads: it.heads, dropout: it.dropout, random: &random),
          forwardNorm: try LayerNorm(size: size),
          first: try Linear(inputs: size, outputs: 2 * size, random: &random),
          second: try Linear(inputs: 2 * size, outputs: size, random: &random)))
    }
    self.blocks = blocks
    norm = try LayerNorm(size: size)
    output = try Linear(inputs: size, outputs: classes, random: &random)
    dropout = try Dropout(it.dropout)
  }

  /// texts × classes.
  func logits(_ texts: [[Int]], _ noise: NoiseSource?) throws -> Tensor {
    let time = texts.map(\.count).max() ?? 1
    var (numbers, places, shares) = ([Int64](), [Int64](), [Float]())
    for text in texts {
      for place in 0..<time {
        numbers.append(place < text.count ? Int64(text[place]) : 0)
        places.append(Int64(place))
        shares.append(place < text.count ? 1 / Float(text.count) : 0)
      }
    }
    let shape = [texts.count, time]
    var state = try dropout(
      words(Tensor(numbers, shape: shape)) + positions(Tensor(places, shape: shape)), noise)
    let mask = try AttentionMask.padding(lengths: texts.map(\.count), to: time)
    for block in blocks {
      state = try state + dropout(block.attention(block.attentionNorm(state), masks: [mask], noise), noise)
      let inner = try dropout(block.first(block.forwardNorm(state)).relu(), noise)
      state = try state + dropout(block.second(inner), noise)
    }
    let pooling = try Tensor(shares, shape: [texts.count, 1, time])
    let mean = try pooling.matmul(norm(state)).reshaped([texts.count, norm.weight.shape[0]])
    return try output(dropout(mean, noise))
  }

  func margins(_ texts: [[Int]], _ batch: Int) throws -> Matrix<Float> {
    var elements: [Float] = []
    for start in stride(from: 0, to: texts.count, by: batch) {
      elements += try logits(Array(texts[start..<min(start + batch, texts.count)]), nil).floats()
    }
    return Matrix(rows: texts.count, columns: elements.count / max(texts.count, 1), elements)
  }

  var parameters: Parameters {
    var all = Parameters()
    all.add("words", words.parameters)
    all.add("positions", positions.parameters)
    for (index, block) in blocks.enumerated() {
      all.add("blocks.\(index).attentionNorm", block.attentionNorm.parameters)
      all.add("blocks.\(index).attention", block.attention.parameters)
      all.add("blocks.\(index).forwardNorm", block.forwardNorm.parameters)
      all.add("blocks.\(index).first", block.first.parameters)
      all.add("blocks.\(index).second", block.second.parameters)
    }
    all.add("norm", norm.parameters)
    all.add("output", output.parameters)
    return all
  }
}

extension Matrix<Float> {
  /// The column of the greatest entry of a row.
  fileprivate func best(_ row: Int) -> Int {
    (0..<columns).max { self[row, $0] < self[row, $1] } ?? 0
  }
}
