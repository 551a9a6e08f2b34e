import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

/// Tastes of customers by what they buy together.
@Suite struct BasketTopicsTests {
  /// Sixty customers of two tastes, with a little of the other one, and milk that all buy.
  private static let baskets: [BasketTopics.Basket] = {
    var random = RandomSource(seed: 5)
    let tastes = [["tea", "cake", "jam", "honey"], ["beer", "crisps", "nuts", "salsa"]]
    return (0..<60).map { customer in
      let items = (0..<20).map { _ in
        tastes[random.uniform() < 0.9 ? customer % 2 : 1 - customer % 2][random.index(below: 4)]
      }
      return .init(customer: "c\(customer)", items: items + ["milk", "milk"])
    }
  }()

  private func fit(_ seed: UInt64 = 1) async throws -> BasketTopicsModel {
    try await BasketTopics(.init(tastes: 2, epochs: 60)).fit(Self.baskets, context: FitContext(seed: seed))
  }

  @Test func plantedTastesAreFoundWithTheirItems() async throws {
    let model = try await fit()
    for customer in model.labels.indices { #expect(model.labels[customer] == model.labels[customer % 2]) }
    #expect(model.tastes.map(\.size) == [30, 30])
    let found = Set(model.tastes.map { Set($0.items.prefix(4).map(\.name)) })
    #expect(found == [["tea", "cake", "jam", "honey"], ["beer", "crisps", "nuts", "salsa"]])
    #expect(model.tastes.allSatisfy { $0.items[0].lift > 1 && !$0.items.contains { $0.name == "milk" } })
  }

  @Test func mixturesAreSharesAndTheSameSeedGivesTheSame() async throws {
    let (first, second) = (try await fit(), try await fit())
    #expect(first == second)
    #expect(first.mixtures.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-9 })
    let again = try JSONDecoder().decode(BasketTopicsModel.self, from: JSONEncoder().encode(first))
    #expect(again == first)
  }

  @Test func fewerCustomersThanTastesAreRefused() async {
    await #expect(throws: SegmentationError.notEnoughData(needed: 5, found: 3)) {
      try await BasketTopics(.init(tastes: 5)).fit(
        Array(Self.baskets.prefix(3)), context: FitContext(seed: 1))
    }
  }
}
