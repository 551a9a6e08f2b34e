import Foundation
import Learning
import MathKernels
import TextAnalysis

/// Tastes: customers as mixtures of what is bought together, by latent Dirichlet allocation.
///
/// ```swift
/// let model = try await BasketTopics(.init(tastes: 6)).fit(
///   [.init(customer: "ann", items: ["COFFEE", "CREAM", "COFFEE"])], context: FitContext(seed: 1))
/// model.tastes[0].items.prefix(3)     // what the first taste buys most beyond all others
/// model.labels                        // the strongest taste of each customer
/// ```
/// A customer is a document, what they bought are its words: a category bought on ten days counts ten times. What nearly all
/// buy tells nobody apart and is left out above `greatestShare`. The sampling is that of topics of texts.
///
/// - Complexity: O(purchases × tastes × sweeps).
/// - Throws: `SegmentationError` for fewer customers than tastes, `TextError`, `CancellationError`.
/// Source: Blei, Ng and Jordan (2003), https://www.jmlr.org/papers/v3/blei03a.html; see `LatentDirichletAllocation`.
public struct BasketTopics: Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many tastes.
    public var tastes: Int
    /// How many sweeps.
    public var epochs: Int
    /// What a larger share of the customers buys is left out.
    public var greatestShare: Double
    /// What fewer customers buy is left out.
    public var leastCustomers: Int

    /// Settings.
    public init(tastes: Int = 6, epochs: Int = 200, greatestShare: Double = 0.8, leastCustomers: Int = 2) {
      (self.tastes, self.epochs) = (tastes, epochs)
      (self.greatestShare, self.leastCustomers) = (greatestShare, leastCustomers)
    }
  }

  /// What one customer bought.
  public struct Basket: Sendable, Equatable {
    /// The customer.
    public var customer: String
    /// Items or categories, each as often as it was bought.
    public var items: [String]

    /// A basket.
    public init(customer: String, items: [String]) { (self.customer, self.items) = (customer, items) }
  }

  /// The settings.
  public var configuration: Configuration

  /// The algorithm with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Finds the tastes.
  public func fit(_ data: [Basket], context: FitContext) async throws -> BasketTopicsModel {
    guard configuration.tastes >= 1 else {
      throw SegmentationError.invalidParameter(
        name: "tastes", value: "\(configuration.tastes)", expected: "a whole number of at least 1")
    }
    guard data.count >= max(2, configuration.tastes) else {
      throw SegmentationError.notEnoughData(needed: max(2, configuration.tastes), found: data.count)
    }
    let model = try await LatentDirichletAllocation(
      configuration: .init(
        topics: configuration.tastes, epochs: configuration.epochs,
        leastDocuments: configuration.leastCustomers, greatestShare: configuration.greatestShare)
    ).fit(data.map(\.items), context: context)
    let mixtures = parallelBlocks(data.count, blockSize: 64) { block in
      block.map { model.mixture(of: data[$0].items) }
    }.flatMap { $0 }
    return BasketTopicsModel(model, customers: data.map(\.customer), mixtures: mixtures)
  }
}

/// Customers as mixtures of tastes; the taste that is strongest for most customers is the first.
public struct BasketTopicsModel: FittedModel, Equatable {
  /// 1.
  public static var formatVersion: Int { 1 }

  /// One taste.
  public struct Taste: Sendable, Codable, Equatable {
    /// How many customers it is the strongest of.
    public var size: Int
    /// What is bought, that first which is most this taste's own.
    public var items: [Item]
  }

  /// An item of a taste.
  public struct Item: Sendable, Codable, Equatable {
    /// Its name.
    public var name: String
    /// Its share of what the taste buys.
    public var share: Double
    /// How many times that of all tastes together.
    public var lift: Double
  }

  /// The customers.
  public let customers: [String]
  /// The tastes.
  public let tastes: [Taste]
  /// For each customer the share of each taste.
  public let mixtures: [[Double]]
  /// Each customer's strongest taste.
  public let labels: [Int]

  private static let mostItems = 12

  init(_ model: LatentDirichletAllocationModel, customers: [String], mixtures: [[Double]]) {
    let strongest = mixtures.map { shares in shares.indices.max { shares[$0] < shares[$1] } ?? 0 }
    var sizes = [Int](repeating: 0, count: model.topics)
    for taste in strongest { sizes[taste] += 1 }
    let order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    var ranks = sizes
    for (rank, taste) in order.enumerated() { ranks[taste] = rank }
    let weights = (0..<model.topics).map { taste in
      mixtures.reduce(0) { $0 + $1[taste] } / Double(max(1, mixtures.count))
    }
    self.customers = customers
    self.mixtures = mixtures.map { shares in order.map { shares[$0] } }
    labels = strongest.map { ranks[$0] }
    tastes = order.map { taste in
      Taste(size: sizes[taste], items: Self.items(of: taste, model, weights))
    }
  }

  /// Those whose share times the logarithm of their lift is greatest: much bought, and bought by this taste.
  private static func items(
    of taste: Int, _ model: LatentDirichletAllocationModel, _ weights: [Double]
  ) -> [Item] {
    let all = model.vocabulary.map { name -> Item in
      let share = model.share(of: name, in: taste)
      let usual = weights.indices.reduce(0) { $0 + weights[$1] * model.share(of: name, in: $1) }
      return Item(name: name, share: share, lift: usual > 0 ? share / usual : 1)
    }
    func weight(_ item: Item) -> Double { item.share * log(max(item.lift, 1e-9)) }
    return Array(all.sorted { (weight($1), $0.name) < (weight($0), $1.name) }.prefix(mostItems))
  }

  /// A short name for each taste: what is most its own.
  public var names: [String] {
    tastes.map { $0.items.prefix(2).map(\.name).joined(separator: " · ") }
  }
}
