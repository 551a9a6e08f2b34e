import Learning

/// A model of any method, which can be saved and loaded without knowing which it is.
///
/// ```swift
/// let stored = StoredForecastModel(try ETS().fit(series, context: FitContext()))
/// let data = try JSONEncoder().encode(stored)
/// ```
public struct StoredForecastModel: ForecastModel {
  /// See `FittedModel`.
  public static let formatVersion = 1
  /// The model itself.
  public let model: any ForecastModel

  /// The model, ready to be saved.
  public init(_ model: any ForecastModel) { self.model = (model as? StoredForecastModel)?.model ?? model }

  /// See `ForecastModel`.
  public var description: String { model.description }
  /// See `ForecastModel`.
  public var fitted: [Double] { model.fitted }

  /// See `ForecastModel`.
  public func forecast(horizon: Int, levels: [Double], regressors: [String: [Double]]) throws -> Forecast {
    try model.forecast(horizon: horizon, levels: levels, regressors: regressors)
  }

  /// See `ForecastModel`.
  public func samplePaths(horizon: Int, count: Int, regressors: [String: [Double]], seed: UInt64) throws
    -> [[Double]]
  {
    try model.samplePaths(horizon: horizon, count: count, regressors: regressors, seed: seed)
  }

  /// The models that can be saved, by the name they are saved under.
  private static let kinds: [(name: String, type: any ForecastModel.Type)] = [
    ("lagWalk", LagWalkModel.self), ("historicAverage", HistoricAverageModel.self), ("ets", ETSModel.self),
    ("etsBoxCox", TransformedModel<ETSModel>.self), ("theta", ThetaModel.self),
    ("optimisedTheta", OptimisedThetaModel.self), ("intermittent", IntermittentModel.self),
    ("mstl", MSTLModel.self), ("arima", ARIMAModel.self), ("linearRegression", LinearRegressionModel.self),
    ("combination", CombinedModel.self), ("conformal", ConformalModel.self),
  ]

  private enum CodingKeys: String, CodingKey { case kind, model }

  /// Decodes a model of any kind this package has; any other is `ForecastError.invalidParameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .kind)
    guard let kind = Self.kinds.first(where: { $0.name == name }) else {
      throw ForecastError.invalidParameter(
        name: "kind", value: name, expected: "one of " + Self.kinds.map(\.name).joined(separator: ", "))
    }
    model = try container.decode(kind.type, forKey: .model)
  }

  /// Encodes the model with the name of its kind.
  public func encode(to encoder: any Encoder) throws {
    let own = ObjectIdentifier(type(of: model))
    guard let kind = Self.kinds.first(where: { ObjectIdentifier($0.type) == own }) else {
      throw ForecastError.invalidParameter(
        name: "model", value: "\(type(of: model))", expected: "a model of this package")
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind.name, forKey: .kind)
    try container.encode(model, forKey: .model)
  }
}
