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
  /// The probability of a purchase within the horizon.
  public var strength: Double
  /// The median number of days until then; nil when it says nothing.
  public var expectedInDays: Double?
  /// The expected spend within the horizon.
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
    case value
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
    try container.encode(value, forKey: .value)
    try container.encode(lastBoughtAt, forKey: .lastBoughtAt)
    try container.encode(timesBought, forKey: .timesBought)
    try container.encode(discountShare, forKey: .discountShare)
  }
}

extension NeedPredictor {
  /// The customers who need a category, strongest first.
  ///
  /// - Complexity: O(customers × categories × columns), on all cores; only one row a customer goes through the trees.
  /// - Throws: `NeedError.unknownSubject`, `LearningError.libraryFailure`.
  public func customers(
    needing category: String, states: [CustomerState], customers: Vocabulary, asOf moment: Timestamp,
    kind: Need.Kind? = nil, minStrength: Double = 0
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
        let strength = model.calibration(Double(margins[index]))
        let isBought = chosen[index * width + NeedFeature.purchases.rawValue] > 0
        guard strength >= minStrength, kind.map({ $0 == (isBought ? .replenish : .explore) }) ?? true else {
          return nil
        }
        let facts = PairFacts(
          chosen, row: index * width, column: column, strength: strength, snapshot: model.snapshot)
        let days =
          space.category(ofColumn: column).flatMap { states[customer].history(ofCategory: $0) }?.days ?? []
        let lines = days.reduce(0) { $0 + Int($1.lines) }
        return NeedCustomer(
          customerID: customers[Int32(customer)], kind: isBought ? .replenish : .explore, strength: strength,
          expectedInDays: facts.expectedInDays, value: money(facts.value),
          lastBoughtAt: days.last.map { settings.calendar.start(ofDay: $0.day) }, timesBought: days.count,
          discountShare: lines == 0
            ? nil : Double(days.reduce(0) { $0 + Int($1.discountedLines) }) / Double(lines))
      }
    }
    return found.flatMap { $0 }.sorted { ($1.strength, $0.customerID) < ($0.strength, $1.customerID) }
  }
}
