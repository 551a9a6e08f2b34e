import Commerce
import Foundation

/// What one customer's shopping comes to as of a day, over all categories.
///
/// Ages count from that day: a visit on the day before has age 1.
public struct CustomerValues: Sendable, Equatable {
  /// On how many days the customer bought something.
  public var visits = 0
  /// On how many in the last 14, 28 and 112 days.
  public var visits14 = 0
  /// Visits in the last 28 days.
  public var visits28 = 0
  /// Visits in the last 112 days.
  public var visits112 = 0
  /// Visits weighted by one half per 120 days.
  public var decayedVisits = 0.0
  /// Days since the last visit; nil without one.
  public var recency: Int?
  /// Days since the first visit.
  public var tenure: Int?
  /// The mean of the days between visits.
  public var meanGap: Double?
  /// What was paid in the last 28 days, in minor units.
  public var spend28: Int64 = 0
  /// Categories per visit over the last 112 days, each category counted once a day.
  public var categoriesPerVisit = 0.0
  /// The share of order lines bought at a discount.
  public var discountShare = 0.0

  /// The values as of a day.
  public init(_ state: CustomerState, before day: Int32) {
    var (categories112, lines, discounted) = (0, 0, 0)
    for visit in state.visits where visit.day < day {
      let age = Int32(clamping: min(36_500, Int64(day) - Int64(visit.day)))
      visits += 1
      if age <= 14 { visits14 += 1 }
      if age <= 28 {
        visits28 += 1
        spend28 &+= visit.spend
      }
      if age <= 112 {
        visits112 += 1
        categories112 += Int(visit.categories)
      }
      DecayTable.standard.withWeights(ofAge: age) { decayedVisits += $0[DecayTable.h120] }
      if tenure == nil { tenure = Int(age) }
      recency = Int(age)
      lines += Int(visit.lines)
      discounted += Int(visit.discountedLines)
    }
    if let tenure, let recency { meanGap = Double(tenure - recency) / Double(max(visits - 1, 1)) }
    categoriesPerVisit = Double(categories112) / Double(max(visits112, 1))
    discountShare = Double(discounted) / Double(max(lines, 1))
  }
}
