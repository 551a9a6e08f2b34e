import Commerce
import Features
import Foundation
import MathKernels
import Needs
import Testing

@Suite struct ProfileModesTests {
  static let day = ProfileTestData.firstDay + 100

  @Test func isTheSameWhateverComesLater() {
    let long = ProfileTestData.sources(ProfileTestData.frame(days: 100, extra: 60))
    let short = ProfileTestData.sources(ProfileTestData.frame(days: 100))
    var (later, earlier) = (ProfileTimeline(long), ProfileTimeline(short))
    _ = earlier.modes(before: Self.day - 28)
    // The one timeline stops on the way and the other does not; only rounding of the faded sums may differ.
    let (a, b) = (earlier.modes(before: Self.day), later.modes(before: Self.day))
    #expect(a.modes == [.behaviour, .writtenText, .boughtText, .attributes, .itemAttributes, .images])
    #expect(a.modes == b.modes && a.customers == b.customers)
    for (left, right) in zip(a.blocks, b.blocks) {
      #expect(left.present == right.present)
      #expect(zip(left.values, right.values).allSatisfy { abs($0 - $1) < 1e-4 }, "\(left.mode)")
    }
    // What comes later does show as soon as it has happened.
    let after = later.modes(before: Self.day + 60)
    for mode in [ProfileMode.behaviour, .boughtText, .itemAttributes, .images] {
      #expect(after[mode]?.values != b[mode]?.values, "\(mode)")
    }
  }

  @Test func meansWeighOldPurchasesLess() throws {
    var frame = EventFrame(currency: .usd)
    for (day, item) in [(0, 0), (120, 1)] {
      frame.append(
        EventFrame.Row(
          sequence: Int64(day), kind: .purchase, customerID: "a", sessionID: nil, itemID: "item\(item)",
          orderID: nil, timestamp: Timestamp(milliseconds: 1_483_228_800_000).adding(days: Double(day)),
          quantity: 1,
          amount: Money(5, currency: .usd), discount: nil, rating: nil))
    }
    var timeline = ProfileTimeline(ProfileTestData.sources(frame))
    let block = try #require(timeline.modes(before: ProfileTestData.firstDay + 121)[.images])
    let row = try #require(block.row(0))
    // The picture of 120 days before counts half: (0.5 · [1, 0] + [0, 1]) / 1.5.
    #expect(abs(row[row.startIndex] - 1 / 3) < 1e-5 && abs(row[row.startIndex + 1] - 2 / 3) < 1e-5)
  }

  @Test func modesAreMissingWhereNothingIsKnown() throws {
    var timeline = ProfileTimeline(ProfileTestData.sources(ProfileTestData.frame(days: 100)))
    let modes = timeline.modes(before: Self.day)
    func present(_ mode: ProfileMode) throws -> [String] {
      let block = try #require(modes[mode])
      return zip(modes.customers.ids, block.present).filter(\.1).map(\.0).sorted()
    }
    #expect(try present(.attributes) == ["customer0", "customer2"])
    #expect(try present(.writtenText) == ["customer1"])
    #expect(try present(.behaviour).count == 8)
    #expect(modes.without([.attributes])[.attributes] == nil && modes.only([.images]).modes == [.images])
    // Before the first purchase nothing is known of anybody but attributes.
    var fresh = ProfileTimeline(ProfileTestData.sources(ProfileTestData.frame(days: 100)))
    let empty = fresh.modes(before: ProfileTestData.firstDay)
    #expect(empty[.behaviour]?.present.contains(true) == false)
    #expect(empty[.attributes]?.present.filter { $0 }.count == 2)
  }

  @Test func attributesBecomeColumnsOfNumbersAndValues() throws {
    let customers = [
      Customer(customerID: "a", attributes: ["age": .number(30), "city": .string("Lyon")]),
      Customer(customerID: "b", attributes: ["age": .string("40"), "city": .string("Lyon")]),
      Customer(customerID: "c", attributes: ["city": .string("Nice")]),
    ]
    let columns = AttributeColumns(customers)
    #expect(columns.names == ["age", "age known", "city=Lyon", "city=Nice", "city=other"])
    let late = customers + [Customer(customerID: "d", attributes: ["city": .string("Metz")])]
    let block = columns.block(late, in: Vocabulary(["a", "b", "c", "d", "e"]))
    #expect(block.row(0).map(Array.init) == [30, 1, 1, 0, 0])
    #expect(block.row(1).map(Array.init) == [40, 1, 1, 0, 0])
    #expect(block.row(2).map(Array.init) == [0, 0, 0, 1, 0])
    #expect(block.row(3).map(Array.init) == [0, 0, 0, 0, 1])
    #expect(block.row(4) == nil)
  }

  @Test func itemAttributesAreShares() throws {
    var timeline = ProfileTimeline(ProfileTestData.sources(ProfileTestData.frame(days: 100)))
    let block = try #require(timeline.modes(before: Self.day)[.itemAttributes])
    // Two groups, two brands, four price bands.
    #expect(block.width == 8)
    for customer in 0..<8 {
      let row = Array(try #require(block.row(customer)))
      #expect(abs(row[0..<2].reduce(0, +) - 1) < 1e-4)
      #expect(abs(row[2..<4].reduce(0, +) - 1) < 1e-4)
      #expect(abs(row[4..<8].reduce(0, +) - 1) < 1e-4)
    }
  }

  @Test func nearestCustomersAreThoseOfTheSameDirection() throws {
    let space = ProfileSpace(
      customers: Vocabulary(["a", "b", "c", "d"]),
      vectors: Matrix(rows: 4, columns: 2, [5, 1, 6, 1.2, -5, 1, 0, -4]))
    let found = try #require(space.nearest(to: "a", limit: 2))
    #expect(found.count == 2 && found[0].customerID == "b" && found[0].similarity > 0.9)
    #expect(space.nearest(to: "a", limit: 99)?.count == 3)
    #expect(space.nearest(to: "nobody", limit: 2) == nil)
    #expect(space.nearest(toVector: [6, 1.2], limit: 1).first?.customerID == "b")
  }
}
