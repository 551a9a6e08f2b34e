import Commerce
import Foundation
import Learning
import MathKernels

/// What a data set says about each item by itself: how popular it is now and ever, and how often it is bought again.
struct ItemStatistics: Sendable, Codable, Equatable {
  @Packed var popularity: [Float]
  @Packed var recentPopularity: [Float]
  @Packed var repeatRate: [Float]
  @Packed var gapDays: [Float]

  init(_ data: Interactions) {
    popularity = Popularity.scores(data).map { log1p($0) }
    recentPopularity = Popularity.scores(data, halfLifeDays: 14).map { log1p($0) }
    var pairs = [Float](repeating: 0, count: data.items.count)
    var repeated = pairs
    var (gaps, gapCounts) = (pairs, pairs)
    for user in 0..<data.users.count {
      var last: [Int32: (time: Int64, times: Int)] = [:]
      for row in data.rows(ofUser: user) where data.weight[row] > 0 {
        let item = data.item[row]
        let known = last[item]
        if let known {
          gaps[Int(item)] += Float((Double(data.timestamp[row]) - Double(known.time)) / Double(Timestamp.day))
          gapCounts[Int(item)] += 1
        }
        last[item] = (data.timestamp[row], (known?.times ?? 0) + 1)
      }
      for (item, known) in last {
        pairs[Int(item)] += 1
        if known.times > 1 { repeated[Int(item)] += 1 }
      }
    }
    // Five pairs of the usual kind are added, so that one customer does not make a rate.
    let usual = repeated.reduce(0, +) / max(1, pairs.reduce(0, +))
    repeatRate = zip(repeated, pairs).map { ($0 + 5 * usual) / ($1 + 5) }
    gapDays = zip(gaps, gapCounts).map { $1 > 0 ? $0 / $1 : .nan }
  }
}

/// The numbers by which candidates are ranked: one row per candidate, NaN for what is missing.
struct CandidateFeatures: Sendable {
  private static let own = [
    "count", "count_7d", "count_30d", "count_120d", "days_since_last", "days_between", "due",
    "history_length",
    "history_items", "popularity", "recent_popularity", "repeat_rate", "item_gap_days", "due_by_item",
  ]

  let names: [String]
  private let statistics: ItemStatistics

  init(members: [EnsembleMember], statistics: ItemStatistics) {
    self.statistics = statistics
    names =
      members.enumerated().flatMap { ["\($1.algorithm)_\($0)_score", "\($1.algorithm)_\($0)_rank"] }
      + Self.own
  }

  private struct OwnPurchases {
    var count: Float = 0
    var week: Float = 0
    var month: Float = 0
    var season: Float = 0
    var youngest = Float.infinity
    var oldest: Float = 0
    var times: Float = 0
  }

  /// The rows of all candidates of a history, one after the other.
  func rows(_ history: CodedHistory, _ pool: CandidatePool) -> [Float] {
    var purchases: [Int32: OwnPurchases] = [:]
    for (place, item) in history.items.enumerated() where history.weights[place] > 0 {
      let (weight, age) = (history.weights[place], history.ageDays[place])
      var entry = purchases[item] ?? OwnPurchases()
      entry.count += weight
      entry.week += weight * exp2(-age / 7)
      entry.month += weight * exp2(-age / 30)
      entry.season += weight * exp2(-age / 120)
      entry.youngest = min(entry.youngest, age)
      entry.oldest = max(entry.oldest, age)
      entry.times += 1
      purchases[item] = entry
    }
    var rows: [Float] = []
    rows.reserveCapacity(pool.items.count * names.count)
    for (place, item) in pool.items.enumerated() {
      for member in pool.scores.indices {
        rows.append(pool.scores[member][place])
        rows.append(pool.ranks[member][place] > 0 ? Float(pool.ranks[member][place]) : .nan)
      }
      append(purchases[item], Int(item), [Float(history.items.count), Float(purchases.count)], &rows)
    }
    return rows
  }

  private func append(_ own: OwnPurchases?, _ item: Int, _ sizes: [Float], _ rows: inout [Float]) {
    let since = own?.youngest ?? .nan
    let between = own.flatMap { $0.times > 1 ? ($0.oldest - $0.youngest) / ($0.times - 1) : nil } ?? .nan
    let gap = statistics.gapDays[item]
    rows += [own?.count ?? 0, own?.week ?? 0, own?.month ?? 0, own?.season ?? 0, since, between]
    rows.append(ratio(since, between))
    rows += sizes
    rows += [statistics.popularity[item], statistics.recentPopularity[item]]
    rows += [statistics.repeatRate[item], gap, ratio(since, gap)]
  }

  private func ratio(_ since: Float, _ gap: Float) -> Float { gap > 0 ? min(since / gap, 1e3) : .nan }
}
