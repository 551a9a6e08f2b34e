import Foundation
import MathKernels
import Testing

@Suite struct CalibrationTests {
  @Test func isotonicAgreesWithScikitLearn() throws {
    let curve = try IsotonicRegression(
      scores: [0.1, 0.2, 0.2, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], labels: [0, 0, 1, 1, 0, 0, 1, 0, 1, 1])
    let expected = [0, 0.2, 0.4, 0.4, 0.45, 0.5, 0.75, 1]
    for (score, value) in zip([0, 0.15, 0.3, 0.45, 0.55, 0.65, 0.75, 1], expected) {
      #expect(abs(curve(score) - value) < 1e-12)
    }
    #expect(curve(.nan).isFinite)
    let decoded = try JSONDecoder().decode(IsotonicRegression.self, from: JSONEncoder().encode(curve))
    #expect(decoded == curve)
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func isotonicNeverDecreasesAndKeepsTheMean(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let scores = (0..<300).map { _ in (random.uniform() * 50).rounded() }
    let labels = scores.map { random.uniform() < $0 / 60 ? 1.0 : 0.0 }
    let curve = try IsotonicRegression(scores: scores, labels: labels)
    let values = scores.sorted().map { curve($0) }
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(abs(Statistics.mean(values) - Statistics.mean(labels)) < 1e-9)
  }

  @Test func isotonicRefusesWhatItCannotLearnFrom() {
    #expect(throws: MathError.self) { try IsotonicRegression(scores: [], labels: []) }
    #expect(throws: MathError.self) { try IsotonicRegression(scores: [1, 2], labels: [1]) }
    #expect(throws: MathError.self) { try IsotonicRegression(scores: [.nan], labels: [1]) }
  }

  @Test func plattAgreesWithScikitLearn() throws {
    let curve = try PlattScaling(
      scores: [-2, -1.5, -0.3, 0, 0.4, 1, 1.2, 2.5],
      labels: [false, false, true, false, false, true, true, true])
    #expect(abs(curve.slope - -0.8031041917979055) < 1e-4)
    #expect(abs(curve.offset - 0.13531845173216514) < 1e-4)
    #expect(curve(1000) <= 1 && curve(-1000) >= 0)
  }

  @Test func plattStaysFiniteWhenScoresDoNotDiffer() throws {
    let curve = try PlattScaling(scores: [1, 1, 1, 1], labels: [true, false, true, true])
    #expect(abs(curve(1) - 0.7) < 0.1)
  }

  @Test func calibrationErrorIsTheWeightedGap() {
    let predictions = [0.1, 0.1, 0.9, 0.9]
    let labels = [false, true, true, true]
    // Bin at .1: stated .1, observed .5; bin at .9: stated .9, observed 1.
    #expect(abs(Calibration.expectedError(predictions: predictions, labels: labels, bins: 10) - 0.25) < 1e-12)
    #expect(abs(Calibration.brierScore(predictions: predictions, labels: labels) - 0.21) < 1e-12)
    let bins = Calibration.reliability(
      predictions: predictions, labels: labels, bins: 2, binning: .equalCount)
    #expect(bins.map(\.count) == [2, 2])
    #expect(bins.map(\.observedRate) == [0.5, 1])
  }

  @Test func probabilityOneFallsInTheLastBin() {
    #expect(
      Calibration.reliability(predictions: [1, 0, -0.5, 2], labels: [true, false, false, true], bins: 4).count
        == 2)
  }
}
