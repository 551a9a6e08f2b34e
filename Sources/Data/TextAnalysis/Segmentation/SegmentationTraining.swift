/// The training text of a segmenter as numbers: units, the right tags, and the numbers of their features.
struct SegmentationTraining {
  /// All units, two blanks before and after each sentence.
  private(set) var units: [UInt16] = [0, 0]
  /// The right tag of each unit, by `WordTag`.
  private(set) var tags: [UInt8] = [0, 0]
  /// The stretches that are decoded at a time: sentences between full stops.
  private(set) var chunks: [Range<Int>] = []
  /// Where each sentence lies, without its blanks.
  private(set) var sentences: [Range<Int>] = []
  private let stops: Set<UInt16>

  init(_ sentences: [AnnotatedSentence], vocabulary: UnitVocabulary) {
    stops = Set("。！？；".unicodeScalars.map { vocabulary.table.base[Int($0.value)] })
    for sentence in sentences { append(sentence, vocabulary) }
  }

  private mutating func append(_ sentence: AnnotatedSentence, _ vocabulary: UnitVocabulary) {
    var text: [UInt8] = []
    var wordStarts: Set<Int32> = []
    for word in sentence.words {
      wordStarts.insert(Int32(text.count))
      text += Array(word.utf8)
    }
    wordStarts.insert(Int32(text.count))
    guard !text.isEmpty else { return }
    var found = [UInt16](repeating: 0, count: text.count)
    var starts = [Int32](repeating: 0, count: text.count + 1)
    let scanner = UnitScanner(table: vocabulary.table.base, user: UserDictionary())
    let count = text.withUnsafeBufferPointer { scanner.scan($0, units: &found, starts: &starts).count }
    // A word boundary inside a unit, which no model could find, is passed over.
    var opens = (0...count).map { wordStarts.contains(starts[$0]) }
    for index in 0..<count where TextUnit.standsAlone(found[index]) {
      (opens[index], opens[index + 1]) = (true, true)
    }
    let first = units.count
    var chunkStart = first
    for index in 0..<count {
      units.append(found[index])
      tags.append(WordTag.tag(opens: opens[index], closes: opens[index + 1]))
      if opens[index + 1], index == count - 1 || stops.contains(found[index]) {
        chunks.append(chunkStart..<units.count)
        chunkStart = units.count
      }
    }
    sentences.append(first..<units.count)
    units += [0, 0]
    tags += [0, 0]
  }
}

/// The numbers of the features of each unit of a training text, −1 for those that are too rare.
struct SegmentationFeatureNumbers {
  let features: SegmentationFeatures
  /// Of the pair that begins at a unit.
  private let pairs: [Int32]
  /// Of the pair of a unit and the one after the next.
  private let skips: [Int32]
  /// Of the three units from one on.
  private let triples: [Int32]
  private let groups: [UInt16]
  private let echoes: [UInt8]

  init(
    _ training: SegmentationTraining, _ vocabulary: UnitVocabulary,
    _ configuration: PerceptronSegmenter.Configuration
  ) {
    let x = training.units
    func pair(_ i: Int) -> UInt64 { SegmentationFeatures.pair(x[i], x[i + 1]) }
    func skip(_ i: Int) -> UInt64 { SegmentationFeatures.pair(x[i], x[i + 2]) }
    func triple(_ i: Int) -> UInt64 { SegmentationFeatures.triple(x[i], x[i + 1], x[i + 2]) }
    let pairIndex = UnitIndex(count: x.count - 1, atLeast: configuration.minimumPairCount, key: pair)
    let skipIndex = UnitIndex(count: x.count - 2, atLeast: configuration.minimumPairCount, key: skip)
    let tripleIndex = UnitIndex(count: x.count - 2, atLeast: configuration.minimumTripleCount, key: triple)
    features = SegmentationFeatures(
      unitCount: vocabulary.unitCount, pairs: pairIndex.keys, skips: skipIndex.keys, triples: tripleIndex.keys
    )
    pairs = x.indices.map { $0 + 1 < x.count ? Int32(pairIndex.number(pair($0))) : -1 }
    skips = x.indices.map { $0 + 2 < x.count ? Int32(skipIndex.number(skip($0))) : -1 }
    triples = x.indices.map { $0 + 2 < x.count ? Int32(tripleIndex.number(triple($0))) : -1 }
    var (groups, echoes) = ([UInt16](repeating: 0, count: x.count), [UInt8](repeating: 0, count: x.count))
    x.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return }
      for i in stride(from: 2, to: x.count - 2, by: 1) {
        groups[i] = UInt16(SegmentationFeatures.groups(base + i, vocabulary.groups.base))
        echoes[i] = UInt8(SegmentationFeatures.echo(base + i))
      }
    }
    (self.groups, self.echoes) = (groups, echoes)
  }

  /// Writes the rows of a position's features and says how many they are.
  @inline(__always)
  func rows(
    _ i: Int, _ x: UnsafePointer<UInt16>, lexicon: UInt16, into rows: UnsafeMutablePointer<Int32>
  ) -> Int {
    let lexicon = Int(lexicon)
    let start = features.lexiconStart
    rows[0] = Int32(groups[i])
    rows[1] = Int32(features.echoStart + Int(echoes[i]))
    rows[2] = Int32(start + lexicon)
    rows[3] = Int32(start + SegmentationFeatures.lexiconBegin + lexicon & 15)
    rows[4] = Int32(start + SegmentationFeatures.lexiconEnd + lexicon >> 4 & 15)
    rows[5] = Int32(start + SegmentationFeatures.lexiconInside + lexicon >> 8)
    for place in 0..<5 { rows[6 + place] = Int32(features.singleStart + Int(x[i + 2 - place]) * 5 + place) }
    var count = 11
    for place in 0..<4 where pairs[i + 1 - place] >= 0 {
      rows[count] = Int32(features.pairStart) + pairs[i + 1 - place] * 4 + Int32(place)
      count += 1
    }
    if skips[i - 1] >= 0 {
      rows[count] = Int32(features.skipStart) + skips[i - 1]
      count += 1
    }
    for place in 0..<3 where triples[i - place] >= 0 {
      rows[count] = Int32(features.tripleStart) + triples[i - place] * 3 + Int32(place)
      count += 1
    }
    return count
  }
}
