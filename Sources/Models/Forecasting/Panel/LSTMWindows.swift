import Foundation
import Learning
import MathKernels

/// The windows a network learns a panel from: the steps before an origin, the columns of the steps ahead and what came.
struct LSTMWindows {
  /// The means and deviations of the columns of the steps ahead.
  struct Scales: Sendable, Codable, Equatable {
    @Packed var means: [Float]
    @Packed var deviations: [Float]

    /// Brings rows to mean 0 and deviation 1, missing values to 0, far ones to 5.
    func apply(_ rows: inout [Float]) {
      for index in rows.indices {
        let column = index % means.count
        let value = (rows[index] - means[column]) / deviations[column]
        rows[index] = value.isNaN ? 0 : min(5, max(-5, value))
      }
    }
  }

  let configuration: LSTMForecaster.Configuration
  /// How many numbers each step read has.
  let inputs: Int
  /// How many columns each step ahead has.
  let columns: Int
  /// Whether the network says logarithms: no value is below 0.
  let isExponential: Bool
  /// The steps read, history × inputs a window.
  private(set) var read: [Float] = []
  /// The columns of the steps ahead, span × columns a window.
  private(set) var ahead: [Float] = []
  /// What came over the level at the origin, and whether anything did, span a window.
  private(set) var labels: [Float] = []
  private(set) var weights: [Float] = []
  /// The windows to learn from, and those of the last steps.
  private(set) var training: [Int] = []
  private(set) var held: [Int] = []

  /// Whether a series is long enough for its last steps to be held out.
  static func holdsOut(_ series: PanelSeries, _ span: Int) -> Bool {
    series.problem == nil && series.count > 2 * span
      && series.values.dropLast(span).contains { !$0.isNaN && $0 != 0 }
  }

  /// - Throws: `ForecastError.notEnoughData` without a window to learn from.
  init(
    _ series: [PanelSeries], _ features: PanelFeatures, _ configuration: LSTMForecaster.Configuration,
    seed: UInt64
  ) throws {
    self.configuration = configuration
    inputs = Self.inputs(features)
    columns = features.names.count
    isExponential = series.allSatisfy { $0.problem != nil || $0.isNonnegative }
    let span = configuration.span
    var origins: [(series: Int, step: Int, end: Int, isHeld: Bool)] = []
    for (index, one) in series.enumerated() where one.problem == nil {
      guard let first = one.values.firstIndex(where: { !$0.isNaN && $0 != 0 }) else { continue }
      let end = Self.holdsOut(one, span) ? one.count - span : one.count
      for step in first..<max(first, end - 1) { origins.append((index, step, end, false)) }
    }
    var random = RandomSource(seed: seed, stream: 0x157)
    if origins.count > configuration.maxWindows {
      origins.shuffle(using: &random)
      origins.removeLast(origins.count - configuration.maxWindows)
      origins.sort { ($0.series, $0.step) < ($1.series, $1.step) }
    }
    for (index, one) in series.enumerated() where Self.holdsOut(one, span) {
      origins.append((index, one.count - span - 1, one.count, true))
    }
    var cache: [Range<Int>: [Float]] = [:]
    var calendars: [Int: [[Float]]] = [:]
    for (index, step, end, isHeld) in origins {
      let one = series[index]
      guard let origin = features.origin(values: one.values, at: step) else { continue }
      let calendar =
        calendars[index] ?? features.calendarRows(one.calendar, steps: one.count + span, cache: &cache)
      calendars[index] = calendar
      var count = 0
      for ahead in 1...span {
        let isKnown = step + ahead < end && !one.values[step + ahead].isNaN
        if isKnown {
          features.append(
            to: &self.ahead, one, values: one.values, regressors: one.regressors, origin: origin,
            ahead: ahead, calendar: calendar[step + ahead])
          count += 1
        } else {
          self.ahead += [Float](repeating: .nan, count: columns)
        }
        labels.append(isKnown ? Float(one.values[step + ahead] / origin.level) : 0)
        weights.append(isKnown ? 1 : 0)
      }
      read += Self.read(one, one.values, one.regressors, calendar, origin, features, configuration.history)
      let window = labels.count / span - 1
      if count > 0 { if isHeld { held.append(window) } else { training.append(window) } }
    }
    guard !training.isEmpty else {
      throw ForecastError.notEnoughData(
        series: series.first?.id ?? "", needed: 2, found: series.first?.values.count { !$0.isNaN } ?? 0)
    }
  }

  /// How many numbers a step read has: its value, whether it was there, its regressors and the time of year.
  static func inputs(_ features: PanelFeatures) -> Int { 2 + features.columns.regressors.count + 2 }

  /// The steps up to an origin, the oldest first, zeros before the series' first.
  static func read(
    _ series: PanelSeries, _ values: [Double], _ regressors: [[Double]], _ calendar: [[Float]],
    _ origin: PanelFeatures.Origin, _ features: PanelFeatures, _ history: Int
  ) -> [Float] {
    let inputs = inputs(features)
    let year = features.holidays == nil ? nil : 0..<2
    return (origin.step - history + 1...origin.step).flatMap { step -> [Float] in
      guard step >= 0, !values[step].isNaN else { return [Float](repeating: 0, count: inputs) }
      let size = values[step] / origin.level
      // Demand's peaks are taken in by their logarithm.
      var row: [Float] = [Float(size < 0 ? -log1p(-size) : log1p(size)), 1]
      for column in regressors.indices {
        let gap =
          (regressors[column][step] - regressors[column][origin.step]) / features.columns.deviations[column]
        row.append(gap.isNaN ? 0 : Float(min(5, max(-5, gap))))
      }
      row += year.map { calendar[step][$0].map { $0.isNaN ? 0 : $0 } } ?? [0, 0]
      return row
    }
  }

  /// Brings the columns of the steps ahead to mean 0 and deviation 1.
  mutating func standardise() -> Scales {
    var (sums, squares) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
    var counts = sums
    for index in ahead.indices where !ahead[index].isNaN {
      let value = Double(ahead[index])
      sums[index % columns] += value
      squares[index % columns] += value * value
      counts[index % columns] += 1
    }
    let means = zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
    let deviations = columnDeviations(squares, means, counts)
    let scales = Scales(means: means.map { Float($0) }, deviations: deviations)
    scales.apply(&ahead)
    return scales
  }

  private func columnDeviations(_ squares: [Double], _ means: [Double], _ counts: [Double]) -> [Float] {
    squares.indices.map { column in
      let variance = counts[column] > 0 ? squares[column] / counts[column] - means[column] * means[column] : 0
      return variance > 1e-9 ? Float(variance.squareRoot()) : 1
    }
  }
}
