import MathKernels
import Recommendation

/// The customers whom a ranker would most recommend an item to: whom to tell about it.
///
/// ```swift
/// let audience = Audience(of: "tea", ranker: model)
/// for (customer, history) in histories { audience.consider(customer, history) }
/// audience.best(20)
/// ```
/// The score is the ranker's own, made of the parts that the customer's events add: for an item that the ranker does not know,
/// the likeness of its words to the history.
public struct Audience {
  /// One customer.
  public struct Member: Sendable {
    /// The customer's number, as given.
    public var customer: Int
    /// The score of the item for the customer's history.
    public var score: Double
    /// Why, what counts most first.
    public var reasons: [PageReason]
  }

  private let item: Int32?
  private let ranker: any Recommender
  private let kind: PageReason.Kind
  private var heap: TopK
  private var histories: [Int32: CodedHistory] = [:]
  /// How many customers were considered.
  public private(set) var considered = 0

  /// Whom to tell about an item.
  ///
  /// - Parameter ranker: the ranker, or the content model for an item that the ranker does not know.
  public init(of item: String, ranker: any Recommender, count: Int) {
    self.item = ranker.items.index(of: item)
    self.ranker = ranker
    kind = ranker is ContentModel ? .content : .similar
    heap = TopK(count)
  }

  /// Takes a customer into account.
  public mutating func consider(_ customer: Int, _ history: [HistoryItem]) {
    considered += 1
    guard let item else { return }
    let coded = ranker.coded(history)
    guard !coded.isEmpty else { return }
    let score =
      ranker.contributions(of: coded, to: [item])[0].reduce(0, +) + ranker.base(of: coded, to: [item])[0]
    guard score > 0, score > heap.threshold else { return }
    heap.offer(Int32(customer), score)
    histories[Int32(customer)] = coded
    if histories.count > 4 * max(100, heap.count) {
      let kept = Set(heap.sorted().map(\.index))
      histories = histories.filter { kept.contains($0.key) }
    }
  }

  /// The best customers, best first.
  public func best() -> [Member] {
    guard let item else { return [] }
    return heap.sorted().map { entry in
      let history = histories[entry.index] ?? CodedHistory(items: [], weights: [])
      let reasons = ranker.reasons(of: history, for: [item], scores: [entry.score])[0].map {
        PageReason($0.because == nil ? .popular : kind, item: $0.because, contribution: $0.contribution)
      }
      return Member(customer: Int(entry.index), score: Double(entry.score), reasons: reasons)
    }
  }
}
