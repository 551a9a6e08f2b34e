import Commerce
import MathKernels
import TextAnalysis

/// A reading with its board, for looking at it from all sides: by need, aspect, word, product, customer.
public struct VoiceView: Sendable {
  /// What was read.
  public let reading: VoiceReading
  /// The board.
  public let board: VoiceBoard
  /// The number of each sentence's need in `needIDs`; −1 for none.
  let needOfSentence: [Int32]
  let needIDs: [String]
  let weeks: VoiceWeeks

  /// Looks at a reading.
  public init(_ reading: VoiceReading, revenue: VoiceTools.Revenue? = nil) {
    let groups = reading.currentGroups
    var needs = [Int32](repeating: -1, count: reading.sentences.count)
    for (number, group) in groups.enumerated() {
      for index in group.statements { needs[index] = Int32(number) }
      for index in group.praises { needs[index] = Int32(number) }
    }
    (self.reading, needOfSentence, needIDs) = (reading, needs, groups.map(\.needID))
    let report = VoiceReport(reading: reading, revenue: revenue)
    (board, weeks) = (report.board(groups), report.weeks)
  }

  /// The need of a sentence.
  public func needID(ofSentence index: Int) -> String? {
    needOfSentence[index] >= 0 ? needIDs[Int(needOfSentence[index])] : nil
  }

  /// The need that one has become part of by decisions; itself when it was not merged.
  public func survivor(of id: String) -> String { reading.outcome.survivor(of: id) }

  /// A need of the board, rejected ones too; one that was merged into another is that other.
  public func need(_ id: String) -> VoiceNeed? {
    let id = survivor(of: id)
    return board.needs.first { $0.needID == id } ?? board.rejected.first { $0.needID == id }
  }
}

/// Which sentences to look at.
public struct VoiceFilter: Sendable {
  /// How a sentence sounds.
  public enum Tone: String, Sendable, CaseIterable {
    /// It speaks well.
    case good
    /// It speaks ill.
    case bad
    /// Neither.
    case neutral
  }

  /// What the sentence must contain, in whatever case.
  public var query: String?
  /// The aspect it must speak of.
  public var aspect: String?
  /// The word that must be among its words.
  public var word: String?
  /// The need it must belong to.
  public var needID: String?
  /// What it must do.
  public var kind: Statement.Kind?
  /// How it must sound.
  public var tone: Tone?
  /// The items it may be about.
  public var items: Set<String>?
  /// Who must have written it.
  public var customerID: String?
  /// It must have been written at this moment or later.
  public var from: Timestamp?
  /// It must have been written before this moment.
  public var to: Timestamp?

  /// A filter; without any condition it lets all sentences through.
  public init(
    query: String? = nil, aspect: String? = nil, word: String? = nil, needID: String? = nil,
    kind: Statement.Kind? = nil, tone: Tone? = nil, items: Set<String>? = nil, customerID: String? = nil,
    from: Timestamp? = nil, to: Timestamp? = nil
  ) {
    (self.query, self.aspect, self.word, self.needID) = (query, aspect, word, needID)
    (self.kind, self.tone, self.items, self.customerID) = (kind, tone, items, customerID)
    (self.from, self.to) = (from, to)
  }
}

extension VoiceView {
  /// The numbers of the sentences that a filter lets through, newest first.
  /// - Complexity: O(sentences).
  public func sentences(_ filter: VoiceFilter) -> [Int] {
    let (sentences, needle) = (reading.sentences, filter.query?.lowercased())
    let need = filter.needID.map { id in
      Int32(needIDs.firstIndex(of: survivor(of: id)) ?? -2)
    }
    let found = parallelBlocks(sentences.count, blockSize: 4_096) { block in
      block.filter { index in
        let sentence = sentences[index]
        let quote = sentence.quote
        return (need == nil || needOfSentence[index] == need)
          && (filter.kind == nil || quote.kind == filter.kind)
          && (filter.tone.map { $0 == tone(of: sentence, on: filter.aspect) } ?? true)
          && (filter.customerID == nil || quote.customerID == filter.customerID)
          && (filter.from.map { quote.timestamp >= $0 } ?? true)
          && (filter.to.map { quote.timestamp < $0 } ?? true)
          && (filter.items.map { items in quote.itemID.map(items.contains) ?? false } ?? true)
          && (filter.aspect.map { aspect in sentence.aspects.contains { $0.aspect == aspect } } ?? true)
          && (filter.word.map(sentence.terms.contains) ?? true)
          && (needle.map { quote.text.lowercased().contains($0) } ?? true)
      }
    }.flatMap { $0 }
    return found.sorted {
      (sentences[$1].quote.timestamp, $0) < (sentences[$0].quote.timestamp, $1)
    }
  }
}

extension VoiceView {
  /// How a sentence sounds: on an aspect by what it says of that, else as a whole.
  private func tone(of sentence: VoiceSentence, on aspect: String?) -> VoiceFilter.Tone {
    guard let aspect else { return sentence.quote.tone }
    let polarity = Self.polarity(of: sentence, on: aspect) ?? 0
    return polarity > 0 ? .good : polarity < 0 ? .bad : .neutral
  }

  /// What a sentence thinks of an aspect: the mean of its opinions; nil when it does not speak of it.
  static func polarity(of sentence: VoiceSentence, on aspect: String) -> Double? {
    let opinions = sentence.aspects.filter { $0.aspect == aspect }
    return opinions.isEmpty ? nil : opinions.reduce(0) { $0 + $1.polarity } / Double(opinions.count)
  }
}

extension VoiceQuote {
  /// How it sounds.
  public var tone: VoiceFilter.Tone { isGood ? .good : isBad ? .bad : .neutral }
}
