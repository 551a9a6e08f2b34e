import Commerce
import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

@Suite struct ModelOracleTests {
  static func interactions(_ sequences: [[String]]) -> Interactions {
    Interactions(
      sequences.enumerated().flatMap { user, items in
        items.enumerated().map { Interaction(user: "u\(user)", item: $1, timestamp: Int64($0)) }
      })
  }

  @Test func transitionsAgreeWithTheFormulaByHand() async throws {
    // a b c | b c : T[a,b] = 1, T[a,c] = .9, T[b,c] = 2, T[b,a] = .8, T[c,b] = 1.6, T[c,a] = .72.
    let data = Self.interactions([["a", "b", "c"], ["b", "c"]])
    let model = try await DecayedTransitions().fit(data, context: FitContext())
    let list = model.recommend(for: ["c", "b"], count: 1)
    // History c, b (b latest): score(a) = T[b,a]/(2.8^.2 · 1^.1) + .7 · T[c,a]/(2.32^.2 · 1^.1).
    let expected = 0.8 / pow(2.8, 0.2) + 0.7 * 0.72 / pow(2.32, 0.2)
    #expect(list.map(\.item) == ["a"])
    #expect(abs(list[0].score - expected) < 1e-6)
    #expect(list[0].reasons.map(\.because) == ["b", "c"])
    #expect(abs(list[0].reasons[0].contribution - 0.8 / pow(2.8, 0.2)) < 1e-6)
    let next = model.recommend(for: ["a"], count: 2)
    // score(b) = 1/(1.9^.2 · 2^.1), score(c) = .9 of it: both occur twice.
    #expect(next.map(\.item) == ["b", "c"])
    #expect(abs(next[0].score - 1 / (pow(1.9, 0.2) * pow(2, 0.1))) < 1e-6)
    #expect(abs(next[1].score / next[0].score - 0.9) < 1e-6)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func transitionsLearnedEventByEventAreThoseOfOneFit(seed: UInt64) async throws {
    let data = RecommenderConformance<DecayedTransitions>.random(seed: seed)
    let rows = (0..<data.users.count).flatMap { user in
      data.rows(ofUser: user).map { row in
        Interaction(
          user: data.users.ids[user], item: data.items[data.item[row]], timestamp: data.timestamp[row])
      }
    }
    let whole = try await DecayedTransitions().fit(Interactions(rows), context: FitContext())
    var grown = try await DecayedTransitions().fit(Interactions(rows.prefix(5)), context: FitContext())
    for row in rows.dropFirst(5) { grown.update(row) }
    #expect(Set(grown.items.ids) == Set(whole.items.ids))
    for item in ["i1", "i7", "i20"] {
      let history: [HistoryItem] = ["i3", HistoryItem(item)]
      let expected = Dictionary(
        uniqueKeysWithValues: whole.recommend(for: history, count: 100).map { ($0.item, $0) })
      for found in grown.recommend(for: history, count: 100) {
        #expect(expected[found.item]?.origin == found.origin)
        #expect(abs((expected[found.item]?.score ?? .nan) - found.score) < 1e-4)
      }
    }
    let reloaded = try PackedPayload.decode(TransitionModel.self, from: PackedPayload.encode(grown))
    #expect(reloaded.recommend(for: ["i3"], count: 9) == grown.recommend(for: ["i3"], count: 9))
  }

  @Test func cosineNeighboursAgreeWithTheDefinitionByHand() async throws {
    // a: users 0, 1; b: users 0, 1, 2; c: user 2.
    let data = Self.interactions([["a", "b"], ["a", "b"], ["b", "c"]])
    let model = try await ItemKNN(.init(similarity: .cosine, neighbours: 10)).fit(data, context: FitContext())
    let similar = model.similarItems(to: "b", count: 5)
    #expect(similar.map(\.item) == ["a", "c"])
    #expect(abs(similar[0].similarity - 2 / 6.0.squareRoot()) < 1e-6)
    #expect(abs(similar[1].similarity - 1 / 3.0.squareRoot()) < 1e-6)
    let shrunk = try await ItemKNN(.init(similarity: .cosine, neighbours: 10, shrink: 3)).fit(
      data, context: FitContext())
    #expect(abs(shrunk.similarItems(to: "b", count: 1)[0].similarity - 2 / (6.0.squareRoot() + 3)) < 1e-6)
  }

