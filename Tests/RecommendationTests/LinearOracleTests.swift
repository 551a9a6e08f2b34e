import ConformanceTesting
import Foundation
import Learning
import MathKernels
import Recommendation
import Testing

/// Models of items on items beside figures of numpy in double precision, made for the fixture below.
@Suite struct LinearOracleTests {
  /// Eight users by six items.
  static let fixture = ModelOracleTests.interactions(
    [[0, 1, 2], [0, 2, 4], [1, 2, 3, 5], [0, 3], [2, 4, 5], [1, 4], [0, 1, 2, 5], [3, 5]].map { user in
      user.map { (item: Int) in "i\(item)" }
    })

  /// B of `P = inv(XᵀX + 2.5 I); B = −P / diag(P)`.
  static let ease: [[Double]] = [
    [0, 0.14870561, 0.31206608, 0.11940032, 0.04373391, -0.09291779],
    [0.15000602, 0, 0.24132164, 0.05246288, 0.0309787, 0.12930443],
    [0.35120115, 0.26923053, 0, -0.0365016, 0.22384291, 0.3312767],
    [0.12723136, 0.0554191, -0.03456139, 0, -0.07515499, 0.29678848],
    [0.04510573, 0.03167344, 0.2051386, -0.07274155, 0, 0.05473817],
    [-0.10048984, 0.13862941, 0.31834997, 0.3012185, 0.05739845, 0],
  ]

