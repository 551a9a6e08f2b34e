import Commerce
import Features
import Foundation
import MathKernels

/// The market view of needs: one row a category, from the needs of all customers.
///
/// ```swift
/// let board = try NeedBoard(predictor: predictor, states: states, asOf: now)
/// board.findings.en       // "11 needs rise and 28 fall …"
/// board.rows[0].atStake
/// try predictor.customers(needing: "COFFEE", states: states, customers: names, asOf: now)
/// ```
public struct NeedBoard: Sendable, Codable, Equatable {
  /// One category.
  public struct Row: Sendable, Codable, Equatable {
    /// The category.
    public var subject: Need.Subject
    /// The share of customers expected to buy it within the horizon.
    public var shareOfCustomers: Double
    /// How many customers are expected to buy it within the horizon.
    public var expectedCustomers: Double
    /// How many of them have bought it before.
    public var replenishCustomers: Int
    /// How many have not.
    public var exploreCustomers: Int
    /// The expected spend within the horizon.
    public var atStake: Money
    /// How many customers are expected to buy it within seven days.
    public var dueWithin7Days: Int
    /// How many customers buy it at a steady pace and are later than that.
    public var overdue: Int
    /// Whether more or fewer customers buy it.
    public var trend: Trend
    /// The customers who bought it in each week.
    public var series: [Week]
    /// How many customers have a strength in each tenth of 0…1.
    public var strengthHistogram: [Bin]

    private enum CodingKeys: String, CodingKey {
      case subject
      case shareOfCustomers = "share_of_customers"
      case expectedCustomers = "expected_customers"
      case replenishCustomers = "replenish_customers"
      case exploreCustomers = "explore_customers"
      case atStake = "at_stake"
      case dueWithin7Days = "due_within_7_days"
      case overdue, trend, series
      case strengthHistogram = "strength_histogram"
    }
  }

  /// A category's trend with the shares it compares.
  public struct Trend: Sendable, Codable, Equatable {
    /// The trend.
    public var base: NeedTrend
    /// The share of customers who bought it in the last 28 days.
    public var recentShare: Double
    /// The share who bought it in the 28 days before.
    public var previousShare: Double

    private enum CodingKeys: String, CodingKey {
      case recentShare = "recent_share"
      case previousShare = "previous_share"
    }

    init(base: NeedTrend, recentShare: Double, previousShare: Double) {
      self.base = base
      self.recentShare = recentShare
      self.previousShare = previousShare
    }

    /// Decodes the trend's own fields beside the shares.
    public init(from decoder: any Decoder) throws {
      base = try NeedTrend(from: decoder)
      let container = try decoder.container(keyedBy: CodingKeys.self)
      recentShare = try container.decode(Double.self, forKey: .recentShare)
      previousShare = try container.decode(Double.self, forKey: .previousShare)
    }

    /// Encodes the trend's own fields beside the shares.
    public func encode(to encoder: any Encoder) throws {
      try base.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(recentShare, forKey: .recentShare)
      try container.encode(previousShare, forKey: .previousShare)
    }
  }

  /// One week of a category.
  public struct Week: Sendable, Codable, Equatable {
    /// The week's Monday, `2017-01-02`.
    public var week: String
    /// How many customers bought it.
    public var customers: Int
  }

  /// One bar of a histogram of strengths.
  public struct Bin: Sendable, Codable, Equatable {
    /// From this strength …
    public var from: Double
    /// … to this.
    public var to: Double
    /// How many customers.
    public var customers: Int
  }

  /// The moment that the board was computed for.
  public var asOf: Timestamp
  /// How far ahead needs reach.
  public var horizonDays: Int
  /// How many customers there are.
  public var customersBase: Int
  /// The rows, the most money at stake first.
  public var rows: [Row]
  /// The findings in a few sentences.
  public var findings: BilingualText

  private enum CodingKeys: String, CodingKey {
    case asOf = "as_of"
    case horizonDays = "horizon_days"
    case customersBase = "customers_base"
    case rows = "items"
    case findings
  }

  /// The fewest customers who changed their mind for a category to be tested.
  static let testedFrom = 20
  /// The share of false findings that is accepted.
  static let falseDiscoveryRate = 0.1

  /// Computes the board from all customers.
  ///
  /// - Complexity: O(customers × categories × trees), on all cores.
  /// - Throws: `LearningError.libraryFailure`.
  public init(predictor: NeedPredictor, states: [CustomerState], asOf moment: Timestamp) throws {
    let day = predictor.day(after: moment)
    let space = predictor.space
    let firstWeek = Self.monday(predictor.model.snapshot.originDay)
    let weeks = max(1, Int((Int64(day - 1) - Int64(firstWeek)) / 7) + 1)
    let parts = try parallelBlocks(states.count, blockSize: 32) { block in
      var part = BoardTally(categories: space.count, weeks: weeks)
      let rows = predictor.features.rows(for: states[block], day: day)
      let margins = try predictor.margins(rows)
      for (index, state) in states[block].enumerated() {
        part.addStrengths(predictor, rows: rows, margins: margins, from: index * space.count)
        part.addHistory(state, space: space, day: day, firstWeek: firstWeek)
      }
      return part
    }
    let tally = parts.reduce(into: BoardTally(categories: space.count, weeks: weeks)) { $0.merge($1) }
    asOf = moment
    horizonDays = NeedMining.horizonDays
    customersBase = states.count
    let trends = Self.trends(tally, customers: states.count)
    rows = (0..<space.count).map { column in
      tally.row(
        column, predictor: predictor, customers: states.count, trend: trends[column], firstWeek: firstWeek)
    }.sorted { ($1.atStake.minorUnits, $0.subject.id) < ($0.atStake.minorUnits, $1.subject.id) }
    findings = Self.findings(rows)
  }

  /// The row of a category.
  public func row(ofSubject id: String) -> Row? { rows.first { $0.subject.id == id } }

  static func monday(_ day: Int32) -> Int32 { day - Int32(CivilDate.weekday(ofDay: Int64(day))) }

  /// Tests each category: customers who bought it in the last 28 days and not before against the reverse.
  private static func trends(_ tally: BoardTally, customers: Int) -> [Trend] {
    let counts = tally.months
    let tested = counts.indices.filter {
      counts[$0].recent + counts[$0].previous - 2 * counts[$0].both >= testedFrom
    }
    let pValues = counts.map { count in
      HypothesisTests.mcNemarMidP(
        onlyFirst: count.recent - count.both, onlySecond: count.previous - count.both
      ).pValue
    }
    let adjusted = HypothesisTests.benjaminiHochberg(tested.map { pValues[$0] })
    let qValues = Dictionary(uniqueKeysWithValues: zip(tested, adjusted))
    return counts.indices.map { column in
      let count = counts[column]
      let base = Double(max(1, customers))
      // A category too small to be tested has no adjusted value and stays steady.
      var trend = NeedTrend(
        change: (Double(count.recent) - Double(count.previous)) / Double(max(1, count.previous)),
        pValue: pValues[column], qValue: qValues[column] ?? 1, level: falseDiscoveryRate)
      trend.qValue = qValues[column]
      return Trend(
        base: trend, recentShare: Double(count.recent) / base, previousShare: Double(count.previous) / base)
    }
  }
}
