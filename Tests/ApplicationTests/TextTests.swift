import Application
import Commerce
import Foundation
import Learning
import Needs
import Storage
import Testing
import TextAnalysis
import TextTesting

@Suite("Texts line by line")
struct LineStreamTests {
  private func answers(to bytes: [UInt8], _ work: @Sendable ([String]) throws -> [String]) throws -> (
    text: String, count: Int
  ) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "lode-lines-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (input, output) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
    try Data(bytes).write(to: input)
    FileManager.default.createFile(atPath: output.path, contents: nil)
    let (reading, writing) = (
      try FileHandle(forReadingFrom: input), try FileHandle(forWritingTo: output)
    )
    let count = try LineStream(input: reading, output: writing).answer(work)
    try writing.close()
    return (String(decoding: try Data(contentsOf: output), as: UTF8.self), count)
  }

  @Test func everyLineIsAnsweredInItsPlace() throws {
    let lines = (0..<5000).map { "\($0) \(String(repeating: "字", count: $0 % 400))" }
    let found = try answers(to: Array(lines.joined(separator: "\n").utf8)) { $0.map { "<\($0)>" } }
    #expect(found.count == 5000)
    #expect(found.text == lines.map { "<\($0)>\n" }.joined())
  }

  @Test func emptyLinesAreTextsAndOddBytesAreReplaced() throws {
    let found = try answers(to: Array("a\r\n\n".utf8) + [0xFF, 0x62, 0x0A, 0x63]) { $0.map { "[\($0)]" } }
    #expect(found.text == "[a]\n[]\n[\u{FFFD}b]\n[c]\n")
    #expect(try answers(to: []) { $0 }.count == 0)
  }

  @Test func aByteOrderMarkIsNoPartOfTheFirstLine() throws {
    #expect(try answers(to: [0xEF, 0xBB, 0xBF, 0x61, 0x0A]) { $0.map { "[\($0)]" } }.text == "[a]\n")
  }

  @Test func aLineIsAnsweredBeforeTheNextOneIsWritten() async throws {
    let (input, output) = (Pipe(), Pipe())
    let stream = LineStream(input: input.fileHandleForReading, output: output.fileHandleForWriting)
    let run = Task.detached { try stream.answer { $0 } }
    for line in ["one\n", "two\n"] {
      try input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
      #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == line)
    }
    try input.fileHandleForWriting.close()
    #expect(try await run.value == 2)
  }

  @Test func whatGoesWrongInALineEndsTheRun() {
    #expect(throws: TextError.self) {
      _ = try answers(to: Array("a\nb\n".utf8)) { _ in
        throw TextError.invalidParameter(name: "x", value: "y", expected: "z")
      }
    }
  }
}

@Suite("Needs that customers put in words")
struct ShopVoiceTests {
  private func review(_ number: Int, _ text: String) -> Event {
    Event(
      eventID: "r\(number)", kind: .review, customerID: "c\(number)", itemID: "phone",
      timestamp: Timestamp(milliseconds: 1_717_000_000_000 + Int64(number) * 60_000), text: text)
  }

  @Test func whatAPersonDecidedHoldsInTheNextRun() async throws {
    let store = InMemoryStore()
    let complaints = (0..<12).map { review($0, "电池一点不耐用，坏了") }
    let wishes = (12..<24).map { review($0, "希望能有红色的外壳就好了") }
    _ = try await store.append(complaints + wishes + [purchase("p", by: "c0", of: "phone", amount: 30)])
    let shop = try await TestWorkspace.shop(store)
    let models = try await SmallTextModels.make()
    defer { try? FileManager.default.removeItem(at: models.cache) }

    let first = try await shop.mineVoice(models, context: FitContext())
    let colour = try #require(first.needs.first { $0.quotes.contains { $0.text.contains("红色") } })
    let battery = try #require(first.needs.first { $0.quotes.contains { $0.text.contains("电池") } })
    #expect(battery.needID != colour.needID)
    #expect(battery.customers == 12)
    #expect(battery.atStake == Money(30, currency: .usd))
    try await shop.decide(onVoiceNeed: colour.needID, .reject)
    try await shop.decide(onVoiceNeed: battery.needID, .rename("续航"))

    _ = try await shop.ingest([.success(review(30, "电池一点不耐用，坏了"))], source: "test")
    let second = try await shop.mineVoice(models, context: FitContext())
    #expect(second.rejected.map(\.needID) == [colour.needID])
    #expect(second.needs.first { $0.needID == battery.needID }?.label == "续航")
    #expect(second.needs.first { $0.needID == battery.needID }?.customers == 13)
    #expect(try await shop.voiceBoard() == second)

    // What was said of a need that is merged holds for both, and its old id still finds it.
    try await shop.decide(
      onVoiceNeed: colour.needID,
      .merge([battery.needID]))
    _ = try await shop.mineVoice(models, context: FitContext())
    try await shop.decide(onVoiceNeed: battery.needID, .confirm)
    let third = try await shop.mineVoice(models, context: FitContext())
    #expect(third.needs.first { $0.needID == colour.needID }?.label == "续航")
    #expect(third.needs.first { $0.needID == colour.needID }?.status == .confirmed)
  }

  @Test func theBoardIsTheSameAfterARestartAndReadsWhatCameMeanwhile() async throws {
    let store = InMemoryStore()
    let models = try await SmallTextModels.make()
    defer { try? FileManager.default.removeItem(at: models.cache) }
    let reviews =
      (0..<12).map { review($0, "电池一点不耐用，坏了") } + (12..<24).map { review($0, "希望能有红色的外壳就好了") }
    _ = try await store.append(reviews)
    let before = try await TestWorkspace.shop(store, textModels: models)
    try await before.mineVoice(context: FitContext())
    let board = try #require(try await before.voiceBoard())
    let battery = try #require(board.needs.first { $0.quotes.contains { $0.text.contains("电池") } })
    try await before.decide(onVoiceNeed: battery.needID, .rename("续航"))
    let renamed = try await before.voiceBoard()

    let after = try await TestWorkspace.shop(store, textModels: models)
    #expect(try await after.voiceBoard() == renamed)
    // Another process writes a review and decides: both are taken up.
    _ = try await store.append([review(40, "电池一点不耐用，坏了")])
    try await after.catchUpWithOthers()
    let grown = try await after.voiceBoard()
    #expect(grown?.needs.first { $0.needID == battery.needID }?.customers == 13)
    try await before.decide(onVoiceNeed: battery.needID, .confirm)
    try await after.catchUpWithOthers()
    #expect(
      try await after.voiceBoard()?.needs.first { $0.needID == battery.needID }?.status == .confirmed)
    // Nobody who is named has bought anything: there is no figure, not one of nothing.
    #expect(grown?.needs.allSatisfy { $0.atStake == nil } == true)
  }

  @Test func aDecisionNeedsABoardAndANeedOnIt() async throws {
    let shop = try await TestWorkspace.shop()
    await #expect(throws: ApplicationError.self) {
      try await shop.decide(onVoiceNeed: "voice-1", .confirm)
    }
  }

  @Test func modelsThatAreNotThereSayHowToGetThem() {
    let models = TextModels(cache: URL(fileURLWithPath: "/nowhere"))
    let error = #expect(throws: TextError.self) { try models.segmenter() }
    #expect(error?.description.contains("lode text train") == true)
  }
}
