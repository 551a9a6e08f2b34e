import Foundation
import Learning
import MathKernels
import Neural

/// How the next item of a sequence is learned.
public enum SequenceLoss: Sendable, Codable, Equatable {
  /// Cross-entropy over all items: exact, and slow where there are many.
  case full
  /// Cross-entropy over the right items of a batch and this many random ones, which all cases of the batch share. Each
  /// item's logit is corrected by the logarithm of its chance to be among them, to the power of `correction`: 1 estimates
  /// the full loss, 0 leaves the logits as they are.
  case sampled(negatives: Int, correction: Double)
}

/// The settings that networks over sequences share.
public struct SequenceTraining: Sendable, Codable, Equatable {
  /// How often all sequences are learned from at most.
  public var epochs: Int
  /// Epochs without a better NDCG@10 on held-out last items before training stops; 0 holds nothing out and trains all epochs.
  public var patience: Int
  /// How many sequences a step learns from.
  public var batchSize: Int
  /// The size of Adam's steps.
  public var learningRate: Double
  /// The decoupled pull of the parameters towards zero.
  public var weightDecay: Double
  /// How the next item is learned.
  public var loss: SequenceLoss
  /// Where the items' vectors start from.
  public var start: ItemStart

  /// The defaults suit shops of some ten thousand customers and items; smaller ones need more epochs.
  public init(
    epochs: Int = 6, patience: Int = 0, batchSize: Int = 256, learningRate: Double = 2e-3,
    weightDecay: Double = 0, loss: SequenceLoss = .sampled(negatives: 1000, correction: 1),
    start: ItemStart = .neighbours
  ) {
    self.epochs = epochs
    self.patience = patience
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.loss = loss
    self.start = start
  }

  func validate() throws {
    try Settings.require("epochs", Double(epochs), 1...100_000)
    try Settings.require("patience", Double(patience), 0...100_000)
    try Settings.require("batchSize", Double(batchSize), 1...100_000)
    try Settings.require("learningRate", learningRate, 1e-8...1)
    try Settings.require("weightDecay", weightDecay, 0...100)
    if case .sampled(let negatives, let correction) = loss {
      try Settings.require("negatives", Double(negatives), 1...10_000_000)
      try Settings.require("correction", correction, 0...1)
    }
  }
}

