import Commerce
import Foundation
import MathKernels

/// What events add to a customer's mean: a vector each, of the same width.
protocol EventVectors: Sendable {
  var width: Int { get }
  /// Whether the event of this row adds anything.
  func has(row: Int) -> Bool
  /// Adds the event's vector, times a weight, to a customer's sum.
  func add(row: Int, weight: Float, to sum: UnsafeMutablePointer<Float>)
}

/// Means of the vectors of customers' events as of ascending days; an event's weight halves every so many days.
///
/// Nothing after a day can reach the means as of that day: the events have not been added yet.
struct DecayedMeans<Source: EventVectors>: Sendable {
  private let source: Source
  private let halfLifeDays: Double
  private let calendar: ShopCalendar
  private let milliseconds: [Int64]
  private let rows: [Int32]
  private let starts: [Int]
  private var next: [Int]
  private var sums: [Float]
  private var weights: [Float]
  private var day: Int32?

  /// Means at their beginning, of events given by time and, for each customer, the places of their events in time order.
  init(
    _ source: Source, milliseconds: [Int64], rows: [Int32], starts: [Int], halfLifeDays: Double,
    calendar: ShopCalendar
  ) {
    self.source = source
    self.halfLifeDays = halfLifeDays
    self.calendar = calendar
    (self.milliseconds, self.rows, self.starts) = (milliseconds, rows, starts)
    next = Array(starts.dropLast())
    sums = [Float](repeating: 0, count: next.count * source.width)
    weights = [Float](repeating: 0, count: next.count)
  }

  /// The means of all events before a day, no earlier than the last day asked for.
  mutating func block(_ mode: ProfileMode, before day: Int32) -> ModeBlock {
    advance(before: day)
    let (width, sums, weights) = (source.width, sums, weights)
    let parts = parallelBlocks(weights.count, blockSize: 256) { block in
      var part = [Float](repeating: 0, count: block.count * width)
      for customer in block where weights[customer] > 0 {
        let scale = 1 / weights[customer]
        for index in 0..<width {
          part[(customer - block.lowerBound) * width + index] = sums[customer * width + index] * scale
        }
      }
      return part
    }
    return ModeBlock(
      mode: mode, width: width, values: parts.flatMap { $0 }, present: weights.map { $0 > 0 })
  }

  private mutating func advance(before day: Int32) {
    // Old sums fade by the days gone by; means do not change by that, unless new events come in.
    precondition(self.day.map { $0 <= day } ?? true, "days are asked for in ascending order")
    let fade = Float(exp2((Double(self.day ?? day) - Double(day)) / halfLifeDays))
    self.day = day
    let limit = calendar.start(ofDay: day).milliseconds
    let (source, calendar, milliseconds, rows, starts) = (source, calendar, milliseconds, rows, starts)
    let (halfLifeDays, width, count) = (halfLifeDays, source.width, next.count)
    sums.withUnsafeMutableBufferPointer { sums in
      weights.withUnsafeMutableBufferPointer { weights in
        next.withUnsafeMutableBufferPointer { next in
          // Each block touches the sums, weights and cursors of its own customers alone.
          nonisolated(unsafe) let (sums, weights, next) = (sums, weights, next)
          _ = parallelBlocks(count, blockSize: 64) { block in
            guard let base = sums.baseAddress else { return }
            for customer in block {
              let sum = base + customer * width
              if fade < 1 {
                weights[customer] *= fade
                for index in 0..<width { sum[index] *= fade }
              }
              while next[customer] < starts[customer + 1] {
                let row = Int(rows[next[customer]])
                guard milliseconds[row] < limit else { break }
                next[customer] += 1
                guard source.has(row: row) else { continue }
                let age = Double(day) - Double(calendar.day(ofMilliseconds: milliseconds[row]))
                let weight = Float(max(1e-6, exp2(-age / halfLifeDays)))
                weights[customer] += weight
                source.add(row: row, weight: weight, to: sum)
              }
            }
          }
        }
      }
    }
  }
}
