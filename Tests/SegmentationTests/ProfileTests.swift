import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

struct ProfileTests {
  @Test func equalValuesHaveEqualQuintiles() {
    #expect(RecencyFrequencyMonetary.quintiles([1, 2, 3, 4, 5]) == [1, 2, 3, 4, 5])
    #expect(RecencyFrequencyMonetary.quintiles([1, 1, 1, 1, 1, 1, 9]) == [3, 3, 3, 3, 3, 3, 5])
    #expect(RecencyFrequencyMonetary.quintiles([7, 7, 7]) == [3, 3, 3])
    #expect(RecencyFrequencyMonetary.quintiles([]) == [])
  }

  @Test func purchasesBecomeScoredCustomers() throws {
    var purchases: [RecencyFrequencyMonetary.Purchase] = []
    for customer in 1...10 {
      for purchase in 0..<customer {
        purchases.append(
          .init(customer: "c\(customer)", day: Double(customer * 10 - purchase), amount: 5))
      }
    }
    purchases.append(.init(customer: "later", day: 500, amount: 1))
    let scored = try RecencyFrequencyMonetary().score(purchases, asOf: 100)
    #expect(scored.count == 10)
    #expect(scored[9].recencyDays == 0 && scored[9].frequency == 10 && scored[9].monetary == 50)
    #expect(scored[9].cell == .champions && scored[0].cell == .lost)
    #expect(scored[0].cell.wording.zh == "已流失客户")
    #expect(throws: SegmentationError.self) {
      try RecencyFrequencyMonetary().score([.init(customer: "a", day: 1, amount: .nan)], asOf: 2)
    }
  }

  @Test func everyCellIsReachedAndEveryScoreHasOne() {
    let cells = (1...5).flatMap { recency in (1...5).map { RFMCell(recency: recency, value: $0) } }
    #expect(Set(cells) == Set(RFMCell.allCases))
    #expect(RFMCell(recency: 5, value: 5) == .champions && RFMCell(recency: 1, value: 1) == .lost)
    #expect(RFMCell(recency: 1, value: 5) == .cannotLose && RFMCell(recency: 5, value: 1) == .new)
  }

  private func table(_ count: Int, noise: Int = 0, seed: UInt64 = 1) throws -> (CustomerTable, [Int]) {
    var random = RandomSource(seed: seed)
    let labels = (0..<count).map { $0 % 3 }
    var columns: [CustomerTable.Column] = [
      .init(name: "spend", .numbers(labels.map { ($0 == 0 ? 30 : 10) + 5 * random.normal() })),
      .init(
        name: "city", .categories(labels.map { $0 == 1 || random.uniform() < 0.1 ? "Xi'an" : "Beijing" })),
    ]
    for index in 0..<noise {
      columns.append(.init(name: "noise\(index)", .numbers(labels.map { _ in random.normal() })))
    }
    return (try CustomerTable(ids: labels.indices.map { "c\($0)" }, columns: columns), labels)
  }

  @Test func profilesNameWhatSetsSegmentsApart() throws {
    let (table, labels) = try table(300, noise: 20)
    let profiles = try SegmentProfiles().profiles(of: table, labels)
    let spend = try #require(profiles[0].traits.first)
    #expect(spend.column == "spend" && abs(spend.effect - 4) < 0.6 && abs(spend.inside - 30) < 2)
    #expect(profiles[1].traits.contains { $0.category == "Xi'an" && $0.inside == 1 && $0.effect > 1 })
    #expect(profiles[0].name.en.hasPrefix("very high spend") && profiles[0].name.zh.hasPrefix("spend很高"))
    #expect(Set(profiles.map(\.name.en)).count == 3)
    #expect(profiles.map(\.size) == [100, 100, 100])
    // Noise is no trait, although 60 differences of it were tested.
    #expect(profiles.flatMap(\.traits).allSatisfy { !$0.column.hasPrefix("noise") })
  }

  /// Welch's test of these ten numbers has t = −1.3484 and p = .2250 on 6.17 degrees of freedom, by SciPy 1.17.1.
  @Test func pValuesAreWelchs() throws {
    let table = try CustomerTable(
      ids: (0..<10).map { "\($0)" },
      columns: [.init(name: "x", .numbers([1, 2, 3, 4, 5, 2, 3, 4, 9, 7]))])
    let profiles = try SegmentProfiles(leastEffect: 0, largestQValue: 1).profiles(
      of: table, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    let trait = try #require(profiles[0].traits.first)
    #expect(abs(trait.qValue - 0.22495332) < 1e-6)
  }

  @Test func gapsAndSingleCustomersHaveNoTraits() throws {
    let table = try CustomerTable(
      ids: ["a", "b", "c"],
      columns: [.init(name: "x", .numbers([.nan, 2, 3])), .init(name: "y", .numbers([.nan, .nan, .nan]))])
    let profiles = try SegmentProfiles().profiles(of: table, [0, 1, 1])
    #expect(profiles.allSatisfy { $0.traits.isEmpty && $0.name.en.hasPrefix("Nothing") })
    #expect(throws: SegmentationError.self) { try SegmentProfiles().profiles(of: table, [0]) }
  }

  @Test func migrationSaysWhoMovedAndWhatChanged() throws {
    let before = try CustomerTable(
      ids: ["a", "b", "c", "d", "gone"], columns: [.init(name: "orders", .numbers([1, 1, 5, 6, 2]))])
    let after = try CustomerTable(
      ids: ["d", "c", "b", "a", "new"], columns: [.init(name: "orders", .numbers([6, 5, 9, 1, 3]))])
    let migration = try SegmentMigration(
      before: (before, [0, 0, 1, 1, 0]), after: (after, [1, 1, 1, 0, 0]), segments: 2)
    #expect(migration.counts == [[1, 1], [0, 2]])
    #expect(migration.left == ["gone"] && migration.joined == ["new"] && migration.stayed == 0.75)
    let flow = try #require(migration.flows.first)
    #expect(migration.flows.count == 1 && flow.customers == ["b"] && (flow.from, flow.to) == (0, 1))
    #expect(flow.share == 0.5 && flow.changes[0].before == 1 && flow.changes[0].after == 9)
    #expect(flow.changes[0].effect > 1)
    #expect(throws: SegmentationError.self) {
      try SegmentMigration(before: (before, [0]), after: (after, [0]), segments: 2)
    }
    #expect(throws: SegmentationError.self) {
      try SegmentMigration(
        before: (before, [0, 0, 1, 1, 7]), after: (after, [1, 1, 1, 0, 0]), segments: 2)
    }
  }
}
