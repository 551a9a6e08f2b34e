/// Memory for splitting texts of up to so many bytes.
struct SegmentationWorkspace {
  /// Room for blanks before and after the units.
  private let paddedUnits: UnsafeMutablePointer<UInt16>
  let starts: UnsafeMutablePointer<Int32>
  let lexicon: UnsafeMutablePointer<UInt16>
  let lattice: WordLattice.Workspace

  init(capacity: Int) {
    paddedUnits = .allocate(capacity: capacity + 7)
    starts = .allocate(capacity: capacity + 1)
    lexicon = .allocate(capacity: capacity)
    lattice = WordLattice.Workspace(capacity: capacity)
    paddedUnits.initialize(repeating: TextUnit.blank, count: 3)
  }

  /// The units; three blanks lie before them.
  var units: UnsafeMutablePointer<UInt16> { paddedUnits + 3 }

  func deallocate() {
    paddedUnits.deallocate()
    starts.deallocate()
    lexicon.deallocate()
    lattice.deallocate()
  }
}

extension SegmentationModel {
  /// Finds the tags of the units of a workspace.
  func tag(_ work: SegmentationWorkspace, count: Int) {
    guard count > 0 else { return }
    (work.units + count).update(repeating: TextUnit.blank, count: 4)
    matcher.classes(work.units, count: count, into: work.lexicon) { $1 }
    sumWeights(work.units, count, work.lexicon, work.lattice.scores)
    WordLattice.decode(work.lattice, count: count, transitions: transitions)
  }

  /// Writes the sum of the weights of each position's features.
  ///
  /// The sums of the five positions around the present one stay in registers.
  private func sumWeights(
    _ x: UnsafePointer<UInt16>, _ count: Int, _ lexicon: UnsafePointer<UInt16>,
    _ scores: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    let singles = rows.base + features.singleStart
    let (pairs, skips, triples) = (tables.pairs, tables.skips, tables.triples)
    var (twoBack, oneBack, here) = (SIMD4<Int16>.zero, SIMD4<Int16>.zero, SIMD4<Int16>.zero)
    var (next, afterNext) = (SIMD4<Int16>.zero, SIMD4<Int16>.zero)
    for place in -2..<count + 2 {
      let unit = x + place
      let single = singles + Int(unit[0]) &* 5
      twoBack &+= single[0]
      oneBack &+= single[1]
      here &+= single[2]
      next &+= single[3]
      afterNext &+= single[4]
      if let row = pairs.rows(SegmentationFeatures.pair(unit[0], unit[1]), width: 4) {
        oneBack &+= row[0]
        here &+= row[1]
        next &+= row[2]
        afterNext &+= row[3]
      }
      if let row = triples.rows(SegmentationFeatures.triple(unit[0], unit[1], unit[2]), width: 3) {
        here &+= row[0]
        next &+= row[1]
        afterNext &+= row[2]
      }
      if let row = skips.rows(SegmentationFeatures.pair(unit[-1], unit[1]), width: 1) { here &+= row[0] }
      if place >= 0, place < count { here &+= sumOfGroups(unit, word: Int(lexicon[place])) }
      if place >= 2 {
        scores[place - 2] =
          TextUnit.standsAlone(unit[-2]) ? SIMD4(-1e9, -1e9, -1e9, 0) : SIMD4<Float>(twoBack)
      }
      (twoBack, oneBack, here, next, afterNext) = (oneBack, here, next, afterNext, .zero)
    }
  }

  @inline(__always)
  private func sumOfGroups(_ unit: UnsafePointer<UInt16>, word: Int) -> SIMD4<Int16> {
    let words = rows.base + features.lexiconStart
    return rows.base[SegmentationFeatures.groups(unit, vocabulary.groups.base)]
      &+ rows.base[features.echoStart + SegmentationFeatures.echo(unit)] &+ words[word]
      &+ words[SegmentationFeatures.lexiconBegin + word & 15]
      &+ words[SegmentationFeatures.lexiconEnd + word >> 4 & 15]
      &+ words[SegmentationFeatures.lexiconInside + word >> 8]
  }
}

/// The weights of pairs and runs of units.
struct SegmentationTables: Sendable {
  let pairs: WeightTable
  let skips: WeightTable
  let triples: WeightTable

  /// The tables of features whose rows lie as `SegmentationFeatures` says.
  init(_ features: SegmentationFeatures, _ rows: FixedBuffer<SIMD4<Int16>>) {
    pairs = WeightTable(features.pairs, width: 4, rows: rows.base + features.pairStart)
    skips = WeightTable(features.skips, width: 1, rows: rows.base + features.skipStart)
    triples = WeightTable(features.triples, width: 3, rows: rows.base + features.tripleStart)
  }
}
