import Foundation

/// RFM: customers by how lately, how often and for how much they buy, each scored 1 to 5.
///
/// ```swift
/// let scored = try RecencyFrequencyMonetary().score(purchases, asOf: lastDay)
/// print(scored[0].cell.wording.en, scored[0].recencyScore)
/// ```
/// Scores are quintiles of the customers, 5 the best. Equal values get equal scores, that of the middle of their ranks: where
/// half of the customers have bought once, all of these get the same score, and quintiles are not of one size.
///
/// - Complexity: O(purchases + customers × log customers).
/// Source: Hughes (1994), Strategic Database Marketing; quintiles: Bult and Wansbeek (1995),
/// https://doi.org/10.1287/mksc.14.4.378
public struct RecencyFrequencyMonetary: Sendable {
  /// The scoring.
  public init() {}

  /// One purchase.
  public struct Purchase: Sendable, Equatable {
    /// Who bought.
    public var customer: String
    /// When, in days from any day.
    public var day: Double
    /// What it cost.
    public var amount: Double

    /// A purchase.
    public init(customer: String, day: Double, amount: Double) {
      (self.customer, self.day, self.amount) = (customer, day, amount)
    }
  }

  /// One customer.
  public struct Customer: Sendable, Codable, Equatable {
    /// The customer's id.
    public var id: String
    /// Days since the last purchase.
    public var recencyDays: Double
    /// How many purchases.
    public var frequency: Double
    /// What they cost in all.
    public var monetary: Double
    /// 5 for the latest.
    public var recencyScore = 0
    /// 5 for the most often.
    public var frequencyScore = 0
    /// 5 for the most spent.
    public var monetaryScore = 0
    /// The usual name of the scores.
    public var cell: RFMCell

    /// A customer, not yet scored.
    public init(id: String, recencyDays: Double, frequency: Double, monetary: Double) {
      (self.id, self.recencyDays, self.frequency) = (id, recencyDays, frequency)
      (self.monetary, cell) = (monetary, .lost)
    }
  }

  /// The customers of these purchases, in the order of their first one, as they are on a day.
  ///
  /// - Throws: `SegmentationError.invalidParameter` for numbers that are not finite.
  public func score(_ purchases: [Purchase], asOf day: Double) throws -> [Customer] {
    var (places, customers) = ([String: Int](), [Customer]())
    for purchase in purchases where purchase.day <= day {
      if let place = places[purchase.customer] {
        customers[place].recencyDays = min(customers[place].recencyDays, day - purchase.day)
        customers[place].frequency += 1
        customers[place].monetary += purchase.amount
      } else {
        places[purchase.customer] = customers.count
        customers.append(
          Customer(
            id: purchase.customer, recencyDays: day - purchase.day, frequency: 1, monetary: purchase.amount))
      }
    }
    return try score(customers)
  }

  /// Scores customers whose recency, frequency and spend are known.
  ///
  /// - Throws: `SegmentationError.invalidParameter` for numbers that are not finite.
  public func score(_ customers: [Customer]) throws -> [Customer] {
    for customer in customers
    where !(customer.recencyDays + customer.frequency + customer.monetary).isFinite {
      throw SegmentationError.invalidParameter(
        name: "recency, frequency or monetary of '\(customer.id)'", value: "not a number",
        expected: "finite numbers")
    }
    let recency = Self.quintiles(customers.map { -$0.recencyDays })
    let frequency = Self.quintiles(customers.map(\.frequency))
    let monetary = Self.quintiles(customers.map(\.monetary))
    return customers.indices.map { index in
      var customer = customers[index]
      (customer.recencyScore, customer.frequencyScore) = (recency[index], frequency[index])
      customer.monetaryScore = monetary[index]
      // How much a customer means: often and much, half each, a half rounded up.
      customer.cell = RFMCell(
        recency: recency[index], value: (frequency[index] + monetary[index] + 1) / 2)
      return customer
    }
  }

  /// For each value the fifth that the middle of its ranks is in: 1 to 5.
  public static func quintiles(_ values: [Double]) -> [Int] {
    let sorted = values.sorted()
    var scores: [Double: Int] = [:]
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
      let middle = Double(start + end) / 2 / Double(sorted.count)
      scores[sorted[start]] = min(5, Int(middle * 5) + 1)
      start = end
    }
    return values.map { scores[$0] ?? 1 }
  }
}

/// The usual names for how lately customers bought and how much they mean.
public enum RFMCell: String, Sendable, Codable, CaseIterable {
  /// Lately, often and much.
  case champions
  /// Often and much, and not long ago.
  case loyal
  /// Lately, and now and then.
  case potentialLoyal
  /// Lately, and hardly before.
  case new
  /// Not long ago, and hardly before.
  case promising
  /// Middling in all.
  case needAttention
  /// Some time ago, and seldom.
  case aboutToSleep
  /// Long ago, but once often and much.
  case atRisk
  /// Very long ago, but once among the best.
  case cannotLose
  /// Long ago, and seldom.
  case hibernating
  /// Very long ago, and hardly ever.
  case lost

  /// The cell of two scores from 1 to 5.
  public init(recency: Int, value: Int) {
    self =
      switch (recency, value) {
      case (5, 4...5), (4, 5): .champions
      case (3...4, 4...5): .loyal
      case (4...5, 2...3): .potentialLoyal
      case (5, _): .new
      case (4, _): .promising
      case (3, 3): .needAttention
      case (3, _): .aboutToSleep
      case (1, 5): .cannotLose
      case (1...2, 3...5): .atRisk
      case (2, _): .hibernating
      default: .lost
      }
  }

  /// Its name.
  public var wording: Wording {
    switch self {
    case .champions: Wording(zh: "冠军客户", en: "Champions")
    case .loyal: Wording(zh: "忠诚客户", en: "Loyal customers")
    case .potentialLoyal: Wording(zh: "潜在忠诚客户", en: "Potential loyalists")
    case .new: Wording(zh: "新客户", en: "New customers")
    case .promising: Wording(zh: "有潜力客户", en: "Promising")
    case .needAttention: Wording(zh: "需关注客户", en: "Need attention")
    case .aboutToSleep: Wording(zh: "即将沉睡客户", en: "About to sleep")
    case .atRisk: Wording(zh: "流失风险客户", en: "At risk")
    case .cannotLose: Wording(zh: "不能失去的客户", en: "Cannot lose them")
    case .hibernating: Wording(zh: "沉睡客户", en: "Hibernating")
    case .lost: Wording(zh: "已流失客户", en: "Lost")
    }
  }
}
