import Commerce
import MathKernels

/// The events of each customer in time order, beside the frame: what questions about sequences walk along.
///
/// Positions are grouped by customer; of each, the frame's row, the time and the kind are kept together, so that a walk
/// reads memory in order. 13 bytes an event, 8 a customer.
///
/// ```swift
/// var index = AnalyticsIndex(frame)
/// // … events arrive …
/// index.extend(to: frame)
/// ```
/// - Complexity: one counting sort, O(n), when events arrived in time order; what arrived late is sorted within its customer.
public struct AnalyticsIndex: Sendable {
  /// The frame's row at each position.
  public private(set) var rows: [Int32] = []
  /// The events' times in UTC milliseconds.
  public private(set) var times: [Int64] = []
  /// The events' kinds.
  public private(set) var kinds: [UInt8] = []
  /// Where each customer's positions start, and where the last one's end.
  public private(set) var starts: [Int] = [0]
  /// How many events of the frame are indexed, with those that have no customer.
  public private(set) var covered = 0

  /// The index of a frame.
  public init(_ frame: EventFrame) {
    let (rows, starts) = frame.rowsByCustomer()
    self.rows = rows
    self.starts = starts
    covered = frame.count
    copyColumns(of: frame)
  }

  private mutating func copyColumns(of frame: EventFrame) {
    let (rows, timestamp, kind) = (rows, frame.timestamp, frame.kind)
    times = filledInParallel(rows.count) { range, into in
      for position in range { into[position] = timestamp[Int(rows[position])] }
    }
    kinds = filledInParallel(rows.count) { range, into in
      for position in range { into[position] = kind[Int(rows[position])] }
    }
  }

  /// How many customers there are.
  public var customerCount: Int { starts.count - 1 }

  /// The positions of a customer.
  public func positions(of customer: Int) -> Range<Int> { starts[customer]..<starts[customer + 1] }

  /// Takes in the events that the frame has more than the index: the same frame, with events added at its end.
  ///
  /// - Complexity: one copy of the index, O(n), and the sorting of what is new.
  public mutating func extend(to frame: EventFrame) {
    guard frame.count > covered else { return }
    let customers = frame.customers.count
    var added = [Int](repeating: 0, count: customers + 1)
    for row in covered..<frame.count where frame.customer[row] >= 0 {
      added[Int(frame.customer[row]) + 1] += 1
    }
    for customer in 0..<customers { added[customer + 1] += added[customer] }
    var next = added
    var newRows = [Int32](repeating: 0, count: added[customers])
    for row in covered..<frame.count where frame.customer[row] >= 0 {
      newRows[next[Int(frame.customer[row])]] = Int32(row)
      next[Int(frame.customer[row])] += 1
    }
    merge(newRows, starts: added, frame)
    covered = frame.count
  }

  private mutating func merge(_ newRows: [Int32], starts added: [Int], _ frame: EventFrame) {
    var merged = AnalyticsIndex(capacity: rows.count + newRows.count)
    merged.starts.reserveCapacity(added.count)
    for customer in 0..<added.count - 1 {
      let old = customer < customerCount ? positions(of: customer) : rows.count..<rows.count
      let new = newRows[added[customer]..<added[customer + 1]]
      let begin = merged.rows.count
      merged.rows.append(contentsOf: rows[old])
      merged.times.append(contentsOf: times[old])
      merged.kinds.append(contentsOf: kinds[old])
      for row in new {
        merged.rows.append(row)
        merged.times.append(frame.timestamp[Int(row)])
        merged.kinds.append(frame.kind[Int(row)])
      }
      if !new.isEmpty { merged.sort(begin..<merged.rows.count, newFrom: begin + old.count, frame) }
      merged.starts.append(merged.rows.count)
    }
    (rows, times, kinds, starts) = (merged.rows, merged.times, merged.kinds, merged.starts)
  }

  private init(capacity: Int) {
    rows.reserveCapacity(capacity)
    times.reserveCapacity(capacity)
    kinds.reserveCapacity(capacity)
  }

  /// Puts one customer's positions in order when what is new did not come after what was there.
  private mutating func sort(_ part: Range<Int>, newFrom: Int, _ frame: EventFrame) {
    let checked = max(part.lowerBound, newFrom - 1)..<part.upperBound
    guard zip(times[checked], times[checked].dropFirst()).contains(where: { $0 > $1 }) else { return }
    rows[part].sort { (frame.timestamp[Int($0)], $0) < (frame.timestamp[Int($1)], $1) }
    for position in part {
      times[position] = frame.timestamp[Int(rows[position])]
      kinds[position] = frame.kind[Int(rows[position])]
    }
  }
}
