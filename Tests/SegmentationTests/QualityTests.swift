import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

struct QualityTests {
  /// Figures of scikit-learn 1.9.1 for the species as segments.
  @Test func agreesWithScikitLearnOnIris() throws {
    let compactness = try Compactness(of: Iris.points, Iris.species)
    #expect(abs(compactness.calinskiHarabasz - 487.3309) < 5e-4)
    #expect(abs(compactness.daviesBouldin - 0.75137) < 5e-5)
    #expect(try abs(Silhouette().measure(Iris.points, Iris.species).mean - 0.50348) < 5e-5)
  }

  @Test func aSampledSilhouetteIsNearTheExactOne() throws {
    let planted = Planted(centers: 3, size: 400, columns: 3, apart: 8, seed: 2)
    let exact = try Silhouette().measure(planted.points, planted.labels)
    let sampled = try Silhouette(maximumRows: 300).measure(planted.points, planted.labels)
    #expect(exact.rowsMeasured == 1_200 && sampled.rowsMeasured == 300)
    #expect(abs(exact.mean - sampled.mean) < 0.05)
  }

  @Test func randIsThatOfItsDefinition() throws {
    #expect(try Agreement.adjustedRand([0, 0, 1, 1], [0, 0, 1, 2]).rounded(toPlaces: 4) == 0.5714)
    #expect(try Agreement.adjustedRand([0, 0, 0], [1, 1, 1]) == 1)
    #expect(try abs(Agreement.adjustedRand([0, 0, 1, 1], [0, 1, 0, 1]) + 0.5) < 1e-12)
    #expect(throws: SegmentationError.self) { try Agreement.adjustedRand([0], [0, 1]) }
  }

  @Test(arguments: [3, 5])
  func theChoiceFindsThePlantedNumber(count: Int) throws {
    let planted = Planted(centers: count, size: 60, columns: 4, apart: 40, seed: 21)
    let choice = try SegmentCount(2...7).choose(
      planted.points, by: KMeans(), context: FitContext(seed: 1))
    #expect(choice.count == count && choice.countByGap == count)
    #expect(choice.reason.en.contains("\(count) has the greatest silhouette"))
    #expect(choice.reason.zh.contains("\(count) 群"))
    #expect(choice.candidates.first { $0.segments == count }?.stability ?? 0 > 0.95)
  }

  @Test func withoutStructureTheGapChoosesOne() throws {
    let points = Planted(centers: 1, size: 400, columns: 3, apart: 1, seed: 5).points
    let gaps = try GapStatistic().gaps(points, by: KMeans(), 1...4, context: FitContext(seed: 1))
    #expect(GapStatistic.count(gaps) == 1)
  }

  @Test func segmentsThatAreNotThereAreNotStable() throws {
    let points = Planted(centers: 1, size: 400, columns: 3, apart: 1, seed: 5).points
    let labels = try KMeans().segment(points, into: 6, context: FitContext(seed: 1))
    let stability = try SegmentStability().measure(
      points, labels, by: KMeans(.init(restarts: 1)), context: FitContext(seed: 1))
    #expect(stability.mean < SegmentStability.stable && stability.bySegment.count == 6)
  }

  @Test func oneSegmentHasNoSilhouette() throws {
    #expect(throws: SegmentationError.self) {
      try Silhouette().measure(Iris.points, [Int](repeating: 0, count: 150))
    }
    #expect(throws: SegmentationError.self) { try Silhouette().measure(Iris.points, [0]) }
    #expect(throws: SegmentationError.self) { try Compactness(of: Iris.points, [0]) }
  }

  @Test func miniBatchesComeCloseToWholePasses() throws {
    let planted = Planted(centers: 6, size: 2_000, columns: 5, apart: 20, seed: 3)
    let context = FitContext(seed: 4)
    let whole = try KMeans(.init(clusters: 6)).fit(planted.points, context: context)
    let batches = try MiniBatchKMeans(.init(clusters: 6)).fit(planted.points, context: context)
    #expect(batches.inertia < 1.05 * whole.inertia && batches.inertia >= whole.inertia * (1 - 1e-9))
  }

  @Test func theMapKeepsWhatVariesMost() throws {
    let map = try PrincipalMap(of: Iris.points)
    // Of the irises' variance 92.46 % lie along the first axis and 5.31 % along the second.
    #expect(abs(map.explained[0] - 0.9246) < 5e-5 && abs(map.explained[1] - 0.0531) < 5e-5)
    #expect(map.coordinates.count == 150 && map.axes[0, 2] > 0)
    #expect(try PrincipalMap(of: Matrix(rows: 2, columns: 1, [1, 2])).coordinates[0].count == 2)
  }
}

extension Double {
  fileprivate func rounded(toPlaces places: Int) -> Double {
    let power = (0..<places).reduce(1.0) { result, _ in result * 10 }
    return (self * power).rounded() / power
  }
}
