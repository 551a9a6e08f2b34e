import Commerce
import Learning
import MathKernels
import Patterns

/// What is bought together in a shop, and one after another: the model that a shop saves.
///
/// Rules and relations are found in the earlier weeks and tried on the later ones, which the search has not seen.
public struct ShopPatterns: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// The first day with orders.
  public var firstDay: Int32
  /// The last day that patterns were looked for in; later days are for trying them.
  public var splitDay: Int32
  /// The last day.
  public var endDay: Int32
  /// The orders of the earlier days.
  public var earlierOrders: Int
  /// The orders of the later days.
  public var laterOrders: Int
  /// Rules, those that explain most orders first, categories before items.
  public var rules: [Rule]
  /// Complements and substitutes, the clearest first.
  public var relations: [Relation]
  /// What is bought next, the clearest first.
  public var sequences: [Sequence]
  /// How many days later counts as next.
  public var windowDays: Int

  /// Who buys these buys those too.
  public struct Rule: Sendable, Codable, Equatable {
    /// What the names are of.
    public var level: OrderTable.Level
    /// What is there.
    public var antecedent: [String]
    /// What then is there too.
    public var consequent: [String]
    /// In the earlier weeks.
    public var earlier: Counts
    /// In the later weeks.
    public var later: Counts
    /// Where the confidence lies in the later weeks, with 95 %; nil where the antecedent was not bought.
    public var laterConfidence: ConfidenceInterval?
    /// Whether it is more than chance in the later weeks too.
    public var holds: Bool
  }

  /// In how many orders something was found.
  public struct Counts: Sendable, Codable, Equatable {
    /// Orders with all of it.
    public var both: Int
    /// Orders with the antecedent.
    public var antecedent: Int
    /// Orders with the consequent.
    public var consequent: Int
    /// All orders.
    public var orders: Int
    /// The share of chance findings among those as clear.
    public var qValue: Double

    /// The share of the orders with all of it.
    public var support: Double { orders > 0 ? Double(both) / Double(orders) : 0 }
    /// The share of the antecedent's orders that have the consequent; nil without such orders.
    public var confidence: Double? { antecedent > 0 ? Double(both) / Double(antecedent) : nil }
    /// The confidence over the share of all orders with the consequent; nil without such orders.
    public var lift: Double? {
      guard let confidence, consequent > 0 else { return nil }
      return confidence * Double(orders) / Double(consequent)
    }
    /// The share of the orders beyond what independence would give.
    public var leverage: Double {
      guard orders > 0 else { return 0 }
      return support - Double(antecedent) / Double(orders) * Double(consequent) / Double(orders)
    }
    /// How many times rarer the antecedent comes alone than by chance; nil when it never does.
    public var conviction: Double? {
      guard let confidence, confidence < 1, orders > 0 else { return nil }
      return (1 - Double(consequent) / Double(orders)) / (1 - confidence)
    }

    init(_ rule: AssociationRule) {
      (both, antecedent, consequent) = (rule.count, rule.antecedentCount, rule.consequentCount)
      (orders, qValue) = (rule.baskets, rule.qValue)
    }
  }

  /// What two are to each other.
  public struct Relation: Sendable, Codable, Equatable {
    /// What the names are of.
    public var level: OrderTable.Level
    /// The two.
    public var names: [String]
    /// Complements or substitutes.
    public var kind: ItemRelations.Relation.Kind
    /// Orders with both, in the earlier weeks.
    public var count: Int
    /// Orders with both that chance would give.
    public var expected: Double
    /// How alike the company is in which they are bought, 0 to 1.
    public var similarity: Double
    /// The share of chance findings among those as clear.
    public var qValue: Double
    /// Orders with both in the later weeks; nil where they are too few to tell.
    public var laterCount: Int?
    /// Those that chance would give there.
    public var laterExpected: Double?
    /// Whether it is so in the later weeks too.
    public var holds: Bool
  }

  /// Who buys one thing buys another some days later, more often than after other orders.
  public struct Sequence: Sendable, Codable, Equatable {
    /// What the names are of.
    public var level: OrderTable.Level
    /// What is bought first.
    public var first: String
    /// What is bought within the days after.
    public var next: String
    /// Orders with the first and without the next.
    public var orders: Int
    /// Those after which the next was bought in time.
    public var followed: Int
    /// The same customers' share after their other orders.
    public var usualShare: Double
    /// Customers with both kinds of orders.
    public var customers: Int
    /// By how much a customer's share after the first is above their usual one, on average.
    public var difference: ConfidenceInterval
    /// The middle of the interval.
    public var meanDifference: Double
    /// The median of the days until the next.
    public var medianDays: Int
    /// The share of chance findings among those as clear.
    public var qValue: Double
    /// The mean difference in the later weeks; nil where they are too few to tell.
    public var laterDifference: Double?
    /// Whether it is so in the later weeks too.
    public var holds: Bool

    /// The share of orders that were followed.
    public var share: Double { orders > 0 ? Double(followed) / Double(orders) : 0 }
  }
}
