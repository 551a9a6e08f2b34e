import Learning
import MathKernels
import Segmentation

/// Puts a sample of customers on two maps: along the directions of most variance, and with neighbours together.
struct SegmentMap {
  let points: Int

  private static let fewest = 40

  func map(_ partition: SegmentFitting.Partition, _ context: FitContext) throws -> ShopSegments.Map {
    let rows = SegmentFitting.sample(partition.points.rows, points, seed: context.seed)
    let sample = Matrix(
      rows: rows.count, columns: partition.points.columns, rows.flatMap { partition.points.row($0) })
    let principal = try PrincipalMap(of: sample)
    var map = ShopSegments.Map(
      points: rows.enumerated().map { place, row in
        ShopSegments.Point(customer: row, principal: principal.coordinates[place], neighbours: nil)
      }, explained: principal.explained)
    guard rows.count >= Self.fewest else { return map }
    let neighbours = try NeighbourEmbedding().embed(sample, context: FitContext(seed: context.seed))
    for place in rows.indices { map.points[place].neighbours = neighbours[place] }
    map.principalTrust = try Trustworthiness().measure(sample, principal.coordinates)
    map.neighbourTrust = try Trustworthiness().measure(sample, neighbours)
    return map
  }
}
