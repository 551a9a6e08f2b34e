import Commerce
import Customers
import Features
import Foundation
import Learning
import MathKernels
import Patterns
import Testing

/// What a shop's orders hold, what follows them, and what bundles of it cost.
@Suite struct PatternTests {
  private static func frame(_ lines: [(customer: String?, order: String?, day: Int, item: String)])
    -> EventFrame
  {
    var frame = EventFrame()
    for (index, line) in lines.enumerated() {
      frame.append(
        EventFrame.Row(
          sequence: Int64(index + 1), kind: .purchase, customerID: line.customer, sessionID: nil,
          itemID: line.item, orderID: line.order,
          timestamp: Timestamp(milliseconds: Int64(line.day) * Timestamp.day + 3_600_000), quantity: 1,
          amount: Money(minorUnits: 300, currency: .usd), discount: nil, rating: nil))
    }
    return frame
  }

  private static let catalogue = CatalogueIndex(
    ["a", "b", "c", "d"].map { Item(itemID: $0, category: $0.uppercased()) })

  private static func orders(_ frame: EventFrame) -> OrderTable {
    OrderTable(
      frame, catalogue: catalogue, calendar: .utc, asOf: Timestamp(milliseconds: 10_000 * Timestamp.day))
  }

  @Test func linesWithoutAnOrderAreOneForEachCustomerAndDay() {
    let table = Self.orders(
      Self.frame([
        ("x", "1", 3, "a"), ("x", "1", 3, "b"), ("x", nil, 3, "c"), ("x", nil, 3, "a"), ("x", nil, 4, "a"),
        ("y", nil, 3, "a"), (nil, nil, 3, "b"), (nil, nil, 3, "c"),
      ]))
    #expect(table.count == 6 && table.firstDay == 3 && table.lastDay == 4)
    let names = (0..<table.count).map { order in
      table.codes(order, .category).map { table.categories[$0] }.sorted()
    }
    #expect(names == [["A", "B"], ["A", "C"], ["A"], ["A"], ["B"], ["C"]])
    #expect(table.baskets(.item, days: 4...4).count == 1)
  }

  @Test func whatOftenFollowsIsFoundAndWhatIsBoughtOftenAnywayIsNot() throws {
    var lines: [(customer: String?, order: String?, day: Int, item: String)] = []
    for customer in 0..<80 {
      var random = RandomSource(seed: 5, stream: UInt64(customer) + 1)
      for week in 0..<50 {
        let day = 7 * week + customer % 4
        // Half buy c every week, whatever they bought before: it follows all of their orders within eight days.
        if customer % 2 == 0 { lines.append(("k\(customer)", nil, day + 2, "c")) }
        if random.uniform() < 0.3 {
          lines.append(("k\(customer)", nil, day, "a"))
          if random.uniform() < 0.7 { lines.append(("k\(customer)", nil, day + 3, "b")) }
        } else if random.uniform() < 0.6 {
          lines.append(("k\(customer)", nil, day, "d"))
        }
      }
    }
    let table = Self.orders(Self.frame(lines))
    let found = try NextPurchases(windowDays: 8).sequences(in: table, split: 260)
    let first = try #require(found.first)
    #expect(first.first == "A" && first.next == "B" && first.holds && first.medianDays == 3)
    #expect((0.6...0.8).contains(first.share) && first.usualShare < 0.2)
    #expect(first.difference.lower > 0.3 && first.qValue < 1e-6)
    #expect(!found.contains { $0.first == "A" && $0.next == "C" })
  }

  @Test(arguments: [(0.0, 5.0), (12, 5), (40, 3), (3, 0)])
  func theLargestDiscountNeitherLosesMoneyNorLeavesAny(joint: Double, extra: Double) throws {
    let bundle = BundleEconomics(
      parts: [.init(price: 4, cost: 2.5), .init(price: 3, cost: 1.8)], jointPerWeek: joint,
      extraPerWeek: extra * 1.5,
      extraRange: ConfidenceInterval(lower: extra, upper: 2 * extra, level: 0.95))
    let largest = try #require(bundle.largestDiscount)
    #expect(bundle.price == 7 && abs((bundle.margin ?? 0) - 2.7) < 1e-12)
    let gain = try #require(bundle.weeklyGain(discount: largest, extra: extra))
    #expect(extra == 0 ? largest == 0 : gain >= -1e-9)
    if extra > 0 {
      let more = try #require(bundle.weeklyGain(discount: largest + 0.01, extra: extra))
      #expect(more < gain && more < 0.02)
    }
    let suggested = try #require(bundle.suggestedDiscount)
    #expect(suggested <= largest + 1e-12 && suggested <= BundleEconomics.mostDiscount)
  }

  @Test func withoutACostNothingIsSuggested() {
    let bundle = BundleEconomics(
      parts: [.init(price: 4, cost: nil), .init(price: 3, cost: 1)], jointPerWeek: 1, extraPerWeek: 1,
      extraRange: nil)
    #expect(bundle.price == 7 && bundle.margin == nil)
    let free = BundleEconomics(
      parts: [.init(price: nil, cost: 1), .init(price: nil, cost: 1)], jointPerWeek: 1, extraPerWeek: 1,
      extraRange: nil)
    #expect(free.largestDiscount == nil && free.suggestedDiscount == nil)
  }

  @Test func patternsSurviveSavingAndTooFewOrdersAreRefused() async throws {
    var lines: [(customer: String?, order: String?, day: Int, item: String)] = []
    for order in 0..<600 {
      var random = RandomSource(seed: 9, stream: UInt64(order) + 1)
      let day = order / 3
      if random.uniform() < 0.4 {
        lines.append(("k\(order % 50)", "\(order)", day, "a"))
        if random.uniform() < 0.8 { lines.append(("k\(order % 50)", "\(order)", day, "b")) }
      } else {
        lines.append(("k\(order % 50)", "\(order)", day, random.uniform() < 0.5 ? "c" : "d"))
      }
    }
    let patterns = try await PatternMining().fit(Self.orders(Self.frame(lines)), context: FitContext())
    let rule = try #require(patterns.rules.first { $0.antecedent == ["A"] && $0.consequent == ["B"] })
    #expect(rule.holds && abs((rule.earlier.confidence ?? 0) - 0.8) < 0.1)
    #expect(rule.earlier.orders == patterns.earlierOrders && rule.later.orders == patterns.laterOrders)
    let envelope = try ModelEnvelope(
      patterns, trainedAt: Timestamp(milliseconds: 0), dataFingerprint: "", metrics: [:])
    #expect(try ModelEnvelope(encoded: envelope.encoded()).model(as: ShopPatterns.self) == patterns)
    await #expect(throws: PatternError.self) {
      try await PatternMining().fit(Self.orders(Self.frame(Array(lines.prefix(50)))), context: FitContext())
    }
  }
}
