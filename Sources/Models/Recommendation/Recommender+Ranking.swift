import MathKernels

/// A place in a list, in a model's indices.
struct RankedItem {
  var index: Int32
  var score: Float
  var origin: Recommendation.Origin
}

/// A place in a list whose reasons are still to be found.
struct DescribedItem: Sendable {
  var history: CodedHistory
  var index: Int32
  var score: Float
  var origin: Recommendation.Origin
}

extension Recommender {
  /// Calls `body` with one row of scores per history.
  func withScores<Output>(
    of histories: [CodedHistory], _ body: ([UnsafeMutableBufferPointer<Float>]) -> Output
  ) -> Output {
    let width = items.count
    // `score` overwrites every element.
    let scores = UnsafeMutableBufferPointer<Float>.allocate(capacity: histories.count * width)
    defer { scores.deallocate() }
    score(histories, into: scores)
    return body(
      histories.indices.map { UnsafeMutableBufferPointer(rebasing: scores[$0 * width..<($0 + 1) * width]) })
  }

  /// The best allowed items of one row of scores, filled up with the most popular ones; the row is masked on the way.
  func ranked(
    _ history: CodedHistory, _ scores: UnsafeMutableBufferPointer<Float>, count: Int, filter: CandidateFilter
  ) -> [RankedItem] {
    filter.mask(history, scores)
    var list = TopK.select(count, of: UnsafeBufferPointer(scores)).map {
      RankedItem(index: $0.index, score: $0.score, origin: .model)
    }
    guard list.count < count else { return list }
    let allowed = filter.allowed(history, count: items.count)
    let popularity = popularity
    var rest = TopK(count - list.count)
    for index in scores.indices where allowed[index] && !(scores[index] > -.infinity) {
      rest.offer(Int32(index), popularity[index])
    }
    list += rest.sorted().map { RankedItem(index: $0.index, score: $0.score, origin: .popularityFallback) }
    return list
  }

  func described(_ entry: RankedItem, _ history: CodedHistory) -> DescribedItem {
    DescribedItem(history: history, index: entry.index, score: entry.score, origin: entry.origin)
  }

  /// One list in external ids, with what each score is made of.
  func withReasons(_ list: [DescribedItem]) -> [Recommendation] {
    guard let history = list.first?.history else { return [] }
    let scored = list.filter { $0.origin == .model }
    var parts = reasons(of: history, for: scored.map(\.index), scores: scored.map(\.score)).makeIterator()
    return list.map { entry in
      let reasons = entry.origin == .model ? parts.next() : nil
      return Recommendation(
        item: items[entry.index], score: Double(entry.score), origin: entry.origin,
        reasons: reasons ?? [Recommendation.Reason(because: nil, contribution: Double(entry.score))])
    }
  }

  /// What the scores of some items for a history are made of: for each item the parts that add up to its score, largest
  /// magnitude first, entries of the same item added up.
  ///
  /// - Parameter limit: at most so many parts of each; all of them add up.
  public func reasons(
    of history: CodedHistory, for items: [Int32], scores: [Float], limit: Int = .max
  ) -> [[Recommendation.Reason]] {
    guard !items.isEmpty else { return [] }
    let bases = base(of: history, to: items)
    return zip(zip(contributions(of: history, to: items), bases), scores).map { part, score in
      var named = reasonsByItem(history, part.0, limit)
      if part.1 != 0 {
        named.append(Recommendation.Reason(because: nil, contribution: Double(part.1)))
        named.sort { abs($0.contribution) > abs($1.contribution) }
        named.removeLast(max(0, named.count - limit))
      }
      return named.isEmpty ? [Recommendation.Reason(because: nil, contribution: Double(score))] : named
    }
  }

  /// The contributions of a history's entries, those of one item added up, largest magnitude first.
  private func reasonsByItem(
    _ history: CodedHistory, _ parts: [Float], _ limit: Int
  ) -> [Recommendation.Reason] {
    var sums: [Int32: Double] = [:]
    for (index, part) in zip(history.items, parts) where part != 0 { sums[index, default: 0] += Double(part) }
    func isBefore(_ a: (key: Int32, value: Double), _ b: (key: Int32, value: Double)) -> Bool {
      (-abs(a.value), a.key) < (-abs(b.value), b.key)
    }
    var best: [(key: Int32, value: Double)] = []
    if limit < 8 {
      // A few of hundreds: what does not reach the last of them is passed over.
      for entry in sums where best.count < limit || best.last.map({ isBefore(entry, $0) }) ?? false {
        best.insert(entry, at: best.firstIndex { isBefore(entry, $0) } ?? best.count)
        if best.count > limit { best.removeLast() }
      }
    } else {
      best = sums.sorted(by: isBefore)
      best.removeLast(max(0, best.count - limit))
    }
    return best.map { Recommendation.Reason(because: items[$0.key], contribution: $0.value) }
  }
}
