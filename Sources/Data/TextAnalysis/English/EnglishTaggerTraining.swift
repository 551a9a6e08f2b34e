import Learning

/// The weights of features for tags, as few as there are: sorted keys, and for each its tags with their weights.
struct SparseTagWeights: Sendable, Codable {
  @Packed private var keys: [Int64]
  @Packed private var starts: [Int32]
  @Packed private var tags: [Int32]
  @Packed private var values: [Float]
  /// An open hash table over `keys`, made when the model is made or loaded: twice the size, a power of two.
  private let table: [Int32]

  private enum CodingKeys: String, CodingKey { case keys, starts, tags, values }

  init(keys: [Int64], starts: [Int32], tags: [Int32], values: [Float]) {
    (self.keys, self.starts, self.tags, self.values) = (keys, starts, tags, values)
    table = Self.table(of: keys)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let keys = try container.decode(Packed<Int64>.self, forKey: .keys).wrappedValue
    let starts = try container.decode(Packed<Int32>.self, forKey: .starts).wrappedValue
    let tags = try container.decode(Packed<Int32>.self, forKey: .tags).wrappedValue
    let values = try container.decode(Packed<Float>.self, forKey: .values).wrappedValue
    guard starts.count == keys.count + 1, tags.count == values.count, Int(starts.last ?? 0) == tags.count,
      zip(starts, starts.dropFirst()).allSatisfy({ 0 <= $0 && $0 <= $1 })
    else { throw LearningError.corruptModel(reason: "the weights of the tagger do not fit together") }
    self.init(keys: keys, starts: starts, tags: tags, values: values)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(_keys, forKey: .keys)
    try container.encode(_starts, forKey: .starts)
    try container.encode(_tags, forKey: .tags)
    try container.encode(_values, forKey: .values)
  }

  /// Whether every weight belongs to one of the first `count` tags.
  func fits(tagCount count: Int) -> Bool { tags.allSatisfy { $0 >= 0 && Int($0) < count } }

  @inline(__always)
  func add(_ feature: UInt64, to scores: inout [Float]) {
    let mask = table.count - 1
    var slot = Int(truncatingIfNeeded: feature) & mask
    let key = Int64(bitPattern: feature)
    while table[slot] >= 0 {
      let row = Int(table[slot])
      if keys[row] == key {
        for entry in Int(starts[row])..<Int(starts[row + 1]) { scores[Int(tags[entry])] += values[entry] }
        return
      }
      slot = (slot + 1) & mask
    }
  }

  private static func table(of keys: [Int64]) -> [Int32] {
    var size = 16
    while size < keys.count * 2 { size *= 2 }
    var table = [Int32](repeating: -1, count: size)
    for (row, key) in keys.enumerated() {
      var slot = Int(truncatingIfNeeded: UInt64(bitPattern: key)) & (size - 1)
      while table[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      table[slot] = Int32(row)
    }
    return table
  }
}

/// The state of a training run: dense weights, their sums over time, and when each was last changed.
struct EnglishTaggerTraining {
  private let sentences: [EnglishTaggerFeatures]
  private let gold: [[Int32]]
  private let isCertain: [[Bool]]
  private let tags: [String]
  private let certain: [String: Int32]
  private var rows: [UInt64: Int32]
  private var weights: [Float]
  private var sums: [Double]
  private var changed: [Int32]
  private var step: Int32 = 0
  private var scores: [Float]
  /// How many words there are to learn from.
  let wordCount: Int

