import Commerce
import CustomerValue
import Customers
import Foundation

/// Which customers with their risks to list.
public struct ChurnFilter: Sendable {
  /// How the list is sorted.
  public enum Order: String, Sendable, CaseIterable {
    /// Where most is at stake first.
    case stake = "value_at_stake"
    /// The highest risk first.
    case risk
    /// Who spends most first.
    case spend = "expected_spend"
    /// The longest away first.
    case recency
  }

  /// Only ids that contain this.
  public var query: String?
  /// Only risks of at least this.
  public var riskFrom: Double?
  /// Only risks below this, or of 1 where this is 1.
  public var riskBelow: Double?
  /// Only values at stake of at least this, in major units.
  public var stakeFrom: Double?
  /// How they are sorted.
  public var order = Order.stake

  /// A filter that lets everyone through.
  public init() {}
}

/// The risks in use, sorted for lists and pictures.
struct ChurnScene: Sendable {
  let live: Live<LapseForecast>
  private let recency: [Float]

  var forecast: LapseForecast { live.model }

  init(_ live: Live<LapseForecast>) {
    self.live = live
    recency = live.model.column(.recency)
  }

  static func date(_ day: Int32) -> String {
    String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
  }

  /// What was measured of the family that was chosen before the test; nil where the history is too short to look back.
  static func checked(_ forecast: LapseForecast) -> LapseEvaluation.Result? {
    guard let check = forecast.check else { return nil }
    return check.results.first { $0.method == check.chosen }
  }

  func stake(_ place: Int) -> Float { forecast.everyRisk[place] * forecast.everySpend[place] }

  /// The customers that a filter lets through, in its order.
  func chosen(_ filter: ChurnFilter) -> [Int32] {
    let needle = filter.query?.lowercased()
    let (risks, spend) = (forecast.everyRisk, forecast.everySpend)
    let found = (0..<Int32(forecast.count)).filter { place in
      let customer = Int(place)
      if let from = filter.riskFrom, Double(risks[customer]) < from { return false }
      if let below = filter.riskBelow, below < 1, Double(risks[customer]) >= below { return false }
      if let from = filter.stakeFrom, Double(stake(customer)) < from { return false }
      if let needle, !forecast.ids[place].lowercased().contains(needle) { return false }
      return true
    }
    func key(_ place: Int32) -> Float {
      switch filter.order {
      case .stake: risks[Int(place)] * spend[Int(place)]
      case .risk: risks[Int(place)]
      case .spend: spend[Int(place)]
      case .recency: recency[Int(place)]
      }
    }
    return found.map { ($0, key($0)) }.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.map(\.0)
  }

  /// Customers by risk, in steps of 5 %.
  var histogram: [(from: Double, customers: Int, stake: Double)] {
    var bins = (0..<20).map { (from: Double($0) / 20, customers: 0, stake: 0.0) }
    for (place, risk) in forecast.everyRisk.enumerated() {
      let bin = min(19, max(0, Int(risk * 20)))
      bins[bin].customers += 1
      bins[bin].stake += Double(stake(place))
    }
    return bins
  }

  /// How many customers will lapse, if risks are right.
  var expectedLapses: Double { forecast.everyRisk.reduce(0) { $0 + Double($1) } }
  /// What is at stake with all of them.
  var totalStake: Double { forecast.everyRisk.indices.reduce(0) { $0 + Double(stake($1)) } }
}
