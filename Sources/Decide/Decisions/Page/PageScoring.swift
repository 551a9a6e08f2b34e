import MathKernels
import Recommendation

/// The scores that a page's first source gives to every row, before rules.
struct PageScoring {
  /// How much the customer's own score adds to that of what is beside an item or the cart, where both are 1 at most.
  static let personalShare: Float = 0.2

  /// Where the scores come from.
  private(set) var source = CandidateSource.model
  /// One per row; −infinity where the source has nothing to say.
  private(set) var scores: [Float]
  /// The history in the ranker's indices.
  let history: CodedHistory
  /// The cart in the indices of the model of complements; nil when it did not score.
  private(set) var cart: CodedHistory?
  /// The row of the item beside which the page stands.
  let itemRow: Int?
  /// What the source's own scores were divided by before the customer's were added; 1 where nothing was added.
  private(set) var divisor: Float = 1
  /// What the customer's own likings add to each row; empty where they add nothing.
  private(set) var personal: [Float] = []

  init(_ parts: PageParts, _ request: PlacementRequest, _ history: [HistoryItem]) {
    scores = []
    self.history = parts.ranker.coded(history)
    itemRow = request.itemID.flatMap { parts.table.row(of: $0) }
    switch request.context {
    case .item: scoreBesideItem(parts)
    case .cart where !request.cart.isEmpty: scoreBesideCart(request.cart, parts)
    default: scores = Self.scores(of: self.history, parts)
    }
  }

  private static func scores(of history: CodedHistory, _ parts: PageParts) -> [Float] {
    let (count, ranked) = (parts.table.count, parts.table.rankedCount)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      // The ranker sets every score that is its own.
      buffer.initialize(repeating: -.infinity)
      parts.ranker.score([history], into: UnsafeMutableBufferPointer(rebasing: buffer[..<ranked]))
      initialized = count
    }
  }

  /// No score for any row.
  private static func nothing(_ parts: PageParts) -> [Float] {
    [Float](repeating: -.infinity, count: parts.table.count)
  }

  private mutating func scoreBesideItem(_ parts: PageParts) {
    source = .similar
    scores = Self.nothing(parts)
    guard let itemRow, itemRow < parts.table.rankedCount else { return }
    scores.withUnsafeMutableBufferPointer {
      parts.ranker.scoreSimilar(
        to: Int32(itemRow), into: UnsafeMutableBufferPointer(rebasing: $0[..<parts.table.rankedCount]))
    }
    for row in scores.indices where !(scores[row] > 0) { scores[row] = -.infinity }
    addPersonal(parts)
  }

  private mutating func scoreBesideCart(_ items: [String], _ parts: PageParts) {
    guard let complements = parts.complements else {
      // Without orders to learn from, what suits someone who has had what is in the cart.
      scores = Self.scores(of: parts.ranker.coded(items.map { HistoryItem($0) }), parts)
      return
    }
    source = .complements
    scores = Self.nothing(parts)
    let coded = complements.model.coded(items.map { HistoryItem($0) })
    cart = coded
    guard !coded.isEmpty else { return }
    var own = [Float](repeating: -.infinity, count: complements.model.items.count)
    own.withUnsafeMutableBufferPointer { complements.model.score([coded], into: $0) }
    for (index, score) in own.enumerated() where score > 0 { scores[complements.rows[index]] = score }
    addPersonal(parts)
  }

  /// What the customer likes goes before, among what is beside the item or the cart.
  private mutating func addPersonal(_ parts: PageParts) {
    guard !history.isEmpty, let best = scores.max(), best > 0 else { return }
    var own = Self.scores(of: history, parts)
    guard let scale = ScoreRange(own) else { return }
    for row in own.indices { own[row] = Self.personalShare * scale.relative(own[row]) }
    for row in scores.indices where scores[row] > -.infinity { scores[row] = scores[row] / best + own[row] }
    (divisor, personal) = (best, own)
  }
}

/// The span of some scores, by which they are brought to 0…1: the best is 1, and 0 stays 0 unless scores can be negative.
struct ScoreRange {
  let low: Float
  let high: Float

  /// The span of the finite ones; nil when there is none.
  init?(_ scores: [Float]) {
    let (low, high) = scores.withUnsafeBufferPointer { scores in
      scores.baseAddress.map { Vectors.span($0, scores.count) } ?? (.infinity, -.infinity)
    }
    guard high > -.infinity else { return nil }
    self.low = min(0, low)
    self.high = high
  }

  /// Brings scores to the scale and multiplies each with its factor; −infinity stays what it is.
  func rescale(_ scores: inout [Float], by factors: [Float]) {
    guard high > low else {
      // Where all scores are alike each of them is the best.
      for row in scores.indices where scores[row] > -.infinity { scores[row] = factors[row] }
      return
    }
    scores.withUnsafeMutableBufferPointer { scores in
      factors.withUnsafeBufferPointer { factors in
        guard let scores = scores.baseAddress, let first = factors.baseAddress else { return }
        Vectors.rescale(scores, shift: -low, scale: 1 / (high - low), factors: first, factors.count)
      }
    }
  }

  /// A score on the scale; 0 for −infinity.
  func relative(_ score: Float) -> Float {
    guard score > -.infinity else { return 0 }
    return high > low ? (score - low) / (high - low) : 1
  }
}
