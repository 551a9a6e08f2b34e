import Commerce
import Learning
import MathKernels
import Segmentation

/// Looks back: the customers of earlier days by the centers of now.
struct SegmentHistory {
  let ledger: SegmentLedger
  let departments: [String]
  let steps: Int

  private static let mostChanges = 5

  func add(
    to found: inout ShopSegments, now: CustomerTable, partition: SegmentFitting.Partition,
    _ context: FitContext
  ) throws {
    let distance = max(partition.distance, .leastNonzeroMagnitude)
    var places = Dictionary(
      found.customers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var past: [(day: Int32, table: CustomerTable, labels: [Int], distance: Double)] = []
    for step in stride(from: steps, to: 0, by: -1) {
      try Task.checkCancellation()
      let day = found.day - Int32(step * SegmentFitting.step)
      let table = try ledger.table(through: day, days: found.days, departments: departments)
        .customerTable(ledger.frame.customers)
      guard !table.ids.isEmpty else { continue }
      let points = try found.encoding.encode(table)
      let labels = try found.centers.assign(points)
      past.append((day, table, labels, Statistics.mean(found.centers.distances(points, to: labels))))
      for id in table.ids where places[id] == nil {
        places[id] = found.customers.count
        found.customers.append(id)
      }
    }
    let missing = [Int32](repeating: -1, count: found.customers.count - found.labels.count)
    found.labels += missing
    found.cells += missing
    for entry in past {
      found.snapshots.append(
        try snapshot(entry, found, now, partition.labels, places, ratio: entry.distance / distance))
    }
  }

  private func snapshot(
    _ past: (day: Int32, table: CustomerTable, labels: [Int], distance: Double), _ found: ShopSegments,
    _ now: CustomerTable, _ labels: [Int], _ places: [String: Int], ratio: Double
  ) throws -> ShopSegments.Snapshot {
    let count = found.segments.count
    let migration = try SegmentMigration(
      before: (past.table, past.labels), after: (now, labels), segments: count)
    var aligned = [Int32](repeating: -1, count: found.customers.count)
    for (row, id) in past.table.ids.enumerated() {
      if let place = places[id] { aligned[place] = Int32(past.labels[row]) }
    }
    var sizes = [Int](repeating: 0, count: count)
    for label in past.labels { sizes[label] += 1 }
    let index = Statistics.populationStabilityIndex(
      sizes.map(Double.init), found.segments.map { Double($0.size) })
    return ShopSegments.Snapshot(
      day: past.day, sizes: sizes, labels: aligned,
      flows: migration.flows.map { flow in
        ShopSegments.Flow(
          from: flow.from, to: flow.to, customers: flow.customers.count, share: flow.share,
          changes: Array(flow.changes.prefix(Self.mostChanges)))
      }, left: migration.left.count, joined: migration.joined.count, stayed: migration.stayed,
      distance: ratio, stabilityIndex: index)
  }
}
