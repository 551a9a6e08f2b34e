import Features
import Foundation
import Learning
import MathKernels
import Needs
import Testing

@Suite struct ProfileEvaluationTests {
  static func windows(_ data: NeedDataset) throws -> ProfileWindows {
    try ProfileWindows(data, windows: 4, stepDays: 14)
  }

  @Test func comparesOnTheDaysAndPairsOfTheNeeds() async throws {
    let data = TestShop.dataset(TestShop.events(seed: 4))
    let mined = try await TestShop.mining.mine(data, context: FitContext(seed: 3))
    var evaluation = ProfileEvaluation(try Self.windows(data), seed: 3)
    try evaluation.addBaselines()
    for row in mined.evaluation.table where row.name != NeedEvaluation.boosting {
      let own = try #require(evaluation.table.first { $0.name == row.name })
      for (name, value) in row.metrics {
        #expect(abs(try #require(own.metrics[name]) - value) < 1e-9, "\(row.name) \(name)")
      }
    }
    try await evaluation.add(ProfileConcatenation(.init(width: 12)), context: FitContext(seed: 3))
    let fused = try #require(evaluation.table.last)
    let popularity = try #require(evaluation.table.first)
    #expect(fused.modes == ["behaviour", "item_attributes"] && fused.width == 12)
    #expect(try #require(fused.metrics["auc"]) > #require(popularity.metrics["auc"]) + 0.1)
    for row in evaluation.table {
      for name in ["ndcg@10", "auc", "brier", "ece"] {
        let (value, interval) = (try #require(row.metrics[name]), try #require(row.intervals[name]))
        #expect(interval.lower <= interval.upper)
        // Resampling customers makes the calibration error of a sample larger, not smaller.
        #expect(name == "ece" || (interval.lower - 1e-3...interval.upper + 1e-3).contains(value), "\(name)")
      }
    }
  }

  @Test func withoutProfilesTheStudyIsTheMiningItself() async throws {
    let data = TestShop.dataset(TestShop.events(seed: 5))
    let mined = try await TestShop.mining.mine(data, context: FitContext(seed: 3))
    let report = try await ProfileStudy(TestShop.mining).run(
      data, windows: try Self.windows(data), fusions: [ProfileConcatenation(.init(width: 6))],
      context: FitContext(seed: 3))
    let (own, theirs) = (report.metrics["without.test"], mined.evaluation.learned?.metrics)
    for name in ["ndcg@10", "auc", "brier", "ece"] {
      #expect(abs(try #require(own?[name]) - #require(theirs?[name])) < 1e-9, "\(name)")
    }
    #expect(report.rounds["without"] == mined.evaluation.rounds)
    #expect(report.metrics["with.test"] != report.metrics["without.test"])
    #expect(Set(report.differences.keys) == ["validation", "test"])
  }

  @Test func theHeadStatesTheSharesThatItSaw() throws {
    var random = RandomSource(seed: 12)
    let (rows, categories) = (600, 5)
    let vectors = Matrix<Float>(rows: rows, columns: 3, (0..<rows * 3).map { _ in Float(random.normal()) })
    // From one in a hundred to one half, each leaning on another column.
    let constants = [-4.5, -3, -2, -1, 0.0]
    let bought = (0..<rows * categories).map { index -> Float in
      let (row, category) = (index / categories, index % categories)
      let margin = constants[category] + 1.5 * Double(vectors[row, category % 3])
      return random.uniform() < 1 / (1 + exp(-margin)) ? 1 : 0
    }
    let head = try PurchaseHead(.init(penalties: [1], rounds: 60)).fit(
      vectors, bought: bought, validation: (vectors, bought))
    let margins = head.margins(vectors)
    for category in 0..<categories {
      let places = stride(from: category, to: margins.count, by: categories)
      let stated = places.reduce(0.0) { $0 + 1 / (1 + exp(-Double(margins[$1]))) }
      let seen = places.reduce(0.0) { $0 + Double(bought[$1]) }
      // The constant carries no penalty: at the optimum the sums agree.
      #expect(abs(stated - seen) < 0.02 * seen + 0.05, "category \(category): \(stated) of \(seen)")
      let area = ClassificationMetrics.areaUnderROC(
        scores: places.map { Double(margins[$0]) }, labels: places.map { bought[$0] > 0 })
      #expect(area > 0.75, "category \(category)")
    }
  }

  @Test func shortLogsAreRefused() {
    let data = TestShop.dataset(TestShop.events(days: 90, seed: 6))
    #expect(throws: NeedError.self) { try ProfileWindows(data) }
    #expect(throws: NeedError.self) {
      try ProfileWindows(TestShop.dataset(TestShop.events(seed: 6)), stepDays: 5)
    }
  }
}