/// Checks of settings.
enum Settings {
  static func require(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw LearningError.invalidParameter(
        name: name, value: "\(value)", expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}

/// A network that turns a sequence of item vectors into a vector for what comes next.
protocol SequenceNetwork: Layer {
  /// The items' vectors, for reading and for scoring alike.
  var items: Embedding { get }

  /// batch × time × size to the same shape: at each position a vector whose product with an item's is its score.
  func encode(_ vectors: Tensor, _ batch: SequenceBatch, _ noise: NoiseSource?) throws -> Tensor
}

/// Windows of sequences of about the same length, as a network reads them: padded at the end with item 0.
struct SequenceBatch {
  /// How many positions each window has.
  let lengths: [Int]
  /// How many positions the longest has.
  let time: Int
  /// What is read: windows × time.
  let inputs: [Int64]
  /// The positions that have a next item, as indices into windows × time.
  let places: [Int64]
  /// The next items.
  let targets: [Int32]

  init(_ windows: [ArraySlice<Int32>]) {
    lengths = windows.map { $0.count - 1 }
    time = lengths.max() ?? 0
    var inputs = [Int64](repeating: 0, count: windows.count * time)
    var places: [Int64] = []
    var targets: [Int32] = []
    for (row, window) in windows.enumerated() {
      for (step, item) in window.dropLast().enumerated() { inputs[row * time + step] = Int64(item) }
      for step in 0..<window.count - 1 { places.append(Int64(row * time + step)) }
      targets += window.dropFirst()
    }
    (self.inputs, self.places, self.targets) = (inputs, places, targets)
  }
}

/// The windows that a network over sequences learns from.
struct SequenceWindows {
  private let items: [Int32]
  private let windows: [Range<Int>]

  /// Cuts sequences into windows of at most `length` + 1 items that overlap by one, the latest ones whole.
  init(_ sequences: PositiveSequences, length: Int) {
    items = sequences.items
    var windows: [Range<Int>] = []
    for (start, end) in zip(sequences.starts, sequences.starts.dropFirst()) {
      var last = end
      while last - start >= 2 {
        let first = max(start, last - length - 1)
        windows.append(first..<last)
        last = first + 1
      }
    }
    self.windows = windows
  }

  var count: Int { windows.count }

  /// The batches of an epoch: windows in random order, of about one length within a batch so that little is padding.
  func batches(size: Int, seed: UInt64, epoch: Int) -> [[ArraySlice<Int32>]] {
    var random = RandomSource(seed: seed, stream: UInt64(epoch))
    let order = Array(windows.indices).shuffled(using: &random)
    var batches: [[ArraySlice<Int32>]] = []
    for start in stride(from: 0, to: order.count, by: size * 20) {
      let chunk = order[start..<min(order.count, start + size * 20)]
        .sorted { (windows[$0].count, $0) < (windows[$1].count, $1) }
      for part in stride(from: 0, to: chunk.count, by: size) {
        batches.append(chunk[part..<min(chunk.count, part + size)].map { items[windows[$0]] })
      }
    }
    return batches.shuffled(using: &random)
  }
}

/// Which items a batch's cases are told apart from, and where in the list the right ones are.
struct CandidateSample {
  /// The right items of the batch, then random others; all different.
  let items: [Int64]
  /// The place of each case's right item.
  let targets: [Int64]
  /// What is added to each candidate's logit.
  let correction: [Float]

  /// All items.
  init(all count: Int, targets: [Int32]) {
    items = (0..<Int64(count)).map { $0 }
    self.targets = targets.map(Int64.init)
    correction = []
  }

  /// The right items and a sample of the others.
  init(
    of count: Int, targets: [Int32], negatives: Int, power: Double, place: inout [Int32],
    _ random: inout RandomSource
  ) {
    var items: [Int64] = []
    var uses: [Int] = []
    var mapped: [Int64] = []
    mapped.reserveCapacity(targets.count)
    for target in targets {
      if place[Int(target)] < 0 {
        place[Int(target)] = Int32(items.count)
        items.append(Int64(target))
        uses.append(0)
      }
      uses[Int(place[Int(target)])] += 1
      mapped.append(Int64(place[Int(target)]))
    }
    for _ in 0..<negatives {
      let item = random.index(below: count)
      guard place[item] < 0 else { continue }
      place[item] = Int32(items.count)
      items.append(Int64(item))
      uses.append(0)
    }
    for item in items { place[Int(item)] = -1 }
    // The chance not to be drawn in so many tries.
    let spared = pow(1 - 1 / Double(count), Double(negatives))
    correction =
      power == 0
      ? []
      : uses.map { use in
        let share = Double(use) / Double(max(1, targets.count))
        let chance = 1 - spared * pow(1 - share, Double(targets.count))
        return Float(-power * log(max(chance, 1e-12)))
      }
    self.items = items
    self.targets = mapped
  }
}

/// Trains a network on the sequences of users.
struct SequenceTrainer {
  let settings: SequenceTraining
  let historyLength: Int

  /// Trains; with patience, `figure` measures the network on the users' last items, which are then not learned from.
  func train(
    _ network: some SequenceNetwork, _ sequences: PositiveSequences, context: FitContext,
    figure: @escaping (Checkpoint, [ValidationCase]) throws -> Double
  ) throws -> Trainer.Report {
    let holdsOut = settings.patience > 0
    let learned = holdsOut ? sequences.withoutLastItems() : sequences
    let shape = network.items.weight.shape
    if let vectors = try settings.start.vectors(
      learned, items: shape[0], size: shape[1], deviation: 0.05, seed: context.seed)
    {
      try network.items.weight.assign(vectors)
    }
    let windows = SequenceWindows(learned, length: historyLength)
    let held = holdsOut ? ValidationCase.lastItems(sequences, atMost: 5000, seed: context.seed) : []
    let noise = try NoiseSource(seed: context.seed)
    var random = RandomSource(seed: context.seed, stream: 1 << 32)
    var batches: [[ArraySlice<Int32>]] = []
    var place = [Int32](repeating: -1, count: network.items.weight.shape[0])
    let trainer = Trainer(
      .init(
        epochs: settings.epochs, patience: holdsOut && !held.isEmpty ? settings.patience : nil,
        optimizer: .init(
          learningRate: settings.learningRate, weightDecay: settings.weightDecay, decoupledDecay: true)))
    return try trainer.train(
      network.parameters, batches: (windows.count + settings.batchSize - 1) / settings.batchSize,
      context: context,
      loss: { epoch, index in
        if index == 0 {
          batches = windows.batches(size: settings.batchSize, seed: context.seed, epoch: epoch)
        }
        return try loss(network, SequenceBatch(batches[index]), noise, &place, &random)
      },
      validation: held.isEmpty ? nil : { try figure(Checkpoint(network.parameters), held) })
  }

  private func loss(
    _ network: some SequenceNetwork, _ batch: SequenceBatch, _ noise: NoiseSource, _ place: inout [Int32],
    _ random: inout RandomSource
  ) throws -> Tensor {
    let count = network.items.weight.shape[0]
    let sample: CandidateSample
    var isFull = true
    if case .sampled(let negatives, let correction) = settings.loss, negatives < count {
      isFull = false
      sample = CandidateSample(
        of: count, targets: batch.targets, negatives: negatives, power: correction, place: &place, &random)
    } else {
      sample = CandidateSample(all: count, targets: batch.targets)
    }
    let read = batch.inputs.count
    // One look-up for what is read and what is scored: one gradient of the size of all items instead of two.
    let index = isFull ? batch.inputs : batch.inputs + sample.items
    let rows = try network.items(Tensor(index, shape: [index.count]))
    let size = network.items.weight.shape[1]
    let vectors = try rows.slice(0..<read, along: 0).reshaped([batch.lengths.count, batch.time, size])
    let encoded = try network.encode(vectors, batch, noise).reshaped([read, size])
    let cases = try encoded.rows(at: Tensor(batch.places, shape: [batch.places.count]))
    let candidates = isFull ? network.items.weight : try rows.slice(read..<index.count, along: 0)
    var logits: Tensor
    if sample.correction.isEmpty {
      logits = try cases.linear(candidates)
    } else {
      logits = try cases.linear(
        candidates, bias: Tensor(sample.correction, shape: [sample.correction.count]))
    }
    return try Losses.crossEntropy(logits, target: Tensor(sample.targets, shape: [sample.targets.count]))
  }
}

extension PositiveSequences {
  /// The sequences of more than two items without their last one, the others as they are.
  func withoutLastItems() -> PositiveSequences {
    var result = self
    (result.starts, result.items) = ([0], [])
    for (start, end) in zip(starts, starts.dropFirst()) {
      result.items += items[start..<(end - start > 2 ? end - 1 : end)]
      result.starts.append(result.items.count)
    }
    return result
  }
}

/// A user's sequence without its last item, and that item.
struct ValidationCase: Sendable {
  let history: CodedHistory
  let target: Int32

  /// The last items of at most so many users, drawn at random.
  static func lastItems(_ sequences: PositiveSequences, atMost limit: Int, seed: UInt64) -> [ValidationCase] {
    var random = RandomSource(seed: seed, stream: 1 << 33)
    let users = sequences.starts.indices.dropLast().filter {
      sequences.starts[$0 + 1] - sequences.starts[$0] > 2
    }
    return users.shuffled(using: &random).prefix(limit).map { user in
      let all = sequences.items[sequences.starts[user]..<sequences.starts[user + 1]]
      let history = Array(all.dropLast())
      return ValidationCase(
        history: CodedHistory(items: history, weights: [Float](repeating: 1, count: history.count)),
        target: all[all.endIndex - 1])
    }
  }

  /// The mean NDCG@10 of a model over cases: all items ranked that are not in the history, ties against the model.
  static func ndcg(_ cases: [ValidationCase], of model: some Recommender) -> Double {
    let filter = CandidateFilter(repeatPurchases: .never)
    let sums = parallelBlocks(cases.count, blockSize: 64) { block in
      let part = cases[block]
      return model.withScores(of: part.map(\.history)) { rows in
        zip(part, rows).reduce(0.0) { sum, entry in
          filter.mask(entry.0.history, entry.1)
          let rank = RankingMetrics.pessimisticRank(
            of: entry.1[Int(entry.0.target)], among: UnsafeBufferPointer(entry.1))
          return sum + RankingMetrics(ranks: [rank], relevant: 1, cutoff: 10).ndcg
        }
      }
    }
    return cases.isEmpty ? 0 : sums.reduce(0, +) / Double(cases.count)
  }
}
