import Commerce
import Features
import Foundation
import MathKernels

/// One customer's need of a category, in short.
public struct NeedCustomer: Sendable, Codable, Equatable {
  /// The customer.
  public var customerID: String
  /// What kind of need it is.
  public var kind: Need.Kind
  /// The probability of a purchase within the days asked for.
  public var strength: Double
  /// The median number of days until then; nil when it says nothing.
  public var expectedInDays: Double?
  /// Whether it is later than the customer's own pace.
  public var overdue: Bool
  /// The expected spend within the days asked for.
  public var value: Money
  /// When it was last bought: the start of that local day; nil when never.
  public var lastBoughtAt: Timestamp?
  /// On how many days it was bought.
  public var timesBought: Int
  /// The share of its order lines bought at a discount; nil when never bought.
  public var discountShare: Double?

  private enum CodingKeys: String, CodingKey {
    case customerID = "customer_id"
    case kind, strength
    case expectedInDays = "expected_in_days"
    case overdue, value
    case lastBoughtAt = "last_bought_at"
    case timesBought = "times_bought"
    case discountShare = "discount_share"
  }

  /// Encodes the customer; what is unknown is an explicit null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(customerID, forKey: .customerID)
    try container.encode(kind, forKey: .kind)
    try container.encode(strength, forKey: .strength)
    try container.encode(expectedInDays, forKey: .expectedInDays)
    try container.encode(overdue, forKey: .overdue)
    try container.encode(value, forKey: .value)
    try container.encode(lastBoughtAt, forKey: .lastBoughtAt)
    try container.encode(timesBought, forKey: .timesBought)
    try container.encode(discountShare, forKey: .discountShare)
  }
}

/// Which of the customers who have a need to list, and over how many days.
///
/// ```swift
/// NeedCustomerFilter(days: 7)                 // whose strengths add up to the board's `dueWithin7Days`
/// NeedCustomerFilter(isOverdue: true).kind    // nil: of any kind
/// ```
public struct NeedCustomerFilter: Sendable, Hashable {
  /// Only those who have the need in this way.
  public var kind: Need.Kind?
  /// Only those at least this strong …
  public var minStrength: Double
  /// … and weaker than this; 1 lets the strongest through too.
  public var maxStrength: Double
  /// Only those later than their own pace.
  public var isOverdue: Bool
  /// Strength and value are those of so many days from now, 1 to `NeedMining.horizonDays`.
  public var days: Int

  /// A filter that lets everyone through, over the whole horizon, unless told otherwise.
  public init(
    kind: Need.Kind? = nil, minStrength: Double = 0, maxStrength: Double = 1, isOverdue: Bool = false,
    days: Int = NeedMining.horizonDays
  ) {
    self.kind = kind
    self.minStrength = minStrength
    self.maxStrength = maxStrength
    self.isOverdue = isOverdue
    self.days = days
  }

  func admits(_ customer: NeedCustomer) -> Bool {
    (kind == nil || customer.kind == kind) && (customer.overdue || !isOverdue)
      && customer.strength >= minStrength && (customer.strength < maxStrength || maxStrength >= 1)
  }
}

extension NeedPredictor {
  /// The customers who need a category, strongest first.
  ///
  /// - Complexity: O(customers × categories × columns), on all cores; only one row a customer goes through the trees.
  /// - Throws: `NeedError.unknownSubject`, `LearningError.libraryFailure`.
  public func customers(
    needing category: String, states: [CustomerState], customers: Vocabulary, asOf moment: Timestamp,
    filter: NeedCustomerFilter = NeedCustomerFilter()
  ) throws -> [NeedCustomer] {
    guard let column = space.categories.index(of: category).map(Int.init) else {
      throw NeedError.unknownSubject(category)
    }
    let day = day(after: moment)
    let found = try parallelBlocks(states.count, blockSize: 32) { block in
      let rows = features.rows(for: states[block], day: day)
      let width = NeedFeatures.width
      var chosen: [Float] = []
      for index in 0..<block.count {
        let row = (index * space.count + column) * width
        chosen.append(contentsOf: rows[row..<row + width])
      }
      let margins = try margins(chosen)
      return block.compactMap { customer -> NeedCustomer? in
        let index = customer - block.lowerBound
        let found = needCustomer(
          customers[Int32(customer)], states[customer], rows: chosen, row: index * width, column: column,
          strength: model.calibration(Double(margins[index])), days: filter.days)
        return filter.admits(found) ? found : nil
      }
    }
    return found.flatMap { $0 }.sorted { ($1.strength, $0.customerID) < ($0.strength, $1.customerID) }
  }

  private func needCustomer(
    _ id: String, _ state: CustomerState, rows: [Float], row: Int, column: Int, strength: Double, days: Int
  ) -> NeedCustomer {
    let facts = PairFacts(rows, row: row, column: column, strength: strength, snapshot: model.snapshot)
    let bought = space.category(ofColumn: column).flatMap { state.history(ofCategory: $0) }?.days ?? []
    let lines = bought.reduce(0) { $0 + Int($1.lines) }
    return NeedCustomer(
      customerID: id, kind: rows[row + NeedFeature.purchases.rawValue] > 0 ? .replenish : .explore,
      strength: NeedMining.strength(strength, withinDays: days), expectedInDays: facts.expectedInDays,
      overdue: facts.isOverdue, value: money(facts.value * Double(days) / Double(NeedMining.horizonDays)),
      lastBoughtAt: bought.last.map { settings.calendar.start(ofDay: $0.day) }, timesBought: bought.count,
      discountShare: lines == 0
        ? nil : Double(bought.reduce(0) { $0 + Int($1.discountedLines) }) / Double(lines))
  }
}
