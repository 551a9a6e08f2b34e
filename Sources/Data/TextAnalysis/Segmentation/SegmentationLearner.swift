import Learning
import MathKernels

/// Learns a segmenter's weights sentence by sentence.
struct SegmentationLearner {
  private let training: SegmentationTraining
  private let vocabulary: UnitVocabulary
  private let numbers: SegmentationFeatureNumbers
  /// The words of lexicon and text, marked by where they are from.
  private let words: [(symbols: [UInt16], mark: Int32)]
  private let matcher: LexiconMatcher
  private let trust: LexiconTrust
  private let configuration: PerceptronSegmenter.Configuration
  private let seed: UInt64
  private let weights: AveragedWeights<SIMD4<Float>>
  private let transitions = AveragedWeights<SIMD2<Float>>(count: 4)
  private var lexicon: [UInt16]
  private var random: RandomSource

  init(
    _ data: SegmentationCorpus, _ vocabulary: UnitVocabulary,
    _ configuration: PerceptronSegmenter.Configuration, seed: UInt64
  ) {
    training = SegmentationTraining(data.sentences, vocabulary: vocabulary)
    (self.vocabulary, self.configuration, self.seed) = (vocabulary, configuration, seed)
    numbers = SegmentationFeatureNumbers(training, vocabulary, configuration)
    words = Self.words(data, vocabulary)
    matcher = LexiconMatcher(trie: DoubleArrayTrie(words))
    trust = LexiconTrust(matcher.trie, training)
    weights = AveragedWeights(count: numbers.features.count)
    lexicon = [UInt16](repeating: 0, count: training.units.count)
    random = RandomSource(seed: seed)
  }

  private static func words(
    _ data: SegmentationCorpus, _ vocabulary: UnitVocabulary
  ) -> [(symbols: [UInt16], mark: Int32)] {
    var words = Set(data.lexicon.counts.keys)
    for sentence in data.sentences { words.formUnion(sentence.words) }
    return words.compactMap { word in
      guard let units = vocabulary.units(of: word), units.count > 1 else { return nil }
      return (units, data.lexicon.contains(word) ? LexiconTrust.ofLexicon : LexiconTrust.ofText)
    }
  }

