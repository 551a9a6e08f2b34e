import Commerce
import Features
import Foundation
import Testing

@Suite struct CustomerProfileTests {
  private func profile() throws -> CustomerProfile {
    var states = TestShop.states([])
    var sequence: Int64 = 0
    func buy(_ customer: String, day: Double, item: String, amount: Double, discount: Double? = nil) {
      sequence += 1
      states.update(
        StoredEvent(
          sequence: sequence,
          event: Event(
            eventID: "\(sequence)", kind: .purchase, customerID: customer, itemID: item,
            timestamp: TestShop.start.adding(days: day), quantity: 1, amount: Money(amount, currency: .usd),
            orderID: "\(customer)\(day)", properties: discount.map { ["discount": .number($0)] } ?? [:])))
    }
    for week in 0..<6 {
      buy("a", day: Double(week) * 7 + 0.75, item: "item1", amount: 2, discount: week < 3 ? 1 : nil)
    }
    buy("a", day: 35.75, item: "item2", amount: 8)
    for week in 0..<6 { buy("b", day: Double(week) * 7, item: "item1", amount: 1) }
    return try #require(
      states.profile(of: "a", unitPrices: states.unitPrices(), asOf: TestShop.start.adding(days: 44)))
  }

  @Test func numbersFollowFromTheEvents() throws {
    let profile = try profile()
    #expect(profile.orders == 6)
    #expect(profile.recencyDays == 9)
    #expect(profile.tenureDays == 44)
    #expect(profile.itemsBought == 7)
    #expect(profile.spend == Money(20, currency: .usd))
    #expect(abs(profile.ordersPer28Days - 6 * 28 / 45) < 1e-9)
    #expect(profile.averageOrderValue == Money(minorUnits: 333, currency: .usd))
    #expect(profile.categories.map(\.category) == ["C1", "C2"])
    #expect(profile.categories[0].cycleDays == 7)
    #expect(profile.categories[0].daysSince == 9)
    #expect(profile.categories[0].dueInDays == -2)
    #expect(profile.categories[1].cycleDays == nil)
    #expect(profile.discountShare == 3.0 / 7)
    #expect(profile.hours[18] == 1)
    // 2017-01-01 was a Sunday.
    #expect(profile.weekdays[6] == 1)
    #expect(profile.repeatShare == 5.0 / 7)
    // 6 units at 2 and one at 8, where all pay 1.5 and 8.
    #expect(abs(try #require(profile.priceLevel) - 20.0 / 17) < 1e-9)
    #expect(abs(profile.categories.reduce(0) { $0 + $1.affinity } - 1) < 1e-9)
    #expect(profile.spendByWeek.count == 8)
    #expect(profile.spendByWeek[0].week == "2016-12-26")
    #expect(profile.spendByWeek.reduce(0) { $0 + $1.spend } == 20)
  }

  @Test func sentencesSayItInBothLanguages() throws {
    let sentences = try profile().sentences
    #expect(sentences.en.first == "Shops about every 7 days, last 9 days ago; an order comes to $3.33.")
    #expect(sentences.zh.first == "平均每 7 天购物一次，最近一次是9 天前；每单约 $3.33。")
    #expect(sentences.en.count == sentences.zh.count)
    #expect(sentences.en.contains { $0.hasPrefix("C1 is due") })
  }

  @Test func jsonHasEveryKeyEvenWhenNothingIsKnown() throws {
    var states = TestShop.states([])
    states.update(
      StoredEvent(
        sequence: 1,
        event: Event(eventID: "1", kind: .view, customerID: "a", itemID: "item1", timestamp: TestShop.start)))
    let profile = try #require(states.profile(of: "a", unitPrices: [:], asOf: TestShop.start))
    #expect(profile.sentences.en == ["Has not bought anything yet."])
    let json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(profile)) as? [String: Any])
    #expect(
      Set(json.keys) == [
        "sentences", "recency_days", "orders", "items_bought", "spend", "average_order_value",
        "orders_per_28_days",
        "tenure_days", "categories", "brands", "hours", "weekdays", "discount_share", "price_level",
        "basket_size",
        "basket_categories", "repeat_share", "spend_by_week",
      ])
    #expect(json["recency_days"] is NSNull)
  }
}
