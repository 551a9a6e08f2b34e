import Foundation

/// Finds strings in a corpus that behave as words and are in no lexicon: their characters stick together, and stand beside many
/// different ones.
///
/// ```swift
/// var finder = NewWords(lexicon: lexicon)
/// for review in reviews { finder.add(review) }
/// for word in finder.candidates().prefix(20) { print(word.text, word.count) }
/// ```
/// Cohesion is the pointwise mutual information of the parts at the weakest place to cut; freedom the entropy of the neighbours
/// on the side where it is less. Only runs of Chinese characters are looked at.
///
/// Source: the measures of Church and Hanks (1990), https://aclanthology.org/J90-1003, and of Huang and Powers (2003),
/// https://aclanthology.org/Y03-1017. Counting is one pass in bounded memory after Manku and Motwani (2002),
/// https://doi.org/10.1016/B978-155860869-6/50038-X: when there are too many strings, the rarest are forgotten.
///
/// - Complexity: O(characters · longest); memory O(`maximumStrings`).
public struct NewWords: Sendable {
  /// The settings.
  public struct Configuration: Codable, Equatable, Sendable {
    /// The longest word that is looked for, 2 to 5 characters.
    public var longest: Int
    /// How often a word must occur.
    public var minimumCount: Int
    /// The least cohesion, in nats.
    public var minimumCohesion: Double
    /// The least freedom, in nats.
    public var minimumFreedom: Double
    /// How many strings are kept in mind at most.
    public var maximumStrings: Int

    /// Settings.
    public init(
      longest: Int = 5, minimumCount: Int = 10, minimumCohesion: Double = 4, minimumFreedom: Double = 1.2,
      maximumStrings: Int = 4_000_000
    ) {
      self.longest = longest
      self.minimumCount = minimumCount
      self.minimumCohesion = minimumCohesion
      self.minimumFreedom = minimumFreedom
      self.maximumStrings = maximumStrings
    }
  }

  /// A string that may be a word.
  public struct Candidate: Sendable, Codable, Equatable {
    /// The string.
    public var text: String
    /// How often it occurs.
    public var count: Int
    /// The pointwise mutual information at its weakest cut, in nats.
    public var cohesion: Double
    /// The entropy of its neighbours on the side where it is less, in nats.
    public var freedom: Double
  }

  /// Up to six code points, the first one highest; 0 is the end of a run.
  private struct Gram: Hashable {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var length = 0

    func appending(_ code: UInt16) -> Gram {
      Gram(high: high << 16 | low >> 48, low: low << 16 | UInt64(code), length: length + 1)
    }

    /// The code points in order.
    var codes: [UInt16] {
      (0..<length).reversed().map { place in
        let word = place < 4 ? low : high
        return UInt16(truncatingIfNeeded: word >> UInt64(16 * (place & 3)))
      }
    }

    init() {}

    init(_ codes: ArraySlice<UInt16>) { self = codes.reduce(Gram()) { $0.appending($1) } }

    private init(high: UInt64, low: UInt64, length: Int) {
      (self.high, self.low, self.length) = (high, low, length)
    }
  }

  /// The settings.
  public let configuration: Configuration
  private let lexicon: Lexicon
  private var counts: [Gram: Int32] = [:]
  private var characters = 0
  /// What a string that was forgotten may have had at most.
  private var forgotten: Int32 = 0

  /// Nothing read yet.
  ///
  /// - Throws: `TextError.invalidParameter`.
  public init(_ configuration: Configuration = .init(), lexicon: Lexicon = Lexicon([:])) throws {
    func require(_ holds: Bool, _ name: String, _ value: Int, _ expected: String) throws {
      guard holds else {
        throw TextError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    try require((2...5).contains(configuration.longest), "longest", configuration.longest, "2 to 5")
    try require(configuration.minimumCount > 0, "minimumCount", configuration.minimumCount, "1 or more")
    try require(
      configuration.maximumStrings >= 1000, "maximumStrings", configuration.maximumStrings, "1000 or more")
    self.configuration = configuration
    self.lexicon = lexicon
  }

  /// Reads a text.
  public mutating func add(_ text: String) {
    var run: [UInt16] = [0]
    for scalar in text.unicodeScalars {
      if scalar.value < 0x10000, TextUnit.isHan(scalar.value) {
        run.append(UInt16(scalar.value))
      } else if run.count > 1 {
        count(run + [0])
        run = [0]
      }
    }
    if run.count > 1 { count(run + [0]) }
  }

  private mutating func count(_ run: [UInt16]) {
    characters += run.count - 2
    for start in run.indices {
      var gram = Gram()
      for end in start..<min(run.count, start + configuration.longest + 1) {
        gram = gram.appending(run[end])
        counts[gram, default: 0] += 1
        if end > start, run[end] == 0 { break }
      }
    }
    while counts.count > configuration.maximumStrings {
      forgotten += 1
      let limit = forgotten
      counts = counts.filter { $0.value > limit || $0.key.length == 1 }
    }
  }

  /// The strings that behave as words, the most certain first.
  public func candidates() -> [Candidate] {
    var (left, right) = (Neighbours(), Neighbours())
    let least = Int32(clamping: configuration.minimumCount)
    for (gram, count) in counts where gram.length > 2 {
      let codes = gram.codes
      right.add(Gram(codes.dropLast()), codes[codes.count - 1], count)
      left.add(Gram(codes.dropFirst()), codes[0], count)
    }
    var found: [Candidate] = []
    for (gram, count) in counts
    where gram.length > 1 && gram.length <= configuration.longest && count >= least {
      let codes = gram.codes
      guard !codes.contains(0) else { continue }
      let text = String(codes.compactMap(Unicode.Scalar.init).map(Character.init))
      guard !lexicon.contains(text) else { continue }
      let cohesion = cohesion(codes, Double(count))
      let freedom = min(left.entropy(gram), right.entropy(gram))
      guard cohesion >= configuration.minimumCohesion, freedom >= configuration.minimumFreedom else {
        continue
      }
      found.append(Candidate(text: text, count: Int(count), cohesion: cohesion, freedom: freedom))
    }
    func certainty(_ word: Candidate) -> Double { log(Double(word.count)) * word.cohesion * word.freedom }
    return found.sorted { (certainty($0), $1.text) > (certainty($1), $0.text) }
  }

  private func cohesion(_ codes: [UInt16], _ count: Double) -> Double {
    let total = Double(max(1, characters))
    return (1..<codes.count).map { cut in
      let first = Double(counts[Gram(codes[..<cut])] ?? 1)
      let second = Double(counts[Gram(codes[cut...])] ?? 1)
      return log(count * total / (first * second))
    }.min() ?? 0
  }

  /// The neighbours of strings on one side.
  private struct Neighbours {
    /// For each string the sum of counts, and of counts times their logarithms.
    private var sums: [Gram: SIMD2<Double>] = [:]

    mutating func add(_ gram: Gram, _ neighbour: UInt16, _ count: Int32) {
      // The end of a run is another neighbour each time.
      let terms = neighbour == 0 ? 0 : Double(count) * log(Double(count))
      sums[gram, default: .zero] += SIMD2(Double(count), terms)
    }

    func entropy(_ gram: Gram) -> Double {
      guard let sum = sums[gram], sum.x > 0 else { return 0 }
      return log(sum.x) - sum.y / sum.x
    }
  }
}
