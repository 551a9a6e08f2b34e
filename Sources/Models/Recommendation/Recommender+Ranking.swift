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
    let scored = list.filter { $0.origin == .model }.map(\.index)
    let parts = contributions(of: history, to: scored)
    let bases = base(of: history, to: scored)
    var next = 0
    return list.map { entry in
      var reasons = [Recommendation.Reason(because: nil, contribution: Double(entry.score))]
      if entry.origin == .model {
        var named = reasonsByItem(history, parts[next])
        if bases[next] != 0 {
          named.append(Recommendation.Reason(because: nil, contribution: Double(bases[next])))
          named.sort { abs($0.contribution) > abs($1.contribution) }
        }
        if !named.isEmpty { reasons = named }
        next += 1
      }
      return Recommendation(
        item: items[entry.index], score: Double(entry.score), origin: entry.origin, reasons: reasons)
    }
  }

  /// The contributions of a history's entries, those of one item added up, largest magnitude first.
  private func reasonsByItem(_ history: CodedHistory, _ parts: [Float]) -> [Recommendation.Reason] {
    var sums: [(index: Int32, sum: Double)] = []
    for (index, part) in zip(history.items, parts) where part != 0 {
      if let known = sums.firstIndex(where: { $0.index == index }) {
        sums[known].sum += Double(part)
      } else {
        sums.append((index, Double(part)))
      }
    }
    return sums.sorted { (-abs($0.sum), $0.index) < (-abs($1.sum), $1.index) }.map {
      Recommendation.Reason(because: items[$0.index], contribution: $0.sum)
    }
  }
}
