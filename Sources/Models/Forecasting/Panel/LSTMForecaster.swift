import Foundation
import Learning
import MathKernels
import Neural

/// A recurrent network across series: long short-term memory reads each series' last steps, and a small network says from its
/// state and from what is known of each step ahead what to expect there.
///
/// ```swift
/// let method = LSTMForecaster(.init(span: 8, holidays: HolidayCalendar(.western)))
/// let model = try await method.fit(series, context: FitContext(seed: 7))
/// ```
/// Values are divided by the series' level at the origin. Each of the last `history` steps is read with its regressors and the
/// time of year; the steps ahead are forecast directly from the memory's state and the columns that `BoostingForecaster` reads,
/// `span` at once and farther ones from the forecasts of those before. What is made small is the quasi-likelihood of counts
/// (as Poisson, but for amounts of any size), or the squared error where values are below 0. The last `span` steps of every
/// series that is long enough decide when to stop, and how wide intervals have to be (`ResidualCalibration`); they are not
/// learned from, and the intervals may be a little narrow for having been chosen on them. The model predicts without libtorch.
///
/// Sources: the layout is that of Wen, Torkkola, Narayanaswamy and Madeka (2017), https://arxiv.org/abs/1711.11053, with one
/// expected value and conformal intervals in place of quantiles; scaling by the level, Salinas, Flunkert, Gasthaus and Januschowski
/// (2020), https://doi.org/10.1016/j.ijforecast.2019.07.001
///
/// - Complexity: O(epochs · windows · history · size²), at most `maxWindows` windows an epoch.
/// - Throws: `ForecastError.invalidParameter`, `notEnoughData` where no series has a value after another; `NeuralError`,
///   such as where libtorch is not installed; `CancellationError`.
public struct LSTMForecaster: PanelForecaster {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many steps are forecast directly.
    public var span: Int
    /// The holidays that become columns, where series have a calendar.
    public var holidays: HolidayCalendar?
    /// How many steps are read.
    public var history: Int
    /// How many numbers the memory holds, and the network after it.
    public var size: Int
    /// How often all windows are gone through at most.
    public var epochs: Int
    /// Epochs without a better fit of the last steps before training stops.
    public var patience: Int
    /// How many windows make a step.
    public var batchSize: Int
    /// The size of a step.
    public var learningRate: Double
    /// How many windows an epoch has at most, of more a random part.
    public var maxWindows: Int

    /// Settings; the defaults learn 1,000 weekly series in some minutes on two cores.
    public init(
      span: Int = 8, holidays: HolidayCalendar? = HolidayCalendar(.western), history: Int = 26,
      size: Int = 32,
      epochs: Int = 40, patience: Int = 8, batchSize: Int = 128, learningRate: Double = 5e-3,
      maxWindows: Int = 30_000
    ) {
      (self.span, self.holidays, self.history, self.size) = (span, holidays, history, size)
      (self.epochs, self.patience, self.batchSize) = (epochs, patience, batchSize)
      (self.learningRate, self.maxWindows) = (learningRate, maxWindows)
    }
  }

  /// See `PanelForecaster`.
  public let name = "LSTM"
  /// The settings.
  public var configuration: Configuration

  /// A network with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// See `PanelForecaster`.
  public func fit(_ series: [TimeSeries], context: FitContext) async throws -> any PanelForecastModel {
    try validate()
    let features = PanelFeatures(series, holidays: configuration.holidays)
    let prepared = try features.columns.prepare(series)
    var windows = try LSTMWindows(prepared, features, configuration, seed: context.seed)
    let scales = windows.standardise()
    var random = RandomSource(seed: context.seed)
    let network = try LSTMNetwork(
      inputs: windows.inputs, columns: windows.columns, size: configuration.size, random: &random)
    let trainer = Trainer(
      .init(
        epochs: configuration.epochs, patience: windows.held.isEmpty ? nil : configuration.patience,
        optimizer: .init(learningRate: configuration.learningRate, gradientClip: 1)))
    let learned = windows
    let batch = configuration.batchSize
    let held = learned.held
    _ = try trainer.train(
      network.parameters, batches: (learned.training.count + batch - 1) / batch, context: context
    ) { epoch, number in
      let order = Batches(count: learned.training.count, size: batch, seed: context.seed, epoch: epoch)
      return try network.loss(learned, order.batches[number].map { learned.training[$0] })
    } validation: {
      guard !held.isEmpty else { return 0 }
      var sum = 0.0
      for start in stride(from: 0, to: held.count, by: 512) {
        let part = Array(held[start..<min(held.count, start + 512)])
        sum -= Double(try network.loss(learned, part)?.scalar() ?? 0) * Double(part.count)
      }
      return sum / Double(held.count)
    }
    let forecasts = LSTMForecasts(
      features: features, scales: scales, configuration: configuration, inputs: windows.inputs,
      isExponential: windows.isExponential, network: try Checkpoint(network.parameters))
    return LSTMForecastModel(
      forecasts: forecasts, series: prepared,
      calibration: ResidualCalibration(
        try heldOut(series, prepared, forecasts), span: configuration.span))
  }

  private func heldOut(_ series: [TimeSeries], _ prepared: [PanelSeries], _ forecasts: LSTMForecasts) throws
    -> [ResidualCalibration.Case]
  {
    let span = configuration.span
    let long = series.indices.filter { LSTMWindows.holdsOut(prepared[$0], span) }
    let earlier = long.map { index in
      PanelSeries(series[index].before(series[index].count - span), columns: forecasts.features.columns)
    }
    let future = long.map { index in prepared[index].regressors.map { Array($0.suffix(span)) } }
    let means = try forecasts.means(earlier, future: future, horizon: span)
    return long.indices.compactMap { place in
      means[place].map {
        .init(series: earlier[place], mean: $0, actual: Array(series[long[place]].values.suffix(span)))
      }
    }
  }

  private func validate() throws {
    let limits: [(String, Int, ClosedRange<Int>)] = [
      ("span", configuration.span, 1...1000), ("history", configuration.history, 1...1000),
      ("size", configuration.size, 1...1024), ("epochs", configuration.epochs, 1...10_000),
      ("patience", configuration.patience, 1...10_000), ("batchSize", configuration.batchSize, 1...100_000),
      ("maxWindows", configuration.maxWindows, 10...10_000_000),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw ForecastError.invalidParameter(
        name: name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    guard configuration.learningRate > 0, configuration.learningRate <= 1 else {
      throw ForecastError.invalidParameter(
        name: "learningRate", value: "\(configuration.learningRate)", expected: "above 0, at most 1")
    }
  }
}
