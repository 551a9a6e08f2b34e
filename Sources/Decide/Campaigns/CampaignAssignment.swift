import Commerce
import Foundation
import Learning
import Marketing
import MathKernels

/// Who of an audience is contacted, who is held out, and who is left out before chance decides.
///
/// ```swift
/// let assignment = CampaignAssignment(campaign, audience: ids, recentContacts: [:], priority: { _ in 0 })
/// ```
/// First those contacted too often lately are left out, then those whom the budget does not reach; only then a hash of campaign and
/// customer holds out a share of the rest. So both arms differ by chance alone, and whoever asks again gets the same arms, in
/// whatever order customers come. Of the budget, contacts are counted at what each can cost at most.
///
/// - Complexity: O(customers × log customers).
public struct CampaignAssignment: Sendable, Equatable {
  /// What becomes of a customer.
  public enum Arm: String, Sendable, Codable, CaseIterable {
    /// Contacted.
    case treated
    /// Held out: eligible, not contacted, measured.
    case holdout
    /// Left out: contacted too often lately.
    case frequency
    /// Left out: the budget does not reach.
    case budget
  }

  /// One customer.
  public struct Entry: Sendable, Equatable {
    /// Who.
    public var customer: String
    /// What becomes of them.
    public var arm: Arm

    /// One customer.
    public init(customer: String, arm: Arm) { (self.customer, self.arm) = (customer, arm) }
  }

  /// The customers in the audience's order.
  public let entries: [Entry]

  /// Assigns an audience.
  ///
  /// - Parameters:
  ///   - recentContacts: how often each customer was contacted within the days of the campaign's cap.
  ///   - priority: what each customer promises; the budget goes to the highest, and by hash among equals.
  public init(
    _ campaign: Campaign, audience: [String], recentContacts: [String: Int],
    priority: (String) -> Double
  ) {
    var arms = [Arm](repeating: .treated, count: audience.count)
    if let cap = campaign.frequencyCap {
      for (place, id) in audience.enumerated() where recentContacts[id, default: 0] >= cap.contacts {
        arms[place] = .frequency
      }
    }
    let draws = audience.map { Self.draw(campaign: campaign.id, customer: $0) }
    if let budget = campaign.budget, campaign.costOfContact > 0 {
      let contacts = Int((budget / campaign.costOfContact).rounded(.down))
      let open = audience.indices.filter { arms[$0] == .treated }
      let scores = audience.map(priority)
      let best = open.sorted { (scores[$0], draws[$1]) > (scores[$1], draws[$0]) }
      // Whoever is held out costs nothing: customers are taken until the contacts among them are paid.
      var paid = 0
      for place in best {
        if paid == contacts {
          arms[place] = .budget
        } else if draws[place] >= campaign.holdout {
          paid += 1
        }
      }
    }
    entries = audience.indices.map { place in
      let isHeldOut = arms[place] == .treated && draws[place] < campaign.holdout
      return Entry(customer: audience[place], arm: isHeldOut ? .holdout : arms[place])
    }
  }

  /// A number from 0 to 1 that belongs to a customer in a campaign.
  static func draw(campaign: String, customer: String) -> Double {
    var hash = Checksum()
    hash.update(campaign.utf8)
    hash.update(CollectionOfOne(UInt8(0)))
    hash.update(customer.utf8)
    // The checksum's upper bits depend little on the last letters: a generator seeded with it mixes them.
    var random = RandomSource(seed: hash.value)
    return random.uniform()
  }

  /// How many customers each arm has.
  public var counts: [Arm: Int] {
    var counts: [Arm: Int] = [:]
    for entry in entries { counts[entry.arm, default: 0] += 1 }
    return counts
  }

  /// Whether chance can have dealt the arms as they are.
  public func ratioCheck(holdout: Double) -> TestResult {
    let counts = counts
    return SampleRatio.check(
      treated: counts[.treated] ?? 0, controls: counts[.holdout] ?? 0, treatedShare: 1 - holdout)
  }

  /// How far apart the arms were before in a figure, in standard deviations; small where chance dealt well.
  public func imbalance(of figure: (String) -> Double) -> Double {
    let arms = [Arm.treated, .holdout].map { arm in
      entries.filter { $0.arm == arm }.map { figure($0.customer) }
    }
    guard arms.allSatisfy({ $0.count > 1 }) else { return 0 }
    let spread = Statistics.standardDeviation(arms[0] + arms[1])
    return spread > 0 ? (Statistics.mean(arms[0]) - Statistics.mean(arms[1])) / spread : 0
  }
}
