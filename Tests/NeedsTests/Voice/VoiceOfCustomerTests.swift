import Commerce
import Foundation
import Learning
import MathKernels
import Needs
import Testing
import TextAnalysis

/// Reviews with planted needs: what is said of each theme, good and bad, and noise about nothing in common.
enum PlantedVoice {
  static let themes: [(name: String, bad: [String], good: [String])] = [
    (
      "zipper",
      ["The zipper broke after a week", "This zipper is broken already", "Zipper fell apart, sadly"],
      ["The zipper is great", "I love the sturdy zipper"]
    ),
    (
      "battery",
      ["The battery died in an hour", "Battery doesn't last, awful battery", "battery stopped working"],
      ["Great battery, lasts long", "The battery is excellent"]
    ),
    (
      "delivery",
      [
        "Delivery arrived late again", "The delivery was terrible, late delivery",
        "late delivery, very annoying delivery",
      ], ["Great delivery, fast", "delivery was fast and great"]
    ),
  ]
  static let wishes = [
    "I wish it came in green color", "Would be nice to have a green color",
    "wish there was a green color option",
  ]

  static func texts(_ count: Int, seed: UInt64, firstID: Int = 0, noise: Double = 0.3) -> [VoiceText] {
    var random = RandomSource(seed: seed)
    return (firstID..<firstID + count).map { id in
      var (text, rating) = ("It arrived today.", 4.0)
      let drawn = random.uniform()
      if drawn < noise {
        text =
          "I hate problem \(["alpha", "beta", "gamma", "delta"][random.index(below: 4)])\(random.index(below: 900)) with word\(random.index(below: 900))."
        rating = 3
      } else if drawn < noise + 0.15 {
        text = wishes[random.index(below: 3)] + "."
      } else {
        let theme = themes[random.index(below: 3)]
        let isBad = random.uniform() < 0.6
        let said = isBad ? theme.bad : theme.good
        text = said[random.index(below: said.count)] + "."
        rating = isBad ? (theme.name == "zipper" ? 2 : 3) : (theme.name == "zipper" ? 4 : 5)
      }
      return VoiceText(
        eventID: "e\(id)", text: text, customerID: "c\(id % 400)", itemID: "i\(id % 7)",
        timestamp: Timestamp(milliseconds: Int64(id % 60) * Timestamp.day),
        rating: rating + 0.5 * random.normal())
    }
  }

  static let tools = VoiceTools(
    terms: TermExtractor(tokenizer: ScriptTokenizer()),
    polarity: { sentence in
      let lowered = sentence.lowercased()
      let good = ["great", "love", "excellent", "fast"].count { lowered.contains($0) }
      let bad = ["broke", "fell apart", "died", "awful", "stopped", "late", "terrible", "annoying", "hate"]
        .count { lowered.contains($0) }
      return max(-1, min(1, 0.5 * Double(good - bad)))
    },
    revenue: { customers, _ in
      Money(minorUnits: Int64(customers.count) * 100, currency: Currency("USD") ?? .usd)
    })

  /// A reading with its board, whose members read as its own.
  @dynamicMemberLookup struct Mined: Equatable {
    var reading: VoiceReading
    var board: VoiceBoard

    init(_ reading: VoiceReading) { (self.reading, board) = (reading, reading.board(tools)) }

    subscript<Value>(dynamicMember path: KeyPath<VoiceBoard, Value>) -> Value { board[keyPath: path] }

    static func == (a: Mined, b: Mined) -> Bool { a.board == b.board }
  }

  static func mine(
    _ texts: [VoiceText], _ decisions: [AnalystDecision] = [], previous: Mined? = nil, seed: UInt64 = 1
  ) async throws -> Mined {
    Mined(
      try await VoiceOfCustomer(
        configuration: .init(groups: 12, leastCustomers: 5, leastSimilarity: 0.45), tools: tools
      )
      .mine(texts, decisions: decisions, previous: previous?.reading.model, context: FitContext(seed: seed)))
  }
}