  @Test(arguments: [
    EASE.Configuration(regularization: 2.5), .init(regularization: 2.5, exactLimit: 0, neighbours: 5),
  ])
  func easeAgreesWithNumpyInDoublePrecision(configuration: EASE.Configuration) async throws {
    // Every pair of items but two has a user in common: five neighbours are all there are, and the rest weigh nothing.
    let model = try await EASE(configuration).fit(Self.fixture, context: FitContext())
    let isExact = model.form == .exact
    #expect(isExact == (configuration.exactLimit > 0))
    for (row, weights) in Self.ease.enumerated() where isExact {
      for (column, weight) in weights.enumerated() {
        let found = try #require(model.weight(from: "i\(row)", to: "i\(column)"))
        #expect(abs(Double(found) - weight) < 1e-5)
      }
    }
    let list = model.recommend(for: ["i0", "i5"], count: 4)
    let expected = (1...4).map { Self.ease[0][$0] + Self.ease[5][$0] }
    if isExact { #expect(zip(list.map(\.score), expected.sorted(by: >)).allSatisfy { abs($0 - $1) < 1e-5 }) }
    #expect(list.first?.item == "i2")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func easeWithAllNeighboursIsTheExactOne(seed: UInt64) async throws {
    // Users who have nearly everything, so that all items are neighbours.
    var random = RandomSource(seed: seed)
    let data = ModelOracleTests.interactions(
      (0..<60).map { _ in (0..<12).filter { _ in random.uniform() < 0.7 }.map { "i\($0)" } })
    let exact = try await EASE(.init(regularization: 4)).fit(data, context: FitContext())
    let local = try await EASE(.init(regularization: 4, exactLimit: 0, neighbours: 11)).fit(
      data, context: FitContext())
    #expect(local.form == .neighbourhoods(size: 11))
    for row in 0..<12 {
      for column in 0..<12 {
        let weight = try #require(exact.weight(from: "i\(row)", to: "i\(column)"))
        #expect(abs((local.weight(from: "i\(row)", to: "i\(column)") ?? .nan) - weight) < 1e-4)
      }
    }
  }

  /// The gate of the whole: every weight of MovieLens 100K beside an inverse in double precision.
  @Test(.enabled(if: MovieLensTests.isThere, "scripts/fetch-data movielens-100k has not been run"))
  func easeAgreesWithDoublePrecisionOnMovieLens() async throws {
    let data = try InteractionFile(path: MovieLensTests.path).read()
    let model = try await EASE(.init(regularization: 200)).fit(data, context: FitContext())
    let items = data.items.count
    var dense = Matrix<Double>(rows: data.users.count, columns: items)
    for user in 0..<data.users.count {
      for row in data.rows(ofUser: user) { dense[user, Int(data.item[row])] = 1 }
    }
    var gram = dense.gram()
    for item in 0..<items { gram[item, item] += 200 }
    let inverse = try gram.inverseOfSymmetricPositiveDefinite()
    let targets = (0..<Int32(items)).map { $0 }
    var largest = 0.0
    for source in 0..<items {
      let history = CodedHistory(items: [Int32(source)], weights: [1])
      for (target, parts) in model.contributions(of: history, to: targets).enumerated() {
        let weight = source == target ? 0 : -inverse[source, target] / inverse[target, target]
        largest = max(largest, abs(Double(parts[0]) - weight))
      }
    }
    #expect(largest < 1e-4)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func slimMeetsTheConditionsOfItsOptimum(seed: UInt64) async throws {
    let data = RecommenderConformance<SLIM>.random(seed: seed)
    let (l1, l2) = (0.3, 2.0)
    let model = try await SLIM(.init(l1: l1, l2: l2, sweeps: 500)).fit(data, context: FitContext())
    var matrix = data.matrix
    matrix.values = matrix.values.map { _ in 1 }
    let items = data.items.count
    var dense = Matrix<Double>(rows: matrix.rows, columns: items)
    for user in 0..<matrix.rows { for item in matrix.row(user).columns { dense[user, Int(item)] = 1 } }
    let gram = dense.gram()
    // Column j of W, as what each item contributes to j.
    let all = CodedHistory(
      items: (0..<Int32(items)).map { $0 }, weights: [Float](repeating: 1, count: items))
    for target in stride(from: 0, to: items, by: 7) {
      let weights = model.contributions(of: all, to: [Int32(target)])[0].map(Double.init)
      #expect(weights[target] == 0)
      for item in 0..<items where item != target {
        let product = (0..<items).reduce(0.0) { $0 + gram[item, $1] * weights[$1] }
        let gradient = product - gram[item, target] + l2 * weights[item] + l1
        // The derivative vanishes where a weight is positive, and points away from zero where it is not.
        if weights[item] > 0 { #expect(abs(gradient) < 0.01) } else { #expect(gradient > -0.01) }
      }
    }
  }

  @Test func rp3BetaAgreesWithNumpy() async throws {
    let model = try await RP3Beta(.init(alpha: 0.9, beta: 0.5)).fit(Self.fixture, context: FitContext())
    let expected = [0.0, 0.09465499, 0.13244263, 0.08885019, 0.06168453, 0.04123462]
    for found in model.recommend(for: ["i0"], count: 5) {
      let item = try #require(Int(found.item.dropFirst()))
      #expect(abs(found.score - expected[item]) < 1e-6)
    }
    #expect(model.similarItems(to: "i0", count: 2).map(\.item) == ["i2", "i1"])
  }

  @Test func pureSVDAgreesWithNumpy() async throws {
    let model = try await PureSVD(.init(embeddingSize: 2)).fit(Self.fixture, context: FitContext(seed: 3))
    #expect(zip(model.singularValues, [3.57699669, 1.92797665]).allSatisfy { abs($0 - $1) < 1e-4 })
    let expected = [0.59755933, 0.4650579, 0.68662371, -0.123387, 0.45594347, 0.12753871]
    let list = model.recommend(for: ["i0", "i2"], count: 6, repeatPurchases: .allow)
    for found in list {
      let item = try #require(Int(found.item.dropFirst()))
      #expect(abs(found.score - expected[item]) < 1e-4)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func singularValuesCarryTheWholeMatrix(seed: UInt64) async throws {
    let data = RecommenderConformance<PureSVD>.random(seed: seed, users: 30, items: 20)
    let model = try await PureSVD(.init(embeddingSize: 20)).fit(data, context: FitContext(seed: seed))
    // As many vectors as there are columns: their squares add up to the number of cells.
    let squares = model.singularValues.reduce(0) { $0 + $1 * $1 }
    #expect(abs(squares - Double(data.matrix.count)) < 0.01 * squares)
  }
}
