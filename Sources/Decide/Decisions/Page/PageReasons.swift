import Recommendation

extension Composition {
  /// Why each item is shown, what counts most first.
  ///
  /// - Parameters:
  ///   - shown: the items, and whether each is being tried out.
  ///   - indices: the places of the items among the assembly's candidates.
  func reasons(
    for shown: [(candidate: PageCandidate, isExplored: Bool)], _ assembly: PageAssembly, _ indices: [Int?],
    limit: Int
  ) -> [[PageReason]] {
    let fromModel = modelReasons(shown.map(\.candidate), limit)
    let names = effects.table.rules.rules.map(\.name)
    return shown.indices.map { place in
      let (candidate, isExplored) = shown[place]
      var reasons = fromModel[place]
      switch candidate.source {
      case .model, .explored: break
      case .similar: reasons += similarReasons(candidate)
      case .complements: reasons += complementReasons(candidate)
      case .content: reasons += contentReasons(candidate)
      case .popular:
        reasons.append(PageReason(.popular, contribution: candidate.sourceScore.map(Double.init)))
      case .pinned: break
      }
      let placing = indices[place].flatMap { assembly.placedBy[$0] } ?? []
      if candidate.source == .pinned {
        reasons.insert(contentsOf: placing.map { PageReason(.pinned, rule: names[$0]) }, at: 0)
      }
      if mask.isBought(candidate.row) { reasons.insert(PageReason(.bought), at: 0) }
      if isExplored { reasons.insert(PageReason(.explored), at: 0) }
      return reasons
    }
  }

  /// The parts of the ranker's scores, for the candidates that it scored.
  private func modelReasons(_ candidates: [PageCandidate], _ limit: Int) -> [[PageReason]] {
    var reasons = [[PageReason]](repeating: [], count: candidates.count)
    let places = candidates.indices.filter { candidates[$0].source == .model }
    let found = parts.ranker.reasons(
      of: scoring.history, for: places.map { Int32(candidates[$0].row) },
      scores: places.map { candidates[$0].sourceScore ?? 0 }, limit: limit)
    for (place, parts) in zip(places, found) {
      reasons[place] = parts.map {
        PageReason($0.because == nil ? .popular : .similar, item: $0.because, contribution: $0.contribution)
      }
    }
    return reasons
  }

  private func similarReasons(_ candidate: PageCandidate) -> [PageReason] {
    guard let itemRow = scoring.itemRow else { return [] }
    let own = Double((candidate.sourceScore ?? 0) - personal(candidate.row))
    return [PageReason(.similar, item: parts.table.items[Int32(itemRow)], contribution: own)]
      + personalReasons(candidate.row)
  }

  private func complementReasons(_ candidate: PageCandidate) -> [PageReason] {
    guard let complements = parts.complements, let cart = scoring.cart,
      let index = complements.model.items.index(of: parts.table.items[Int32(candidate.row)])
    else { return [] }
    let parts = complements.model.reasons(of: cart, for: [index], scores: [candidate.sourceScore ?? 0])[0]
    return parts.map {
      PageReason(.complement, item: $0.because, contribution: $0.contribution / Double(scoring.divisor))
    } + personalReasons(candidate.row)
  }

  /// What the customer's own likings add to a row beside an item or a cart.
  private func personal(_ row: Int) -> Float { scoring.personal.isEmpty ? 0 : scoring.personal[row] }

  private func personalReasons(_ row: Int) -> [PageReason] {
    personal(row) > 0 ? [PageReason(.personal, contribution: Double(personal(row)))] : []
  }

  private func contentReasons(_ candidate: PageCandidate) -> [PageReason] {
    guard let content = parts.content else { return [] }
    let sources: [String]
    switch input.request.context {
    case .item: sources = input.request.itemID.map { [$0] } ?? []
    default: sources = input.history.filter { $0.weight > 0 }.map(\.item)
    }
    let own = parts.table.items[Int32(candidate.row)]
    let best = Set(sources).map { ($0, Double(content.cosine($0, own))) }.filter { $0.1 > 0 }
      .sorted { (-$0.1, $0.0) < (-$1.1, $1.0) }
    return best.prefix(3).map { PageReason(.content, item: $0.0, contribution: $0.1) }
  }
}
