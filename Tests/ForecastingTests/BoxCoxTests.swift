import Forecasting
import Testing

@Suite struct BoxCoxTests {
  @Test func agreesWithForecastPackageOnGuerrero() {
    for (series, lambda) in [
      (TimeSeries.airPassengers, -0.2947156), (.accidentalDeaths, -0.03975617), (.wineind, -0.4654138),
    ] {
      let chosen = BoxCox.guerrero(series.values, seasonLength: series.seasonLength)
      #expect(abs(chosen.lambda - lambda) < 1e-4)
    }
  }

  @Test(arguments: [-0.5, 0, 0.3, 1, 2])
  func comesBackToWhereItStarted(lambda: Double) {
    let transformation = BoxCox(lambda: lambda)
    for value in [0.01, 1, 7.5, 1e6] {
      let back = transformation.inverse(transformation.transform(value))
      #expect(abs(back - value) < 1e-7 * value)
    }
  }

  @Test func keepsValuesOutsideItsDomainMissing() {
    #expect(BoxCox(lambda: 0).transform(0).isNaN)
    #expect(BoxCox(lambda: -0.5).transform(-1).isNaN)
    #expect(BoxCox(lambda: -0.5).inverse(3).isNaN)
    #expect(BoxCox(lambda: 0.5).transform(.nan).isNaN)
    #expect(BoxCox(lambda: 0.5).transform(-4) == -6)
    #expect(abs(BoxCox(lambda: 0.5).inverse(-6) + 4) < 1e-12)
  }

  @Test func correctsTheBiasOfTheMean() {
    // A log-normal mean is exp(μ + σ²/2), which is exp(μ)(1 + σ²/2) to second order.
    let mean = BoxCox(lambda: 0).inverseMean(2, variance: 0.01)
    #expect(abs(mean - 7.389056 * 1.005) < 1e-5)
    #expect(BoxCox(lambda: 1).inverseMean(2, variance: 0.01) == 3)
  }

  @Test func leavesShortAndConstantSeriesAsTheyAre() {
    #expect(BoxCox.guerrero([1, 2, 3, 4], seasonLength: 4).lambda == 1)
    #expect(BoxCox.guerrero([Double](repeating: 5, count: 40), seasonLength: 4).lambda == 1)
    #expect(BoxCox.guerrero([], seasonLength: 12).lambda == 1)
  }

  @Test func choosesNoPowerBelowZeroForValuesOfZero() {
    var values = TimeSeries.airPassengers.values
    values[3] = 0
    #expect(BoxCox.guerrero(values, seasonLength: 12).lambda >= 0)
  }
}
