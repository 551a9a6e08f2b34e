import Commerce
import Decisions
import Recommendation

/// A ranker with given scores: each entry of a history adds its row of weights.
struct TableRanker: Recommender {
  static let formatVersion = 1
  let items: Vocabulary
  let popularity: [Float]
  /// By item of the history, by item scored.
  let weights: [[Float]]

  init(_ ids: [String], popularity: [Float]? = nil, weights: [[Float]]) {
    items = Vocabulary(ids)
    self.popularity = popularity ?? ids.indices.map { Float(ids.count - $0) }
    self.weights = weights
  }

  func score(_ histories: [CodedHistory], into scores: UnsafeMutableBufferPointer<Float>) {
    for (row, history) in histories.enumerated() {
      for item in 0..<items.count {
        let sum = zip(history.items, history.weights).reduce(Float(0)) {
          $0 + $1.1 * weights[Int($1.0)][item]
        }
        scores[row * items.count + item] = sum == 0 ? -.infinity : sum
      }
    }
  }

  func contributions(of history: CodedHistory, to items: [Int32]) -> [[Float]] {
    items.map { item in zip(history.items, history.weights).map { $1 * weights[Int($0)][Int(item)] } }
  }

  func scoreSimilar(to item: Int32, into scores: UnsafeMutableBufferPointer<Float>) {
    for other in 0..<items.count {
      scores[other] = weights[Int(item)][other] == 0 ? -.infinity : weights[Int(item)][other]
    }
  }
}

/// A shop of eight items: tea speaks for a, b, c, d, e in this order, milk for e and f. `new` is in the catalogue alone.
struct PageFixture {
  static let moment = Timestamp(rfc3339: "2024-06-01T12:00:00Z")!
  static let ids = ["tea", "milk", "a", "b", "c", "d", "e", "f"]
  static let ranker = TableRanker(
    ids,
    weights: [
      [0, 0, 5, 4, 3, 2, 1, 0],
      [0, 0, 0, 0, 0, 0, 2, 6],
      [0, 0, 0, 3, 1, 0, 0, 0], [0, 0, 3, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
    ])

  static let catalogue: [Item] = [
    item("tea", "Green tea", "drinks", "Leaf", 3), item("milk", "Oat milk", "dairy", "Farm", 2),
    item("a", "Black tea", "drinks", "Leaf", 4, stock: 0), item("b", "Herbal tea", "drinks", "Leaf", 5),
    item("c", "Shortbread", "biscuits", "Baker", 1), item("d", "Oat biscuit", "biscuits", "Baker", 2),
    item("e", "Milk jug", "kitchen", nil, 9), item("f", "Butter", "dairy", "Farm", 3),
    item("new", "White tea", "drinks", "Leaf", 6),
  ]

  static func item(
    _ id: String, _ title: String, _ category: String, _ brand: String?, _ price: Double, stock: Int = 7
  ) -> Item {
    Item(
      itemID: id, title: title, category: category, categoryPath: ["food", category], brand: brand,
      price: Money(price, currency: .usd), attributes: ["stock": .number(Double(stock))])
  }

  /// A composer over the shop.
  static func composer(
    _ rules: String = "", complements: (any Recommender)? = nil, content: ContentModel? = nil,
    ranker: any Recommender = ranker
  ) throws -> PageComposer {
    var table = ItemTable(ranked: ranker.items, catalogue: catalogue)
    let together = complements.map { PageParts.Complements($0, table: &table) }
    let byID = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.itemID, $0) })
    let compiled = RuleTable(try RuleSet(parsing: rules), version: 1, items: table, at: moment) { byID[$0] }
    return PageComposer(
      PageParts(ranker: ranker, table: table, rules: compiled, complements: together, content: content))
  }

  /// A request with a history.
  static func input(
    _ history: [HistoryItem] = ["tea"],
    _ request: PlacementRequest = PlacementRequest(customerID: "ann", count: 4),
    impressions: [Impression] = [], seed: UInt64 = 0
  ) -> PageInput {
    PageInput(
      request, history: history,
      facts: RuleRequest(
        context: request.context.rawValue, customerID: request.customerID, cartSize: request.cart.count,
        historySize: history.count),
      impressions: impressions, seed: seed)
  }

  /// The items of a page under some rules.
  static func page(
    _ rules: String = "", history: [HistoryItem] = ["tea"], count: Int = 4,
    context: PageContext = .home
  ) throws -> [String] {
    try composer(rules).compose(
      input(history, PlacementRequest(context: context, customerID: "ann", count: count))
    ).entries.map(\.item)
  }
}
