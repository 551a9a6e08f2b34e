import Commerce
import Recommendation

/// What pages of a shop are made of.
public struct PageParts: Sendable {
  /// The model of what goes together in one order, with the row of each of its items.
  public struct Complements: Sendable {
    /// The model.
    public let model: any Recommender
    let rows: [Int]

    /// A model whose items are all in the table.
    ///
    /// - Parameter table: gains the items that it lacks.
    public init(_ model: any Recommender, table: inout ItemTable) {
      self.model = model
      rows = model.items.ids.map { table.row(of: $0) ?? table.put(Item(itemID: $0)) }
    }
  }

  /// The live model: a recommender that may itself rank the candidates of several.
  public var ranker: any Recommender
  /// The items.
  public var table: ItemTable
  /// The rules.
  public var rules: RuleTable
  /// What goes together in one order; nil without orders to learn from.
  public var complements: Complements?
  /// What is alike by words and attributes; nil without descriptions.
  public var content: ContentModel?

  /// The parts of a page.
  public init(
    ranker: any Recommender, table: ItemTable, rules: RuleTable, complements: Complements? = nil,
    content: ContentModel? = nil
  ) {
    precondition(table.rankedCount == ranker.items.count, "the table begins with the ranker's items")
    self.ranker = ranker
    self.table = table
    self.rules = rules
    self.complements = complements
    self.content = content
  }
}

/// An item shown to a customer before.
public struct Impression: Sendable, Equatable {
  /// The item.
  public var item: String
  /// How many days ago.
  public var ageDays: Double

  /// An item shown some days ago.
  public init(item: String, ageDays: Double) {
    self.item = item
    self.ageDays = ageDays
  }
}

/// One page asked for, with all that is known of who asks.
public struct PageInput: Sendable {
  /// What is asked for.
  public var request: PlacementRequest
  /// What the customer and the visit have dealt with, oldest first.
  public var history: [HistoryItem]
  /// What the rules' conditions look at.
  public var facts: RuleRequest
  /// The items that count as bought before.
  public var had: Set<String>
  /// What was shown to the customer before.
  public var impressions: [Impression]
  /// Seeds exploration; the same seed explores the same.
  public var seed: UInt64

  /// One page asked for; unless told otherwise all of the history that speaks for liking counts as bought before.
  public init(
    _ request: PlacementRequest, history: [HistoryItem], facts: RuleRequest, had: Set<String>? = nil,
    impressions: [Impression] = [], seed: UInt64 = 0
  ) {
    self.request = request
    self.history = history
    self.facts = facts
    self.had = had ?? Set(history.lazy.filter { $0.weight > 0 }.map(\.item))
    self.impressions = impressions
    self.seed = seed
  }

  /// How often each item was shown within so many days.
  func timesShown(inDays days: Double) -> [String: Int] {
    var times: [String: Int] = [:]
    for impression in impressions where impression.ageDays <= days { times[impression.item, default: 0] += 1 }
    return times
  }
}
