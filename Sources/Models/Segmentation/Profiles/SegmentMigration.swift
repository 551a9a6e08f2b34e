import Foundation
import MathKernels

/// Who moved between the segments of two times, and what changed for them.
///
/// ```swift
/// let migration = try SegmentMigration(before: (january, was), after: (june, is), segments: 5)
/// print(migration.counts[0][1], migration.flows.first?.customers ?? [])
/// ```
/// Segments bear the same numbers at both times: those of one model, or of cells such as RFM's.
///
/// - Complexity: O(customers × columns).
public struct SegmentMigration: Sendable, Equatable {
  /// How a column changed for those who moved.
  public struct Change: Sendable, Codable, Equatable {
    /// The column.
    public var column: String
    /// The mean before.
    public var before: Double
    /// The mean after.
    public var after: Double
    /// The mean change less that of those who stayed, over the standard deviation of all before.
    public var effect: Double
  }

  /// Those who moved from one segment to another.
  public struct Flow: Sendable, Equatable {
    /// The segment before.
    public var from: Int
    /// The segment after.
    public var to: Int
    /// Who moved.
    public var customers: [String]
    /// The share of the segment before.
    public var share: Double
    /// What changed for them, the greatest effect first.
    public var changes: [Change]
  }

  /// How many customers were in a segment (row) and are in one (column).
  public let counts: [[Int]]
  /// Who moved, the most first.
  public let flows: [Flow]
  /// Who was there before alone.
  public let left: [String]
  /// Who is there after alone.
  public let joined: [String]
  /// The share of those there at both times who stayed in their segment.
  public let stayed: Double

  /// Compares two times.
  ///
  /// - Throws: `SegmentationError.shapeMismatch` when there is not a segment for each customer.
  public init(
    before: (table: CustomerTable, labels: [Int]), after: (table: CustomerTable, labels: [Int]),
    segments: Int
  ) throws {
    for (table, labels) in [before, after] where table.ids.count != labels.count {
      throw SegmentationError.shapeMismatch(
        expected: "a segment for each of \(table.ids.count) customers", found: "\(labels.count)")
    }
    guard (before.labels + after.labels).allSatisfy({ (0..<segments).contains($0) }) else {
      throw SegmentationError.invalidParameter(
        name: "labels", value: "outside", expected: "numbers from 0 and below \(segments)")
    }
    let places = Dictionary(
      after.table.ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var counts = [[Int]](repeating: [Int](repeating: 0, count: segments), count: segments)
    var (pairs, left) = ([(Int, Int)](), [String]())
    for (row, id) in before.table.ids.enumerated() {
      guard let other = places[id] else {
        left.append(id)
        continue
      }
      counts[before.labels[row]][after.labels[other]] += 1
      pairs.append((row, other))
    }
    let known = Set(before.table.ids)
    self.left = left
    joined = after.table.ids.filter { !known.contains($0) }
    self.counts = counts
    let same = segments > 0 ? (0..<segments).reduce(0) { $0 + counts[$1][$1] } : 0
    stayed = pairs.isEmpty ? 0 : Double(same) / Double(pairs.count)
    let stayers = pairs.filter { before.labels[$0.0] == after.labels[$0.1] }
    let moved = Dictionary(grouping: pairs.filter { before.labels[$0.0] != after.labels[$0.1] }) {
      before.labels[$0.0] * segments + after.labels[$0.1]
    }
    flows = moved.map { key, pairs in
      let from = key / segments
      return Flow(
        from: from, to: key % segments, customers: pairs.map { before.table.ids[$0.0] },
        share: Double(pairs.count) / Double(max(1, counts[from].reduce(0, +))),
        changes: Self.changes(before.table, after.table, pairs, stayers))
    }.sorted { (-$0.customers.count, $0.from, $0.to) < (-$1.customers.count, $1.from, $1.to) }
  }

  private static func changes(
    _ before: CustomerTable, _ after: CustomerTable, _ moved: [(Int, Int)], _ stayers: [(Int, Int)]
  ) -> [Change] {
    before.columns.compactMap { column -> Change? in
      guard case .numbers(let old) = column.values,
        case .numbers(let new) = after.columns.first(where: { $0.name == column.name })?.values
      else { return nil }
      let own = moved.filter { old[$0.0].isFinite && new[$0.1].isFinite }
      guard !own.isEmpty else { return nil }
      func change(_ pairs: [(Int, Int)]) -> Double {
        let known = pairs.filter { old[$0.0].isFinite && new[$0.1].isFinite }
        return known.isEmpty ? 0 : known.reduce(0) { $0 + new[$1.1] - old[$1.0] } / Double(known.count)
      }
      let deviation = Statistics.standardDeviation(old.filter(\.isFinite), degreesOfFreedomLost: 0)
      return Change(
        column: column.name, before: own.reduce(0) { $0 + old[$1.0] } / Double(own.count),
        after: own.reduce(0) { $0 + new[$1.1] } / Double(own.count),
        effect: deviation > 0 ? (change(own) - change(stayers)) / deviation : 0)
    }.sorted { abs($0.effect) > abs($1.effect) }
  }
}
