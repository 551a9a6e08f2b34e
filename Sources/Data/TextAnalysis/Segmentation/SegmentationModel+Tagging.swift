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
    let stretch = SegmentationTables.stretch
    withUnsafeTemporaryAllocation(of: SIMD4<Int32>.self, capacity: stretch) { found in
      var place = -2
      while place < count + 2 {
        let end = min(place + stretch, count + 2)
        tables.find(x + place, count: end - place, into: found)
        for step in 0..<end - place {
          let (unit, numbers) = (x + place, found[step])
          let single = singles + Int(unit[0]) &* 5
          twoBack &+= single[0]
          oneBack &+= single[1]
          here &+= single[2]
          next &+= single[3]
          afterNext &+= single[4]
          if numbers.x >= 0 {
            let row = pairs.row(numbers.x)
            oneBack &+= row[0]
            here &+= row[1]
            next &+= row[2]
            afterNext &+= row[3]
          }
          if numbers.y >= 0 { here &+= skips.row(numbers.y)[0] }
          if numbers.z >= 0 {
            let row = triples.row(numbers.z)
            here &+= row[0]
            next &+= row[1]
            afterNext &+= row[2]
          }
          if place >= 0, place < count { here &+= sumOfGroups(unit, word: Int(lexicon[place])) }
          if place >= 2 {
            scores[place - 2] =
              TextUnit.standsAlone(unit[-2]) ? SIMD4(-1e9, -1e9, -1e9, 0) : SIMD4<Float>(twoBack)
          }
          (twoBack, oneBack, here, next, afterNext) = (oneBack, here, next, afterNext, .zero)
          place += 1
        }
      }
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

  /// How many units are looked up at a time.
  static let stretch = 64

  /// Writes for each unit where the rows lie of the pair it begins, of the pair around it, and of the run of three it begins.
  @inline(__always)
  func find(_ x: UnsafePointer<UInt16>, count: Int, into found: UnsafeMutableBufferPointer<SIMD4<Int32>>) {
    withUnsafeTemporaryAllocation(of: WeightTable.Search.self, capacity: Self.stretch * 3) { searches in
      var touched: UInt32 = 0
      for step in 0..<count {
        let unit = x + step
        let pair = pairs.start(SegmentationFeatures.pair(unit[0], unit[1]))
        let skip = skips.start(SegmentationFeatures.pair(unit[-1], unit[1]))
        let triple = triples.start(SegmentationFeatures.triple(unit[0], unit[1], unit[2]))
        searches[step &* 3] = pair.search
        searches[step &* 3 &+ 1] = skip.search
        searches[step &* 3 &+ 2] = triple.search
        touched ^= pair.touched ^ skip.touched ^ triple.touched
      }
      for step in 0..<count {
        let pair = pairs.finish(searches[step &* 3])
        let skip = skips.finish(searches[step &* 3 &+ 1])
        let triple = triples.finish(searches[step &* 3 &+ 2])
        let rows = Int32(pair.touched) ^ Int32(skip.touched) ^ Int32(triple.touched)
        found[step] = SIMD4(pair.row, skip.row, triple.row, rows ^ Int32(truncatingIfNeeded: touched))
      }
    }
  }
}
