import Commerce
import Customers
import Features
import Foundation
import Learning
import Testing

/// Segments of a shop whose customers buy in three ways.
@Suite struct SegmentFittingTests {
  private static let start = Timestamp(rfc3339: "2023-01-02T10:00:00Z")!
  static let days = 360

  /// Of 120 customers a third comes twice a week for much, a third once a month on promotion, a third for gifts in two months.
  /// With `movers` as many of the second kind come like the first in the last 120 days.
  static func ledger(movers: Int = 0, days: Int = days) -> SegmentLedger {
    var frame = EventFrame(currency: .usd)
    var sequence: Int64 = 0
    for customer in 0..<120 {
      let kind = customer % 3
      for day in 0..<days {
        let isFrequent = kind == 0 || (kind == 1 && customer / 3 < movers && day >= days - 120)
        let step = isFrequent ? 3 : kind == 1 ? 28 : 55
        guard (day + customer) % step == 0 else { continue }
        for line in 0..<(isFrequent ? 6 : 2) {
          sequence += 1
          frame.append(
            EventFrame.Row(
              sequence: sequence, kind: .purchase, customerID: "c\(customer)", sessionID: nil,
              itemID: isFrequent ? "food\(line)" : kind == 1 ? "deal\(day % 7)" : "gift\(day % 11)",
              orderID: "o\(customer)-\(day)", timestamp: start.adding(days: Double(day)), quantity: 1,
              amount: Money(minorUnits: isFrequent ? 500 : kind == 1 ? 200 : 9_000, currency: .usd),
              discount: kind == 1 && !isFrequent ? 1 : nil, rating: nil))
        }
      }
    }
    let items =
      (0..<6).map { Item(itemID: "food\($0)", category: "FOOD\($0)", categoryPath: ["FOOD", "FOOD\($0)"]) }
      + (0..<7).map { Item(itemID: "deal\($0)", category: "DEAL", categoryPath: ["DEALS", "DEAL"]) }
      + (0..<11).map { Item(itemID: "gift\($0)", category: "GIFT", categoryPath: ["GIFTS", "GIFT"]) }
    return SegmentLedger(frame, catalogue: CatalogueIndex(items), calendar: .utc)
  }

  static func fit(
    _ ledger: SegmentLedger, _ configuration: SegmentFitting.Configuration = .init(mapPoints: 100),
    day: Int = days - 1, previous: ShopSegments? = nil
  ) async throws -> ShopSegments {
    try await SegmentFitting(configuration).fit(
      SegmentDataset(ledger: ledger, asOf: start.adding(days: Double(day)), previous: previous),
      context: FitContext(seed: 1))
  }

  @Test func waysOfBuyingAreFoundNamedAndWeighed() async throws {
    let found = try await Self.fit(Self.ledger(), .init(segments: 3, mapPoints: 100))
    #expect(found.segments.map(\.size) == [40, 40, 40])
    for (customer, label) in zip(found.customers, found.labels) {
      let twin = found.customers.firstIndex(of: "c\((Int(customer.dropFirst()) ?? 0) % 3)")
      #expect(label == found.labels[try #require(twin)])
    }
    #expect(found.quality.stability > 0.9 && found.quality.silhouette > 0.3)
    #expect(abs(found.segments.reduce(0) { $0 + $1.spendShare } - 1) < 1e-9)
    #expect(Set(found.segments.map(\.name.en)).count == 3 && Set(found.segments.map(\.name.zh)).count == 3)
    // Alone those who wait for promotions buy all they buy at a discount.
    let promotion = try #require(found.features.firstIndex(of: "promotion_share"))
    #expect(found.segments.map { $0.means[promotion] }.sorted() == [0, 0, 1])
    #expect(found.segments.allSatisfy { !$0.traits.isEmpty && !$0.description.zh.isEmpty })
    #expect(found.groups.reduce(0) { $0 + $1.size } == 120)
    #expect(found.map.points.count == 100 && (found.map.neighbourTrust ?? 0) > 0.8)
  }

  @Test func thoseWhoMovedAndWhyAreTold() async throws {
    let found = try await Self.fit(Self.ledger(movers: 10), .init(segments: 3, mapPoints: 50))
    let snapshot = try #require(found.snapshots.first)
    let flow = try #require(snapshot.flows.first)
    #expect(flow.customers == 10)
    #expect(
      Set(flow.changes.map(\.column)).intersection(["orders", "spend", "basket_lines", "promotion_share"])
        .count >= 1)
    #expect(snapshot.sizes.reduce(0, +) == 120)
    #expect(found.snapshots.map(\.day) == found.snapshots.map(\.day).sorted())
  }

  @Test func segmentsThatFitStayAndKeepTheirIds() async throws {
    let ledger = Self.ledger(movers: 4)
    let first = try await Self.fit(ledger, day: Self.days - 8)
    let next = try await Self.fit(ledger, previous: first)
    #expect(next.centers == first.centers && next.segments.map(\.id) == first.segments.map(\.id))
    var anew = SegmentFitting.Configuration(mapPoints: 50)
    anew.isAnew = true
    let again = try await Self.fit(ledger, anew, previous: first)
    // Found anew, but mostly the same customers: the ids stay too.
    #expect(Set(again.segments.map(\.id)) == Set(first.segments.map(\.id)))
  }

  @Test func featuresOfADayDoNotSeeLaterDays() {
    let (short, long) = (Self.ledger(movers: 40, days: 200), Self.ledger(movers: 40, days: 360))
    let day = short.day(of: Self.start.adding(days: 70))
    let (a, b) = (
      short.table(through: day, days: 60, departments: ["FOOD"]),
      long.table(through: day, days: 60, departments: ["FOOD"])
    )
    #expect(a.customers == b.customers && a.spend == b.spend)
    for (own, other) in zip(a.values, b.values) {
      #expect(zip(own, other).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
    }
  }

  @Test func aSavedSegmentationIsTheSame() async throws {
    let found = try await Self.fit(Self.ledger(), .init(segments: 4, mapPoints: 50))
    #expect(found.segments.count == 4 && found.choice == nil)
    let envelope = try ModelEnvelope(found, trainedAt: found.asOf, dataFingerprint: "", metrics: [:])
    let again = try ModelEnvelope(encoded: envelope.encoded()).model(as: ShopSegments.self)
    #expect(again == found)
  }

  @Test func tooLittleIsNamed() async throws {
    await #expect(throws: SegmentsError.notEnoughDays(needed: 28, found: 20)) {
      try await Self.fit(Self.ledger(days: 20), day: 19)
    }
    await #expect(throws: SegmentsError.notEnoughCustomers(needed: 500, found: 120, days: 182)) {
      try await Self.fit(Self.ledger(), .init(fewestCustomers: 500))
    }
    await #expect(throws: SegmentsError.self) { try await Self.fit(Self.ledger(), .init(segments: 1)) }
  }

  @Test func cancellationEndsTheFit() async throws {
    let ledger = Self.ledger()
    let task = Task {
      try await SegmentFitting(.init(mapPoints: 100)).fit(
        SegmentDataset(ledger: ledger, asOf: Self.start.adding(days: 300)), context: FitContext(seed: 1))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
