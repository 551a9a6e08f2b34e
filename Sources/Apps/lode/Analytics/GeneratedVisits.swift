import Commerce
import MathKernels

/// Visits of random customers to a made-up shop, in order of time: a thousand at a time, some eight events each.
struct GeneratedVisits {
  let events: Int
  let customers: Int
  let seed: UInt64

  private static let itemCount = 20_000
  private static let channels = ["web", "app", "search ad", "mail", "shop"]
  /// How often each kind comes in a thousand.
  private static let kinds: [(EventKind, Int)] = [
    (.view, 560), (.listView, 120), (.search, 110), (.click, 60), (.cartAdd, 80), (.checkout, 20),
    (.purchase, 46),
    (.refund, 4),
  ]

  /// The made-up catalogue.
  var items: [Item] {
    (0..<Self.itemCount).map {
      Item(itemID: "item \($0)", category: "category \($0 % 200)", brand: "brand \($0 % 90)")
    }
  }

  private struct Visit {
    var customer: Int
    var session: Int
    var order: Int
  }

  /// The events as a frame.
  func frame() -> EventFrame {
    var frame = EventFrame(currency: .usd)
    frame.reserveCapacity(events + 2000)
    let customerIDs = (0..<customers).map { "customer \($0)" }
    let itemIDs = (0..<Self.itemCount).map { "item \($0)" }
    var random = RandomSource(seed: seed)
    var nextSession = 0
    func visit(_ random: inout RandomSource) -> Visit {
      nextSession += 1
      // Some customers come far more often than others.
      let customer = random.index(below: random.index(below: customers) + 1)
      return Visit(customer: customer, session: nextSession, order: nextSession)
    }
    var visits = (0..<min(1000, customers)).map { _ in visit(&random) }
    let step = 365 * Timestamp.day / Int64(events)
    for number in 0..<events {
      let place = random.index(below: visits.count)
      frame.append(row(number, visits[place], customerIDs, itemIDs, step, &random))
      if random.index(below: 8) == 0 { visits[place] = visit(&random) }
    }
    return frame
  }

  private func row(
    _ number: Int, _ visit: Visit, _ customerIDs: [String], _ itemIDs: [String], _ step: Int64,
    _ random: inout RandomSource
  ) -> EventFrame.Row {
    var draw = random.index(below: 1000)
    var kind = EventKind.view
    for (each, weight) in Self.kinds {
      kind = each
      if draw < weight { break }
      draw -= weight
    }
    let isPaid = kind == .purchase || kind == .refund
    let item = random.index(below: random.index(below: Self.itemCount) + 1)
    return EventFrame.Row(
      sequence: Int64(number + 1), kind: kind, customerID: customerIDs[visit.customer],
      sessionID: "s\(visit.session)", itemID: kind == .search ? nil : itemIDs[item],
      orderID: isPaid ? "o\(visit.order)" : nil,
      timestamp: Timestamp(milliseconds: 1_483_228_800_000 + Int64(number) * step),
      quantity: isPaid ? 1 : nil,
      amount: isPaid ? Money(minorUnits: Int64(100 + random.index(below: 20_000)), currency: .usd) : nil,
      discount: nil, rating: nil, channel: Self.channels[visit.session % Self.channels.count])
  }

  /// Some more events of customers that are there, after all of a frame.
  func laterRows(_ count: Int, after frame: EventFrame) -> [EventFrame.Row] {
    var random = RandomSource(seed: seed &+ 1)
    let last = frame.lastTimestamp?.milliseconds ?? 0
    return (0..<count).map { number in
      EventFrame.Row(
        sequence: Int64(frame.count + number + 1), kind: .view,
        customerID: frame.customers[Int32(random.index(below: frame.customers.count))], sessionID: nil,
        itemID: nil,
        orderID: nil, timestamp: Timestamp(milliseconds: last + Int64(number)), quantity: nil, amount: nil,
        discount: nil, rating: nil)
    }
  }
}
