import Foundation
import Learning

/// The columns that a method of tables learns a panel from: one row for a series, an origin and a step ahead.
///
/// A row knows the series up to its origin, and of the steps after it what is known beforehand alone: regressors, calendar,
/// attributes. Values are divided by the series' level at the origin, so that large and small series look alike.
///
/// - Complexity: O(columns + regressors · history) a row.
struct PanelFeatures: Sendable, Codable, Equatable {
  var columns: PanelColumns
  var holidays: HolidayCalendar?
  /// Whether any series has a season.
  var isSeasonal: Bool

  static let lags = 6
  static let windows = [2, 4, 8, 13, 26, 52]
  /// How many of the last steps make the level.
  static let levelWindow = 26
  /// How many steps of the past are compared by their regressors.
  private static let comparedSteps = 104
  private static let holidayReach = 2

  init(_ series: [TimeSeries], holidays: HolidayCalendar?) {
    columns = PanelColumns(series)
    self.holidays = series.contains { $0.calendar != nil } ? holidays : nil
    isSeasonal = series.contains { $0.seasonLength > 1 }
  }

  /// The columns' names.
  var names: [String] {
    var names = ["level", "age", "steps_since_demand", "share_of_zeros", "smoothed_20", "smoothed_50"]
    names += (0..<Self.lags).map { "lag_\($0)" } + Self.windows.map { "mean_\($0)" }
    names += ["deviation_4", "deviation_13", "ahead"]
    if isSeasonal { names += ["season_ago", "around_season_ago", "two_seasons_ago"] }
    for name in columns.regressors { names += [name, "\(name)_change", "\(name)_to_mean", "\(name)_recent"] }
    if !columns.regressors.isEmpty { names += ["alike", "alike_weight"] }
    names += columns.attributes.map { "attribute_\($0.name)" }
    if let holidays {
      names += ["year_sine", "year_cosine", "weekday", "month_day"] + holidays.holidays.map { "\($0)" }
    }
    return names
  }

  /// What is known at an origin, the last step that is known.
  struct Origin {
    var step: Int
    /// What values are divided by.
    var level: Double
    /// The columns that do not depend on the step ahead.
    var shared: [Float]
  }

  /// - Parameter values: the series up to the origin at least; later values are not read.
  /// - Returns: nil where all values so far are 0 or missing, so that there is nothing to divide by.
  func origin(values: [Double], at step: Int) -> Origin? {
    guard let level = Self.level(values, at: step) else { return nil }
    func mean(_ window: Int) -> Double {
      var (sum, count) = (0.0, 0.0)
      for index in max(0, step - window + 1)...step where !values[index].isNaN {
        sum += values[index]
        count += 1
      }
      return count > 0 ? sum / count : .nan
    }
    func deviation(_ window: Int) -> Double {
      let center = mean(window)
      var (sum, count) = (0.0, 0.0)
      for index in max(0, step - window + 1)...step where !values[index].isNaN {
        sum += (values[index] - center) * (values[index] - center)
        count += 1
      }
      return count > 1 ? (sum / (count - 1)).squareRoot() : .nan
    }
    var row: [Double] = [log(level), Double(step + 1)]
    let recent = values[max(0, step - 12)...step]
    row.append(Double(step - (values[...step].lastIndex { $0 != 0 && !$0.isNaN } ?? -1)))
    row.append(Double(recent.count { $0 == 0 }) / Double(recent.count))
    for smoothing in [0.2, 0.5] {
      var smoothed = Double.nan
      for index in max(0, step - 51)...step where !values[index].isNaN {
        smoothed = smoothed.isNaN ? values[index] : smoothed + smoothing * (values[index] - smoothed)
      }
      row.append(smoothed / level)
    }
    for lag in 0..<Self.lags { row.append(step >= lag ? values[step - lag] / level : .nan) }
    for window in Self.windows { row.append(mean(window) / level) }
    row += [deviation(4) / level, deviation(13) / level]
    return Origin(step: step, level: level, shared: row.map { Float($0) })
  }

  /// The mean size of the last values, or where they are 0 of those before; nil for none above 0.
  static func level(_ values: [Double], at step: Int) -> Double? {
    var (sum, count) = (0.0, 0.0)
    for index in max(0, step - levelWindow + 1)...step where !values[index].isNaN {
      sum += abs(values[index])
      count += 1
    }
    if count > 0, sum > 0 { return sum / count }
    let earlier = values[...step].filter { !$0.isNaN && $0 != 0 }.map { abs($0) }
    return earlier.isEmpty ? nil : earlier.reduce(0, +) / Double(earlier.count)
  }