@Suite struct VoiceOfCustomerTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func findsPlantedNeedsAndNoOthers(seed: UInt64) async throws {
    let texts = PlantedVoice.texts(500, seed: seed)
    let board = try await PlantedVoice.mine(texts, seed: seed)
    for word in ["zipper", "battery", "delivery", "green"] {
      let needs = board.needs.filter { $0.words.contains(word) }
      #expect(!needs.isEmpty, "\(word)")
      let sentences = needs.flatMap(\.members).map(\.text)
      let pure = sentences.count { $0.lowercased().contains(word) }
      #expect(Double(pure) >= 0.95 * Double(sentences.count), "\(word): \(pure) of \(sentences.count)")
    }
    let recovered = board.needs.flatMap(\.members).count { !$0.text.contains("hate") }
    let planted = texts.count { text in
      PlantedVoice.wishes.contains { text.text.hasPrefix($0) }
        || PlantedVoice.themes.contains { $0.bad.contains { text.text.hasPrefix($0) } }
    }
    #expect(Double(recovered) >= 0.9 * Double(planted), "\(recovered) of \(planted)")
    #expect(board.needs.first { $0.words.contains("green") }?.kind == .unmet)
    #expect(board.needs.first { $0.words.contains("zipper") }?.kind == .solve)
  }

  @Test func provesEachNeedByPlacesInTheTexts() async throws {
    let texts = PlantedVoice.texts(300, seed: 4)
    let byID = Dictionary(uniqueKeysWithValues: texts.map { ($0.eventID, $0) })
    let board = try await PlantedVoice.mine(texts)
    for need in board.needs {
      #expect(!need.quotes.isEmpty && need.quotes.count <= 5)
      for quote in need.quotes {
        let source = try #require(byID[quote.key.eventID])
        #expect(source.text.piece(quote.range) == quote.text && quote.range.lowerBound == quote.key.start)
        let cue = try #require(quote.cue)
        #expect(quote.range.contains(cue.lowerBound) && !source.text.piece(cue).isEmpty)
      }
      let customers = Set(need.members.compactMap { byID[$0.key.eventID]?.customerID })
      #expect(need.customers == customers.count)
      #expect(
        need.shareInterval.lower <= need.shareOfCustomers && need.shareOfCustomers <= need.shareInterval.upper
      )
      #expect(need.atStake?.minorUnits == Int64(customers.count) * 100)
      #expect(need.series.reduce(0) { $0 + $1.customers } >= need.customers)
      #expect(need.trend?.qValue != nil)
    }
    #expect(board.comparedBy == .words && board.texts == 300 && board.rejected.isEmpty)
  }

  @Test func isTheSameForTheSameSeedAndAsJSON() async throws {
    let texts = PlantedVoice.texts(200, seed: 4)
    let board = try await PlantedVoice.mine(texts)
    #expect(try await PlantedVoice.mine(texts) == board)
    let decoded = try JSONDecoder().decode(VoiceBoard.self, from: JSONEncoder().encode(board.board))
    #expect(
      decoded.needs.map(\.needID) == board.needs.map(\.needID)
        && decoded.needs.map(\.quotes) == board.needs.map(\.quotes))
  }

  @Test func tellsWhatRisesFromWhatStaysTheSame() async throws {
    var texts: [VoiceText] = []
    for id in 0..<400 {
      let isRecent = id >= 200
      let said =
        id % 4 == 0 ? "The battery died." : isRecent && id % 4 == 1 ? "The zipper broke." : "It is a bag."
      texts.append(
        VoiceText(
          eventID: "e\(id)", text: said, customerID: "c\(id)",
          timestamp: Timestamp(milliseconds: Int64(isRecent ? 40 : 5) * Timestamp.day)))
    }
    texts.append(
      VoiceText(eventID: "last", text: "ok", timestamp: Timestamp(milliseconds: 55 * Timestamp.day)))
    let board = try await PlantedVoice.mine(texts)
    #expect(board.needs.first { $0.words.contains("zipper") }?.trend?.direction == .rising)
    #expect(board.needs.first { $0.words.contains("battery") }?.trend?.direction == .steady)
  }

  @Test(arguments: [
    "", "😊😊", "\u{0}\u{1}", "<script>alert(1)</script>", "的的的",
    String(repeating: "broken zipper ", count: 20_000),
  ])
  func acceptsAnyText(text: String) async throws {
    let texts = (0..<8).map {
      VoiceText(eventID: "e\($0)", text: text, timestamp: Timestamp(milliseconds: 0))
    }
    let board = try await PlantedVoice.mine(texts)
    #expect(board.texts == 8 && board.needs.allSatisfy { $0.customers >= 5 })
    #expect(try await PlantedVoice.mine([]).needs.isEmpty)
  }
}
