import Commerce
import MathKernels

/// Which events an analysis looks at, and which of its selectors each of them meets: 16 bits an event.
struct EventMarks: Sendable {
  /// The bit of events that are looked at: in the span, and through the filter.
  static let looked: UInt16 = 1 << 15

  /// The bits of each row of the frame, or of each position of the index.
  let bits: [UInt16]
  /// How many events lie outside the span.
  let outside: Int
  /// How many of those inside do not pass the filter.
  let filtered: Int

  /// How many events are looked at.
  var count: Int { bits.count - outside - filtered }

  private enum Rules {
    /// The bits follow from the kind.
    case kinds([UInt16])
    case filters(CompiledFilter?, [CompiledFilter])
  }

  private static func rules(
    _ selectors: [EventSelector], _ definition: AnalysisDefinition, _ data: AnalyticsData
  )
    throws -> Rules
  {
    precondition(selectors.count <= 14, "a bit for each selector beside two of our own")
    let filter = try definition.filter?.compiled(data, field: "filter")
    let compiled = try selectors.map { try $0.compiled(data, field: definition.kind.rawValue) }
    let kinds = compiled.compactMap(\.byKind)
    let wanted = (filter ?? .constant(true)).byKind
    guard kinds.count == compiled.count, let wanted else { return .filters(filter, compiled) }
    return .kinds(
      (0..<256).map { kind in
        guard wanted[kind] else { return 0 }
        return kinds.enumerated().reduce(looked) { $0 | ($1.element[kind] ? 1 << UInt16($1.offset) : 0) }
      })
  }

  /// The bits of the frame's rows.
  static func ofRows(
    _ selectors: [EventSelector], _ definition: AnalysisDefinition, _ data: AnalyticsData,
    in range: Range<Int64>
  ) throws -> EventMarks {
    EventMarks(
      try rules(selectors, definition, data), data.frame.kind, data.frame.timestamp, range, rows: nil)
  }

  /// The bits of the index's positions.
  static func ofPositions(
    _ selectors: [EventSelector], _ definition: AnalysisDefinition, _ data: AnalyticsData,
    in range: Range<Int64>
  ) throws -> EventMarks {
    let rules = try rules(selectors, definition, data)
    if case .kinds = rules {
      return EventMarks(rules, data.index.kinds, data.index.times, range, rows: nil)
    }
    return EventMarks(rules, data.frame.kind, data.frame.timestamp, range, rows: data.index.rows)
  }

  /// - Parameter rows: the rows whose bits are kept, in the order of the positions; nil for all as they are.
  private init(_ rules: Rules, _ kind: [UInt8], _ times: [Int64], _ range: Range<Int64>, rows: [Int32]?) {
    let all: [UInt16] = filledInParallel(kind.count) { block, into in
      switch rules {
      case .kinds(let table): for row in block { into[row] = table[Int(kind[row])] }
      case .filters(let filter, let selectors): Self.fill(block, into, kind, filter, selectors)
      }
      for row in block where times[row] < range.lowerBound || times[row] >= range.upperBound {
        into[row] = Self.outsideBit
      }
    }
    var marks = all
    if let rows {
      marks = filledInParallel(rows.count) { block, into in
        for position in block { into[position] = all[Int(rows[position])] }
      }
    }
    let bits = marks
    let tallies = parallelBlocks(bits.count, blockSize: 1 << 18) { block in
      var (outside, filtered) = (0, 0)
      for place in block {
        outside += bits[place] == Self.outsideBit ? 1 : 0
        filtered += bits[place] == 0 ? 1 : 0
      }
      return (outside, filtered)
    }
    self.bits = bits
    outside = tallies.reduce(0) { $0 + $1.0 }
    filtered = tallies.reduce(0) { $0 + $1.1 }
  }

  // No selector has this bit, and a row that is looked at has the one above it too.
  static let outsideBit: UInt16 = 1 << 14

  private static func fill(
    _ block: Range<Int>, _ into: UnsafeMutablePointer<UInt16>, _ kind: [UInt8], _ filter: CompiledFilter?,
    _ selectors: [CompiledFilter]
  ) {
    var flags = [UInt8](repeating: 1, count: block.count)
    for row in block { into[row] = looked }
    for (place, selector) in selectors.enumerated() {
      selector.evaluate(block, kind: kind, into: &flags)
      for row in block { into[row] |= UInt16(flags[row - block.lowerBound]) << UInt16(place) }
    }
    guard let filter else { return }
    filter.evaluate(block, kind: kind, into: &flags)
    for row in block where flags[row - block.lowerBound] == 0 { into[row] = 0 }
  }
}
