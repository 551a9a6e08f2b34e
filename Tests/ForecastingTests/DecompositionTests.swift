import Forecasting
import Foundation
import Learning
import Testing

@Suite struct DecompositionTests {
  private let logged = TimeSeries(values: TimeSeries.airPassengers.values.map { log($0) }, seasonLength: 12)

  private func expect(_ parts: Decomposition, _ rows: [(Int, Double, Double)]) {
    for (step, seasonal, trend) in rows {
      #expect(abs(parts.seasonal[0][step] - seasonal) < 1e-7 * max(1, abs(seasonal)))
      #expect(abs(parts.trend[step] - trend) < 1e-7 * max(1, abs(trend)))
    }
  }

  @Test func agreesWithTheStatsPackageOfR() throws {
    expect(
      try STL(seasonLength: 12).decompose(logged),
      [
        (0, -0.0916404241465, 4.82938865395), (79, 0.2096058658669, 5.66002633254),
        (143, -0.1006362506540, 6.20475235643),
      ])
    expect(
      try STL(seasonLength: 12, seasonalWindow: 7).decompose(logged),
      [
        (0, -0.0915586385403, 4.80911271449), (1, -0.0507831449118, 4.81390871133),
        (79, 0.2004177193516, 5.65926924280), (143, -0.1185803023968, 6.19700192771),
      ])
  }

  @Test func agreesWithTheStatsPackageOfRWithRobustWeights() throws {
    // Of two passes: the usual 15 do not settle, so that roundings decide the fourth digit.
    expect(
      try STL(seasonLength: 12, seasonalWindow: 7, robust: true, robustPasses: 2).decompose(logged),
      [(0, -0.0861087446026, 4.8070030796), (79, 0.200404160828, 5.65907490819)])
  }

  @Test func agreesWithForecastPackageOnSeveralSeasons() throws {
    let one = try MSTL(seasonLengths: [12]).decompose(.airPassengers)
    expect(one, [(0, -16.9770740864, 123.145056928), (143, -44.1963249790, 496.683254025)])
    let two = try MSTL(seasonLengths: [12, 6]).decompose(.airPassengers)
    #expect(two.seasonLengths == [6, 12])
    #expect(abs(two.seasonal[1][79] - 54.5472989470) < 1e-6)
    expect(two, [(0, 5.99542985292, 124.896858969), (143, 1.91382911818, 499.696729379)])
  }

  @Test func addsUpToTheSeries() throws {
    let parts = try MSTL(seasonLengths: [4, 12], robust: true).decompose(.accidentalDeaths)
    for (step, value) in TimeSeries.accidentalDeaths.values.enumerated() {
      let sum = parts.trend[step] + parts.remainder[step] + parts.seasonal.reduce(0) { $0 + $1[step] }
      #expect(abs(sum - value) < 1e-8 * value)
    }
    #expect(parts.seasonalStrengths[1] > 0.8 && parts.trendStrength > 0.5)
  }

  @Test func forecastsWithSeasonsThatRepeat() throws {
    try ForecasterConformance(forecaster: MSTLForecaster()).check()
    let model = try MSTLForecaster().fit(.airPassengers, context: FitContext())
    #expect(model.description == "MSTL[12]+ETS(M,A,N)")
    let mean = try model.forecast(horizon: 3, levels: [], regressors: [:]).mean
    // stlf of forecast 8.20.
    for (value, expected) in zip(mean, [445.308961557, 429.078328681, 472.300777964]) {
      #expect(abs(value - expected) < 0.01)
    }
  }

  @Test func refusesWhatItCannotTakeApart() {
    #expect(throws: ForecastError.notEnoughData(series: "", needed: 25, found: 24)) {
      _ = try STL(seasonLength: 12).decompose(TimeSeries(values: [Double](repeating: 1, count: 24)))
    }
    #expect(throws: ForecastError.self) { _ = try STL(seasonLength: 1).decompose(.nile) }
    #expect(throws: ForecastError.self) { _ = try STL(seasonLength: 12, seasonalWindow: 1).decompose(logged) }
    #expect(throws: ForecastError.self) { _ = try MSTL(seasonLengths: [500]).decompose(.nile) }
  }
}
