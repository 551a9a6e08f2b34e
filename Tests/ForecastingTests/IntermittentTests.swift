import Forecasting
import Learning
import Testing

@Suite struct IntermittentTests {
  private let demand = TimeSeries(
    values: [0, 0, 3, 0, 0, 0, 2, 0, 0, 5, 0, 0, 1, 0, 0, 0, 4, 0, 0, 2, 0, 0, 0, 3])

  @Test func conform() throws {
    for method in [
      Croston() as any Forecaster, Croston(smoothing: nil), TeunterSyntetosBabai(), ADIDA(), IMAPA(),
      DemandClassChoice(),
    ] {
      try ForecasterConformance(forecaster: method, nonnegative: true).check()
    }
    // Its correction of the bias holds for demand that comes now and then, not for one in every step.
    try ForecasterConformance(forecaster: SyntetosBoylan(), nonnegative: true, constantFactor: 0.95).check()
  }

  @Test func agreesWithStatsforecast() throws {
    let expected: [(any Forecaster, Double)] = [
      (Croston(), 0.900410), (Croston(smoothing: nil), 0.855782), (SyntetosBoylan(), 0.855389),
      (ADIDA(), 0.919313), (IMAPA(), 0.859918), (TeunterSyntetosBabai(), 0.861548),
    ]
    for (method, rate) in expected {
      let mean = try method.fit(demand, context: FitContext())
        .forecast(horizon: 2, levels: [], regressors: [:]).mean
      #expect(abs(mean[0] - rate) < 6e-7 && mean[1] == mean[0], "\(method.name) \(mean[0])")
    }
  }

  @Test func sortsDemandIntoClasses() {
    #expect(DemandProfile(demand.values).demandClass == .intermittent)
    #expect(DemandProfile([5, 6, 5, 4, 5, 6]).demandClass == .smooth)
    #expect(DemandProfile([1, 20, 1, 2, 30, 1]).demandClass == .erratic)
    #expect(DemandProfile([0, 0, 1, 0, 0, 30, 0, 1]).demandClass == .lumpy)
    #expect(DemandProfile([0, 0]).demandClass == .none)
    #expect(DemandProfile([0, .nan, 4, 0, .nan, 4]).averageInterval == 2)
  }

  @Test func choosesTheMethodOfTheClass() throws {
    func chosen(_ values: [Double]) throws -> String {
      try DemandClassChoice().fit(TimeSeries(values: values), context: FitContext()).description
    }
    #expect(try chosen([5, 6, 5, 4, 5, 6]) == "Croston")
    #expect(try chosen(demand.values) == "SBA")
    #expect(try chosen([2, 0, 3, 0, 2] + [Double](repeating: 0, count: 20)) == "TSB")
  }

  @Test func fadesWhenNobodyBuysAnyMore() throws {
    let ended = TimeSeries(values: [3, 0, 4, 0, 3, 0, 4] + [Double](repeating: 0, count: 40))
    func rate(_ method: any Forecaster) throws -> Double {
      try method.fit(ended, context: FitContext()).forecast(horizon: 1, levels: [], regressors: [:]).mean[0]
    }
    #expect(try rate(TeunterSyntetosBabai()) < 0.05)
    #expect(try rate(Croston()) > 1.5)
  }

  @Test func drawsPathsAroundItsRate() throws {
    let model = try Croston().fit(demand, context: FitContext())
    let paths = try model.samplePaths(horizon: 50, count: 400, regressors: [:], seed: 3)
    let values = paths.flatMap { $0 }
    let mean = values.reduce(0, +) / Double(values.count)
    let rate = try model.forecast(horizon: 1, levels: [], regressors: [:]).mean[0]
    #expect(abs(mean - rate) < 0.05)
    #expect(values.contains(0) && values.allSatisfy { $0 >= 0 })
    let interval = try model.forecast(horizon: 1, levels: [0.9], regressors: [:]).intervals[0]
    let above = values.count { $0 > interval.upper[0] }
    #expect(Double(above) / Double(values.count) < 0.08 && interval.lower[0] == 0)
  }
}
