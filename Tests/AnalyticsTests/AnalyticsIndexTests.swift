import Analytics
import Commerce
import MathKernels
import Testing

@Suite struct AnalyticsIndexTests {
  private func frame(_ seed: UInt64, _ count: Int) -> EventFrame {
    var (random, frame) = (RandomSource(seed: seed), EventFrame())
    for number in 0..<count {
      // More and more customers, and some events that arrive late.
      let customer = random.index(below: 5 + number / 10)
      frame.append(
        EventFrame.Row(
          sequence: Int64(number + 1), kind: EventKind.allCases[random.index(below: 5)],
          customerID: customer == 0 ? nil : "c\(customer)", sessionID: nil, itemID: nil, orderID: nil,
          timestamp: Timestamp(milliseconds: Int64(number * 10 - random.index(below: 60))), quantity: nil,
          amount: nil,
          discount: nil, rating: nil))
    }
    return frame
  }

  @Test(arguments: 0..<30)
  func anExtendedIndexIsThatOfTheWholeFrame(_ seed: UInt64) {
    let whole = AnalyticsIndex(frame(seed, 300))
    var index = AnalyticsIndex(frame(seed, 120))
    for count in [120, 121, 190, 300] { index.extend(to: frame(seed, count)) }
    #expect(index.rows == whole.rows)
    #expect(index.times == whole.times)
    #expect(index.kinds == whole.kinds)
    #expect(index.starts == whole.starts)
    #expect(index.covered == 300)
  }

  @Test func eachCustomersEventsAreInOrderOfTimeAndArrival() {
    let frame = frame(7, 300)
    let index = AnalyticsIndex(frame)
    #expect(index.rows.count == frame.customer.count { $0 >= 0 })
    for customer in 0..<index.customerCount {
      let part = index.positions(of: customer)
      #expect(index.rows[part].allSatisfy { frame.customer[Int($0)] == Int32(customer) })
      let keys = part.map { (index.times[$0], index.rows[$0]) }
      #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
    }
  }
}
