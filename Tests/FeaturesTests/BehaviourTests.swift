import Commerce
import Features
import Foundation
import Testing

@Suite struct BehaviourTests {
  /// What made-up customers buy by: any of them may be changed for one customer.
  private struct Habits {
    var days: (Int) -> Bool = { _ in true }
    var cut = 0.3
    var brand: Int?
    var stocksUp = false
    var seasonal = false
  }

  private static let items = (0..<40).map {
    Item(itemID: "i\($0)", category: "C\($0 / 4)", brand: "B\($0 % 4)")
  }
  /// The fortnights before Valentine's Day and Christmas of 2017 and 2018.
  private static let seasons = [17_198, 17_512, 17_563, 17_877].map {
    GiftSeason(name: "season", days: Int32($0)...Int32($0 + 13))
  }

  /// A year and a half of a shop of sixty customers who buy at random, but for some of them by a habit.
  private func shop(_ habits: [Int: Habits], seed: UInt64 = 1, customers: Int = 60) -> EventFrame {
    var state = seed &* 7_919 &+ 13
    func next(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    var frame = EventFrame(currency: .usd)
    for customer in 0..<customers {
      let habit = habits[customer] ?? Habits()
      var last = 0
      for day in 0..<540 where next(habits[customer] == nil ? 6 : 4) == 0 && habit.days(day) {
        let date = TestShop.start.adding(days: Double(day) + 0.4)
        let lines = habit.stocksUp ? 1 + (day - last) / 2 : 1 + next(4)
        last = day
        for _ in 0..<min(12, lines) { line(customer, habit, date, category: next(9)) }
        let isBefore = Self.seasons.contains { $0.days.contains(Int32(17_167 + day)) }
        if habit.seasonal ? isBefore : next(8) == 0 { line(customer, habit, date, category: 9) }
      }
    }
    func line(_ customer: Int, _ habit: Habits, _ date: Timestamp, category: Int) {
      let item = 4 * category + (habit.brand ?? next(4))
      frame.append(
        EventFrame.Row(
          sequence: Int64(frame.count) + 1, kind: .purchase, customerID: "c\(customer)", sessionID: nil,
          itemID: "i\(item)", orderID: nil, timestamp: date, quantity: 1,
          amount: Money(2, currency: .usd), discount: Double(next(1000)) < 1000 * habit.cut ? 0.5 : nil,
          rating: nil))
    }
    return frame
  }

  private func patterns(of customer: Int, in frame: EventFrame) -> [BehaviourPattern] {
    let market = BehaviourMarket(
      frame, catalogue: CatalogueIndex(Self.items), calendar: .utc, seasons: Self.seasons)
    return market.patterns(
      of: rows(of: customer, in: frame), in: frame, asOf: TestShop.start.adding(days: 600))
  }

  private func rows(of customer: Int, in frame: EventFrame) -> [Int32] {
    let index = frame.customers.index(of: "c\(customer)")
    return (0..<Int32(frame.count)).filter { frame.customer[Int($0)] == index }
  }

  private func found(_ habit: Habits, seed: UInt64) -> [BehaviourPattern] {
    patterns(of: 7, in: shop([7: habit], seed: seed)).filter(\.isFound)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func plantedHabitsAreFound(seed: UInt64) throws {
    // 2017-01-01 was a Sunday: day 6 a Saturday.
    let saturdays = try #require(found(Habits(days: { $0 % 7 == 6 || $0 % 14 == 3 }), seed: seed).first)
    #expect(saturdays.kind == .weekday && saturdays.detail.contains("saturday"))
    #expect(saturdays.evidence.count == 3 && saturdays.qValue <= 0.05)
    let payday = found(Habits(days: { $0 * 100 % 3044 < 600 || $0 % 9 == 0 }), seed: seed)
    #expect(payday.contains { $0.kind == .payday && (Int($0.detail[0]) ?? 99) <= 8 })
    #expect(found(Habits(cut: 0.9), seed: seed).map(\.kind) == [.promotion])
    #expect(found(Habits(stocksUp: true), seed: seed).contains { $0.kind == .stockUpAfterPause })
    let seasonal = found(Habits(seasonal: true), seed: seed).filter { $0.kind == .giftSeason }
    #expect(seasonal.map(\.category) == ["C9"])
    let loyal = found(Habits(brand: 2), seed: seed)
    #expect(loyal.count >= 5 && loyal.allSatisfy { $0.kind == .brandLoyalty && $0.detail == ["B2"] })
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func customersOfPureChanceSeldomHaveHabits(seed: UInt64) {
    let frame = shop([:], seed: seed, customers: 100)
    let market = BehaviourMarket(
      frame, catalogue: CatalogueIndex(Self.items), calendar: .utc, seasons: Self.seasons)
    let (own, starts) = frame.rowsByCustomer()
    let all = (0..<100).map {
      market.patterns(
        of: Array(own[starts[$0]..<starts[$0 + 1]]), in: frame, asOf: TestShop.start.adding(days: 600))
    }
    #expect(all.allSatisfy { $0.count >= 10 })
    let claimed = all.count { $0.contains(where: \.isFound) }
    #expect(claimed <= 9, "\(claimed) of 100 customers of pure chance have a habit")
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func shufflingTakesHabitsOutAndKeepsWhatTheShopSells(seed: UInt64) {
    let frame = shop(
      [7: Habits(days: { $0 % 7 == 6 || $0 % 7 == 0 }, cut: 0.9, brand: 1)], seed: seed)
    let index = CatalogueIndex(Self.items)
    let (category, _) = index.columns(for: frame.items)
    let shuffled = frame.shufflingPurchases(category: { category[Int($0)] }, calendar: .utc, seed: seed)
    #expect(shuffled.count == frame.count)
    #expect(shuffled.discount.count { $0 > 0 } == frame.discount.count { $0 > 0 })
    func kinds(_ frame: EventFrame) -> Set<BehaviourPattern.Kind> {
      Set(patterns(of: 7, in: frame).filter(\.isFound).map(\.kind))
    }
    #expect(kinds(frame).isSuperset(of: [.weekday, .promotion]))
    #expect(kinds(shuffled).isDisjoint(with: [.weekday, .promotion]))
  }

  @Test func fewDaysAreNotTested() {
    let frame = shop([7: Habits(days: { $0 % 100 == 0 })])
    #expect(patterns(of: 7, in: frame).isEmpty)
    #expect(patterns(of: 999, in: frame).isEmpty)
  }

  @Test func everyHabitIsToldInBothLanguages() {
    let frame = shop([7: Habits(days: { $0 % 7 == 6 }, cut: 0.9, brand: 1)])
    for pattern in patterns(of: 7, in: frame) {
      #expect(!pattern.words.en.isEmpty && pattern.words.zh.unicodeScalars.contains { $0.value > 0x4E00 })
      #expect(pattern.words.en.hasSuffix("no more than chance.") == !pattern.isFound)
    }
  }
}
