import Commerce
import Testing

@Suite struct EventSelectionTests {
  @Test func aSelectionHoldsTheEventsOfItsCustomersAsTheyWere() {
    var frame = EventFrame(currency: .cny)
    for number in 0..<20 {
      frame.append(
        EventFrame.Row(
          sequence: Int64(number + 1), kind: number % 2 == 0 ? .purchase : .view,
          customerID: number % 5 == 4 ? nil : "c\(number % 4)", sessionID: "s\(number)",
          itemID: "i\(number % 3)",
          orderID: number % 2 == 0 ? "o\(number)" : nil,
          timestamp: Timestamp(milliseconds: Int64(number) * 1000),
          quantity: 2, amount: Money(Double(number) + 0.25, currency: .cny),
          discount: number % 3 == 0 ? 0.5 : nil,
          rating: nil))
    }
    let selection = frame.selecting { frame.customers[$0] != "c1" }
    let kept = (0..<20).filter { frame.customer[$0] < 0 || frame.customers[frame.customer[$0]] != "c1" }
    #expect(selection.sequence == kept.map { frame.sequence[$0] })
    #expect(
      selection.amount == kept.map { frame.amount[$0] }
        && selection.discount == kept.map { frame.discount[$0] })
    #expect(
      selection.kind == kept.map { frame.kind[$0] } && selection.timestamp == kept.map { frame.timestamp[$0] }
    )
    #expect(selection.item.map { selection.items[$0] } == kept.map { frame.items[frame.item[$0]] })
    #expect(Set(selection.customers.ids) == ["c0", "c2", "c3"])
    #expect(selection.currency == .cny && kept.count < 20)
  }
}
