import Commerce
import Demand
import Features
import Foundation
import Needs

/// Whom to tell of a launch first: who needs the category and who bought what is alike.
struct LaunchAudience: Sendable {
  /// One customer.
  struct Member: Sendable {
    let id: String
    let score: Double
    let strength: Double?
    let purchases: Int
    let lastDay: Int32?
  }

  /// Everyone with a reason, best first.
  let members: [Member]
  /// Whether the customers' needs were known, not their purchases alone.
  let isOfNeeds: Bool
  private let sum: Double

  /// After so many days a purchase counts half.
  private static let halfLifeDays = 90.0

  /// - Parameters:
  ///   - alike: how alike each analogue is, by item id.
  ///   - needs: the customers' chance to buy of the category within the needs' horizon; nil without a model of needs.
  init(
    _ frame: EventFrame, alike: [String: Double], needs: [NeedCustomer]?, calendar: ShopCalendar,
    asOf: Timestamp
  ) {
    var weight = [Double](repeating: 0, count: frame.items.count)
    for (id, value) in alike { frame.items.index(of: id).map { weight[Int($0)] = value } }
    var bought: [Int32: (affinity: Double, count: Int, last: Int64)] = [:]
    for row in 0..<frame.count
    where frame.kind[row] == EventKind.purchase.code && frame.item[row] >= 0 && frame.customer[row] >= 0
      && frame.timestamp[row] <= asOf.milliseconds && weight[Int(frame.item[row])] > 0
    {
      let days = Double(asOf.milliseconds - frame.timestamp[row]) / Double(Timestamp.day)
      var own = bought[frame.customer[row]] ?? (0, 0, .min)
      own.affinity += weight[Int(frame.item[row])] * exp2(-days / Self.halfLifeDays)
      own.count += 1
      own.last = max(own.last, frame.timestamp[row])
      bought[frame.customer[row]] = own
    }
    let strengths = needs.map { Dictionary($0.map { ($0.customerID, $0.strength) }, uniquingKeysWith: max) }
    var members: [Member] = []
    func add(_ id: String, _ own: (affinity: Double, count: Int, last: Int64)?) {
      let liking = 1 - exp(-(own?.affinity ?? 0))
      let strength = strengths.map { $0[id] ?? 0 }
      let score = strength.map { $0 * (0.5 + 0.5 * liking) } ?? liking
      guard score > 0 else { return }
      members.append(
        Member(
          id: id, score: score, strength: strength, purchases: own?.count ?? 0,
          lastDay: own.map { calendar.day(ofMilliseconds: $0.last) }))
    }
    for (customer, own) in bought { add(frame.customers[customer], own) }
    for id in (strengths ?? [:]).keys where frame.customers.index(of: id).map({ bought[$0] == nil }) ?? true {
      add(id, nil)
    }
    isOfNeeds = needs != nil
    self.members = members.sorted { ($1.score, $0.id) < ($0.score, $1.id) }
    sum = self.members.reduce(0) { $0 + $1.score }
  }

  /// A customer's part of what is expected of the launch.
  func expectedUnits(_ member: Member, of total: Double) -> Double {
    sum > 0 ? total * member.score / sum : 0
  }
}