  /// Adds the row of a step ahead of an origin.
  ///
  /// - Parameters:
  ///   - values: the series up to the origin at least; later values are not read.
  ///   - regressors: each regressor up to the step ahead at least.
  func append(
    to rows: inout [Float], _ series: PanelSeries, values: [Double], regressors: [[Double]],
    origin: Origin, ahead: Int, calendar: [Float]
  ) {
    let target = origin.step + ahead
    rows += origin.shared
    rows.append(Float(ahead))
    if isSeasonal { rows += seasonal(series, values, origin, target) }
    for column in columns.regressors.indices { rows += known(regressors[column], origin.step, target) }
    if !columns.regressors.isEmpty { rows += alike(values, regressors, origin, target) }
    rows += series.attributes.map { Float($0) }
    rows += calendar
  }

  private func seasonal(_ series: PanelSeries, _ values: [Double], _ origin: Origin, _ target: Int) -> [Float]
  {
    let season = series.seasonLength
    guard season > 1 else { return [.nan, .nan, .nan] }
    // Where a step ahead is more than a season off, the last season known stands for it.
    var place = target - season
    while place > origin.step { place -= season }
    func value(_ index: Int) -> Double { index >= 0 && index <= origin.step ? values[index] : .nan }
    let around = (place - 1...place + 1).map(value).filter { !$0.isNaN }
    let mean = around.isEmpty ? Double.nan : around.reduce(0, +) / Double(around.count)
    return [value(place), mean, value(place - season)].map { Float($0 / origin.level) }
  }

  /// A regressor at the step ahead: itself, less its value at the origin, less its mean of the year before, and its recent mean.
  private func known(_ column: [Double], _ origin: Int, _ target: Int) -> [Float] {
    func mean(_ window: Int) -> Double {
      var (sum, count) = (0.0, 0.0)
      for index in max(0, origin - window + 1)...origin where !column[index].isNaN {
        sum += column[index]
        count += 1
      }
      return count > 0 ? sum / count : .nan
    }
    let (now, usual) = (column[target], mean(52))
    return [now, now - column[origin], now - usual, mean(4) - usual].map { Float($0) }
  }

  /// The mean of past values whose steps were like the step ahead in their regressors, recent ones counting more; and how much
  /// they count.
  private func alike(_ values: [Double], _ regressors: [[Double]], _ origin: Origin, _ target: Int) -> [Float]
  {
    var (sum, total) = (0.0, 0.0)
    for index in max(0, origin.step - Self.comparedSteps + 1)...origin.step where !values[index].isNaN {
      var distance = 0.0
      for column in regressors.indices {
        let gap = (regressors[column][index] - regressors[column][target]) / columns.deviations[column]
        if !gap.isNaN { distance += gap * gap }
      }
      guard distance < 4 else { continue }
      let weight = exp(-2 * distance - 0.02 * Double(origin.step - index))
      sum += weight * values[index]
      total += weight
    }
    return [Float(total > 1e-6 ? sum / total / origin.level : .nan), Float(total)]
  }

  /// The calendar's columns of the steps from 0 on; empty rows without a calendar of holidays.
  ///
  /// - Parameter cache: rows by their days, which many series share.
  func calendarRows(_ calendar: StepCalendar?, steps: Int, cache: inout [Range<Int>: [Float]]) -> [[Float]] {
    guard let holidays else { return [[Float]](repeating: [], count: steps) }
    guard let calendar else {
      let unknown = [Float](repeating: .nan, count: 4 + holidays.holidays.count)
      return [[Float]](repeating: unknown, count: steps)
    }
    return (0..<steps).map { step in
      let days = calendar.days(of: step)
      if let row = cache[days] { return row }
      let middle = CalendarDay(number: (days.lowerBound + days.upperBound - 1) / 2)
      let angle = 2 * Double.pi * middle.shareOfYear
      let distances = holidays.stepsSince(calendar, step: step, limit: Self.holidayReach)
      let row =
        [
          Float(sin(angle)), Float(cos(angle)), days.count == 1 ? Float(middle.weekday) : .nan,
          Float(middle.date.day),
        ] + distances.map { $0.map { Float($0) } ?? .nan }
      cache[days] = row
      return row
    }
  }
}
