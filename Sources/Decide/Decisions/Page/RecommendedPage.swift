import Recommendation

/// A page of recommendations: what is shown, in order, and how it came about.
public struct RecommendedPage: Sendable {
  /// One item of a page.
  public struct Entry: Sendable {
    /// The item.
    public var item: String
    /// Its place, counted from 1.
    public var position: Int
    /// The score by which the page was put in order: 1 for the best candidate before rules, comparable within one source.
    public var score: Double
    /// What the source gave it.
    public var sourceScore: Double?
    /// Where it comes from; for an item that is being tried out, `explored`.
    public var source: CandidateSource
    /// The probability with which it was shown at this place.
    public var propensity: Double
    /// The names of the rules that moved it or put it there.
    public var rules: [String]
    /// Why it is there, what counts most first.
    public var reasons: [PageReason]
  }

  /// The items, best first.
  public var entries: [Entry]
  /// The last source that had to stand in for the ranker, `popular` before `content`; nil when the ranker answered for the whole
  /// page.
  public var fallback: CandidateSource?
  /// How it came about.
  public var trace: PageTrace
}

/// One reason for an item on a page.
public struct PageReason: Sendable, Equatable {
  /// What kind of reason.
  public enum Kind: String, Sendable, Codable {
    /// The customer has bought it before.
    case bought
    /// Those who had `item` also had it.
    case similar
    /// It goes into one order with `item`.
    case complement
    /// Its words and attributes are like those of `item`.
    case content
    /// It suits what the customer has had.
    case personal
    /// It is popular.
    case popular
    /// The rule named `rule` put it there.
    case pinned
    /// It is being tried out.
    case explored
  }

  /// What kind of reason.
  public var kind: Kind
  /// The item of the history, the cart or the page that speaks for it.
  public var item: String?
  /// What it adds to the source's score.
  public var contribution: Double?
  /// The rule.
  public var rule: String?

  /// One reason.
  public init(_ kind: Kind, item: String? = nil, contribution: Double? = nil, rule: String? = nil) {
    self.kind = kind
    self.item = item
    self.contribution = contribution
    self.rule = rule
  }
}

/// How a page came about.
public struct PageTrace: Sendable {
  /// What one source did.
  public struct Source: Sendable, Equatable {
    /// The source.
    public var source: CandidateSource
    /// How many candidates it named.
    public var named: Int
    /// How many of them are on the page.
    public var used: Int
  }

  /// What one rule did.
  public struct RuleDeed: Sendable, Equatable {
    /// Its place in the document.
    public var rule: Int
    /// Whether its `when` holds for this request; of several that set the same thing for the page the last one counts.
    public var isActive: Bool
    /// How many of the candidates it took out.
    public var removed: Int
    /// How many of the page's items it moved or put there.
    public var moved: Int
  }

  /// One candidate.
  public struct Candidate: Sendable {
    /// The item.
    public var item: String
    /// Where it comes from.
    public var source: CandidateSource
    /// What the source gave it.
    public var sourceScore: Double?
    /// Its place in the source's own order, counted from 1.
    public var sourceRank: Int?
    /// The score by which the page was put in order.
    public var score: Double
    /// Its place on the page.
    public var place: Int?
    /// What became of it.
    public var fate: CandidateFate
    /// The names of the rules that moved it or took it out.
    public var rules: [String]
  }

  /// The sources.
  public var sources: [Source] = []
  /// The rules; empty unless a full trace was asked for.
  public var rules: [RuleDeed] = []
  /// The candidates, best first; empty unless a full trace was asked for.
  public var candidates: [Candidate] = []
  /// How the page was diversified.
  public var diversity: (method: DiversityMethod, strength: Double)?
  /// How strongly it was calibrated.
  public var calibration: Double?
  /// The share of visits that explore, how many places take part, and those that did.
  public var exploration: (share: Double, slots: Int, explored: [Int])?
  /// Milliseconds by stage.
  public var milliseconds: [String: Double] = [:]
}
