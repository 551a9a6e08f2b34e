import Commerce
import Customers
import Foundation

/// Which customers with their values to list.
public struct ValueFilter: Sendable {
  /// Whether a customer is worth much, and whether they still buy.
  public enum Quadrant: String, Sendable, CaseIterable {
    /// Worth much, and staying.
    case valuableStaying = "valuable_staying"
    /// Worth much if they stay, which is doubtful.
    case valuableFading = "valuable_fading"
    /// Worth less, and staying.
    case smallStaying = "small_staying"
    /// Worth less, and doubtful.
    case smallFading = "small_fading"
  }

  /// How the list is sorted.
  public enum Order: String, Sendable, CaseIterable {
    /// Most valuable first.
    case value
    /// Where most is lost by leaving first.
    case atRisk = "at_risk"
    /// Least likely to still buy first.
    case alive = "p_alive"
    /// Most purchases expected first.
    case purchases
    /// Most days with purchases first.
    case history = "purchase_days"
    /// The longest away first.
    case recency
  }

  /// Only ids that contain this.
  public var query: String?
  /// Only this quadrant.
  public var quadrant: Quadrant?
  /// Only this tenth of the customers, 1 for the most valuable.
  public var decile: Int?
  /// Only values of at least this, in major units.
  public var valueFrom: Double?
  /// Only values below this.
  public var valueBelow: Double?
  /// Only probabilities of still buying of at least this.
  public var aliveFrom: Double?
  /// Only probabilities below this, or of 1 where this is 1.
  public var aliveBelow: Double?
  /// How they are sorted.
  public var order = Order.value

  /// A filter that lets everyone through.
  public init() {}
}

/// The values in use, sorted and divided for lists and pictures.
struct ValueScene: Sendable {
  /// From which probability on a customer counts as staying.
  static let stayingFrom: Float = 0.8
  /// The share of customers that are worth much.
  static let valuableShare = 0.2

  let live: Live<CustomerValuation>
  /// Whether values are money; else they are purchases, where spending is not known.
  let isMoney: Bool
  /// What customers are worth, in money where it is known.
  let measure: [Float]
  /// What they would be worth if they still bought.
  let ifStaying: [Float]
  /// The customers, the most valuable first.
  let byValue: [Int32]
  /// The tenth of each customer, 1 for the most valuable.
  private let decile: [UInt8]
  /// From which value, if they stay, a customer is worth much.
  let valuableFrom: Float

  var valuation: CustomerValuation { live.model }

  init(_ live: Live<CustomerValuation>) {
    self.live = live
    let valuation = live.model
    isMoney = valuation.spend != nil
    let measure = isMoney ? valuation.values : valuation.purchasesExpected
    let alive = valuation.aliveProbabilities
    self.measure = measure
    let conditional = zip(measure, alive).map { $1 > 0 ? $0 / $1 : 0 }
    ifStaying = conditional
    byValue = Self.sorted(measure.count) { measure[$0] }
    var tenths = [UInt8](repeating: 0, count: measure.count)
    for (rank, customer) in byValue.enumerated() {
      tenths[Int(customer)] = UInt8(rank * 10 / measure.count + 1)
    }
    decile = tenths
    let ordered = conditional.sorted(by: >)
    let place = Int(Double(ordered.count) * Self.valuableShare)
    valuableFrom = ordered.isEmpty ? 0 : ordered[min(place, ordered.count - 1)]
  }

  /// Places by a key, the greatest first, those of equal keys as they came.
  private static func sorted(_ count: Int, _ key: (Int) -> Float) -> [Int32] {
    let keys = (0..<count).map { key($0).isFinite ? key($0) : -.infinity }
    return (0..<Int32(count)).sorted { a, b in
      keys[Int(a)] != keys[Int(b)] ? keys[Int(a)] > keys[Int(b)] : a < b
    }
  }

  func decile(of customer: Int) -> Int { Int(decile[customer]) }

  func atRisk(_ customer: Int) -> Float { ifStaying[customer] - measure[customer] }

  func quadrant(of customer: Int) -> ValueFilter.Quadrant {
    let isStaying = valuation.aliveProbabilities[customer] >= Self.stayingFrom
    return ifStaying[customer] >= valuableFrom
      ? isStaying ? .valuableStaying : .valuableFading
      : isStaying ? .smallStaying : .smallFading
  }

