import Commerce
import Features
import Foundation
import Learning
import Needs

/// A shop whose customers buy some categories at a steady pace and try others now and then.
enum TestShop {
  static let start = Timestamp(milliseconds: 1_483_228_800_000)  // 2017-01-01
  static let categories = 8
  static let customers = 90

  static let items: [Item] = (0..<categories).map { index in
    Item(
      itemID: "item\(index)", category: "C\(index)", categoryPath: ["G\(index % 2)", "C\(index)"], brand: "B")
  }

  /// Purchases over so many days: customer k buys category c every so often, with some luck.
  static func events(days: Int = 190, seed: UInt64 = 1) -> [StoredEvent] {
    var state = seed
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53)
    }
    var events: [StoredEvent] = []
    for day in 0..<days {
      for customer in 0..<customers {
        for category in 0..<categories {
          let likes = (customer + category) % 4
          let rate = likes == 0 ? 0.15 : likes == 1 ? 0.03 : 0.004
          guard uniform() < rate else { continue }
          let sequence = Int64(events.count) + 1
          events.append(
            StoredEvent(
              sequence: sequence,
              event: Event(
                eventID: "e\(sequence)", kind: .purchase, customerID: "customer\(customer)",
                itemID: "item\(category)",
                timestamp: start.adding(days: Double(day) + 0.4), quantity: 1,
                amount: Money(Double(category) + 1, currency: .usd), orderID: "o\(day)-\(customer)")))
        }
      }
    }
    return events
  }

  static func dataset(_ events: [StoredEvent], items: [Item] = items) -> NeedDataset {
    var frame = EventFrame(currency: .usd)
    for event in events { frame.append(event) }
    return NeedDataset(frame: frame, catalogue: CatalogueIndex(items))
  }

  static let mining = NeedMining(
    .init(
      windows: 4, sampleShares: .init(bought: 1, never: 1),
      boosting: .init(rounds: 40, maxDepth: 3, minChildWeight: 5, earlyStoppingRounds: 10, threads: 2),
      stoppingShare: 1))

  static func states(_ events: [StoredEvent]) -> CustomerStates {
    var states = CustomerStates(settings: .init(), catalogue: CatalogueIndex(items), currency: .usd)
    for event in events { states.update(event) }
    return states
  }
}