  @Test func bm25NeighboursAgreeWithTheFormulaByHand() async throws {
    // Four items over four users; user 0 has a and b: idf = ln 4 − ln 3.
    let data = Self.interactions([["a", "b"], ["a", "c"], ["d", "b"], ["c"]])
    let model = try await ItemKNN(.init(similarity: .bm25(k1: 2, b: 0.5), neighbours: 10)).fit(
      data, context: FitContext())
    // Items occur 2, 2, 2 and 1 times, 1.75 on average: length(a) = length(b) = .5 + .5 · 2 / 1.75.
    let length = 0.5 + 0.5 * 2 / 1.75
    let weight = 3 / (2 * length + 1) * (log(4.0) - log(3.0))
    let found = model.similarItems(to: "a", count: 5).first { $0.item == "b" }
    #expect(abs((found?.similarity ?? .nan) - weight * weight) < 1e-6)
  }

  @Test(arguments: [0.0, 1])
  func foldingInSolvesTheNormalEquations(frequencyScaling: Double) async throws {
    let data = RecommenderConformance<ImplicitALS>.random(seed: 8)
    let configuration = ImplicitALS.Configuration(
      embeddingSize: 6, epochs: 5, regularization: 0.3, confidence: 4, frequencyScaling: frequencyScaling)
    let model = try await ImplicitALS(configuration).fit(data, context: FitContext())
    let known = data.items.ids
    let vectors = try known.map { try #require(model.vector(ofItem: $0)).map(Double.init) }
    let history = [known[2], known[5], known[11]]
    // Distinct user–item pairs per user on average, and all items at the weight of no interaction.
    let pairs = Double(data.matrix.count) / Double(data.users.count)
    let others = Double(known.count) / 4
    let lambda = 0.3 * pow((3 + others) / (pairs + others), frequencyScaling)
    var system = Matrix<Double>(rows: known.count, columns: 6, vectors.flatMap { $0 }).gram()
    var right = [Double](repeating: 0, count: 6)
    for i in 0..<6 {
      system[i, i] += lambda
      for item in [2, 5, 11] {
        right[i] += 4 * vectors[item][i]
        for j in 0..<6 { system[i, j] += 3 * vectors[item][i] * vectors[item][j] }
      }
    }
    let expected = try system.solvingSymmetricPositiveDefinite(right)
    let found = model.vector(for: history.map { HistoryItem($0) })
    #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-3 * max(1, abs($1)) })
  }

  @Test func manyConjugateGradientsReachTheExactSolution() async throws {
    let data = RecommenderConformance<ImplicitALS>.random(seed: 9)
    func list(_ solver: ImplicitALS.Solver) async throws -> [Recommendation] {
      let configuration = ImplicitALS.Configuration(
        embeddingSize: 4, epochs: 10, regularization: 1, confidence: 3, solver: solver)
      return try await ImplicitALS(configuration).fit(data, context: FitContext()).recommend(
        for: ["i1", "i2"], count: 10)
    }
    let exact = try await list(.cholesky)
    let iterated = try await list(.conjugateGradient(steps: 30))
    #expect(exact.map(\.item) == iterated.map(\.item))
    #expect(zip(exact, iterated).allSatisfy { abs($0.score - $1.score) < 1e-3 })
  }

  @Test func popularityHalvesWithEachHalfLife() async throws {
    let day = Int64(86_400_000)
    let data = Interactions([
      Interaction(user: "u", item: "old", timestamp: 0), Interaction(user: "v", item: "old", timestamp: 0),
      Interaction(user: "v", item: "old", timestamp: 0),
      Interaction(user: "u", item: "new", timestamp: 20 * day),
    ])
    let model = try await Popularity(.init(halfLifeDays: 10)).fit(data, context: FitContext())
    let list = model.recommend(for: [], count: 2)
    #expect(list.map(\.item) == ["new", "old"])
    #expect(abs(list[1].score - 0.75) < 1e-6)
    let ageless = try await Popularity().fit(data, context: FitContext())
    #expect(ageless.recommend(for: [], count: 2).map(\.score) == [3, 1])
  }

  @Test func eventsOfAShopBecomeWeightedInteractions() {
    var frame = EventFrame()
    func add(_ kind: EventKind, _ customer: String?, _ item: String?, _ time: Int64) {
      frame.append(
        EventFrame.Row(
          sequence: 0, kind: kind, customerID: customer, sessionID: nil, itemID: item, orderID: nil,
          timestamp: Timestamp(milliseconds: time), quantity: nil, amount: nil, discount: nil, rating: nil))
    }
    add(.purchase, "ann", "tea", 50)
    add(.view, "ann", "milk", 10)
    add(.search, "ann", nil, 20)
    add(.purchase, nil, "tea", 30)
    add(.purchase, "bob", "tea", 90)
    let data = Interactions(frame, before: Timestamp(milliseconds: 80))
    #expect(data.count == 2)
    #expect(data.item.map { data.items[$0] } == ["milk", "tea"])
    #expect(data.weight == [0.1, 1])
  }
}
