import Commerce
import CustomerValue
import Testing

@Suite struct TransactionLogTests {
  private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

  private func transactions() throws -> [Transaction] {
    [
      Transaction(customerID: "a", time: try time("2025-01-15T09:00:00Z"), amount: 10),
      Transaction(customerID: "a", time: try time("2025-01-01T10:00:00Z"), amount: 5),
      Transaction(customerID: "a", time: try time("2025-01-15T21:00:00Z"), amount: 20),
      Transaction(customerID: "b", time: try time("2025-01-08"), amount: 7),
      Transaction(customerID: "c", time: try time("2025-02-20")),
    ]
  }

  @Test func purchasesOfOneDayCountOnce() throws {
    let base = try TransactionLog(transactions()).customerBase(until: try time("2025-01-29"), unit: .week)
    #expect(base.ids == ["a", "b"])
    #expect(
      base.histories == [
        PurchaseHistory(frequency: 1, recency: 2, age: 4, monetaryValue: 30),
        PurchaseHistory(frequency: 0, recency: 0, age: 3),
      ])
  }

  @Test func unitsAreDaysWeeksAndMonths() throws {
    let log = try TransactionLog(transactions())
    let days = try log.customerBase(until: try time("2025-01-29"), unit: .day)
    #expect(days.histories[0].recency == 14 && days.histories[0].age == 28)
    let months = try log.customerBase(until: try time("2025-01-29"), unit: .month)
    #expect(abs(months.histories[0].age - 28 * 12 / 365.0) < 1e-12)
  }

  @Test func countsWhatCameAfterADay() throws {
    let log = try TransactionLog(transactions())
    let later = log.purchases(
      of: ["a", "c", "nobody"], after: try time("2025-01-01"), until: try time("2025-02-20"))
    #expect(later.map(\.count) == [1, 1, 0])
    #expect(later.map(\.amount) == [30, 0, 0])
  }

  @Test func countsAShopsEventsTheSame() throws {
    var frame = EventFrame(currency: .usd)
    for (index, transaction) in try transactions().enumerated() {
      frame.append(
        EventFrame.Row(
          sequence: Int64(index), kind: .purchase, customerID: transaction.customerID, sessionID: nil,
          itemID: "i", orderID: nil, timestamp: transaction.time, quantity: 1,
          amount: transaction.amount.flatMap { Money($0, currency: .usd) }, discount: nil, rating: nil))
      frame.append(
        EventFrame.Row(
          sequence: Int64(100 + index), kind: .view, customerID: "viewer", sessionID: nil, itemID: "i",
          orderID: nil, timestamp: transaction.time, quantity: nil, amount: nil, discount: nil, rating: nil))
    }
    let end = try time("2025-03-01")
    #expect(
      try TransactionLog(frame).customerBase(until: end)
        == TransactionLog(transactions()).customerBase(until: end))
  }

  @Test func refusesWhatCannotBeCounted() throws {
    let day = try time("2025-01-01")
    #expect(throws: CustomerValueError.self) { try TransactionLog([Transaction]()) }
    for amount in [-1, Double.nan, .infinity] {
      #expect(throws: CustomerValueError.self) {
        try TransactionLog([Transaction(customerID: "a", time: day, amount: amount)])
      }
    }
    #expect(throws: CustomerValueError.self) {
      try TransactionLog(transactions()).customerBase(until: try time("2024-12-31"))
    }
  }
}
