import Foundation
import Learning
import MathKernels

/// Turns texts into sparse vectors of tf-idf weights of their word and character n-grams.
///
/// ```swift
/// let vectorizer = NGramVectorizer(configuration: .init(kinds: [NGrams(.characters, 1...3)]))
/// let model = try vectorizer.fit(["很好用", "不好用", "good value"])
/// let rows = model.rows(of: ["好用"])   // 1 × model.columns, of unit length
/// ```
/// The weight of an n-gram is `(1 + ln count) · (ln((1 + documents) / (1 + documents with it)) + 1)`, the row scaled to unit
/// length. N-grams are told apart by 64-bit keys, not by their text, so no list of them has to be kept; with `hashBits`
/// the keys choose columns themselves and nothing but the idf is learned.
///
/// Source: Salton and Buckley (1988), https://doi.org/10.1016/0306-4573(88)90021-0; hashing: Weinberger et al. (2009),
/// https://doi.org/10.1145/1553374.1553516, without their signs.
public struct NGramVectorizer: Sendable {
  /// The settings of a vectorizer.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The n-grams that are counted.
    public var kinds: [NGrams]
    /// In how many texts an n-gram must occur to be kept.
    public var minimumDocuments: Int
    /// How many n-grams are kept at most: the ones in most texts.
    public var maximumFeatures: Int
    /// Whether a count grows by its logarithm only.
    public var isSublinear: Bool
    /// Whether rare n-grams weigh more.
    public var usesInverseFrequency: Bool
    /// Hashes n-grams into two to the power of this many columns instead of learning which there are.
    public var hashBits: Int?

    /// Settings, by default words and pairs of them beside stretches of one to four characters.
    public init(
      kinds: [NGrams] = [NGrams(.words, 1...2), NGrams(.characters, 1...4)], minimumDocuments: Int = 2,
      maximumFeatures: Int = 1_000_000, isSublinear: Bool = true, usesInverseFrequency: Bool = true,
      hashBits: Int? = nil
    ) {
      self.kinds = kinds
      self.minimumDocuments = minimumDocuments
      self.maximumFeatures = maximumFeatures
      self.isSublinear = isSublinear
      self.usesInverseFrequency = usesInverseFrequency
      self.hashBits = hashBits
    }

    func validate() throws {
      func check(_ holds: Bool, _ name: String, _ value: Any, _ expected: String) throws {
        if !holds { throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected) }
      }
      try check(!kinds.isEmpty, "kinds", "empty", "at least one kind of n-gram")
      for kind in kinds {
        try check(
          (1...16).contains(kind.minimum) && (kind.minimum...16).contains(kind.maximum), "kinds",
          "\(kind.minimum)...\(kind.maximum)", "lengths between 1 and 16, the least first")
      }
      try check(minimumDocuments >= 1, "minimumDocuments", minimumDocuments, "at least 1")
      try check(maximumFeatures >= 1, "maximumFeatures", maximumFeatures, "at least 1")
      if let hashBits { try check((8...28).contains(hashBits), "hashBits", hashBits, "between 8 and 28") }
    }
  }

  /// The settings.
  public var configuration: Configuration
  /// What splits texts into words.
  public var tokenizer: any Tokenizer

  /// A vectorizer.
  public init(configuration: Configuration = .init(), tokenizer: any Tokenizer = LetterRunTokenizer()) {
    self.configuration = configuration
    self.tokenizer = tokenizer
  }

  /// Learns which n-grams there are and how rare they are.
  ///
  /// - Complexity: O(all n-grams), on all cores but for the counting.
  /// - Throws: `TextError.invalidParameter`, `TextError.notEnoughData` without a text.
  public func fit(_ texts: [String]) throws -> NGramModel {
    try configuration.validate()
    guard !texts.isEmpty else { throw TextError.notEnoughData(what: "texts", needed: 1, found: 0) }
    let scanner = NGramScanner(kinds: configuration.kinds, tokenizer: tokenizer)
    var frequencies = KeyTable(capacity: configuration.hashBits == nil ? 1 << 16 : 0)
    var byColumn = [Int32](repeating: 0, count: configuration.hashBits.map { 1 << $0 } ?? 0)
    // Stretches of texts keep the keys of all n-grams out of memory.
    for start in stride(from: 0, to: texts.count, by: 4096) {
      let stretch = texts[start..<min(start + 4096, texts.count)]
      let blocks = parallelBlocks(stretch.count, blockSize: 256) { block in
        block.flatMap { Self.distinctKeys(of: stretch[stretch.startIndex + $0], scanner) }
      }
      for block in blocks {
        for key in block {
          if let bits = configuration.hashBits {
            byColumn[NGramModel.column(key, bits)] += 1
          } else {
            frequencies.add(1, to: key)
          }
        }
      }
    }
    let idf = { (found: Int32) in Float(log(Double(1 + texts.count) / Double(1 + found)) + 1) }
    if configuration.hashBits != nil {
      return NGramModel(configuration, keys: [], idf: byColumn.map(idf), tokenizer)
    }
    let kept = kept(frequencies)
    return NGramModel(configuration, keys: kept.map(\.key), idf: kept.map { idf($0.value) }, tokenizer)
  }

  /// The keys worth keeping, in ascending order.
  private func kept(_ frequencies: KeyTable) -> [(key: UInt64, value: Int32)] {
    var kept = frequencies.entries.filter { Int($0.value) >= configuration.minimumDocuments }
    if kept.count > configuration.maximumFeatures {
      kept.sort { ($1.value, $0.key) < ($0.value, $1.key) }
      kept.removeSubrange(configuration.maximumFeatures...)
    }
    return kept.sorted { $0.key < $1.key }
  }

  private static func distinctKeys(of text: String, _ scanner: NGramScanner) -> [UInt64] {
    var keys: [UInt64] = []
    scanner.forEach(in: text) { key, _ in keys.append(key) }
    keys.sort()
    var distinct: [UInt64] = []
    for key in keys where distinct.last != key { distinct.append(key) }
    return distinct
  }
}

