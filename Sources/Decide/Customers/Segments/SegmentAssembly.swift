import Commerce
import Features
import Learning
import MathKernels
import Segmentation

/// Describes the segments of a partition.
struct SegmentAssembly {
  let table: SegmentTable
  let names: CustomerTable
  let partition: SegmentFitting.Partition
  let currency: Currency
  let previous: ShopSegments?
  let asOf: Timestamp

  private static let stabilityRows = 2_000

  private var describer: SegmentDescriber {
    SegmentDescriber(table: table, names: names, currency: currency)
  }

  func segments(_ context: FitContext) throws -> ShopSegments {
    let labels = partition.labels
    let (quality, silhouettes, stabilities) = try quality(context)
    var segments = try describer.segments(labels, count: partition.centers.count)
    for index in segments.indices {
      segments[index].silhouette = silhouettes[index]
      segments[index].stability = stabilities[index]
    }
    let next = identify(&segments)
    let (groups, cells) = try recencyGroups()
    return ShopSegments(
      asOf: asOf, day: table.day, days: table.length, currency: currency,
      features: table.features.map(\.column), means: table.values.map(SegmentDescriber.mean),
      encoding: partition.encoding, centers: partition.centers, segments: segments, groups: groups,
      customers: names.ids, labels: labels.map(Int32.init), cells: cells.map(Int32.init), quality: quality,
      choice: partition.choice, criteria: partition.criteria, snapshots: [],
      map: .init(points: [], explained: []), centeredAt: partition.kept?.centeredAt ?? asOf,
      distanceAtFirst: partition.kept?.distanceAtFirst ?? partition.distance, nextNumber: next, seconds: 0)
  }

  private func quality(_ context: FitContext) throws -> (ShopSegments.Quality, [Double], [Double]) {
    let (points, labels) = (partition.points, partition.labels)
    let silhouette = try Silhouette(seed: context.seed).measure(points, labels)
    let compactness = try Compactness(of: points, labels)
    let rows = SegmentFitting.sample(points.rows, Self.stabilityRows, seed: context.seed)
    let sample = Matrix(rows: rows.count, columns: points.columns, rows.flatMap { points.row($0) })
    let stability = try SegmentStability(resamples: 20).measure(
      sample, rows.map { labels[$0] }, by: KMeans(), context: FitContext(seed: context.seed))
    let count = partition.centers.count
    let missing = [Double](repeating: 0, count: max(0, count - stability.bySegment.count))
    return (
      ShopSegments.Quality(
        silhouette: silhouette.mean, stability: stability.mean,
        calinskiHarabasz: compactness.calinskiHarabasz, daviesBouldin: compactness.daviesBouldin,
        customersMeasured: rows.count), silhouette.bySegment, stability.bySegment + missing
    )
  }

  /// The share of both segments' customers that must be in both for an id to stay.
  private static let sameShare = 0.5

  /// Gives segments their ids: those of the segmentation before where most customers are the same, else new ones.
  private func identify(_ segments: inout [ShopSegments.Segment]) -> Int {
    var next = previous?.nextNumber ?? 1
    if let kept = partition.kept {
      for index in segments.indices { segments[index].id = kept.segments[index].id }
      return next
    }
    for (index, id) in matches(segments.count) { segments[index].id = id }
    for index in segments.indices where segments[index].id.isEmpty {
      segments[index].id = "c\(next)"
      next += 1
    }
    return next
  }

  private func matches(_ count: Int) -> [(Int, String)] {
    guard let previous else { return [] }
    let old = Dictionary(
      zip(previous.customers, previous.labels).filter { $0.1 >= 0 }, uniquingKeysWith: { first, _ in first })
    var (joint, sizes) = ([Int: Int](), [Int](repeating: 0, count: count))
    var oldSizes = [Int](repeating: 0, count: previous.segments.count)
    for label in old.values { oldSizes[Int(label)] += 1 }
    for (row, label) in partition.labels.enumerated() {
      sizes[label] += 1
      if let before = old[names.ids[row]] { joint[label * oldSizes.count + Int(before), default: 0] += 1 }
    }
    let pairs = joint.compactMap { key, both -> (similarity: Double, new: Int, old: Int)? in
      let (new, before) = (key / oldSizes.count, key % oldSizes.count)
      let similarity = Double(both) / Double(sizes[new] + oldSizes[before] - both)
      return similarity >= Self.sameShare ? (similarity, new, before) : nil
    }
    // With more than half in common there is at most one partner on either side.
    var (taken, found) = (Set<Int>(), [(Int, String)]())
    for pair in pairs.sorted(by: { ($1.similarity, $0.new) < ($0.similarity, $1.new) })
    where taken.insert(pair.old).inserted && !found.contains(where: { $0.0 == pair.new }) {
      found.append((pair.new, previous.segments[pair.old].id))
    }
    return found
  }

  /// The usual names by recency, frequency and money, of those that have customers.
  private func recencyGroups() throws -> ([ShopSegments.Segment], [Int]) {
    func column(_ feature: SegmentFeature) -> [Double] {
      table.features.firstIndex(of: feature).map { table.values[$0] } ?? []
    }
    let (recency, orders, spend) = (column(.recencyDays), column(.orders), column(.spend))
    let scored = try RecencyFrequencyMonetary().score(
      names.ids.indices.map {
        .init(id: names.ids[$0], recencyDays: recency[$0], frequency: orders[$0], monetary: spend[$0])
      })
    let cells = RFMCell.allCases.filter { cell in scored.contains { $0.cell == cell } }
    let labels = scored.map { customer in cells.firstIndex(of: customer.cell) ?? 0 }
    var groups = try describer.segments(labels, count: cells.count)
    for index in groups.indices {
      groups[index].id = "rfm-\(cells[index].rawValue)"
      let wording = cells[index].wording
      groups[index].name = BilingualText(en: wording.en, zh: wording.zh)
    }
    return (groups, labels)
  }
}