  init(_ data: TaggedCorpus, _ configuration: EnglishTagger.Configuration) {
    let tags = Set(data.sentences.joined().map(\.tag)).sorted()
    let ids = Dictionary(uniqueKeysWithValues: tags.enumerated().map { ($1, Int32($0)) })
    let certain = Self.certainWords(data, ids, configuration.certainAfter)
    gold = data.sentences.map { $0.map { ids[$0.tag] ?? 0 } }
    isCertain = data.sentences.map { $0.map { certain[$0.text] != nil } }
    sentences = data.sentences.map { EnglishTaggerFeatures($0.map(\.text)) }
    wordCount = gold.reduce(0) { $0 + $1.count }
    var counts: [UInt64: Int32] = [:]
    for (index, features) in sentences.enumerated() {
      for position in gold[index].indices where !isCertain[index][position] {
        features.visit(position, gold[index]) { counts[$0, default: 0] += 1 }
      }
    }
    rows = [:]
    for feature in counts.filter({ $0.value >= Int32(configuration.leastCount) }).keys.sorted() {
      rows[feature] = Int32(rows.count)
    }
    self.tags = tags
    self.certain = certain
    weights = [Float](repeating: 0, count: rows.count * tags.count)
    sums = [Double](repeating: 0, count: weights.count)
    changed = [Int32](repeating: 0, count: weights.count)
    scores = [Float](repeating: 0, count: tags.count)
  }

  private static func certainWords(_ data: TaggedCorpus, _ ids: [String: Int32], _ least: Int) -> [String:
    Int32]
  {
    guard least > 0 else { return [:] }
    var counts: [String: [String: Int]] = [:]
    for word in data.sentences.joined() { counts[word.text, default: [:]][word.tag, default: 0] += 1 }
    return counts.compactMapValues { tags in
      let all = tags.values.reduce(0, +)
      guard all >= least, let best = tags.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
        Double(best.value) >= 0.995 * Double(all)
      else { return nil }
      return ids[best.key]
    }
  }

  /// Tags one sentence, learns from its mistakes and says how many there were.
  mutating func learn(_ sentence: Int) -> Int {
    let (features, gold) = (sentences[sentence], gold[sentence])
    var guesses: [Int32] = []
    var mistakes = 0
    var found: [Int32] = []
    for position in gold.indices {
      if isCertain[sentence][position] {
        guesses.append(gold[position])
        continue
      }
      step += 1
      found.removeAll(keepingCapacity: true)
      features.visit(position, guesses) { if let row = rows[$0] { found.append(row) } }
      let guess = best(found)
      guesses.append(guess)
      if guess != gold[position] {
        mistakes += 1
        for row in found {
          change(row, gold[position], 1)
          change(row, guess, -1)
        }
      }
    }
    return mistakes
  }

  private mutating func best(_ found: [Int32]) -> Int32 {
    for tag in scores.indices { scores[tag] = 0 }
    for row in found {
      let start = Int(row) * tags.count
      for tag in scores.indices { scores[tag] += weights[start + tag] }
    }
    return Int32(argmax(scores))
  }

  private mutating func change(_ row: Int32, _ tag: Int32, _ amount: Float) {
    let place = Int(row) * tags.count + Int(tag)
    sums[place] += Double(weights[place]) * Double(step - changed[place])
    changed[place] = step
    weights[place] += amount
  }

  /// The averaged weights; those too small to matter are left out.
  func model(baseForms: [String]) -> EnglishTaggerModel {
    var (keys, starts, entries, values): ([Int64], [Int32], [Int32], [Float]) = ([], [0], [], [])
    for (feature, row) in rows.sorted(by: { $0.key < $1.key }) {
      let before = entries.count
      for tag in tags.indices {
        let place = Int(row) * tags.count + tag
        let sum = sums[place] + Double(weights[place]) * Double(step - changed[place])
        let average = Float(sum / Double(max(1, step)))
        guard abs(average) > 0.02 else { continue }
        entries.append(Int32(tag))
        values.append(average)
      }
      guard entries.count > before else { continue }
      keys.append(Int64(bitPattern: feature))
      starts.append(Int32(entries.count))
    }
    return EnglishTaggerModel(
      tags: tags, baseForms: baseForms, certain: certain,
      weights: SparseTagWeights(keys: keys, starts: starts, tags: entries, values: values))
  }
}