  /// The customers that a filter lets through, in its order.
  func chosen(_ filter: ValueFilter) -> [Int32] {
    let needle = filter.query?.lowercased()
    let alive = valuation.aliveProbabilities
    return order(filter.order).filter { place in
      let customer = Int(place)
      if let quadrant = filter.quadrant, quadrant != self.quadrant(of: customer) { return false }
      if let tenth = filter.decile, tenth != decile(of: customer) { return false }
      if let from = filter.valueFrom, Double(measure[customer]) < from { return false }
      if let below = filter.valueBelow, Double(measure[customer]) >= below { return false }
      if let from = filter.aliveFrom, Double(alive[customer]) < from { return false }
      if let below = filter.aliveBelow, below < 1, Double(alive[customer]) >= below { return false }
      if let needle, !valuation.ids[place].lowercased().contains(needle) { return false }
      return true
    }
  }

  private func order(_ order: ValueFilter.Order) -> [Int32] {
    let count = measure.count
    switch order {
    case .value: return byValue
    case .atRisk: return Self.sorted(count) { atRisk($0) }
    case .alive: return Self.sorted(count) { -valuation.aliveProbabilities[$0] }
    case .purchases: return Self.sorted(count) { valuation.purchasesExpected[$0] }
    case .history: return Self.sorted(count) { Float(valuation.customer($0).purchaseDays) }
    case .recency: return Self.sorted(count) { Float(valuation.customer($0).daysSinceLast) }
    }
  }
}

extension ValueScene {
  /// Customers of a range of values or probabilities.
  struct Bin: Sendable {
    let from: Double
    /// nil where there is no upper end.
    let to: Double?
    var customers = 0
    var value = 0.0
  }

  private static let bins = 20

  /// Customers by value: bins of one round width up to the value of 99 % of them, and one for the rest.
  var valueBins: [Bin] {
    guard let last = byValue.dropFirst(byValue.count / 100).first else { return [] }
    let width = Self.round(Double(measure[Int(last)]) / Double(Self.bins))
    guard width > 0 else { return [] }
    let count = max(1, Int((Double(measure[Int(last)]) / width).rounded(.up)))
    var bins = (0...count).map {
      Bin(from: Double($0) * width, to: $0 < count ? Double($0 + 1) * width : nil)
    }
    for value in measure {
      let place = min(count, Int(Double(value) / width))
      bins[place].customers += 1
      bins[place].value += Double(value)
    }
    if bins[count].customers == 0 { bins.removeLast() }
    return bins
  }

  /// Customers by the probability that they still buy, in tenths.
  var aliveBins: [Bin] {
    var bins = (0..<10).map { Bin(from: Double($0) / 10, to: Double($0 + 1) / 10) }
    for (customer, alive) in valuation.aliveProbabilities.enumerated() {
      let place = min(9, Int(Double(alive) * 10))
      bins[place].customers += 1
      bins[place].value += Double(measure[customer])
    }
    return bins
  }

  /// The next of 1, 2, 2.5 and 5 times a power of ten.
  private static func round(_ width: Double) -> Double {
    guard width > 0, width.isFinite else { return 0 }
    let power = pow(10, log10(width).rounded(.down))
    return [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= width * 0.999 } ?? 10 * power
  }

  /// What a share of the customers, the least valuable first, are worth at most.
  func quantile(_ share: Double) -> Double {
    guard !byValue.isEmpty else { return 0 }
    let place = Int((Double(byValue.count - 1) * (1 - share)).rounded())
    return Double(measure[Int(byValue[place])])
  }

  /// The sum of all values.
  var totalMeasure: Double { measure.reduce(0) { $0 + Double($1) } }

  /// How unequal values are: 0 when all are worth the same, towards 1 when one is worth all.
  var gini: Double {
    let (count, total) = (Double(measure.count), totalMeasure)
    guard count > 1, total > 0 else { return 0 }
    // The most valuable come first, so the ranks run backwards.
    let weighted = byValue.enumerated().reduce(0.0) {
      $0 + (count - Double($1.offset)) * Double(measure[Int($1.element)])
    }
    return max(0, 2 * weighted / (count * total) - (count + 1) / count)
  }
}
