import Commerce
import MathKernels

/// Quantiles of many durations in little memory: bins that double in width, each divided in 1,024 parts.
///
/// A quantile is the middle of the part that holds it, so it is off by at most 0.05 %; durations below 2 s (2,048 ms) are exact.
struct DurationHistogram: Sendable {
  private var counts: [Int32] = []
  private(set) var count = 0
  private var sum = 0.0

  @inline(__always)
  mutating func add(_ milliseconds: Int64) {
    let place = Self.place(milliseconds)
    if place >= counts.count { counts.append(contentsOf: repeatElement(0, count: place + 1 - counts.count)) }
    counts[place] += 1
    count += 1
    sum += Double(milliseconds)
  }

  mutating func add(_ other: DurationHistogram) {
    if other.counts.count > counts.count {
      counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
    }
    for place in other.counts.indices { counts[place] += other.counts[place] }
    count += other.count
    sum += other.sum
  }

  @inline(__always)
  private static func place(_ value: Int64) -> Int {
    if value < 2048 { return Int(max(value, 0)) }
    let shift = 53 - value.leadingZeroBitCount
    return shift << 10 + Int(value >> Int64(shift))
  }

  private static func middle(_ place: Int) -> Double {
    if place < 2048 { return Double(place) }
    let shift = place >> 10 - 1
    return (Double(place - shift << 10) + 0.5) * Double(1 << shift)
  }

  /// The mean in seconds; nil for none.
  var mean: Double? { count > 0 ? sum / Double(count) / 1000 : nil }

  /// The least duration, in seconds, that this share of durations does not exceed; nil for none.
  func quantile(_ probability: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = max(1, Int((probability * Double(count)).rounded(.up)))
    var seen = 0
    for (place, number) in counts.enumerated() {
      seen += Int(number)
      if seen >= rank { return Self.middle(place) / 1000 }
    }
    return nil
  }
}

/// Bins of durations that people read easily, from a minute to a year.
enum DurationBins {
  /// Where each bin begins, in seconds; the last is open.
  static let seconds = [
    0, 60, 300, 900, 3600, 21_600, 86_400, 172_800, 259_200, 604_800, 1_209_600, 2_419_200, 4_838_400,
    7_776_000,
    15_552_000, 31_536_000,
  ]

  static var count: Int { seconds.count }

  @inline(__always)
  static func bin(_ milliseconds: Int64) -> Int {
    var bin = 0
    while bin + 1 < seconds.count, milliseconds >= Int64(seconds[bin + 1]) * 1000 { bin += 1 }
    return bin
  }

  /// The bin's bounds as cells; the last has none above.
  static func cells(_ bin: Int) -> [JSONValue] {
    [JSONValue(seconds[bin]), bin + 1 < seconds.count ? JSONValue(seconds[bin + 1]) : .null]
  }
}
