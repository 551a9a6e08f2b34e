import Forecasting
import Foundation
import Learning
import Testing

/// What every method across series owes its users; each method's tests run it.
struct PanelConformance {
  /// The method under test.
  var forecaster: any PanelForecaster
  /// How far a constant series' forecast may be off, as a share.
  var constantTolerance = 0.15

  func check() async throws {
    try await givesOneResultASeriesAndSaysWhyNot()
    try await repeatsItselfForASeed()
    try await nestsIntervals()
    try await continuesConstantSeries()
    try await goesBeyondItsSpan()
    try await refusesWrongRequests()
    try await comesBackFromItsSavedForm()
    try await stopsWhenCancelled()
  }

  private func fit(_ series: [TimeSeries], seed: UInt64 = 3) async throws -> any PanelForecastModel {
    try await forecaster.fit(series, context: FitContext(seed: seed))
  }

  private func givesOneResultASeriesAndSaysWhyNot() async throws {
    var series = PanelFixtures.plain()
    series[2].values = [.nan, .nan]
    series[3].values = [5]
    series[4].values[7] = .infinity
    series[5].values.replaceSubrange(10..<14, with: [.nan, .nan, .nan, .nan])
    series[6].values[39] = .nan
    let results = try await fit(series).forecast(horizon: 3, levels: [0.8], regressors: [:])
    #expect(results.map(\.id) == series.map(\.id))
    for (index, result) in results.enumerated() {
      if index == 2 || index == 4 {
        #expect(result.forecast == nil && result.problem?.contains("'p\(index)'") == true)
      } else {
        #expect(result.problem == nil && result.model?.isEmpty == false)
        #expect(result.forecast?.mean.count == 3)
        #expect(
          result.forecast?.mean.allSatisfy { $0.isFinite } == true, "\(forecaster.name) of series \(index)")
        #expect(result.forecast?.intervals[0].lower.allSatisfy { $0.isFinite } == true)
      }
    }
  }

  private func repeatsItselfForASeed() async throws {
    let series = PanelFixtures.plain()
    let (first, second) = (try await fit(series), try await fit(series))
    let forecast = try first.forecast(horizon: 4, levels: [0.8, 0.95], regressors: [:])
    #expect(try second.forecast(horizon: 4, levels: [0.8, 0.95], regressors: [:]) == forecast)
    let paths = try first.samplePaths(of: "p1", horizon: 4, count: 15, regressors: [:], seed: 8)
    #expect(paths.count == 15 && paths.allSatisfy { $0.count == 4 && $0.allSatisfy { $0.isFinite } })
    #expect(try second.samplePaths(of: "p1", horizon: 4, count: 15, regressors: [:], seed: 8) == paths)
    #expect(try first.samplePaths(of: "p1", horizon: 4, count: 15, regressors: [:], seed: 9) != paths)
    #expect(try first.samplePaths(of: "p1", horizon: 4, count: 0, regressors: [:], seed: 9).isEmpty)
  }

  private func nestsIntervals() async throws {
    let levels = [0.5, 0.8, 0.95]
    for result in try await fit(PanelFixtures.plain()).forecast(horizon: 6, levels: levels, regressors: [:]) {
      let forecast = try #require(result.forecast)
      #expect(forecast.intervals.map(\.level) == levels)
      for step in 0..<6 {
        let all =
          forecast.intervals.reversed().map { $0.lower[step] } + [forecast.mean[step]]
          + forecast.intervals.map { $0.upper[step] }
        #expect(all == all.sorted(), "\(forecaster.name): the intervals of \(result.id) do not nest")
      }
    }
  }

  private func continuesConstantSeries() async throws {
    let series = (0..<8).map {
      TimeSeries(id: "c\($0)", values: [Double](repeating: Double(10 * $0), count: 30))
    }
    for (index, result) in try await fit(series).forecast(horizon: 5, levels: [], regressors: [:])
      .enumerated()
    {
      for value in try #require(result.forecast).mean {
        #expect(
          abs(value - Double(10 * index)) <= constantTolerance * Double(10 * index) + 1e-9,
          "\(forecaster.name) leaves a constant series")
      }
    }
  }

  private func goesBeyondItsSpan() async throws {
    let results = try await fit(PanelFixtures.plain()).forecast(horizon: 19, levels: [0.8], regressors: [:])
    #expect(
      results.allSatisfy { $0.forecast?.mean.count == 19 && $0.forecast?.intervals[0].upper.count == 19 })
  }

  private func refusesWrongRequests() async throws {
    let series = PanelFixtures.promoted(count: 6, length: 40)
    let model = try await fit(series)
    #expect(throws: ForecastError.self) { try model.forecast(horizon: 0, levels: [], regressors: [:]) }
    #expect(throws: ForecastError.self) { try model.forecast(horizon: 2, levels: [1.5], regressors: [:]) }
    let results = try model.forecast(horizon: 2, levels: [], regressors: [:])
    #expect(results.allSatisfy { $0.forecast == nil && $0.problem?.contains("price") == true })
    #expect(throws: ForecastError.unknownSeries("nobody")) {
      try model.samplePaths(of: "nobody", horizon: 2, count: 1, regressors: [:], seed: 1)
    }
    await #expect(throws: ForecastError.self) { try await fit([series[0], series[0]]) }
  }

  private func comesBackFromItsSavedForm() async throws {
    let series = PanelFixtures.promoted(count: 6, length: 40)
    let model = try await fit(series)
    let ahead = PanelFixtures.ahead(series, price: [2, 4, 4], promotion: [1, 0, 1])
    let data = try JSONEncoder().encode(StoredPanelModel(model))
    let back = try JSONDecoder().decode(StoredPanelModel.self, from: data)
    #expect(back.description == model.description && back.ids == series.map(\.id))
    let before = try model.forecast(horizon: 3, levels: [0.8], regressors: ahead)
    #expect(try back.forecast(horizon: 3, levels: [0.8], regressors: ahead) == before)
  }

  private func stopsWhenCancelled() async throws {
    let task = Task {
      try await Task.sleep(for: .seconds(3600))
      return
    }
    task.cancel()
    let run = Task { [forecaster] in
      _ = try? await task.value
      withUnsafeCurrentTask { $0?.cancel() }
      return try await forecaster.fit(PanelFixtures.plain(), context: FitContext())
    }
    await #expect(throws: CancellationError.self) { _ = try await run.value }
  }
}
