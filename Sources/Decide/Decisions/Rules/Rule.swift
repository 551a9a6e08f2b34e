/// One rule of a page: what it does, and for which requests.
///
/// ```swift
/// let rule = try RuleSet(parsing: "no-stock: filter out where stock = 0 when context = email").rules[0]
/// rule.name                                              // "no-stock"
/// rule.words.english                                     // "Hides items whose stock is 0, in e-mails."
/// rule.isActive(for: RuleRequest(context: "home"))       // false
/// ```
public struct Rule: Sendable, Equatable {
  /// The name before the colon, or `line-7` for a rule without one; unique in its document.
  public let name: String
  /// The line of the document that the rule stands on, the first being 1.
  public let line: Int
  /// The line without its comment and surrounding blanks.
  public let text: String
  /// What the rule does.
  public let action: RuleAction
  /// The requests it does that for; nil for all.
  public let when: RequestCondition?

  /// Whether the rule takes part in a page for this request.
  public func isActive(for request: RuleRequest) -> Bool { when?.matches(request) ?? true }
}

/// What a rule does to a page.
///
/// Of `diversify`, `calibrate`, `explore`, `fatigue` and `holdBackSubstitutes` a document may hold several, for different
/// requests. Where several of one kind are active for a request, the last one in the document counts
/// (`RuleSet.active(for:)`).
///
/// ```swift
/// if case .boost(let factor, let condition) = rule.action, condition.matches(item, at: now) { score *= factor }
/// ```
public enum RuleAction: Sendable, Equatable {
  /// `filter out where …`: removes the items that match.
  case filterOut(ItemCondition)
  /// `filter to where …`: removes the items that do not match.
  case filterTo(ItemCondition)
  /// `boost 1.3 where …`: multiplies the page score of the items that match, by 1 to 100.
  case boost(Double, ItemCondition)
  /// `bury 0.5 where …`: multiplies the page score of the items that match, by 0 to 1.
  case bury(Double, ItemCondition)
  /// `pin "1029743" at 3`: puts an item in a place, 1 to 100.
  case pin(item: String, position: Int)
  /// `quota at most 2 per category`: so many items of each category or brand at most, 1 to 100.
  case quotaAtMostPer(Int, ItemGroup)
  /// `quota at most 2 where …`: so many of the items that match at most, 1 to 100.
  case quotaAtMost(Int, ItemCondition)
  /// `quota at least 2 where …`: so many of the items that match at least, if there are so many; 1 to 100.
  case quotaAtLeast(Int, ItemCondition)
  /// `diversify mmr 0.3`: makes the page more varied, with a strength of 0 to 1.
  case diversify(DiversityMethod, strength: Double)
  /// `calibrate 0.5`: brings the page closer to the customer's own mix of categories, with a strength of 0 to 1.
  case calibrate(Double)
  /// `explore 10% in 1 slots`: tries out other items with a probability of 0 to 0.5, in 1 to 10 places.
  case explore(share: Double, slots: Int)
  /// `fatigue 5 shows in 7 days`: hides what was shown so often and is not yet bought; 1 to 1,000 shows, at most 365 days.
  case fatigue(shows: Int, days: Double)
  /// `hold back substitutes`: in a cart, hides items of the categories that are in the cart already.
  case holdBackSubstitutes
}

extension RuleAction {
  /// The kinds of which one at most works on a page.
  enum Sole { case diversify, calibrate, explore, fatigue, holdBack }

  /// The action's kind, if it is one of those.
  var sole: Sole? {
    switch self {
    case .diversify: .diversify
    case .calibrate: .calibrate
    case .explore: .explore
    case .fatigue: .fatigue
    case .holdBackSubstitutes: .holdBack
    default: nil
    }
  }
}

/// What a quota counts items by.
///
/// ```swift
/// ItemGroup(rawValue: "brand")      // .brand, as in `quota at most 2 per brand`
/// ```
public enum ItemGroup: String, Sendable, Equatable, Codable, CaseIterable {
  /// The item's category.
  case category
  /// The item's brand.
  case brand
}

/// How a page is made more varied.
///
/// ```swift
/// DiversityMethod(rawValue: "dpp")  // .dpp, as in `diversify dpp 0.3`
/// ```
public enum DiversityMethod: String, Sendable, Equatable, Codable, CaseIterable {
  /// Maximal marginal relevance: an item counts less the more it is like those above it.
  case mmr
  /// Determinantal point process: the items of a page are chosen together, likeness counting against them.
  case dpp
}
