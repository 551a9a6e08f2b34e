import Foundation
import Learning

/// The columns of a linear regression over steps: trend, waves of the year, holidays, weekdays and regressors.
struct RegressionColumns: Sendable, Codable, Equatable {
  var waves: Int
  var holidays: HolidayCalendar?
  var regressors: [String]
  /// Which regressors are taken by their logarithm.
  var isLogarithm: [Bool]
  /// How much each regressor varies within series, on its scale.
  var deviations: [Double]

  init(_ series: [TimeSeries], waves: Int, holidays: HolidayCalendar?) {
    (self.waves, self.holidays) = (waves, holidays)
    let columns = PanelColumns(series)
    (regressors, isLogarithm, deviations) = (columns.regressors, columns.isLogarithm, columns.deviations)
  }

  /// How many columns there are.
  var count: Int { 1 + 2 * waves + 6 + 2 * (holidays?.holidays.count ?? 0) + regressors.count }

  /// The penalty of each column, as a multiple of the regression's.
  var penalties: [Double] {
    [10] + [Double](repeating: 1, count: 2 * waves + 6)
      + [Double](repeating: 2, count: 2 * (holidays?.holidays.count ?? 0))
      + [Double](repeating: 0.3, count: regressors.count)
  }

  /// The row of a step.
  ///
  /// - Parameter known: the regressors' values at the step.
  func row(step: Int, length: Int, season: Int, calendar: StepCalendar?, known: [Double]) -> [Double] {
    // Past the end the trend goes on as far as half of the series at most.
    var row = [min(1.5, Double(step + 1) / Double(max(1, length))) * 2 - 1]
    let days = calendar?.days(of: step)
    var share: Double?
    if let days, days.count <= 92 {
      share = CalendarDay(number: (days.lowerBound + days.upperBound - 1) / 2).shareOfYear
    } else if season > 3 {
      share = Double(step % season) / Double(season)
    }
    for wave in 1...max(1, waves) where wave <= waves {
      let angle = 2 * Double.pi * Double(wave) * (share ?? 0)
      row += share == nil ? [0, 0] : [sin(angle), cos(angle)]
    }
    let weekday = days.flatMap { $0.count == 1 ? CalendarDay(number: $0.lowerBound).weekday : nil }
    row += (1...6).map { $0 == weekday ? 1 : 0 }
    if let holidays {
      let none = [Double](repeating: 0, count: holidays.holidays.count)
      row += calendar.map { holidays.features(of: $0, step: step).map { $0 > 0 ? 1 : 0 } } ?? none
      // The step before a holiday, when people shop for it.
      row += calendar.map { holidays.features(of: $0, step: step + 1).map { $0 > 0 ? 1 : 0 } } ?? none
    }
    for (index, value) in known.enumerated() {
      row.append((isLogarithm[index] ? log(value) : value) / deviations[index])
    }
    return row
  }
}
