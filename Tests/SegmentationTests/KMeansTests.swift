import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

struct KMeansTests {
  private func fit(_ points: Matrix<Double>, _ clusters: Int, seed: UInt64 = 1, restarts: Int = 10) throws
    -> (model: KMeansModel, labels: [Int])
  {
    try KMeans(.init(clusters: clusters, restarts: restarts)).fitting(points, context: FitContext(seed: seed))
  }

  @Test(arguments: [(3, 78.8514, 0.5528), (2, 152.3480, 0.6810)])
  func agreesWithScikitLearnOnIris(clusters: Int, inertia: Double, silhouette: Double) throws {
    let (model, labels) = try fit(Iris.points, clusters)
    #expect(abs(model.inertia - inertia) < 5e-5)
    #expect(try abs(Silhouette().measure(Iris.points, labels).mean - silhouette) < 5e-5)
    #expect(model.converged && model.sizes.reduce(0, +) == 150 && model.sizes == model.sizes.sorted(by: >))
    #expect(try model.assign(Iris.points) == labels)
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func findsPlantedClusters(seed: UInt64) throws {
    let planted = Planted(centers: 7, size: 300, columns: 9, apart: 30, seed: seed)
    let labels = try KMeans().segment(planted.points, into: 7, context: FitContext(seed: seed))
    #expect(try Agreement.adjustedRand(labels, planted.labels) > 0.99)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func boundsLeadWherePlainIterationLeads(seed: UInt64) throws {
    let points = Planted(centers: 12, size: 70, columns: 3, apart: 6, seed: seed).points
    let (model, labels) = try KMeans(.init(clusters: 12, restarts: 1, tolerance: 0)).fitting(
      points, context: FitContext(seed: seed))
    // A fixed point of Lloyd's iteration: nearest centers, and centers that are means.
    for row in 0..<points.rows {
      let squares = (0..<model.count).map { center in
        zip(points.row(row), model.center(center)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      #expect(squares[labels[row]] <= squares.min()! + 1e-9)
    }
    for center in 0..<model.count {
      let members = labels.indices.filter { labels[$0] == center }
      for column in 0..<3 {
        let mean = members.reduce(0) { $0 + points[$1, column] } / Double(members.count)
        #expect(abs(mean - model.center(center)[column]) < 1e-9)
      }
    }
  }

  @Test func oneCoreAndAllGiveTheSame() throws {
    let points = Planted(centers: 5, size: 2_000, columns: 6, apart: 5, seed: 3).points
    let answers = try [true, false].map {
      try KMeans(.init(clusters: 8, restarts: 2, serially: $0)).fitting(points, context: FitContext(seed: 9))
    }
    #expect(answers[0].model == answers[1].model && answers[0].labels == answers[1].labels)
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let planted = Planted(centers: 4, size: 100, columns: 3, apart: 40, seed: 8)
    var random = RandomSource(seed: 5)
    let order = Array(planted.labels.indices).shuffled(using: &random)
    let (first, labels) = try fit(planted.points, 4)
    let (second, others) = try fit(Planted.reordered(planted.points, order), 4)
    #expect(abs(first.inertia - second.inertia) < 1e-6 * first.inertia)
    #expect(try Agreement.adjustedRand(order.map { labels[$0] }, others) == 1)
  }

  @Test func duplicatesAndConstantColumnsLeaveFewerSegments() throws {
    let points = Matrix<Double>(rows: 20, columns: 2, (0..<20).flatMap { [Double($0 % 3), 7] })
    let (model, labels) = try fit(points, 5)
    #expect(model.count == 3 && model.inertia < 1e-20)
    #expect(try Agreement.adjustedRand(labels, (0..<20).map { $0 % 3 }) == 1)
    #expect(model.centers.filter(\.isFinite).count == model.centers.count)
  }

  @Test func farFromTheOriginIsAsGoodAsNear() throws {
    let planted = Planted(centers: 3, size: 50, columns: 2, apart: 30, seed: 2)
    let far = Matrix(rows: 150, columns: 2, planted.points.elements.map { $0 + 1e8 })
    #expect(try Agreement.adjustedRand(fit(far, 3).labels, fit(planted.points, 3).labels) == 1)
  }

  @Test func whatCannotBeClusteredIsNamed() throws {
    let two = Matrix<Double>(rows: 2, columns: 1, [1, 2])
    #expect(throws: SegmentationError.notEnoughData(needed: 3, found: 2)) { try fit(two, 3) }
    #expect(throws: SegmentationError.notFinite(row: 1, column: 0)) {
      try fit(Matrix(rows: 2, columns: 1, [1, .nan]), 1)
    }
    #expect(throws: SegmentationError.self) { try fit(two, 0) }
    #expect(throws: SegmentationError.self) { try fit(Matrix(rows: 0, columns: 1), 1) }
    #expect(throws: SegmentationError.self) { try KMeans(.init(restarts: 0)).fit(two, context: FitContext()) }
  }

  @Test func oneRowIsOneSegment() throws {
    let (model, labels) = try fit(Matrix(rows: 1, columns: 2, [3, 4]), 1)
    #expect(labels == [0] && model.center(0) == [3, 4] && model.inertia == 0)
  }

  @Test func aSavedModelAssignsAlike() throws {
    let (model, labels) = try fit(Iris.points, 3)
    let loaded = try JSONDecoder().decode(KMeansModel.self, from: try JSONEncoder().encode(model))
    #expect(try loaded.assign(Iris.points) == labels)
    #expect(throws: SegmentationError.self) { try loaded.assign(Matrix(rows: 1, columns: 2, [1, 2])) }
  }

  @Test func cancellationEndsTheFit() async throws {
    let points = Planted(centers: 3, size: 100, columns: 2, apart: 9, seed: 1).points
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try KMeans().fit(points, context: FitContext())
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
