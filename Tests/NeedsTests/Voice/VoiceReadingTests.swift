import Commerce
import Foundation
import Learning
import MathKernels
import Needs
import Testing
import TextAnalysis

/// A reading after its mining: further texts, decisions, saving, and the ways to look at it.
@Suite struct VoiceReadingTests {
  private func saved(_ model: VoiceModel) throws -> VoiceModel {
    try ModelEnvelope(
      model, trainedAt: Timestamp(milliseconds: 0), dataFingerprint: "", metrics: [:]
    ).model(as: VoiceModel.self)
  }

  @Test func isTheSameWhenItIsMadeAgainFromItsSavedModelAndTexts() async throws {
    let texts = PlantedVoice.texts(300, seed: 11)
    let mined = try await PlantedVoice.mine(texts)
    let again = VoiceReading(
      try saved(mined.reading.model), decisions: [], minedTexts: texts, tools: PlantedVoice.tools)
    #expect(again.board(PlantedVoice.tools) == mined.board)
  }

  @Test func laterTextsJoinTheNeedsTheyAreNearTo() async throws {
    var reading = try await PlantedVoice.mine(PlantedVoice.texts(300, seed: 12)).reading
    let before = reading.board(PlantedVoice.tools)
    let battery = try #require(before.needs.first { $0.words.contains("battery") })
    let later = (0..<20).map {
      VoiceText(
        eventID: "later\($0)", text: "The battery died in an hour.", customerID: "new\($0)",
        timestamp: Timestamp(milliseconds: 60 * Timestamp.day))
    }
    try reading.add(later, PlantedVoice.tools)
    // What was read already is not read a second time.
    try reading.add(later, PlantedVoice.tools)
    let after = reading.board(PlantedVoice.tools)
    let now = try #require(after.needs.first { $0.needID == battery.needID })
    #expect(now.customers == battery.customers + 20 && now.statements == battery.statements + 20)
    #expect(after.texts == before.texts + 20)
    #expect(now.label == battery.label && now.words == battery.words)
  }

  @Test func whatIsNearNoNeedIsCountedAsNew() async throws {
    var reading = try await PlantedVoice.mine(PlantedVoice.texts(300, seed: 13)).reading
    let odd = VoiceText(
      eventID: "odd", text: "I wish the giraffe had wings.", customerID: "x",
      timestamp: Timestamp(milliseconds: 0))
    try reading.add([odd], PlantedVoice.tools)
    #expect(reading.strangers == 1)
  }

  @Test func decisionsHoldWithoutAnotherMining() async throws {
    let mined = try await PlantedVoice.mine(PlantedVoice.texts(300, seed: 14))
    let zipper = try #require(mined.needs.first { $0.words.contains("zipper") })
    let battery = try #require(mined.needs.first { $0.words.contains("battery") })
    var reading = mined.reading
    reading.add(VoiceDecisionTests.decide(zipper, .rename(label: "Zips")))
    reading.add(
      VoiceDecisionTests.decide(
        zipper, .merge(others: [.init(needID: battery.needID, members: battery.members)])))
    let merged = try #require(reading.board(PlantedVoice.tools).needs.first { $0.needID == zipper.needID })
    #expect(merged.label == "Zips" && merged.statements == zipper.statements + battery.statements)
    #expect(merged.praises == zipper.praises + battery.praises)
    reading.add(VoiceDecisionTests.decide(merged, .reject))
    #expect(reading.board(PlantedVoice.tools).rejected.map(\.needID) == [zipper.needID])
    reading.add(VoiceDecisionTests.decide(merged, .reopen))
    let reopened = try #require(reading.board(PlantedVoice.tools).needs.first { $0.needID == zipper.needID })
    #expect(reopened.status == nil && reopened.label != "Zips")
  }

  @Test func looksAtSentencesByNeedToneAndWriter() async throws {
    let mined = try await PlantedVoice.mine(PlantedVoice.texts(300, seed: 15))
    let view = VoiceView(mined.reading)
    let spoken = try #require(mined.needs.first { $0.praises > 0 })
    let own = view.sentences(VoiceFilter(needID: spoken.needID))
    #expect(own.count == spoken.statements + spoken.praises)
    let tones = VoiceFilter.Tone.allCases.map {
      view.sentences(VoiceFilter(needID: spoken.needID, tone: $0)).count
    }
    #expect(tones.reduce(0, +) == own.count && tones[0] > 0 && tones[1] > 0)
    let times = own.map { view.reading.sentences[$0].quote.timestamp }
    #expect(times == times.sorted(by: >))
    let (from, to) = (times[times.count * 3 / 4], times[times.count / 4])
    let between = view.sentences(VoiceFilter(needID: spoken.needID, from: from, to: to))
    #expect(between.count == times.filter { $0 >= from && $0 < to }.count && between.count < own.count)
    #expect(
      view.sentences(VoiceFilter(customerID: "c3")).allSatisfy {
        view.reading.sentences[$0].quote.customerID == "c3"
      })
    #expect(view.sentences(VoiceFilter(query: "ZIPPER")).count >= own.count)
    #expect(view.sentences(VoiceFilter(needID: "none")).isEmpty)
  }

  @Test func tellsWordsOfBadSentencesFromThoseOfGoodOnes() async throws {
    let view = VoiceView(try await PlantedVoice.mine(PlantedVoice.texts(600, seed: 16)).reading)
    let words = Dictionary(uniqueKeysWithValues: view.words().map { ($0.word, $0) })
    let (late, sturdy) = (try #require(words["late"]), try #require(words["sturdy"]))
    #expect(late.liftBad > 2 && late.sentiment < 0)
    #expect(sturdy.liftBad < -2 && sturdy.sentiment > 0)
    let portrait = try #require(view.portrait(of: "late"))
    #expect(portrait.neighbours.first?.word == "delivery")
    #expect(portrait.neighbours.allSatisfy { (-1...1).contains($0.npmi) })
    #expect(view.portrait(of: "unheard") == nil)
  }
}

