import Learning
import MathKernels

/// A method of one series run over a panel, so that it can be combined with methods that learn many.
///
/// ```swift
/// let members: [any PanelForecaster] = [EachSeries(ETS()), BoostingForecaster()]
/// ```
/// - Complexity: that of the method for each series, over the cores.
public struct EachSeries: PanelForecaster {
  /// The method.
  public var base: any Forecaster
  /// See `PanelForecaster`.
  public var name: String { base.name }

  /// A method of one series.
  public init(_ base: any Forecaster) { self.base = base }

  /// See `PanelForecaster`.
  public func fit(_ series: [TimeSeries], context: FitContext) async throws -> any PanelForecastModel {
    let inner = FitContext(seed: context.seed)
    var members: [SeriesModels.Member] = []
    for start in stride(from: 0, to: series.count, by: 64) {
      let part = series[start..<min(series.count, start + 64)]
      members += try parallelBlocks(part.count, blockSize: 1) { [base] block in
        let one = series[start + block.lowerBound]
        do {
          return SeriesModels.Member(
            id: one.id, model: StoredForecastModel(try base.fit(one, context: inner)), problem: nil)
        } catch let error as ForecastError {
          return SeriesModels.Member(id: one.id, model: nil, problem: error.description)
        }
      }
      try context.checkpoint(step: start + part.count, of: series.count)
    }
    return SeriesModels(name: name, members: members)
  }
}

/// Models of one series each.
public struct SeriesModels: PanelForecastModel {
  struct Member: Sendable, Codable {
    var id: String
    var model: StoredForecastModel?
    var problem: String?
  }

  /// See `FittedModel`.
  public static let formatVersion = 1
  private let name: String
  private let members: [Member]

  init(name: String, members: [Member]) { (self.name, self.members) = (name, members) }

  /// See `PanelForecastModel`.
  public var description: String { name }
  /// See `PanelForecastModel`.
  public var ids: [String] { members.map(\.id) }

  /// See `PanelForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [String: [Double]]]) throws
    -> [SeriesRunner.Result]
  {
    try ForecastRequest.check(horizon: horizon, levels: levels)
    return try parallelBlocks(members.count, blockSize: 1) { block in
      let member = members[block.lowerBound]
      guard let model = member.model else {
        return SeriesRunner.Result(id: member.id, problem: member.problem)
      }
      do {
        let forecast = try model.forecast(
          horizon: horizon, levels: levels, regressors: regressors[member.id] ?? [:])
        return SeriesRunner.Result(id: member.id, model: model.description, forecast: forecast)
      } catch let error as ForecastError {
        return SeriesRunner.Result(id: member.id, problem: error.description)
      }
    }
  }

  /// See `PanelForecastModel`.
  public func samplePaths(
    of id: String, horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64
  ) throws -> [[Double]] {
    guard let member = members.first(where: { $0.id == id }) else { throw ForecastError.unknownSeries(id) }
    guard let model = member.model else {
      throw ForecastError.notEnoughData(series: id, needed: 1, found: 0)
    }
    return try model.samplePaths(horizon: horizon, count: count, regressors: regressors, seed: seed)
  }
}