/// What a vectorizer has learned: which n-grams there are, and how rare they are.
public struct NGramModel: FittedModel {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// The settings it was learned with.
  public let configuration: NGramVectorizer.Configuration
  /// What splits texts into words; it is not saved, so set it again after loading if it was not the default.
  public var tokenizer: any Tokenizer = LetterRunTokenizer()
  @Packed private var keys: [Int64]
  @Packed private var idf: [Float]
  private let table: KeyTable

  /// How many columns its rows have.
  public var columns: Int { idf.count }

  init(
    _ configuration: NGramVectorizer.Configuration, keys: [UInt64], idf: [Float], _ tokenizer: any Tokenizer
  ) {
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.keys = keys.map { Int64(bitPattern: $0) }
    self.idf = idf
    table = Self.table(keys)
  }

  private static func table(_ keys: [UInt64]) -> KeyTable {
    var table = KeyTable(capacity: keys.count)
    for (index, key) in keys.enumerated() { table.add(Int32(index), to: key) }
    return table
  }

  private enum CodingKeys: String, CodingKey { case configuration, keys, idf }

  /// Decodes what `encode` has written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try container.decode(NGramVectorizer.Configuration.self, forKey: .configuration)
    _keys = try container.decode(Packed<Int64>.self, forKey: .keys)
    _idf = try container.decode(Packed<Float>.self, forKey: .idf)
    let (keys, columns) = (_keys.wrappedValue, _idf.wrappedValue.count)
    guard columns == configuration.hashBits.map({ 1 << $0 }) ?? keys.count else {
      throw LearningError.corruptModel(reason: "it has \(columns) weights for \(keys.count) n-grams")
    }
    table = Self.table(keys.map { UInt64(bitPattern: $0) })
  }

  /// Encodes all but the tokenizer.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(configuration, forKey: .configuration)
    try container.encode(_keys, forKey: .keys)
    try container.encode(_idf, forKey: .idf)
  }

  static func column(_ key: UInt64, _ bits: Int) -> Int { Int(key >> UInt64(64 - bits)) }

  private var scanner: NGramScanner { NGramScanner(kinds: configuration.kinds, tokenizer: tokenizer) }

  private func column(of key: UInt64) -> Int32? {
    if let bits = configuration.hashBits { return Int32(Self.column(key, bits)) }
    return table[key]
  }

  /// One row for each text, of unit length or empty when no n-gram of it is known; on all cores.
  ///
  /// - Complexity: O(n-grams of the texts).
  public func rows(of texts: [String]) -> SparseMatrix {
    let blocks = parallelBlocks(texts.count, blockSize: 256) { block in block.map { row(of: texts[$0]) } }
    var (starts, columns, values) = ([0], [Int32](), [Float]())
    for block in blocks {
      for row in block {
        columns += row.columns
        values += row.values
        starts.append(columns.count)
      }
    }
    return SparseMatrix(
      rows: texts.count, columns: self.columns, rowStarts: starts, columnIndices: columns, values: values)
  }

  /// The columns of a text's n-grams in ascending order, and their weights.
  public func row(of text: String) -> (columns: [Int32], values: [Float]) {
    var found: [Int32] = []
    scanner.forEach(in: text) { key, _ in if let column = column(of: key) { found.append(column) } }
    found.sort()
    var (columns, values) = ([Int32](), [Float]())
    for column in found {
      if columns.last == column {
        values[values.count - 1] += 1
      } else {
        columns.append(column)
        values.append(1)
      }
    }
    weigh(columns, &values)
    return (columns, values)
  }

  private func weigh(_ columns: [Int32], _ values: inout [Float]) {
    var squares: Float = 0
    for (position, column) in columns.enumerated() {
      if configuration.isSublinear { values[position] = 1 + log(values[position]) }
      if configuration.usesInverseFrequency { values[position] *= idf[Int(column)] }
      squares += values[position] * values[position]
    }
    guard squares > 0 else { return }
    let factor = 1 / squares.squareRoot()
    for position in values.indices { values[position] *= factor }
  }

  /// Where the n-grams of a text stand: for each known one its column and its range in UTF-8 bytes.
  public func occurrences(in text: String) -> [(column: Int, range: TextRange)] {
    var found: [(column: Int, range: TextRange)] = []
    scanner.forEach(in: text) { key, range in
      if let column = column(of: key) { found.append((Int(column), range)) }
    }
    return found
  }
}
