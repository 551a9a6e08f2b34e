import Foundation
import Learning
import Testing

/// Contributions of trees against Shapley values by their definition: the mean over all orders of columns.
@Suite struct ShapleyTests {
  /// A node as XGBoost writes it.
  struct Node: Decodable {
    var nodeid: Int
    var split: String?
    var split_condition: Float?
    var yes: Int?
    var no: Int?
    var missing: Int?
    var leaf: Double?
    var cover: Double
    var children: [Node]?
  }

  /// The mean of the leaves that a row may reach when only some columns are known; others are weighed by cover.
  static func value(_ node: Node, _ row: [String: Float], known: Set<String>) -> Double {
    if let leaf = node.leaf { return leaf }
    let children = node.children ?? []
    guard let split = node.split, known.contains(split), let bound = node.split_condition else {
      return children.reduce(0) { $0 + $1.cover / node.cover * value($1, row, known: known) }
    }
    let x = row[split] ?? .nan
    let next = x.isNaN ? node.missing : x < bound ? node.yes : node.no
    return children.first { $0.nodeid == next }.map { value($0, row, known: known) } ?? 0
  }

  static func shapley(_ trees: [Node], _ row: [String: Float], names: [String]) -> [Double] {
    names.map { name in
      let others = names.filter { $0 != name }
      return (0..<(1 << others.count)).reduce(0.0) { sum, mask in
        let known = Set(others.indices.filter { mask >> $0 & 1 == 1 }.map { others[$0] })
        // |S|! (n − |S| − 1)! / n!
        var weight = 1.0 / Double(names.count)
        for k in 0..<known.count { weight *= Double(k + 1) / Double(names.count - 1 - k) }
        let gain = trees.reduce(0.0) {
          $0 + value($1, row, known: known.union([name])) - value($1, row, known: known)
        }
        return sum + weight * gain
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func contributionsAreShapleyValues(seed: UInt64) async throws {
    let data = GradientBoostingTests.rows(400, seed: seed)
    let model = try await GradientBoosting(
      .init(rounds: 4, learningRate: 0.5, maxDepth: 3, minChildWeight: 1, threads: 1)
    ).fit(.init(training: data), context: .init(seed: seed))
    let trees = try model.treeDescriptions().map {
      try JSONDecoder().decode(Node.self, from: Data($0.utf8))
    }
    #expect(trees.count == 4)
    let fresh = GradientBoostingTests.rows(40, seed: seed + 10).features
    let found = try model.contributions(fresh)
    // XGBoost names columns by their place.
    let names = fresh.names.indices.map { "f\($0)" }
    for row in 0..<fresh.rowCount {
      let values = Dictionary(uniqueKeysWithValues: zip(names, fresh.row(row)))
      for (part, expected) in zip(
        found[row].contributions, Self.shapley(trees, values, names: names))
      {
        #expect(abs(part - expected) < 1e-5)
      }
    }
  }

  @Test func theFirstTreesAloneAreAShorterEnsemble() async throws {
    let data = GradientBoostingTests.rows(500, seed: 5)
    func ensemble(_ rounds: Int) -> GradientBoosting {
      GradientBoosting(.init(rounds: rounds, maxDepth: 2, minChildWeight: 1, threads: 1))
    }
    let long = try await ensemble(12).fit(.init(training: data), context: .init(seed: 3))
    let short = try await ensemble(5).fit(.init(training: data), context: .init(seed: 3))
    #expect(try long.margins(data.features, rounds: 5) == short.margins(data.features))
    #expect(throws: LearningError.self) { try long.margins(data.features, rounds: 13) }
  }
}