/// Aspects of two products that differ in one of them.
@Suite struct VoiceAspectTests {
  /// Tags words by a list, as a tagger would.
  private static let tools: VoiceTools = {
    var tools = PlantedVoice.tools
    let tags = [
      "screen": "NN", "price": "NN", "is": "VBZ", "was": "VBD", "good": "JJ", "bad": "JJ", "the": "DT",
    ]
    tools.tokens = { text in
      ScriptTokenizer().tokens(of: text).map {
        var token = $0
        token.tag = tags[$0.text.lowercased()] ?? ($0.text.first?.isPunctuation == true ? "." : "NN")
        return token
      }
    }
    return tools
  }()

  private static func texts() -> [VoiceText] {
    (0..<120).map { number in
      let item = number % 2 == 0 ? "a" : "b"
      // Of a four of five screens are good, of b one of five; the prices of both are alike.
      let isGood = (number / 2) % 5 < (item == "a" ? 4 : 1)
      return VoiceText(
        eventID: "e\(number)",
        text: "The screen is \(isGood ? "good" : "bad"). The price was \(number % 3 == 0 ? "good" : "bad").",
        customerID: "c\(number)", itemID: item,
        timestamp: Timestamp(milliseconds: Int64(number) * Timestamp.day))
    }
  }

  @Test func countsWhatIsThoughtOfEachAspect() async throws {
    let reading = try await VoiceOfCustomer(tools: Self.tools).mine(Self.texts(), context: FitContext())
    let aspects = Dictionary(uniqueKeysWithValues: VoiceView(reading).aspects().map { ($0.aspect, $0) })
    let screen = try #require(aspects["screen"])
    #expect(screen.mentions == 120 && screen.good == 60 && screen.bad == 60 && screen.customers == 120)
    #expect(abs(screen.sentiment) < 0.05)
    #expect(
      screen.sentimentInterval.lower < screen.sentiment && screen.sentiment < screen.sentimentInterval.upper)
    #expect(Set(screen.opinions.map(\.opinion)) == ["good", "bad"])
    let ofA = try #require(VoiceView(reading).aspects(of: ["a"]).first { $0.aspect == "screen" })
    #expect(ofA.mentions == 60 && ofA.good == 48)
  }

  @Test func saysWhatTellsProductsFromEachOther() async throws {
    let reading = try await VoiceOfCustomer(tools: Self.tools).mine(Self.texts(), context: FitContext())
    let rows = VoiceView(reading).comparison(of: [["a"], ["b"], ["c"]])
    #expect(rows.first?.aspect == "screen")
    let screen = try #require(rows.first { $0.aspect == "screen" })
    let price = try #require(rows.first { $0.aspect == "price" })
    #expect((screen.qValue ?? 1) < 0.001 && (price.qValue ?? 0) > 0.05)
    #expect(screen.cells[2] == nil && screen.cells[0]?.good == 48 && screen.cells[1]?.good == 12)
  }
}

@Suite struct NeedJoinTests {
  private func need(_ words: [String]) throws -> VoiceNeed {
    let json = """
      {"need_id":"n","label":"n","words":\(JSONValue.array(words.map { .string($0) }).json),"kind":"solve","customers":1,
       "share_of_customers":0.1,"share_interval":{"lower":0,"upper":1,"level":0.95},"statements":1,"praises":0,"sentiment":0,
       "series":[],"position":"keep-up","quotes":[],"members":[]}
      """
    return try JSONDecoder().decode(VoiceNeed.self, from: Data(json.utf8))
  }

  private let join = NeedJoin(subjects: [
    .init(category: "COFFEE", path: ["DRINKS", "COFFEE"]), .init(category: "TEAS", path: ["DRINKS", "TEAS"]),
    .init(category: "洗发水", path: ["洗发水"]),
  ])

  @Test func joinsTheCategoryOfMostOfItsItems() throws {
    let match = join.match(try need(["cup"]), categories: ["COFFEE": 5, "TEAS": 2])
    #expect(
      match.subjectID == "COFFEE" && match.reason == .items
        && match.categories.map(\.id) == ["COFFEE", "TEAS"])
  }

  @Test func fewOrScatteredItemsJoinNothing() throws {
    #expect(join.match(try need(["cup"]), categories: ["COFFEE": 2]).subjectID == nil)
    #expect(join.match(try need(["cup"]), categories: ["COFFEE": 4, "TEAS": 4]).subjectID == nil)
    #expect(join.match(try need(["cup"]), categories: ["UNKNOWN": 9]).subjectID == nil)
  }

  @Test func joinsTheCategoryItsWordsName() throws {
    let match = join.match(try need(["bitter", "tea"]), categories: [:])
    #expect(match.subjectID == "TEAS" && match.reason == .words)
    #expect(join.match(try need(["洗发水", "味道"]), categories: [:]).subjectID == "洗发水")
    #expect(join.match(try need(["味道"]), categories: [:]).subjectID == nil)
  }
}
