import Learning

/// What a tagger has learned: it gives words their parts of speech.
public struct TaggingModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// What weights are multiplied with before they are rounded.
  static let scale: Float = 256

  /// The tags it knows.
  public let tags: [String]
  private let index: UnitIndex
  /// Where the entries of each feature begin, and where those of the last one end.
  private let starts: FixedBuffer<Int32>
  /// Weights that are not zero, each above the eight bits of its tag.
  private let entries: FixedBuffer<Int32>

  init(tags: [String], index: UnitIndex, starts: [Int32], entries: [Int32]) {
    (self.tags, self.index) = (tags, index)
    (self.starts, self.entries) = (FixedBuffer(starts), FixedBuffer(entries))
  }

  /// The part of speech of each word of a sentence.
  ///
  /// - Complexity: O(words), some twenty look-ups each.
  public func tags(of words: [String]) -> [String] {
    numbers(words.map(Self.shape)).map { tags[Int($0)] }
  }

  /// The tokens with their parts of speech; those that have one keep it.
  public func tagged(_ tokens: [Token]) -> [Token] {
    var tokens = tokens
    let numbers = numbers(tokens.map { Self.shape($0.text) })
    for place in tokens.indices where tokens[place].tag == nil {
      tokens[place].tag = tags[Int(numbers[place])]
    }
    return tokens
  }

  static func shape(_ word: String) -> WordShape {
    var word = word
    return word.withUTF8 { WordShape($0) }
  }

  private func numbers(_ sentence: [WordShape]) -> [UInt8] {
    let words = [WordShape.outside, .outside] + sentence + [.outside, .outside]
    var output: [UInt8] = []
    output.reserveCapacity(sentence.count)
    var (before, beforeThat) = (UInt8(255), UInt8(255))
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: TaggerFeatures.most) { keys in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: tags.count) { scores in
        words.withUnsafeBufferPointer { words in
          guard let base = words.baseAddress, let first = keys.baseAddress else { return }
          for place in 2..<words.count - 2 {
            TaggerFeatures.fixed(base + place, into: first)
            TaggerFeatures.moving(
              base + place, before: before, beforeThat: beforeThat, into: first + TaggerFeatures.fixed)
            (beforeThat, before) = (before, best(keys, scores))
            output.append(before)
          }
        }
      }
    }
    return output
  }

  @inline(__always)
  private func best(_ keys: UnsafeMutableBufferPointer<UInt64>, _ scores: UnsafeMutableBufferPointer<Int32>)
    -> UInt8
  {
    for tag in 0..<scores.count { scores[tag] = 0 }
    for key in keys {
      let feature = index.number(key)
      guard feature >= 0 else { continue }
      for place in Int(starts.base[feature])..<Int(starts.base[feature + 1]) {
        let entry = entries.base[place]
        scores[Int(entry & 255)] &+= entry >> 8
      }
    }
    var best = 0
    for tag in 1..<max(1, scores.count) where scores[tag] > scores[best] { best = tag }
    return UInt8(best)
  }
}

extension TaggingModel: Codable {
  private struct Saved: Codable {
    var tags: [String]
    @Packed var keys: [Int64]
    @Packed var starts: [Int32]
    @Packed var entries: [Int32]
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws {
    try Saved(
      tags: tags, keys: index.keys.map { Int64(bitPattern: $0) }, starts: starts.array,
      entries: entries.array
    ).encode(to: encoder)
  }

  /// Reads a saved model.
  ///
  /// - Throws: `LearningError.corruptModel` when its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let saved = try Saved(from: decoder)
    guard !saved.tags.isEmpty, saved.tags.count <= 254, saved.starts.count == saved.keys.count + 1,
      saved.starts.first == 0, saved.starts.last == Int32(saved.entries.count),
      zip(saved.starts, saved.starts.dropFirst()).allSatisfy({ $0 <= $1 }),
      saved.keys.allSatisfy({ $0 >= 0 }), saved.entries.allSatisfy({ Int($0 & 255) < saved.tags.count })
    else { throw LearningError.corruptModel(reason: "its features and weights do not fit together") }
    self.init(
      tags: saved.tags, index: UnitIndex(saved.keys.map { UInt64(bitPattern: $0) }), starts: saved.starts,
      entries: saved.entries)
  }
}
