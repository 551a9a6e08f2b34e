import Foundation
import Learning
import MathKernels

/// The table that trees learn a panel from: a row for each series, origin and step ahead that has a value.
struct TreeRows {
  var values: [Float] = []
  /// What came, over the level at the origin.
  var labels: [Float] = []

  /// - Throws: `ForecastError.notEnoughData` where there is no row, `invalidValue` for a value below 0 where none may be.
  init(
    _ series: [PanelSeries], _ features: PanelFeatures, span: Int, maxRows: Int, nonnegative: Bool,
    seed: UInt64
  ) throws {
    var origins: [(series: Int, step: Int)] = []
    for (index, one) in series.enumerated() where one.problem == nil && one.count > 1 {
      if nonnegative, let step = one.values.firstIndex(where: { $0 < 0 }) {
        throw ForecastError.invalidValue(
          series: one.id, index: step, value: one.values[step], expected: "a value of at least 0")
      }
      // Nothing can be said before the first value above or below 0.
      guard let first = one.values.firstIndex(where: { !$0.isNaN && $0 != 0 }) else { continue }
      for step in first..<one.count - 1 { origins.append((index, step)) }
    }
    let most = max(1, maxRows / span)
    if origins.count > most {
      var random = RandomSource(seed: seed, stream: 0xB005)
      origins.shuffle(using: &random)
      origins.removeLast(origins.count - most)
      origins.sort { ($0.series, $0.step) < ($1.series, $1.step) }
    }
    let chosen = Dictionary(grouping: origins, by: \.series).sorted { $0.key < $1.key }
    let blocks = parallelBlocks(chosen.count, blockSize: 16) { block in
      var part = TreeRows()
      var cache: [Range<Int>: [Float]] = [:]
      for (index, steps) in chosen[block] {
        part.append(series[index], features, origins: steps.map(\.step), span: span, cache: &cache)
      }
      return part
    }
    for block in blocks {
      values += block.values
      labels += block.labels
    }
    guard !labels.isEmpty else {
      throw ForecastError.notEnoughData(
        series: series.first?.id ?? "", needed: 2, found: series.first?.values.count { !$0.isNaN } ?? 0)
    }
  }

  private init() {}

  private mutating func append(
    _ series: PanelSeries, _ features: PanelFeatures, origins: [Int], span: Int,
    cache: inout [Range<Int>: [Float]]
  ) {
    let calendar = features.calendarRows(series.calendar, steps: series.count, cache: &cache)
    for step in origins {
      guard let origin = features.origin(values: series.values, at: step) else { continue }
      for ahead in 1...span where step + ahead < series.count {
        let value = series.values[step + ahead]
        guard !value.isNaN else { continue }
        features.append(
          to: &values, series, values: series.values, regressors: series.regressors, origin: origin,
          ahead: ahead, calendar: calendar[step + ahead])
        labels.append(Float(value / origin.level))
      }
    }
  }
}
