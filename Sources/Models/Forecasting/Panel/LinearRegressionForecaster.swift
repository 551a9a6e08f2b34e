import Foundation
import Learning
import MathKernels

/// Ridge regression of series on trend, waves of the year, holidays, weekdays and regressors such as price and promotion; what
/// is left is smoothed, so that the level may move.
///
/// ```swift
/// let method = LinearRegressionForecaster(.init(holidays: HolidayCalendar(.western)))
/// let model = try await method.fit(series, context: FitContext())
/// let results = try model.forecast(horizon: 8, levels: [0.8], regressors: knownAhead)
/// ```
/// Over a panel one regression learns what all series show; each series' own coefficients are then pulled towards those rather
/// than towards 0, by `regularization` as many steps as it counts. A single series leans on 0. Series without values of 0 are
/// regressed by their logarithm, so that a coefficient of a price, taken by its logarithm too, is an elasticity; the others
/// by their share of their mean. Intervals are normal on that scale.
///
/// Sources: ridge regression towards a common mean, Lindley and Smith (1972), https://doi.org/10.1111/j.2517-6161.1972.tb00885.x; Fourier terms and
/// errors that go on, Hyndman and Athanasopoulos (2021), chapters 7 and 10, https://otexts.com/fpp3; the return from logarithms
/// by smearing, Duan (1983), https://doi.org/10.1080/01621459.1983.10478017
///
/// - Complexity: O(steps · columns² + series · columns³).
/// - Throws: `ForecastError.invalidParameter` for settings out of range, `CancellationError`.
public struct LinearRegressionForecaster: Forecaster, PanelForecaster {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many waves make the year's shape; only used from two years on.
    public var waves: Int
    /// The holidays that become columns, where series have a calendar.
    public var holidays: HolidayCalendar?
    /// How many steps the common coefficients count as against a series' own.
    public var regularization: Double
    /// How much a step counts beside the next one.
    public var memory: Double

    /// Settings.
    public init(
      waves: Int = 2, holidays: HolidayCalendar? = HolidayCalendar(.western), regularization: Double = 10,
      memory: Double = 0.99
    ) {
      (self.waves, self.holidays) = (waves, holidays)
      (self.regularization, self.memory) = (regularization, memory)
    }
  }

  /// See `PanelForecaster`.
  public let name = "LinearRegression"
  /// The settings.
  public var configuration: Configuration

  /// A regression with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// See `Forecaster`.
  public func fit(_ series: TimeSeries, context: FitContext) throws -> any ForecastModel {
    try validate()
    let columns = RegressionColumns([series], waves: configuration.waves, holidays: configuration.holidays)
    let table = try RegressionTable(series, columns: columns, memory: configuration.memory)
    let own = try table.coefficients(
      towards: [Double](repeating: 0, count: columns.count), penalty: configuration.regularization,
      columns: columns)
    return LinearRegressionModel(
      table, columns: columns, coefficients: own,
      smoothing: RegressionTable.smoothing([(table, own)]))
  }

  /// See `PanelForecaster`.
  public func fit(_ series: [TimeSeries], context: FitContext) async throws -> any PanelForecastModel {
    try validate()
    let columns = RegressionColumns(series, waves: configuration.waves, holidays: configuration.holidays)
    _ = try PanelColumns(series).prepare(series)  // names must differ
    let memory = configuration.memory
    let tables: [Result<RegressionTable, ForecastError>] = try parallelBlocks(
      series.count, blockSize: 1
    ) { block in
      do {
        return .success(try RegressionTable(series[block.lowerBound], columns: columns, memory: memory))
      } catch let error as ForecastError { return .failure(error) }
    }
    try context.checkpoint(step: 1, of: 3)
    let known = tables.compactMap { try? $0.get() }
    let common = try RegressionTable.common(known, columns: columns, penalty: configuration.regularization)
    try context.checkpoint(step: 2, of: 3)
    let penalty = configuration.regularization
    let own = try parallelBlocks(known.count, blockSize: 1) { block in
      try known[block.lowerBound].coefficients(towards: common, penalty: penalty, columns: columns)
    }
    let smoothing = RegressionTable.smoothing(Array(zip(known, own)))
    var place = 0
    let members = tables.enumerated().map { index, table in
      switch table {
      case .failure(let error):
        return SeriesModels.Member(id: series[index].id, model: nil, problem: error.description)
      case .success(let table):
        defer { place += 1 }
        let model = LinearRegressionModel(
          table, columns: columns, coefficients: own[place], smoothing: smoothing)
        return SeriesModels.Member(id: series[index].id, model: StoredForecastModel(model), problem: nil)
      }
    }
    try context.checkpoint(step: 3, of: 3)
    return SeriesModels(name: name, members: members)
  }

  private func validate() throws {
    func require(_ holds: Bool, _ name: String, _ value: Double, _ expected: String) throws {
      guard holds else {
        throw ForecastError.invalidParameter(name: name, value: "\(value)", expected: expected)
      }
    }
    try require((0...26).contains(configuration.waves), "waves", Double(configuration.waves), "0 to 26")
    try require(
      configuration.regularization > 0 && configuration.regularization.isFinite, "regularization",
      configuration.regularization, "above 0")
    try require(
      configuration.memory > 0.5 && configuration.memory <= 1, "memory", configuration.memory,
      "above 0.5, at most 1")
  }
}
