import Learning

/// What a tagger of entities has learned: it finds named pieces in texts.
public struct EntityModel: FittedModel, EntityRecognizer {
  /// The version of the saved form.
  public static let formatVersion = 1
  static let scale: Float = 256

  /// What pieces can be, such as `PER`.
  public let names: [String]
  private let index: UnitIndex
  private let starts: FixedBuffer<Int32>
  /// Weights that are not zero, each above the eight bits of its label.
  private let entries: FixedBuffer<Int32>
  private let transitions: FixedBuffer<Float>
  private let known: [[UInt32]]
  private let kinds: [UInt16]
  private let trie: NameTrie
  private let lattice: LabelLattice

  init(
    names: [String], keys: [UInt64], starts: [Int32], entries: [Int32], transitions: [Float],
    known: [[UInt32]], kinds: [UInt16]
  ) {
    (self.names, self.known, self.kinds) = (names, known, kinds)
    index = UnitIndex(keys)
    self.starts = FixedBuffer(starts)
    self.entries = FixedBuffer(entries)
    self.transitions = FixedBuffer(transitions)
    trie = NameTrie(known)
    lattice = LabelLattice(names: names)
  }

  /// The named pieces of a text in its order.
  ///
  /// - Complexity: O(length · labels²), for long lines in pieces of bounded memory.
  public func entities(in text: String) -> [LabelledRange] {
    Self.entities(in: text, names) { labels($0) }
  }

  /// The pieces of a text that a function labels stretch by stretch.
  static func entities(
    in text: String, _ names: [String], labels: ([UInt32]) -> [UInt8]
  ) -> [LabelledRange] {
    var text = text
    return text.withUTF8 { bytes in
      var found: [LabelledRange] = []
      var (codes, starts): ([UInt32], [Int]) = ([], [])
      var place = 0
      while place < bytes.count {
        let (code, end) = UTF8Scan.scalar(bytes, at: place)
        codes.append(EntityFeatures.code(code))
        starts.append(place)
        place = end
        // A line break, or a full stop once a stretch is long, ends what is looked at together.
        let closes = code == 0x0A || (codes.count > 500 && (code == 0x3002 || code == 0x20))
        if closes || codes.count > 4000 || place == bytes.count {
          append(labels(codes), starts + [place], bytes, names, to: &found)
          (codes, starts) = ([], [])
        }
      }
      return found
    }
  }

  private static func append(
    _ labels: [UInt8], _ starts: [Int], _ bytes: UnsafeBufferPointer<UInt8>, _ names: [String],
    to found: inout [LabelledRange]
  ) {
    var place = 0
    while place < labels.count {
      let label = labels[place]
      var end = place + 1
      if label % 2 == 1 {
        while end < labels.count, labels[end] == label + 1 { end += 1 }
        let range = starts[place]..<starts[end]
        found.append(
          LabelledRange(
            label: names[Int(label - 1) / 2],
            text: String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self), range: range))
      }
      place = end
    }
  }

  private func labels(_ codes: [UInt32]) -> [UInt8] {
    let marks = NameLexicon.marks(codes, trie) { kinds[$0] }
    var scores: [Float] = []
    scores.reserveCapacity(codes.count * lattice.labels)
    var sums = [Int32](repeating: 0, count: lattice.labels)
    Self.forEachPlace(codes, marks) { keys in
      for label in sums.indices { sums[label] = 0 }
      for key in keys {
        let feature = index.number(key)
        guard feature >= 0 else { continue }
        for place in Int(starts.base[feature])..<Int(starts.base[feature + 1]) {
          let entry = entries.base[place]
          sums[Int(entry & 255)] &+= entry >> 8
        }
      }
      for sum in sums { scores.append(Float(sum)) }
    }
    return lattice.decode(scores, transitions.base)
  }

  /// Calls `body` with the keys of the features of each place.
  static func forEachPlace(
    _ codes: [UInt32], _ marks: [UInt16], _ body: (UnsafeMutableBufferPointer<UInt64>) -> Void
  ) {
    let outside = [UInt32](repeating: EntityFeatures.outside, count: 3)
    let padded = outside + codes + outside
    let names = [0, 0, 0] + marks + [0, 0, 0]
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: EntityFeatures.most) { keys in
      padded.withUnsafeBufferPointer { padded in
        names.withUnsafeBufferPointer { names in
          guard let c = padded.baseAddress, let n = names.baseAddress, let first = keys.baseAddress else {
            return
          }
          for place in 3..<3 + codes.count {
            EntityFeatures.keys(c + place, names: n + place, into: first)
            body(keys)
          }
        }
      }
    }
  }

  /// The number of a label: 0 for `O`, then two for each name.
  static func number(of label: String, _ names: [String]) -> UInt8 {
    guard let name = names.firstIndex(of: String(label.dropFirst(2))) else { return 0 }
    return UInt8(1 + 2 * name + (label.hasPrefix("I-") ? 1 : 0))
  }
}

extension EntityModel: Codable {
  private struct Saved: Codable {
    var names: [String]
    @Packed var keys: [Int64]
    @Packed var starts: [Int32]
    @Packed var entries: [Int32]
    @Packed var transitions: [Float]
    /// The known names one after the other, each behind what it is taken for and its length.
    @Packed var known: [Int32]
  }

  /// Saves the model.
  public func encode(to encoder: any Encoder) throws {
    try Saved(
      names: names, keys: index.keys.map { Int64(bitPattern: $0) }, starts: starts.array,
      entries: entries.array, transitions: transitions.array,
      known: Self.packed(known, kinds)
    ).encode(to: encoder)
  }

  /// Reads a saved model.
  ///
  /// - Throws: `LearningError.corruptModel` when its parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let saved = try Saved(from: decoder)
    let labels = 1 + 2 * saved.names.count
    guard let (known, kinds) = Self.unpacked(saved.known), !saved.names.isEmpty, saved.names.count <= 100,
      saved.transitions.count == labels * labels, saved.starts.count == saved.keys.count + 1,
      saved.starts.first == 0, saved.starts.last == Int32(saved.entries.count),
      zip(saved.starts, saved.starts.dropFirst()).allSatisfy({ $0 <= $1 }),
      saved.keys.allSatisfy({ $0 >= 0 }), saved.entries.allSatisfy({ Int($0 & 255) < labels })
    else { throw LearningError.corruptModel(reason: "its features, weights and names do not fit together") }
    self.init(
      names: saved.names, keys: saved.keys.map { UInt64(bitPattern: $0) }, starts: saved.starts,
      entries: saved.entries, transitions: saved.transitions, known: known, kinds: kinds)
  }

  /// Names one after the other, each behind what it is taken for and its length.
  static func packed(_ known: [[UInt32]], _ kinds: [UInt16]) -> [Int32] {
    zip(known, kinds).flatMap { name, kind in
      [Int32(kind), Int32(name.count)] + name.map { Int32(bitPattern: $0) }
    }
  }

  /// Names as they were before they were packed; nil when the numbers are none of such.
  static func unpacked(_ numbers: [Int32]) -> (known: [[UInt32]], kinds: [UInt16])? {
    var (known, kinds): ([[UInt32]], [UInt16]) = ([], [])
    var place = 0
    while place + 1 < numbers.count {
      let (kind, length) = (numbers[place], Int(numbers[place + 1]))
      place += 2
      guard length > 0, length <= numbers.count - place, (1...0x3FFF).contains(kind) else { return nil }
      known.append(numbers[place..<place + length].map { UInt32(bitPattern: $0) })
      kinds.append(UInt16(kind))
      place += length
    }
    return place == numbers.count ? (known, kinds) : nil
  }
}
