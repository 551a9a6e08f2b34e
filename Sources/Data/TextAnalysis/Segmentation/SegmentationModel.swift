import Foundation
import Learning

/// What a segmenter has learned; `ChineseSegmenter` applies it.
public struct SegmentationModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  let vocabulary: UnitVocabulary
  let features: SegmentationFeatures
  let matcher: LexiconMatcher
  /// The features' weights, see `SegmentationFeatures`.
  let rows: FixedBuffer<SIMD4<Int16>>
  /// For each tag what it adds to follow the first and the second tag that it can follow.
  let transitions: [SIMD2<Float>]
  /// The weights of pairs and runs again, where they are found fast.
  let tables: SegmentationTables
  let script: ChineseScript?

  init(
    vocabulary: UnitVocabulary, features: SegmentationFeatures, matcher: LexiconMatcher,
    rows: FixedBuffer<SIMD4<Int16>>, transitions: [SIMD2<Float>], script: ChineseScript?
  ) {
    self.vocabulary = vocabulary
    self.features = features
    self.matcher = matcher
    self.rows = rows
    tables = SegmentationTables(features, rows)
    self.transitions = transitions
    self.script = script
  }

  /// How many pairs and runs of characters have weights.
  public var featureCount: Int { features.pairs.count + features.skips.count + features.triples.count }

  /// The model with another lexicon: words that the training text did not have are those of the new one, so that one can see
  /// what the lexicon is worth.
  public func with(lexicon: Lexicon) -> SegmentationModel {
    SegmentationModel(
      vocabulary: vocabulary, features: features, matcher: matcher.with(lexicon, vocabulary), rows: rows,
      transitions: transitions, script: script)
  }
}

extension SegmentationModel: Codable {
  /// The saved form: numbers without the tables that follow from them.
  private struct Saved: Codable {
    @Packed var characters: [Int32]
    @Packed var traditional: [Int32]
    @Packed var pairs: [Int64]
    @Packed var skips: [Int64]
    @Packed var triples: [Int64]
    @Packed var states: [Int64]
    @Packed var rows: [Int64]
    @Packed var transitions: [Float]
    var script: ChineseScript?
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws {
    let states = matcher.trie.states.array
    try Saved(
      characters: vocabulary.characters.map(Int32.init),
      traditional: vocabulary.traditional.sorted { $0.key < $1.key }
        .flatMap { [Int32(bitPattern: $0.key), Int32(bitPattern: $0.value)] },
      pairs: features.pairs.map(Int64.init), skips: features.skips.map(Int64.init),
      triples: features.triples.map(Int64.init),
      states: states.map { Int64($0.x) << 32 | Int64(UInt32(bitPattern: $0.y)) },
      rows: rows.array.map { unsafeBitCast($0, to: Int64.self).littleEndian },
      transitions: transitions.flatMap { [$0.x, $0.y] }, script: script
    ).encode(to: encoder)
  }

  /// Reads a saved model.
  ///
  /// - Throws: `LearningError.corruptModel` when its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let saved = try Saved(from: decoder)
    func corrupt(_ reason: String) -> LearningError { .corruptModel(reason: reason) }
    guard saved.characters.count <= 32_000, saved.characters.allSatisfy({ (0...0xFFFF).contains($0) }),
      saved.traditional.count % 2 == 0
    else { throw corrupt("its characters are none") }
    let pairs = stride(from: 0, to: saved.traditional.count, by: 2).map {
      (UInt32(bitPattern: saved.traditional[$0]), UInt32(bitPattern: saved.traditional[$0 + 1]))
    }
    vocabulary = UnitVocabulary(
      characters: saved.characters.map { UInt16($0) },
      traditional: Dictionary(pairs, uniquingKeysWith: { $1 }))
    features = SegmentationFeatures(
      unitCount: vocabulary.unitCount, pairs: saved.pairs.map { UInt64(bitPattern: $0) },
      skips: saved.skips.map { UInt64(bitPattern: $0) }, triples: saved.triples.map { UInt64(bitPattern: $0) }
    )
    guard saved.rows.count == features.count, saved.transitions.count == 8,
      !saved.states.isEmpty
    else { throw corrupt("its weights are not as many as its features") }
    let states = saved.states.map { SIMD2(Int32($0 >> 32), Int32(truncatingIfNeeded: $0)) }
    guard states.allSatisfy({ $0.x >= 0 }) else { throw corrupt("its lexicon's states lie outside of it") }
    matcher = LexiconMatcher(trie: DoubleArrayTrie(states: FixedBuffer(states)))
    let numbers = saved.rows
    rows = FixedBuffer(count: numbers.count) { memory in
      for row in numbers.indices {
        memory[row] = unsafeBitCast(numbers[row].littleEndian, to: SIMD4<Int16>.self)
      }
    }
    transitions = stride(from: 0, to: 8, by: 2).map {
      SIMD2(saved.transitions[$0], saved.transitions[$0 + 1])
    }
    tables = SegmentationTables(features, rows)
    script = saved.script
  }
}
