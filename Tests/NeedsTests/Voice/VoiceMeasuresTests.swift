import Commerce
import Learning
import MathKernels
import Needs
import Testing

@Suite struct VoiceMeasuresTests {
  /// Reviews whose stars fall with broken zippers and rise with praise of the color alone.
  @Test func tellsWhatDispleasesFromWhatDelights() async throws {
    var random = RandomSource(seed: 1)
    let texts = (0..<600).map { id -> VoiceText in
      let drawn = id % 6
      let said =
        [
          "The zipper broke.", "The zipper is great.", "Terrible color, I hate the color.",
          "Great color, love the color.", "A bag.", "It is here.",
        ][drawn]
      let effect = [-2, 0, 0, 1, 0, 0][drawn]
      return VoiceText(
        eventID: "e\(id)", text: said, customerID: "c\(id)", timestamp: Timestamp(milliseconds: 0),
        rating: 3.5 + Double(effect) + 0.3 * random.normal())
    }
    let board = try await PlantedVoice.mine(texts)
    let zipper = try #require(board.needs.first { $0.words.contains("zipper") }?.kano)
    let color = try #require(board.needs.first { $0.words.contains("color") }?.kano)
    #expect(zipper.kanoClass == .mustBe && color.kanoClass == .attractive)
    // The mean of the texts without mention of either side is the base: 3.5 and, with the others' effects, a little off.
    #expect(abs(zipper.penalty + 2.25) < 0.15 && zipper.penaltyPValue < 1e-6)
    #expect(abs(color.reward - 1.5) < 0.2 && color.rewardPValue < 1e-6)
  }

  @Test func saysNothingOfKanoWithoutRatings() async throws {
    let texts = (0..<100).map {
      VoiceText(
        eventID: "e\($0)", text: "The zipper broke.", customerID: "c\($0)",
        timestamp: Timestamp(milliseconds: 0))
    }
    #expect(try await PlantedVoice.mine(texts).needs.allSatisfy { $0.kano == nil && $0.trend == nil })
  }
}
