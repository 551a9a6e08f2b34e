import Commerce
import Features
import Foundation

/// A small shop with every kind of event that features read.
enum TestShop {
  static let start = Timestamp(milliseconds: 1_483_228_800_000)  // 2017-01-01

  static let items: [Item] = (0..<30).map { index in
    Item(
      itemID: "item\(index)", category: index == 29 ? nil : "C\(index % 7)",
      categoryPath: ["G\(index % 2)", "C\(index % 7)"],
      brand: "B\(index % 3)")
  }

  static let kinds: [EventKind] = [
    .purchase, .purchase, .purchase, .purchase, .view, .view, .cartAdd, .cartRemove, .search, .refund,
  ]

  /// Events in time order.
  static func events(_ count: Int, seed: UInt64, days: Double = 200) -> [StoredEvent] {
    var state = seed
    func next(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    let step = days / Double(max(1, count))
    return (0..<count).map { index in
      let kind = kinds[next(kinds.count)]
      let item = kind == .search ? nil : "item\(next(30))"
      let day = Int(Double(index) * step)
      let customer = "customer\(next(12))"
      return StoredEvent(
        sequence: Int64(index) + 1,
        event: Event(
          eventID: "e\(index)", kind: kind, customerID: customer,
          sessionID: next(3) == 0 ? "s\(day)\(customer)" : nil,
          itemID: item, timestamp: start.adding(days: Double(index) * step), quantity: Double(next(3) + 1),
          amount: Money(Double(next(900) + 100) / 100, currency: .usd),
          orderID: kind == .purchase ? "o\(day)\(customer)" : nil,
          properties: next(3) == 0 ? ["discount": .number(0.5)] : [:]))
    }
  }

  static func frame(_ events: [StoredEvent]) -> EventFrame {
    var frame = EventFrame(currency: .usd)
    for event in events { frame.append(event) }
    return frame
  }

  static func states(_ events: [StoredEvent], settings: FeatureSettings = .init()) -> CustomerStates {
    CustomerStates(settings: settings, catalogue: CatalogueIndex(items), currency: .usd)
  }
}
