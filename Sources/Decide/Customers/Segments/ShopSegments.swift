import Commerce
import Features
import Learning
import Segmentation

/// A shop's customers in segments: what each is like, how sure the partition is, and how customers moved.
///
/// ```swift
/// let found = try await SegmentFitting().fit(SegmentDataset(ledger: ledger, asOf: now), context: FitContext(seed: 1))
/// found.segments.map { ($0.name.en, $0.size, $0.spendShare) }
/// found.segment(ofCustomer: "1044")?.id
/// ```
/// Saved as a model. Customers are named by their ids; a segment keeps its id from one fit to the next as long as at least half
/// of it is found again.
public struct ShopSegments: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// One thing that sets a segment apart from all other customers.
  public struct Trait: Sendable, Codable, Equatable {
    /// The feature's column.
    public var feature: String
    /// The segment's mean.
    public var inside: Double
    /// That of all others.
    public var outside: Double
    /// Their difference in standard deviations.
    public var effect: Double
    /// The share of chance findings among differences as clear.
    public var qValue: Double
  }

  /// One segment.
  public struct Segment: Sendable, Codable, Equatable {
    /// Its id: `c1`, or `rfm-champions`.
    public var id: String
    /// A short name.
    public var name: BilingualText
    /// What sets it apart, in a sentence.
    public var description: BilingualText
    /// How many customers.
    public var size: Int
    /// Their share of the customers segmented.
    public var share: Double
    /// What they spent, in minor units.
    public var spend: Int64
    /// Its share of what all spent.
    public var spendShare: Double
    /// What sets it apart, the greatest effect first.
    public var traits: [Trait]
    /// The mean of each feature.
    public var means: [Double]
    /// How much closer its customers are to each other than to the next segment; nil for RFM.
    public var silhouette: Double?
    /// The mean similarity to the segment found again when customers are drawn anew; nil for RFM.
    public var stability: Double?
    /// What its customers need, the most unlike the shop first; empty where no needs were mined.
    public var needs: [Need] = []

    /// A segment that has no customers.
    public static func nobody(id: String, name: BilingualText, description: BilingualText, features: Int)
      -> Segment
    {
      Segment(
        id: id, name: name, description: description, size: 0, share: 0, spend: 0, spendShare: 0, traits: [],
        means: [Double](repeating: .nan, count: features))
    }
  }

  /// How strongly a segment needs a category.
  public struct Need: Sendable, Codable, Equatable {
    /// The category.
    public var category: String
    /// The mean strength in the segment.
    public var strength: Double
    /// Its standard error.
    public var error: Double
    /// The mean strength over all customers segmented.
    public var overall: Double
    /// How many of them it is the mean of.
    public var customers: Int
  }

  /// The customers of an earlier day by the same centers, and who has moved since.
  public struct Snapshot: Sendable, Codable, Equatable {
    /// Its last day, since 1970-01-01.
    public var day: Int32
    /// How many customers were in each segment.
    public var sizes: [Int]
    /// The segment of each of the model's customers, −1 where there was none.
    @Packed public var labels: [Int32]
    /// Who moved, the most first.
    public var flows: [Flow]
    /// How many bought then and not now.
    public var left: Int
    /// How many buy now and did not then.
    public var joined: Int
    /// The share of those there at both times who stayed.
    public var stayed: Double
    /// The mean distance to the center, over that of now: above 1 the segments fitted worse.
    public var distance: Double
    /// The population stability index of the segments' shares, then against now.
    public var stabilityIndex: Double
  }

  /// Those who moved from one segment to another.
  public struct Flow: Sendable, Codable, Equatable {
    /// The segment before, by its place.
    public var from: Int
    /// The segment now.
    public var to: Int
    /// How many moved.
    public var customers: Int
    /// Their share of the segment before.
    public var share: Double
    /// What changed for them against those who stayed, the greatest effect first.
    public var changes: [SegmentMigration.Change]
  }

  /// A customer's places on the maps.
  public struct Point: Sendable, Codable, Equatable {
    /// The customer's place in `customers`.
    public var customer: Int
    /// Along the two directions of most variance.
    public var principal: [Double]
    /// Where neighbours stay together; nil where this was not computed.
    public var neighbours: [Double]?
  }

  /// The sample of customers on a map.
  public struct Map: Sendable, Codable, Equatable {
    /// The customers.
    public var points: [Point]
    /// The share of the variance along the two directions.
    public var explained: [Double]
    /// The share of neighbours kept by the principal components, from 0 to 1.
    public var principalTrust: Double?
    /// The share of neighbours kept by the other map.
    public var neighbourTrust: Double?
  }

  /// How good the partition is.
  public struct Quality: Sendable, Codable, Equatable {
    /// The mean silhouette.
    public var silhouette: Double
    /// The mean similarity to segments found again.
    public var stability: Double
    /// The index of Caliński and Harabasz.
    public var calinskiHarabasz: Double
    /// The index of Davies and Bouldin.
    public var daviesBouldin: Double
    /// How many customers stability was measured on.
    public var customersMeasured: Int
  }

  /// The Bayesian information criterion of a Gaussian mixture of so many segments; the larger, the better.
  public struct Criterion: Sendable, Codable, Equatable {
    /// How many segments.
    public var segments: Int
    /// The criterion of the best family; nil where all collapse.
    public var bic: Double?
  }

  /// The moment it is of.
  public var asOf: Timestamp
  /// The last day that counted, since 1970-01-01.
  public var day: Int32
  /// How many days counted.
  public var days: Int
  /// The currency of money.
  public var currency: Currency
  /// The features' columns.
  public var features: [String]
  /// The mean of each feature over all.
  public var means: [Double]
  /// How features become points.
  public var encoding: TableEncodingModel
  /// The segments' centers.
  public var centers: KMeansModel
  /// The segments, the one of the first center first.
  public var segments: [Segment]
  /// The groups of recency, frequency and monetary that have customers.
  public var groups: [Segment]
  /// All customers who bought something then or at an earlier day looked at.
  public var customers: [String]
  /// The segment of each by its place, −1 for those who bought nothing.
  @Packed public var labels: [Int32]
  /// The group of each by its place in `groups`, −1 as above.
  @Packed public var cells: [Int32]
  /// How good it is.
  public var quality: Quality
  /// Why so many; nil where the number was given, or kept.
  public var choice: SegmentCount.Choice?
  /// What mixtures say of the number.
  public var criteria: [Criterion]
  /// Earlier days, the oldest first.
  public var snapshots: [Snapshot]
  /// A map of a sample.
  public var map: Map
  /// When the centers were found: later fits may keep them.
  public var centeredAt: Timestamp
  /// The mean distance to the center when the centers were found.
  public var distanceAtFirst: Double
  /// The number of the next new segment.
  public var nextNumber: Int
  /// Seconds of the run.
  public var seconds: Double

  /// How many customers bought something.
  public var count: Int { segments.reduce(0) { $0 + $1.size } }
}
