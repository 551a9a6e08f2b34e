import MathKernels

/// Learns the weights of a tagger of entities.
struct EntityLearner {
  private let names: [String]
  private let configuration: PerceptronEntityTagger.Configuration
  private let lexicon: NameLexicon
  private let index: UnitIndex
  /// For each place of each sentence the numbers of its features, −1 for those that are too rare.
  private let rows: [Int32]
  private let gold: [UInt8]
  private let sentences: [Range<Int>]
  private let lattice: LabelLattice
  private let weights: AveragedTable
  private let transitions: AveragedTable
  private var random: RandomSource

  init(
    _ data: EntityCorpus, _ names: [String], _ configuration: PerceptronEntityTagger.Configuration,
    seed: UInt64
  ) {
    (self.names, self.configuration, random) = (names, configuration, RandomSource(seed: seed))
    let usable = data.sentences.filter { !$0.characters.isEmpty }
    lattice = LabelLattice(names: names)
    lexicon = NameLexicon(usable, data.names, names)
    var (keys, gold, sentences): ([UInt64], [UInt8], [Range<Int>]) = ([], [], [])
    for (number, sentence) in usable.enumerated() {
      let codes = NameLexicon.codes(sentence)
      let marks = lexicon.marks(codes, inSentence: number)
      EntityModel.forEachPlace(codes, marks) { keys += $0 }
      sentences.append(gold.count..<gold.count + codes.count)
      gold += sentence.labels.map { EntityModel.number(of: $0, names) }
    }
    var counts: [UInt64: Int] = [:]
    var order: [UInt64] = []
    for key in keys {
      let count = counts[key, default: 0] + 1
      counts[key] = count
      if count == configuration.minimumCount { order.append(key) }
    }
    let index = UnitIndex(order)
    rows = keys.map { Int32(index.number($0)) }
    (self.index, self.gold, self.sentences) = (index, gold, sentences)
    weights = AveragedTable(rows: index.count, width: lattice.labels)
    transitions = AveragedTable(rows: lattice.labels, width: lattice.labels)
  }

  /// Goes through all sentences once; gives the share of wrong labels.
  mutating func epoch() -> Double {
    var (wrong, total) = (0, 0)
    var scores: [Float] = []
    for sentence in sentences.shuffled(using: &random) {
      score(sentence, into: &scores)
      let found = lattice.decode(scores, transitions.values)
      wrong += learn(sentence, found)
      total += sentence.count
      weights.step += 1
      transitions.step += 1
    }
    return Double(wrong) / Double(max(1, total))
  }

  private func score(_ sentence: Range<Int>, into scores: inout [Float]) {
    let width = lattice.labels
    scores.removeAll(keepingCapacity: true)
    scores.append(contentsOf: repeatElement(0, count: sentence.count * width))
    scores.withUnsafeMutableBufferPointer { scores in
      rows.withUnsafeBufferPointer { rows in
        for (offset, place) in sentence.enumerated() {
          for feature in 0..<EntityFeatures.most {
            let row = rows[place * EntityFeatures.most + feature]
            guard row >= 0 else { continue }
            for label in 0..<width {
              scores[offset * width + label] += weights.values[Int(row) * width + label]
            }
          }
          scores[offset * width + Int(gold[place])] -= configuration.margin
        }
      }
    }
  }

  private func learn(_ sentence: Range<Int>, _ found: [UInt8]) -> Int {
    var wrong = 0
    let width = lattice.labels
    for (offset, place) in sentence.enumerated() {
      let (right, chosen) = (Int(gold[place]), Int(found[offset]))
      if right != chosen {
        wrong += 1
        for feature in 0..<EntityFeatures.most {
          let row = rows[place * EntityFeatures.most + feature]
          guard row >= 0 else { continue }
          weights.add(1, at: Int(row) * width + right)
          weights.add(-1, at: Int(row) * width + chosen)
        }
      }
      guard offset > 0 else { continue }
      let (before, chosenBefore) = (Int(gold[place - 1]), Int(found[offset - 1]))
      if right != chosen || before != chosenBefore {
        transitions.add(1, at: before * width + right)
        transitions.add(-1, at: chosenBefore * width + chosen)
      }
    }
    return wrong
  }

  /// The model of the weights' averages.
  func model() -> EntityModel {
    let width = lattice.labels
    var (keys, starts, entries): ([UInt64], [Int32], [Int32]) = ([], [0], [])
    for (number, key) in index.keys.enumerated() {
      let before = entries.count
      for label in 0..<width {
        let weight = weights.average(number * width + label)
        let rounded = Int32((weight * EntityModel.scale).rounded(.towardZero))
        guard abs(weight) >= configuration.smallestWeight, rounded != 0 else { continue }
        entries.append(min(max(rounded, -(1 << 22)), 1 << 22) << 8 | Int32(label))
      }
      guard entries.count > before else { continue }
      keys.append(key)
      starts.append(Int32(entries.count))
    }
    let (known, kinds) = lexicon.trusted
    return EntityModel(
      names: names, keys: keys, starts: starts, entries: entries,
      transitions: (0..<width * width).map { transitions.average($0) * EntityModel.scale }, known: known,
      kinds: kinds)
  }
}

/// Rows of weights of any width while they are learned, with their average over all steps; see `AveragedWeights`.
final class AveragedTable {
  let values: UnsafeMutablePointer<Float>
  private let weighted: UnsafeMutablePointer<Float>
  /// The number of the present step, from 1.
  var step: Float = 1

  init(rows: Int, width: Int) {
    let count = max(1, rows * width)
    values = .allocate(capacity: count)
    weighted = .allocate(capacity: count)
    values.initialize(repeating: 0, count: count)
    weighted.initialize(repeating: 0, count: count)
  }

  deinit {
    values.deallocate()
    weighted.deallocate()
  }

  @inline(__always)
  func add(_ change: Float, at place: Int) {
    values[place] += change
    weighted[place] += change * step
  }

  /// The mean of a weight over all steps so far.
  func average(_ place: Int) -> Float { values[place] - weighted[place] / step }
}