  /// Goes through all sentences once, in a new order; gives the share of characters with a wrong tag.
  mutating func epoch(_ epoch: Int) -> Double {
    matchLexicon(epoch)
    let order = training.chunks.shuffled(using: &random)
    let longest = order.map(\.count).max() ?? 1
    let most = SegmentationFeatures.most
    let rows = UnsafeMutablePointer<Int32>.allocate(capacity: longest * most)
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: longest)
    let work = WordLattice.Workspace(capacity: longest)
    defer {
      rows.deallocate()
      counts.deallocate()
      work.deallocate()
    }
    var (wrong, total) = (0, 0)
    training.units.withUnsafeBufferPointer { units in
      training.tags.withUnsafeBufferPointer { tags in
        guard let x = units.baseAddress, let allTags = tags.baseAddress else { return }
        for chunk in order {
          let gold = allTags + chunk.lowerBound
          for place in 0..<chunk.count {
            score(chunk.lowerBound + place, x, gold[place], place, rows + place * most, counts, work)
          }
          WordLattice.decode(work, count: chunk.count, transitions: (0..<4).map { transitions.values[$0] })
          wrong += learn(gold, work.tags, chunk.count, rows, counts)
          total += chunk.count
          weights.step += 1
          transitions.step += 1
        }
      }
    }
    return Double(wrong) / Double(max(1, total))
  }

  @inline(__always)
  private func score(
    _ i: Int, _ x: UnsafePointer<UInt16>, _ gold: UInt8, _ place: Int, _ rows: UnsafeMutablePointer<Int32>,
    _ counts: UnsafeMutablePointer<Int>, _ work: WordLattice.Workspace
  ) {
    let count = numbers.rows(i, x, lexicon: lexicon[i], into: rows)
    var sum = SIMD4<Float>.zero
    for row in 0..<count { sum += weights.values[Int(rows[row])] }
    // The right tag must win by a margin.
    sum[Int(gold)] -= configuration.margin
    counts[place] = count
    work.scores[place] = sum
  }

  /// Moves the weights from the found tags towards the right ones; gives the number of wrong tags.
  private func learn(
    _ gold: UnsafePointer<UInt8>, _ found: UnsafePointer<UInt8>, _ count: Int,
    _ rows: UnsafePointer<Int32>, _ counts: UnsafePointer<Int>
  ) -> Int {
    var wrong = 0
    for place in 0..<count {
      let (right, chosen) = (Int(gold[place]), Int(found[place]))
      if right != chosen {
        wrong += 1
        var change = SIMD4<Float>.zero
        change[right] = 1
        change[chosen] = -1
        let first = rows + place * SegmentationFeatures.most
        for row in 0..<counts[place] { weights.add(change, to: Int(first[row])) }
      }
      guard place > 0 else { continue }
      let (before, chosenBefore) = (WordTag.isSecond(gold[place - 1]), WordTag.isSecond(found[place - 1]))
      if right != chosen || before != chosenBefore {
        transitions.add(before ? SIMD2(0, 1) : SIMD2(1, 0), to: right)
        transitions.add(chosenBefore ? SIMD2(0, -1) : SIMD2(-1, 0), to: chosen)
      }
    }
    return wrong
  }

  /// Matches the lexicon anew, leaving out a share of the words that only the lexicon knows: other texts have more words that
  /// it lacks.
  private mutating func matchLexicon(_ epoch: Int) {
    let limit = UInt64(configuration.lexiconDropout * 0x1p32)
    for (number, sentence) in training.sentences.enumerated() {
      let salt = (UInt64(number) << 20 | UInt64(epoch)) &* 0xD6E8_FEB8_6659_FD93 &+ seed
      training.units.withUnsafeBufferPointer { units in
        lexicon.withUnsafeMutableBufferPointer { output in
          guard let x = units.baseAddress, let first = output.baseAddress else { return }
          matcher.classes(
            x + sentence.lowerBound, count: sentence.count, into: first + sentence.lowerBound
          ) { state, _ in
            let trust = trust.trust(state, inSentence: number)
            guard trust == LexiconTrust.untried else { return trust }
            return Self.mixed(UInt64(state) &+ salt) >> 32 < limit ? 0 : trust
          }
        }
      }
    }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    let first = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    let second = (first ^ (first >> 27)) &* 0x94D0_49BB_1331_11EB
    return second ^ (second >> 31)
  }

  /// The model of the weights' averages: features whose weights are all small are left out, the others rounded.
  func model(script: ChineseScript?) -> SegmentationModel {
    let features = numbers.features
    let averages = (0..<features.count).map { weights.average($0) }
    func kept(_ keys: [UInt64], _ start: Int, _ width: Int) -> [Int] {
      keys.indices.filter { number in
        (0..<width).contains { row in
          let weight = averages[start + number * width + row]
          return max(weight.max(), -weight.min()) >= configuration.smallestWeight
        }
      }
    }
    let pairs = kept(features.pairs, features.pairStart, 4)
    let skips = kept(features.skips, features.skipStart, 1)
    let triples = kept(features.triples, features.tripleStart, 3)
    let rows =
      averages[..<features.pairStart]
      + pairs.flatMap { averages[(features.pairStart + $0 * 4)...].prefix(4) }
      + skips.map { averages[features.skipStart + $0] }
      + triples.flatMap { averages[(features.tripleStart + $0 * 3)...].prefix(3) }
    // So that the sum of a position's features stays within 16 bits.
    let largest = rows.reduce(Float(1e-6)) { max($0, $1.max(), -$1.min()) }
    let scale = min(32_767 / (Float(SegmentationFeatures.most) * largest), 2048)
    return SegmentationModel(
      vocabulary: vocabulary,
      features: SegmentationFeatures(
        unitCount: features.unitCount, pairs: pairs.map { features.pairs[$0] },
        skips: skips.map { features.skips[$0] }, triples: triples.map { features.triples[$0] }),
      matcher: trust.matcher(of: words),
      rows: FixedBuffer(
        rows.map { SIMD4<Int16>(truncatingIfNeeded: SIMD4<Int32>(($0 * scale).rounded(.towardZero))) }),
      transitions: (0..<4).map { transitions.average($0) * scale }, script: script)
  }
}
