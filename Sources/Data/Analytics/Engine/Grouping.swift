import Commerce
import MathKernels

/// The groups of a breakdown: the values with the most events, those without a value, and the rest.
struct Grouping: Sendable {
  /// One group.
  struct Group: Sendable, Equatable {
    var label: String
    /// `all` without a breakdown, `value`, `none` or `other`.
    var kind: String

    static let all = Group(label: "(all)", kind: "all")
  }

  let groups: [Group]
  private let labels: PropertyLabels?
  /// By a code of the column plus one, the group.
  private let table: [UInt8]

  var count: Int { groups.count }

  /// The group of a row of the frame.
  @inline(__always)
  func group(_ row: Int) -> Int {
    guard let labels else { return 0 }
    return Int(table[Int(labels.column[row]) + 1])
  }

  /// The groups of a definition, ranked by the rows that a mark's bits say.
  ///
  /// - Parameters:
  ///   - marks: those of the index's positions.
  ///   - bits: only events with one of them count.
  init(
    _ definition: AnalysisDefinition, _ data: AnalyticsData, _ marks: EventMarks, bits: UInt16,
    ofRows: Bool = false
  ) {
    self.init(definition.breakdown, data, marks, bits: bits, ofRows: ofRows)
  }

  init(
    _ breakdown: AnalysisDefinition.Breakdown?, _ data: AnalyticsData, _ marks: EventMarks, bits: UInt16,
    ofRows: Bool
  ) {
    guard let breakdown else {
      groups = [.all]
      labels = nil
      table = []
      return
    }
    let labels = PropertyLabels(breakdown.property, data)
    let counts = Self.counts(labels, ofRows ? nil : data.index.rows, marks.bits, bits)
    let ranked = (0..<labels.labels.count).filter { counts[$0 + 1] > 0 }.sorted {
      (counts[$1 + 1], labels.labels[$0]) < (counts[$0 + 1], labels.labels[$1])
    }
    let top = ranked.prefix(breakdown.top)
    var groups = top.map { Group(label: labels.labels[$0], kind: "value") }
    var byLabel = [UInt8](repeating: 255, count: labels.labels.count + 1)
    for (place, code) in top.enumerated() { byLabel[code + 1] = UInt8(place) }
    if counts[0] > 0 {
      byLabel[0] = UInt8(groups.count)
      groups.append(Group(label: "(none)", kind: "none"))
    }
    let other = UInt8(groups.count)
    if ranked.count > top.count || groups.isEmpty { groups.append(Group(label: "(other)", kind: "other")) }
    // Values without such an event never begin anything; they are given to a group that is there.
    let rest = Int(other) < groups.count ? other : 0
    self.labels = labels
    table = labels.table.map { byLabel[Int($0) + 1] == 255 ? rest : byLabel[Int($0) + 1] }
    self.groups = groups
  }

  private static func counts(_ labels: PropertyLabels, _ rows: [Int32]?, _ marks: [UInt16], _ bits: UInt16)
    -> [Int]
  {
    let parts = parallelBlocks(marks.count, blockSize: max(1 << 16, marks.count / 8 + 1)) { block in
      var counts = [Int](repeating: 0, count: labels.labels.count + 1)
      for place in block where marks[place] & bits != 0 {
        let row = rows.map { Int($0[place]) } ?? place
        counts[Int(labels.code(row)) + 1] += 1
      }
      return counts
    }
    return parts.reduce(into: [Int](repeating: 0, count: labels.labels.count + 1)) { $0.add($1) }
  }

  /// The place of the group that a point names; nil when there is none.
  func place(of point: JSONValue) -> Int? {
    guard let label = point["group"]?.string else { return groups.count == 1 ? 0 : nil }
    let kind = point["group_kind"]?.string
    return groups.firstIndex { $0.label == label && (kind == nil || $0.kind == kind) }
  }
}
