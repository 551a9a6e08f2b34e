import Learning
import MathKernels
import Segmentation
import Testing

/// Maps on which neighbours stay together.
@Suite struct NeighbourEmbeddingTests {
  /// Three clumps of thirty rows in five dimensions.
  private static let points: Matrix<Double> = {
    var random = RandomSource(seed: 3)
    return Matrix(
      rows: 90, columns: 5,
      (0..<90).flatMap { row in
        (0..<5).map { column in 8 * Double((row % 3) == column ? 1 : 0) + random.normal() }
      })
  }()

  private static func affinities(_ count: Int) -> Matrix<Double> {
    var random = RandomSource(seed: 9)
    var joint = Matrix<Double>(rows: count, columns: count)
    for row in 0..<count {
      for other in 0..<row {
        let value = random.uniform()
        (joint[row, other], joint[other, row]) = (value, value)
      }
    }
    let sum = joint.elements.reduce(0, +)
    return Matrix(rows: count, columns: count, joint.elements.map { $0 / sum })
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func theGradientIsThatOfTheDivergence(seed: UInt64) {
    let objective = NeighbourObjective(affinities: Self.affinities(12))
    var random = RandomSource(seed: seed)
    let places = (0..<24).map { _ in random.normal() }
    let gradient = objective.gradient(places)
    for index in places.indices {
      var (up, down) = (places, places)
      up[index] += 1e-5
      down[index] -= 1e-5
      let slope = (objective.divergence(up) - objective.divergence(down)) / 2e-5
      #expect(abs(slope - gradient[index]) < 1e-7)
    }
  }

  @Test func clumpsStayTogetherAndTheSameRowsGiveTheSameMap() throws {
    let (first, second) = (
      try NeighbourEmbedding(.init(perplexity: 10)).embed(Self.points, context: FitContext(seed: 1)),
      try NeighbourEmbedding(.init(perplexity: 10)).embed(Self.points, context: FitContext(seed: 2))
    )
    #expect(first == second)
    let map = Matrix(rows: 90, columns: 2, first.flatMap { $0 })
    #expect(try Silhouette().measure(map, (0..<90).map { $0 % 3 }).mean > 0.6)
    #expect(try Trustworthiness().measure(Self.points, first) > 0.9)
  }

  @Test func aMapOfTheSamePlaceIsTrustedAndAShuffledOneIsNot() throws {
    let plane = (0..<90).map { row in [Self.points[row, 0], Self.points[row, 1]] }
    let flat = Matrix(rows: 90, columns: 2, plane.flatMap { $0 })
    #expect(try Trustworthiness(neighbours: 5).measure(flat, plane) == 1)
    var random = RandomSource(seed: 4)
    #expect(try Trustworthiness(neighbours: 5).measure(flat, plane.shuffled(using: &random)) < 0.7)
  }

  @Test func equalRowsGetFinitePlaces() throws {
    let equal = Matrix(rows: 30, columns: 2, (0..<30).flatMap { [Double($0 % 2), 1.0] })
    let places = try NeighbourEmbedding(.init(iterations: 100)).embed(equal, context: FitContext(seed: 1))
    let areFinite = places.joined().allSatisfy { $0.isFinite }
    #expect(areFinite)
  }

  @Test func tooManyRowsAreRefusedWithAWayOut() {
    #expect(throws: SegmentationError.tooManyRows(limit: 50, found: 90, instead: "Draw a sample first.")) {
      try NeighbourEmbedding(.init(maximumRows: 50)).embed(Self.points, context: FitContext(seed: 1))
    }
    #expect(throws: SegmentationError.self) { try Trustworthiness(neighbours: 45).measure(Self.points, []) }
  }
}
