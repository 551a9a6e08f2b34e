import Commerce
import Learning
import MathKernels

/// A fitted model that recommends items for a history of items.
///
/// A model implements scores in its own indices; lists, exclusions, fallbacks and reasons are the same for all and come
/// from the extension below.
///
/// ```swift
/// let model = try await ItemKNN().fit(interactions, context: FitContext())
/// for entry in model.recommend(for: ["tea", "milk"], count: 5) { print(entry.item, entry.reasons) }
/// ```
public protocol Recommender: FittedModel {
  /// The items known to the model.
  var items: Vocabulary { get }

  /// How popular each item is: finite, at least 0; the order of the fallback.
  var popularity: [Float] { get }

  /// Scores all items for each history.
  ///
  /// - Parameters:
  ///   - histories: what the users had, in the model's indices.
  ///   - scores: histories × items, row by row, to be overwritten; −infinity where the model has nothing to say. Never NaN.
  func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>)

  /// What each entry of a history adds to the score of each of these items: items × entries, row by row.
  func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]]

  /// What is added to the score of each of these items whatever the history's single entries say, such as an item's bias.
  func base(of history: CodedHistory, to items: [Int32]) -> [Float]

  /// Scores all items by their likeness to one; −infinity where there is none.
  func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>)
}

extension Recommender {
  /// Nothing: most models' scores are made of the history alone.
  public func base(of history: CodedHistory, to items: [Int32]) -> [Float] {
    [Float](repeating: 0, count: items.count)
  }

  /// The best `count` items for a history, oldest entry first: as many as asked for wherever so many are allowed.
  ///
  /// Unknown items of the history are passed over; where the model has too little to say the most popular items follow,
  /// marked `popularityFallback`.
  /// - Parameters:
  ///   - history: what the user had, oldest first.
  ///   - count: how many to recommend.
  ///   - excluding: items never to be recommended.
  ///   - repeatPurchases: whether items of the history may come again.
  ///   - candidates: when given, only these may be recommended.
  public func recommend(
    for history: [HistoryItem], count: Int, excluding: Set<String> = [],
    repeatPurchases: RepeatPurchases = .never,
    candidates: Set<String>? = nil
  ) -> [Recommendation] {
    recommend(
      forEach: [history], count: count, excluding: excluding, repeatPurchases: repeatPurchases,
      candidates: candidates)[0]
  }

  /// The best `count` items for each of several histories, on all cores; the same lists as one by one.
  public func recommend(
    forEach histories: [[HistoryItem]], count: Int, excluding: Set<String> = [],
    repeatPurchases: RepeatPurchases = .never, candidates: Set<String>? = nil
  ) -> [[Recommendation]] {
    let filter = CandidateFilter(
      items: items, excluding: excluding, repeatPurchases: repeatPurchases, candidates: candidates)
    let blocks = parallelBlocks(histories.count, blockSize: 32) { block in
      let coded = block.map { self.coded(histories[$0]) }
      return withScores(of: coded) { scores in
        zip(coded, scores).map { history, row in
          ranked(history, row, count: count, filter: filter).map { described($0, history) }
        }
      }
    }
    return blocks.flatMap { $0 }.map(withReasons)
  }

  /// The items most like another, best first; none when it is unknown, fewer when there are no more.
  public func similarItems(to item: String, count: Int) -> [SimilarItem] {
    guard let index = items.index(of: item) else { return [] }
    var scores = [Float](repeating: -.infinity, count: items.count)
    return scores.withUnsafeMutableBufferPointer { scores in
      scoreSimilar(to: index, into: scores)
      scores[Int(index)] = -.infinity
      return TopK.select(count, of: UnsafeBufferPointer(scores)).map {
        SimilarItem(item: items[$0.index], similarity: Double($0.score))
      }
    }
  }

  /// A history in the model's indices.
  public func coded(_ history: [HistoryItem]) -> CodedHistory {
    var coded = CodedHistory(items: [], weights: [], ageDays: [])
    for entry in history {
      guard let index = items.index(of: entry.item) else { continue }
      coded.items.append(index)
      // Beyond a million a weight only serves to overflow a sum.
      coded.weights.append(entry.weight.isFinite ? min(max(entry.weight, 0), 1e6) : 0)
      let age = entry.ageDays ?? 0
      coded.ageDays.append(age.isFinite ? Float(max(age, 0)) : 0)
    }
    return coded
  }
}

/// Which items may be recommended, in a model's indices.
struct CandidateFilter: Sendable {
  let excluded: [Int32]
  let candidates: [Int32]?
  let repeatPurchases: RepeatPurchases

  init(items: Vocabulary, excluding: Set<String>, repeatPurchases: RepeatPurchases, candidates: Set<String>?)
  {
    excluded = excluding.compactMap { items.index(of: $0) }
    self.candidates = candidates.map { $0.compactMap { items.index(of: $0) } }
    self.repeatPurchases = repeatPurchases
  }

  init(repeatPurchases: RepeatPurchases, excluded: [Int32] = [], candidates: [Int32]? = nil) {
    self.excluded = excluded
    self.candidates = candidates
    self.repeatPurchases = repeatPurchases
  }

  /// Sets the scores of all items that may not be recommended for a history to −infinity.
  func mask(_ history: CodedHistory, _ scores: UnsafeMutableBufferPointer<Float>) {
    guard candidates == nil, repeatPurchases != .only else {
      let allowed = allowed(history, count: scores.count)
      for index in scores.indices where !allowed[index] { scores[index] = -.infinity }
      return
    }
    if repeatPurchases == .never {
      for index in history.items { scores[Int(index)] = -.infinity }
    }
    for index in excluded { scores[Int(index)] = -.infinity }
  }

  /// Which items may be recommended for a history.
  func allowed(_ history: CodedHistory, count: Int) -> [Bool] {
    var allowed = [Bool](repeating: candidates == nil && repeatPurchases != .only, count: count)
    if let candidates, repeatPurchases != .only {
      for index in candidates { allowed[Int(index)] = true }
    }
    switch repeatPurchases {
    case .allow: break
    case .never: for index in history.items { allowed[Int(index)] = false }
    case .only:
      let permitted = candidates.map(Set.init)
      for index in history.items where permitted?.contains(index) ?? true { allowed[Int(index)] = true }
    }
    for index in excluded { allowed[Int(index)] = false }
    return allowed
  }
}
