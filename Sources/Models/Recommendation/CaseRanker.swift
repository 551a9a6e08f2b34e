import Learning
import MathKernels

/// Where a user's held-out items came, and the list that was shown.
struct RankedCase: Sendable {
  var ranks: [Int]
  var relevant: Int
  var list: [Int32]
}

/// Ranks all items for each case as the model's lists would: its own scores first, then the fallback by popularity.
struct CaseRanker: Sendable {
  let cutoffs: [Int]
  let repeatPurchases: RepeatPurchases
  /// How many items drawn at random a case's targets are ranked among; nil ranks all.
  var sampledNegatives: Int?
  var seed: UInt64 = 42

  func rank(_ round: EvaluationRound, with model: some Recommender) -> [RankedCase] {
    // The data's indices in the model's; the same for models that keep the data's vocabulary.
    let modelIndex = round.training.items.ids.map { model.items.index(of: $0) ?? -1 }
    let dataIndex = indexInverse(modelIndex, count: model.items.count)
    let candidates = round.candidates?.map { modelIndex[Int($0)] }.filter { $0 >= 0 }
    let longest = cutoffs.max() ?? 10
    let blocks = parallelBlocks(round.cases.count, blockSize: 32) { block in
      let cases = block.map { round.cases[$0] }
      let histories = cases.map { coded($0.history, modelIndex) }
      return model.withScores(of: histories) { scores in
        cases.indices.map { place in
          let filter = filter(cases[place], block.lowerBound + place, modelIndex, candidates)
          return rank(
            cases[place].targets.map { modelIndex[Int($0)] }, histories[place], scores[place], model, filter,
            longest)
        }
      }
    }
    return blocks.flatMap { $0 }.map { result in
      var result = result
      result.list = result.list.map { dataIndex[Int($0)] }.filter { $0 >= 0 }
      return result
    }
  }

  private func filter(
    _ entry: EvaluationCase, _ number: Int, _ modelIndex: [Int32], _ candidates: [Int32]?
  ) -> CandidateFilter {
    let excluded = entry.excluded.map { modelIndex[Int($0)] }.filter { $0 >= 0 }
    guard let sampledNegatives else {
      return CandidateFilter(repeatPurchases: repeatPurchases, excluded: excluded, candidates: candidates)
    }
    var random = RandomSource(seed: seed, stream: UInt64(number) + 1)
    let known = Set(entry.history.items + entry.targets + entry.excluded)
    var drawn = Set<Int32>()
    var attempts = 0
    while drawn.count < sampledNegatives, attempts < 20 * sampledNegatives {
      attempts += 1
      let item = Int32(random.index(below: modelIndex.count))
      if !known.contains(item) { drawn.insert(item) }
    }
    let candidates = (Array(drawn) + entry.targets).map { modelIndex[Int($0)] }.filter { $0 >= 0 }
    return CandidateFilter(repeatPurchases: repeatPurchases, excluded: excluded, candidates: candidates)
  }

  private func indexInverse(_ modelIndex: [Int32], count: Int) -> [Int32] {
    var inverse = [Int32](repeating: -1, count: count)
    for (index, other) in modelIndex.enumerated() where other >= 0 { inverse[Int(other)] = Int32(index) }
    return inverse
  }

  private func coded(_ history: CodedHistory, _ modelIndex: [Int32]) -> CodedHistory {
    let known = history.items.indices.filter { modelIndex[Int(history.items[$0])] >= 0 }
    return CodedHistory(
      items: known.map { modelIndex[Int(history.items[$0])] }, weights: known.map { history.weights[$0] },
      ageDays: known.map { history.ageDays[$0] })
  }

  private func rank(
    _ targets: [Int32], _ history: CodedHistory, _ scores: UnsafeMutableBufferPointer<Float>,
    _ model: some Recommender, _ filter: CandidateFilter, _ longest: Int
  ) -> RankedCase {
    // `ranked` masks what is not allowed, so the scores below are those of candidates alone.
    let list = model.ranked(history, scores, count: longest, filter: filter)
    let masked = UnsafeBufferPointer(scores)
    let scored =
      list.last?.origin == .model && list.count == longest
      ? longest : list.filter { $0.origin == .model }.count
    let ranks = targets.map { target in
      guard target >= 0 else { return RankingMetrics.unranked }
      if scores[Int(target)] > -.infinity {
        return RankingMetrics.pessimisticRank(of: scores[Int(target)], among: masked)
      }
      // Beyond the longest list the exact place does not matter.
      guard scored < longest else { return RankingMetrics.unranked }
      return fallbackRank(target, after: scored, history, masked, model, filter)
    }
    return RankedCase(ranks: ranks, relevant: targets.count, list: list.map(\.index))
  }

  private func fallbackRank(
    _ target: Int32, after scored: Int, _ history: CodedHistory, _ scores: UnsafeBufferPointer<Float>,
    _ model: some Recommender, _ filter: CandidateFilter
  ) -> Int {
    let allowed = filter.allowed(history, count: model.items.count)
    guard allowed[Int(target)] else { return RankingMetrics.unranked }
    let popularity = model.popularity
    var rank = scored
    for index in scores.indices where allowed[index] && !(scores[index] > -.infinity) {
      if popularity[index] >= popularity[Int(target)] { rank += 1 }
    }
    return rank
  }
}
