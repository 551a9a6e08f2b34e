import Commerce
import Features
import Foundation

/// What a customer will need: a category, how surely, how soon, for how much, why, and what shows it.
public struct Need: Sendable, Codable, Equatable {
  /// What kind of need it is.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Bought before, needed again.
    case replenish
    /// Never bought, likely to be.
    case explore
    /// Explained by the time of the year alone. Not told from less than two years of events.
    case seasonal
  }

  /// What the need is about.
  public struct Subject: Sendable, Codable, Equatable {
    /// `category`.
    public var type: String
    /// The category's id.
    public var id: String
    /// The category's name.
    public var label: String
    /// The categories from broad to narrow.
    public var path: [String]

    /// A category.
    public init(category: String, path: [String]) {
      (type, id, label, self.path) = ("category", category, category, path)
    }
  }

  /// Who has the need.
  public struct Holder: Sendable, Codable, Equatable {
    /// `customer`.
    public var type: String
    /// The customer's id.
    public var id: String

    /// A customer.
    public init(customer: String) { (type, id) = ("customer", customer) }
  }

  /// An event that shows the need.
  public struct Evidence: Sendable, Codable, Equatable {
    /// The event's id.
    public var eventID: String
    /// When it happened.
    public var timestamp: Timestamp
    /// The item it is about.
    public var itemID: String?
    /// The item's name.
    public var itemTitle: String?
    /// How many units.
    public var quantity: Double?
    /// What was paid.
    public var amount: Money?

    private enum CodingKeys: String, CodingKey {
      case eventID = "event_id"
      case timestamp
      case itemID = "item_id"
      case itemTitle = "item_title"
      case quantity, amount
    }

    /// The evidence of a stored event.
    public init(_ stored: StoredEvent, itemTitle: String? = nil) {
      eventID = stored.event.eventID
      timestamp = stored.event.timestamp
      itemID = stored.event.itemID
      self.itemTitle = itemTitle
      quantity = stored.event.quantity
      amount = stored.event.amount
    }
  }

  /// The need's id: holder and subject.
  public var needID: String
  /// What it is about.
  public var subject: Subject
  /// What kind it is.
  public var kind: Kind
  /// Who has it.
  public var holder: Holder
  /// The calibrated probability of a purchase within the horizon.
  public var strength: Double
  /// How far ahead it reaches, in days.
  public var horizonDays: Int
  /// The median number of days until the purchase; nil when it lies beyond three horizons.
  public var expectedInDays: Double?
  /// Whether it was bought at a steady pace and is later than that pace.
  public var overdue: Bool
  /// The money at stake: the expected spend within the horizon.
  public var value: Money
  /// The expected spend within the horizon if anything is bought at all.
  public var valueIfBought: Money
  /// Whether the customer buys it more or less often than before.
  public var trend: NeedTrend
  /// The newest events that show it; the caller fills them in from `evidenceSequences`.
  public var evidence: [Evidence] = []
  /// How many events show it.
  public var evidenceCount: Int
  /// The signed contributions that add up to the strength.
  public var explanation: NeedExplanation
  /// The places of the evidence in the store's order of arrival, newest first. Not part of the JSON.
  public var evidenceSequences: [Int64] = []

  private enum CodingKeys: String, CodingKey {
    case needID = "need_id"
    case subject, kind, holder, strength
    case horizonDays = "horizon_days"
    case expectedInDays = "expected_in_days"
    case overdue, value
    case valueIfBought = "value_if_bought"
    case trend, evidence
    case evidenceCount = "evidence_count"
    case explanation
  }

  /// Fills in the evidence: the given events that are this need's, in its own order.
  ///
  /// - Parameter titles: the names of items by id.
  public mutating func attach(_ events: [Int64: StoredEvent], titles: [String: String]) {
    evidence = evidenceSequences.compactMap { events[$0] }.map { stored in
      Evidence(stored, itemTitle: stored.event.itemID.flatMap { titles[$0] })
    }
  }

  /// Encodes the need; what is unknown is an explicit null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(needID, forKey: .needID)
    try container.encode(subject, forKey: .subject)
    try container.encode(kind, forKey: .kind)
    try container.encode(holder, forKey: .holder)
    try container.encode(strength, forKey: .strength)
    try container.encode(horizonDays, forKey: .horizonDays)
    try container.encode(expectedInDays, forKey: .expectedInDays)
    try container.encode(overdue, forKey: .overdue)
    try container.encode(value, forKey: .value)
    try container.encode(valueIfBought, forKey: .valueIfBought)
    try container.encode(trend, forKey: .trend)
    try container.encode(evidence, forKey: .evidence)
    try container.encode(evidenceCount, forKey: .evidenceCount)
    try container.encode(explanation, forKey: .explanation)
  }
}

/// Whether something rises or falls, with the test that says so.
public struct NeedTrend: Sendable, Codable, Equatable {
  /// Which way it goes.
  public enum Direction: String, Sendable, Codable, CaseIterable {
    /// More than before, beyond chance.
    case rising
    /// No change beyond chance.
    case steady
    /// Less than before, beyond chance.
    case falling
  }

  /// Which way it goes.
  public var direction: Direction
  /// The change relative to before: 0.12 is 12 % more.
  public var change: Double
  /// The two-sided p-value of no change.
  public var pValue: Double
  /// The p-value adjusted for looking at many subjects at once (Benjamini–Hochberg); nil when only one was looked at.
  public var qValue: Double?

  private enum CodingKeys: String, CodingKey {
    case direction, change
    case pValue = "p_value"
    case qValue = "q_value"
  }

  /// A trend with its test; it rises or falls when the adjusted p-value is at most `level`.
  public init(change: Double, pValue: Double, qValue: Double?, level: Double = 0.05) {
    let significant = (qValue ?? pValue) <= level
    direction = !significant || change == 0 ? .steady : change > 0 ? .rising : .falling
    self.change = change
    self.pValue = pValue
    self.qValue = qValue
  }

  /// Encodes the trend; an absent q-value is an explicit null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(direction, forKey: .direction)
    try container.encode(change, forKey: .change)
    try container.encode(pValue, forKey: .pValue)
    try container.encode(qValue, forKey: .qValue)
  }
}

/// A strength taken apart on the log-odds scale: base + contributions + calibration = total = logit(strength).
public struct NeedExplanation: Sendable, Codable, Equatable {
  /// One part.
  public struct Contribution: Sendable, Codable, Equatable {
    /// The feature's name.
    public var feature: String
    /// What it says of this customer, in words.
    public var label: BilingualText
    /// Its value; nil when there is none.
    public var value: Double?
    /// What it adds to the log-odds.
    public var contribution: Double

    /// Encodes the part; an absent value is an explicit null.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(feature, forKey: .feature)
      try container.encode(label, forKey: .label)
      try container.encode(value, forKey: .value)
      try container.encode(contribution, forKey: .contribution)
    }

    private enum CodingKeys: String, CodingKey { case feature, label, value, contribution }
  }

  /// The log-odds before anything is known of the pair.
  public var base: Double
  /// The parts, largest magnitude first.
  public var contributions: [Contribution]
  /// What calibration moves the log-odds by.
  public var calibration: Double
  /// The log-odds of the strength.
  public var total: Double
  /// `log-odds`.
  public var unit = "log-odds"
}
