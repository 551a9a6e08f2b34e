import Commerce
import MathKernels
import TextAnalysis

/// A need found in what customers write.
public struct VoiceNeed: Sendable, Codable, Equatable {
  /// What kind of need it is.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A problem that wants solving.
    case solve
    /// Asked for or wished for, and not to be had.
    case unmet
    /// Asked about and compared.
    case explore
  }

  /// How its fulfilment moves satisfaction.
  public enum KanoClass: String, Sendable, Codable, CaseIterable {
    /// Its lack displeases, its presence goes without saying.
    case mustBe = "must-be"
    /// The more the better.
    case oneDimensional = "one-dimensional"
    /// Its presence delights, its lack is forgiven.
    case attractive
    /// It moves nothing.
    case indifferent
  }

  /// Where it stands on the map of importance and performance.
  public enum Position: String, Sendable, Codable, CaseIterable {
    /// Important and poor.
    case concentrateHere = "concentrate-here"
    /// Important and good.
    case keepUp = "keep-up"
    /// Unimportant and poor.
    case lowPriority = "low-priority"
    /// Unimportant and good.
    case possibleOverkill = "possible-overkill"
  }

  /// How satisfaction moves with a good and with a bad mention, with the test.
  public struct Kano: Sendable, Codable, Equatable {
    /// What a good mention adds to satisfaction, on its own scale.
    public var reward: Double
    /// What a bad mention adds; below 0 it takes away.
    public var penalty: Double
    /// The p-value of no reward.
    public var rewardPValue: Double
    /// The p-value of no penalty.
    public var penaltyPValue: Double
    /// What that makes of it.
    public var kanoClass: KanoClass

    private enum CodingKeys: String, CodingKey {
      case reward, penalty
      case rewardPValue = "reward_p_value"
      case penaltyPValue = "penalty_p_value"
      case kanoClass = "class"
    }
  }

  /// The customers of one week.
  public struct Week: Sendable, Codable, Equatable {
    /// Its Monday.
    public var week: String
    /// How many customers spoke of it.
    public var customers: Int
    /// How many customers wrote anything.
    public var writers: Int
  }

  /// The need's id, the same in every run that finds it again.
  public var needID: String
  /// Its name: a person's, or its words.
  public var label: String
  /// The words that tell it from others, best first.
  public var words: [String]
  /// What kind it is.
  public var kind: Kind
  /// What people decided; nil while they have not.
  public var status: DecidedNeed.Status?
  /// How many customers state it.
  public var customers: Int
  /// Their share of all who wrote.
  public var shareOfCustomers: Double
  /// The share's confidence interval (Wilson).
  public var shareInterval: ConfidenceInterval
  /// How many sentences state it.
  public var statements: Int
  /// How many sentences speak well of it.
  public var praises: Int
  /// The mean polarity of all sentences about it, from −1 to 1.
  public var sentiment: Double
  /// Whether more or fewer of those who write speak of it than before.
  public var trend: NeedTrend?
  /// The customers of each week.
  public var series: [Week]
  /// How satisfaction moves with it; nil with too few texts.
  public var kano: Kano?
  /// Where it stands on the map of importance and performance.
  public var position: Position
  /// The revenue of the customers and items it touches; nil when that is not known.
  public var atStake: Money?
  /// Sentences that show it: near its centre and unlike each other.
  public var quotes: [VoiceQuote]
  /// All its sentences, for drilling down and for decisions.
  public var members: [AnalystDecision.Member]

  private enum CodingKeys: String, CodingKey {
    case needID = "need_id"
    case label, words, kind, status, customers
    case shareOfCustomers = "share_of_customers"
    case shareInterval = "share_interval"
    case statements, praises, sentiment, trend, series, kano, position
    case atStake = "at_stake"
    case quotes, members
  }
}

/// What customers say they need: the needs found in texts, the most stated first.
public struct VoiceBoard: Sendable, Codable, Equatable {
  /// How sentences were compared.
  public enum Comparison: String, Sendable, Codable {
    /// By vectors of their meaning.
    case meaning
    /// By the words they share, since there was no embedder.
    case words
  }

  /// The needs, the most stated first.
  public var needs: [VoiceNeed]
  /// What people rejected; kept, so that nothing they decided is lost.
  public var rejected: [VoiceNeed]
  /// How many texts were read.
  public var texts: Int
  /// How many customers wrote them.
  public var customers: Int
  /// How many statements were found.
  public var statements: Int
  /// How many of them are like too few others to be a need.
  public var ungrouped: Int
  /// How sentences were compared.
  public var comparedBy: Comparison

  private enum CodingKeys: String, CodingKey {
    case needs, rejected, texts, customers, statements, ungrouped
    case comparedBy = "compared_by"
  }
}
