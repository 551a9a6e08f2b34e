import Commerce
import MathKernels
import Needs
import Testing

@Suite struct UnmetSearchesTests {
  static func record(
    _ id: Int, _ query: String, customer: Int? = nil, day: Int = 0, results: Int? = 20, clicked: Bool? = true,
    item: String? = nil
  ) -> SearchRecord {
    SearchRecord(
      eventID: "e\(id)", query: query, customerID: customer.map { "c\($0)" },
      timestamp: Timestamp(milliseconds: Int64(day) * Timestamp.day), results: results, clicked: clicked,
      outOfStockItemID: item)
  }

  /// Many good searches, one without results, one nobody opens, one item out of stock.
  static let records: [SearchRecord] =
    (0..<200).map { record($0, "phone case", customer: $0, day: $0 % 60, clicked: $0 % 3 != 0) }
    + (200..<220).map {
      record(
        $0, ["折叠水壶", "折叠水壶！", "折叠 水壶"][$0 % 2], customer: $0 % 12, day: 50 + $0 % 8, results: 0,
        clicked: false)
    }
    + (220..<260).map {
      record(
        $0, $0 % 9 == 0 ? "garden hoes" : "Garden  Hose", customer: $0, day: $0 % 60, clicked: $0 % 20 == 0)
    }
    + (260..<265).map { record($0, "Blue kettle", customer: $0, day: 10, item: "k1") }
    + [record(265, "lonely query", customer: 1, results: 0)]

  @Test func findsWhatIsLookedForAndNotFound() throws {
    let found = try UnmetSearches().mine(Self.records)
    #expect(found.map(\.query) == ["Garden Hose", "折叠水壶", "Blue kettle"])
    #expect(found.map(\.reason) == [.poorResults, .noResults, .outOfStock])
    #expect(found.map(\.count) == [40, 20, 5])
    #expect(found.map(\.customers) == [40, 12, 5])
    #expect(found[0].examples == ["Garden Hose", "garden hoes"])
    #expect(found[1].failures == 20 && found[1].evidence.count == 10)
    #expect(found[1].trend?.direction == .rising)
    #expect(found[0].trend?.direction == .steady)
  }

  @Test func keepsNumbersApartAndCountsEventsOnce() throws {
    let records = (0..<6).map {
      Self.record($0, $0 % 2 == 0 ? "iphone 14" : "iphone 15", customer: $0, results: 0)
    }
    let found = try UnmetSearches().mine(records + records)
    #expect(Set(found.map(\.query)) == ["iphone 14", "iphone 15"])
    #expect(found.map(\.count) == [3, 3])
  }

  @Test func acceptsAnyQueryAndRefusesWrongSettings() throws {
    let odd = ["", " ", "😊", "\u{0}", String(repeating: "x", count: 100_000), "<b>", "?"].enumerated().map {
      Self.record($0.offset, $0.element, customer: $0.offset, results: 0)
    }
    #expect(try UnmetSearches(configuration: .init(leastCustomers: 1)).mine(odd).count <= odd.count)
    #expect(try UnmetSearches().mine([]).isEmpty)
    #expect(throws: NeedError.self) { try UnmetSearches(configuration: .init(leastCustomers: 0)).mine([]) }
  }
}
