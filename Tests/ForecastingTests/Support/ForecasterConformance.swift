import Forecasting
import Foundation
import Learning
import Testing

/// What every forecaster of one series owes its users; each method's tests run it.
struct ForecasterConformance {
  /// The method under test.
  var forecaster: any Forecaster
  /// Whether its series may hold no value below 0.
  var nonnegative = false
  /// Whether they must be above 0.
  var positive = false
  /// The fewest values it learns from.
  var minimum = 1
  /// What it multiplies a constant series by.
  var constantFactor = 1.0

  func check() throws {
    try continuesAConstantSeries()
    try learnsShortSeriesOrSaysWhy()
    try bridgesMissingValues()
    try refusesWhatCannotBeUsed()
    try refusesWrongRequests()
    try nestsIntervalsAroundTheMean()
    try repeatsPathsOfOneSeed()
    try comesBackFromItsSavedForm()
  }

  private func fit(_ values: [Double], season: Int = 1) throws -> any ForecastModel {
    try forecaster.fit(TimeSeries(id: "s", values: values, seasonLength: season), context: FitContext())
  }

  private var monthly: [Double] {
    (0..<60).map { month in
      let wave = 12 * sin(Double(month) * .pi / 6)
      return 50 + 0.5 * Double(month) + wave + Double((month * 37) % 11)
    }
  }

  private func continuesAConstantSeries() throws {
    for season in [1, 4] {
      let model = try fit([Double](repeating: 7, count: 40), season: season)
      let forecast = try model.forecast(horizon: 6, levels: [0.9], regressors: [:])
      for step in 0..<6 {
        #expect(
          abs(forecast.mean[step] - 7 * constantFactor) < 1e-6, "\(forecaster.name) leaves a constant series")
        #expect(forecast.intervals[0].lower[step].isFinite && forecast.intervals[0].upper[step].isFinite)
      }
    }
    guard !positive else { return }
    let zero = try fit([Double](repeating: 0, count: 30), season: 4)
    let nothing = try zero.forecast(horizon: 2, levels: [0.9], regressors: [:]).mean
    #expect(nothing.allSatisfy { abs($0) < 1e-6 })
  }

  private func learnsShortSeriesOrSaysWhy() throws {
    for count in 0..<14 {
      let values = Array(monthly.prefix(count))
      for season in [1, 4, 12] {
        if count < minimum {
          #expect(throws: ForecastError.notEnoughData(series: "s", needed: minimum, found: count)) {
            _ = try fit(values, season: season)
          }
        } else {
          let model = try fit(values, season: season)
          let forecast = try model.forecast(horizon: 3, levels: [0.8], regressors: [:])
          #expect(forecast.mean.allSatisfy { $0.isFinite }, "\(forecaster.name) of \(count) values")
          #expect(model.fitted.count == count)
          #expect(!model.description.isEmpty)
        }
      }
    }
  }

  private func bridgesMissingValues() throws {
    var values = monthly
    for index in [0, 17, 18, 40, 59] { values[index] = .nan }
    let model = try fit(values, season: 12)
    #expect(model.fitted.count == 60)
    #expect(try model.forecast(horizon: 12, levels: [0.8], regressors: [:]).mean.allSatisfy { $0.isFinite })
    #expect(throws: ForecastError.notEnoughData(series: "s", needed: minimum, found: 0)) {
      _ = try fit([.nan, .nan])
    }
  }

  private func refusesWhatCannotBeUsed() throws {
    var values = monthly
    values[3] = .infinity
    #expect(throws: ForecastError.self) { _ = try fit(values) }
    guard nonnegative else { return }
    values[3] = -1
    #expect(throws: ForecastError.self) { _ = try fit(values) }
  }

  private func refusesWrongRequests() throws {
    let model = try fit(monthly, season: 12)
    for horizon in [0, -1] {
      #expect(throws: ForecastError.self) {
        _ = try model.forecast(horizon: horizon, levels: [], regressors: [:])
      }
      #expect(throws: ForecastError.self) {
        _ = try model.samplePaths(horizon: horizon, count: 2, regressors: [:], seed: 1)
      }
    }
    for level in [0, 1, -0.5, 80, Double.nan] {
      #expect(throws: ForecastError.self) {
        _ = try model.forecast(horizon: 1, levels: [level], regressors: [:])
      }
    }
    #expect(throws: ForecastError.self) {
      _ = try model.samplePaths(horizon: 1, count: -1, regressors: [:], seed: 1)
    }
  }

  private func nestsIntervalsAroundTheMean() throws {
    let model = try fit(monthly, season: 12)
    let forecast = try model.forecast(horizon: 24, levels: [0.5, 0.8, 0.95], regressors: [:])
    #expect(forecast.intervals.map(\.level) == [0.5, 0.8, 0.95])
    for step in 0..<24 {
      let ends = forecast.intervals.reversed().map { $0.lower[step] } + [forecast.mean[step]]
      let all = ends + forecast.intervals.map { $0.upper[step] }
      #expect(all == all.sorted(), "\(forecaster.name): intervals at step \(step + 1) do not nest")
    }
    #expect(zip(forecast.intervals[2].lower, forecast.intervals[2].upper).allSatisfy { $0 < $1 })
  }

  private func repeatsPathsOfOneSeed() throws {
    let model = try fit(monthly, season: 12)
    let paths = try model.samplePaths(horizon: 5, count: 20, regressors: [:], seed: 9)
    #expect(paths.count == 20 && paths.allSatisfy { $0.count == 5 && $0.allSatisfy { $0.isFinite } })
    #expect(try model.samplePaths(horizon: 5, count: 20, regressors: [:], seed: 9) == paths)
    #expect(try model.samplePaths(horizon: 5, count: 20, regressors: [:], seed: 10) != paths)
    #expect(try model.samplePaths(horizon: 5, count: 0, regressors: [:], seed: 9).isEmpty)
  }

  private func comesBackFromItsSavedForm() throws {
    func roundTrip<Model: ForecastModel>(_ model: Model) throws {
      let back = try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(model))
      let before = try model.forecast(horizon: 7, levels: [0.8], regressors: [:])
      #expect(try back.forecast(horizon: 7, levels: [0.8], regressors: [:]) == before)
      let paths = try model.samplePaths(horizon: 7, count: 3, regressors: [:], seed: 4)
      #expect(try back.samplePaths(horizon: 7, count: 3, regressors: [:], seed: 4) == paths)
      #expect(back.description == model.description && back.fitted.count == model.fitted.count)
    }
    try roundTrip(fit(monthly, season: 12))
  }
}
