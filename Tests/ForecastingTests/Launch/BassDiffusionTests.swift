import Forecasting
import MathKernels
import Testing

@Suite struct BassDiffusionTests {
  @Test(arguments: [(0.03, 0.38, 1000.0), (0.01, 0.6, 250.0), (0.1, 0.05, 40.0)])
  func findsTheParametersThatMadeTheCurve(_ p: Double, _ q: Double, _ m: Double) throws {
    let truth = BassDiffusion(innovation: p, imitation: q, market: m)
    let found = try BassDiffusion(adoptions: truth.adoptions(steps: 20))
    #expect(abs(found.innovation / p - 1) < 1e-3)
    #expect(abs(found.imitation / q - 1) < 1e-2)
    #expect(abs(found.market / m - 1) < 1e-3)
    #expect(found.explained > 0.9999 && found.isSupported(by: truth.adoptions(steps: 20)))
  }

  @Test func followsTheClosedForm() {
    // m·(F(t) − F(t − 1)) in numpy.
    let expected = [
      35.758, 49.298, 65.444, 82.65, 98.048, 108.037, 109.775, 102.728, 88.99, 72.076, 55.264, 40.62,
    ]
    let found = BassDiffusion(innovation: 0.03, imitation: 0.38, market: 1000).adoptions(steps: 12)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 5e-4) }
  }

  @Test func saysWhenTheMarketIsOutOfSight() throws {
    // A steady trickle says nothing of how many there are in the end.
    let trickle = [5.0, 6, 5, 4, 6, 5, 5, 6, 4, 5]
    let found = try BassDiffusion(adoptions: trickle)
    #expect(!found.isSupported(by: trickle))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func standsSomeNoise(_ seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let truth = BassDiffusion(innovation: 0.02, imitation: 0.4, market: 5000)
    let noisy = truth.adoptions(steps: 24).map { max(0, $0 * (1 + 0.05 * random.normal())) }
    let found = try BassDiffusion(adoptions: noisy)
    #expect(abs(found.market / 5000 - 1) < 0.1 && abs(found.imitation / 0.4 - 1) < 0.15)
  }

  @Test func refusesWhatItCannotFit() {
    #expect(throws: ForecastError.self) { try BassDiffusion(adoptions: [1, 2, 3]) }
    #expect(throws: ForecastError.self) { try BassDiffusion(adoptions: [0, 0, 0, 0, 0, 0]) }
    #expect(throws: ForecastError.self) { try BassDiffusion(adoptions: [1, 2, -3, 4, 5, 6]) }
  }
}
