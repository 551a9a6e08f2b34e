import Commerce
import Foundation
import Learning

/// Biases that change with time: an item's over spans of the data, a user's by drift and by day.
///
/// `b(i, span(t)) + α(u) · dev(u, t) + b(u, day(t))`, with `dev(u, t) = sign(t − mean(u)) · |days between|^0.4`.
struct TimeBiases: Sendable, Codable, Equatable {
  let spans: Int
  private let start: Int64
  private let end: Int64
  @Packed private var itemSpans: [Float]
  @Packed private var userMeans: [Double]
  @Packed private var drifts: [Float]
  // Each user's days in ascending order, and where each user's start.
  @Packed private var dayStarts: [Int64]
  @Packed private var days: [Int64]
  @Packed private var dayBiases: [Float]

  init(_ data: Interactions, spans: Int) {
    self.spans = spans
    start = data.timestamp.min() ?? 0
    end = data.timestamp.max() ?? 0
    itemSpans = [Float](repeating: 0, count: data.items.count * spans)
    drifts = [Float](repeating: 0, count: data.users.count)
    var means: [Double] = []
    var (starts, days): ([Int64], [Int64]) = ([0], [])
    for user in 0..<data.users.count {
      let rows = data.rows(ofUser: user)
      means.append(rows.reduce(0) { $0 + Double(data.timestamp[$1]) } / Double(max(1, rows.count)))
      for row in rows {
        let day = Self.day(data.timestamp[row])
        if Int64(days.count) == starts[user] || days[days.count - 1] != day { days.append(day) }
      }
      starts.append(Int64(days.count))
    }
    userMeans = means
    dayStarts = starts
    self.days = days
    dayBiases = [Float](repeating: 0, count: days.count)
  }

  private static func day(_ timestamp: Int64) -> Int64 {
    let day = Timestamp.day
    return timestamp / day - (timestamp % day < 0 ? 1 : 0)
  }

  private func span(_ timestamp: Int64) -> Int {
    let length = Double(end) - Double(start)
    guard length > 0 else { return 0 }
    let share = (Double(timestamp) - Double(start)) / length
    return min(max(Int(share * Double(spans)), 0), spans - 1)
  }

  private func deviation(_ user: Int, _ timestamp: Int64) -> Float {
    let days = (Double(timestamp) - userMeans[user]) / Double(Timestamp.day)
    // A taste half a year from the user's ratings is not known to have drifted on.
    return Float(min(pow(abs(days), 0.4), 8) * (days < 0 ? -1 : 1))
  }

  /// The place of a user's day among all days; nil when the user rated nothing on it.
  private func dayPlace(_ user: Int, _ timestamp: Int64) -> Int? {
    let wanted = Self.day(timestamp)
    var (low, high) = (Int(dayStarts[user]), Int(dayStarts[user + 1]))
    let end = high
    while low < high {
      let middle = (low + high) / 2
      if days[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < end && days[low] == wanted ? low : nil
  }

  func bias(user: Int32?, item: Int32?, timestamp: Int64) -> Float {
    var sum: Float = 0
    if let item { sum += itemSpans[Int(item) * spans + span(timestamp)] }
    if let user {
      sum += drifts[Int(user)] * deviation(Int(user), timestamp)
      if let place = dayPlace(Int(user), timestamp) { sum += dayBiases[place] }
    }
    return sum
  }

  /// One step of stochastic gradients.
  mutating func step(
    user: Int, item: Int, timestamp: Int64, error: Float, rate: Float, regularization: Float
  ) {
    let place = item * spans + span(timestamp)
    itemSpans[place] += rate * (error - regularization * itemSpans[place])
    // Deviations reach 8: a step of the drift is that much shorter.
    let deviation = deviation(user, timestamp)
    drifts[user] += 0.01 * rate * (error * deviation - 10 * regularization * drifts[user])
    if let day = dayPlace(user, timestamp) {
      dayBiases[day] += rate * (error - regularization * dayBiases[day])
    }
  }
}
