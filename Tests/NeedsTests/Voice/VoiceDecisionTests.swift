import Commerce
import Learning
import MathKernels
import Needs
import Testing
import TextAnalysis

@Suite struct VoiceDecisionTests {
  static func decide(_ need: VoiceNeed, _ action: AnalystDecision.Action) -> AnalystDecision {
    AnalystDecision(
      needID: need.needID, members: need.members, action: action, decidedAt: Timestamp(milliseconds: 0))
  }

  @Test func keepsNamesAndRejectionsWhenNewTextsCome() async throws {
    let first = try await PlantedVoice.mine(PlantedVoice.texts(300, seed: 1))
    let zipper = try #require(first.needs.first { $0.words.contains("zipper") })
    let battery = try #require(first.needs.first { $0.words.contains("battery") })
    let decisions = [
      Self.decide(zipper, .rename(label: "Sturdier zips")), Self.decide(zipper, .confirm),
      Self.decide(battery, .reject),
    ]
    let second = try await PlantedVoice.mine(
      PlantedVoice.texts(300, seed: 9, firstID: 1_000), decisions, previous: first, seed: 5)
    let kept = try #require(second.needs.first { $0.needID == zipper.needID })
    #expect(kept.label == "Sturdier zips" && kept.status == .confirmed)
    // Not one sentence of the first run is there: new ones joined by likeness.
    #expect(kept.statements > 10)
    #expect(second.rejected.map(\.needID) == [battery.needID])
    #expect(second.rejected[0].statements > 10)
  }

  @Test func mergesAndSplitsAsPeopleSay() async throws {
    let texts = PlantedVoice.texts(300, seed: 2)
    let first = try await PlantedVoice.mine(texts)
    let zipper = try #require(first.needs.first { $0.words.contains("zipper") })
    let battery = try #require(first.needs.first { $0.words.contains("battery") })
    let merge = Self.decide(zipper, .merge(others: [.init(needID: battery.needID, members: battery.members)]))
    let merged = try await PlantedVoice.mine(texts, [merge], previous: first)
    let one = try #require(merged.needs.first { $0.needID == zipper.needID })
    #expect(Set(one.members).isSuperset(of: zipper.members + battery.members))
    #expect(!(merged.needs + merged.rejected).contains { $0.needID == battery.needID })

    let part = AnalystDecision.Part(label: "Batteries", members: battery.members)
    let split = try await PlantedVoice.mine(
      texts, [merge, Self.decide(one, .split(parts: [part]))], previous: merged)
    let batteries = try #require(split.needs.first { $0.label == "Batteries" })
    let zips = try #require(split.needs.first { $0.needID == zipper.needID })
    #expect(Set(batteries.members).isSuperset(of: battery.members))
    #expect(
      Set(zips.members).isSuperset(of: zipper.members) && Set(zips.members).isDisjoint(with: battery.members))
  }

  @Test func keepsIDsOfUndecidedNeedsFromRunToRun() async throws {
    let texts = PlantedVoice.texts(400, seed: 3)
    let first = try await PlantedVoice.mine(Array(texts[..<300]))
    let second = try await PlantedVoice.mine(texts, previous: first, seed: 77)
    for word in ["zipper", "battery", "delivery"] {
      let before = Set(first.needs.filter { $0.words.contains(word) }.map(\.needID))
      let after = Set(second.needs.filter { $0.words.contains(word) }.map(\.needID))
      #expect(!before.isDisjoint(with: after), "\(word): \(before) \(after)")
    }
    #expect(Set(second.needs.map(\.needID)).count == second.needs.count)
  }

  /// Whatever people decide in whatever order, every need they touched last is in the next board with its name, its verdict and
  /// all its sentences, and no sentence is in two needs.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func losesNothingThatWasDecided(seed: UInt64) async throws {
    var random = RandomSource(seed: seed)
    var board = try await PlantedVoice.mine(PlantedVoice.texts(150, seed: seed))
    var decisions: [AnalystDecision] = []
    for round in 0..<4 {
      for step in 0..<3 {
        let all = board.needs + board.rejected
        guard all.count > 1 else { continue }
        let need = all[random.index(below: all.count)]
        let other = all[random.index(below: all.count)]
        let half = Array(need.members.prefix(need.members.count / 2))
        let actions: [AnalystDecision.Action] = [
          .confirm, .reject, .rename(label: "name \(round).\(step)"),
          .merge(
            others: other.needID == need.needID ? [] : [.init(needID: other.needID, members: other.members)]),
          .split(parts: [.init(label: "part \(round).\(step)", members: half)]),
        ]
        decisions.append(Self.decide(need, actions[random.index(below: actions.count)]))
      }
      let texts = PlantedVoice.texts(150, seed: seed &+ UInt64(round), firstID: round * 75)
      board = try await PlantedVoice.mine(texts, decisions, previous: board, seed: random.next())
      let all = board.needs + board.rejected
      let byID = Dictionary(grouping: all, by: \.needID)
      #expect(byID.values.allSatisfy { $0.count == 1 })
      for decided in DecidedNeed.applying(decisions) {
        let need = try #require(byID[decided.needID]?.first, "\(decided.needID) is lost")
        #expect(need.status == decided.status)
        if let label = decided.label { #expect(need.label == label) }
        #expect(Set(need.members.map(\.key)).isSuperset(of: decided.members.map(\.key)))
        #expect(board.rejected.contains { $0.needID == need.needID } == (decided.status == .rejected))
      }
      let keys = all.flatMap(\.members).map(\.key)
      #expect(Set(keys).count == keys.count)
    }
  }

  @Test func followsMergedNeeds() {
    func member(_ id: String) -> AnalystDecision.Member { .init(key: .init(eventID: id, start: 0), text: id) }
    func decision(_ id: String, _ members: [String], _ action: AnalystDecision.Action) -> AnalystDecision {
      AnalystDecision(
        needID: id, members: members.map(member), action: action, decidedAt: Timestamp(milliseconds: 0))
    }
    let needs = DecidedNeed.applying([
      decision("a", ["1"], .merge(others: [.init(needID: "b", members: [member("2")])])),
      decision("b", ["2", "3"], .rename(label: "both")),
      decision("c", ["4"], .merge(others: [.init(needID: "b", members: [member("2")])])),
      decision("a", [], .confirm),
    ])
    #expect(needs.map(\.needID) == ["c"])
    #expect(needs[0].members.map(\.text) == ["1", "2", "3", "4"] && needs[0].status == .confirmed)
    #expect(DecidedNeed.applying([]) == [])
  }
}
