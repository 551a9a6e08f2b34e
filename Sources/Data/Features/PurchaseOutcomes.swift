import Commerce

/// What was bought when: the truth that windows are judged by, apart from the states that features read.
public struct PurchaseOutcomes: Sendable {
  /// Marks a pair without a purchase in the window.
  public static let never: UInt8 = 255
  /// The local day of the first purchase.
  public let originDay: Int32
  /// The day after the local day of the last event of any kind.
  public let endDay: Int32
  /// How many customers and categories the pairs span.
  public let customers: Int
  /// How many categories.
  public let categories: Int
  private let pairs: [Int]
  private let days: [Int32]
  private let spend: [Int64]

  /// The purchases of a frame, by customer of the frame and column of the space.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex, space: CategorySpace, calendar: ShopCalendar) {
    let columns = ObservationColumns(frame, catalogue: catalogue)
    var (pairs, days, spend): ([Int], [Int32], [Int64]) = ([], [], [])
    var (first, last) = (Int32.max, Int32.min)
    for row in 0..<frame.count {
      let day = calendar.day(ofMilliseconds: frame.timestamp[row])
      last = max(last, day)
      guard frame.kind[row] == EventKind.purchase.code, frame.customer[row] != EventFrame.none else {
        continue
      }
      first = min(first, day)
      guard let column = space.column(ofCategory: columns.category(ofRow: row)) else { continue }
      pairs.append(Int(frame.customer[row]) * space.count + column)
      days.append(day)
      spend.append(frame.amount[row])
    }
    originDay = first == .max ? 0 : first
    endDay = last == .min ? 0 : Int32(clamping: Int64(last) + 1)
    customers = frame.customers.count
    categories = space.count
    self.pairs = pairs
    self.days = days
    self.spend = spend
  }

  /// For each customer and category, how many days after `start` it was first bought before `end`, or `never`.
  ///
  /// - Complexity: O(purchases).
  public func firstDays(from start: Int32, to end: Int32) -> [UInt8] {
    var result = [UInt8](repeating: Self.never, count: customers * categories)
    for index in pairs.indices where days[index] >= start && days[index] < end {
      let pair = pairs[index]
      result[pair] = min(result[pair], UInt8(clamping: days[index] - start))
    }
    return result
  }

  /// For each customer and category, what was paid from `start` to before `end`, in minor units.
  public func spend(from start: Int32, to end: Int32) -> [Int64] {
    var result = [Int64](repeating: 0, count: customers * categories)
    for index in pairs.indices where days[index] >= start && days[index] < end {
      result[pairs[index]] &+= spend[index]
    }
    return result
  }
}
