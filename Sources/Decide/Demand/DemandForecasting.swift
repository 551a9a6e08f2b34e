import Commerce
import Forecasting
import Foundation
import Learning
import MathKernels

/// Forecasts the units of the next weeks for a shop, its departments and categories, and the items sold most.
///
/// ```swift
/// let history = DemandHistory(frame, catalogue: index, calendar: .utc, asOf: now)
/// let forecasts = try await DemandForecasting().fit(DemandDataset(history: history, asOf: now), context: FitContext())
/// print(forecasts.report.chosen.mase, forecasts.report.coverage["80"] ?? 0)
/// ```
/// Every subject is forecast from up to sixteen origins, two weeks apart, by a handful of methods and their median; each gets
/// the method whose errors were smallest, drawn towards what is best for alike subjects (`DemandChoice`). The errors of that choice,
/// made at each origin from what was known before it, give the intervals and the figures shown. Weeks in which an item was out
/// of stock are left out. Sources: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.10,
/// https://otexts.com/fpp3/tscv.html; Efron and Morris (1975), https://doi.org/10.1080/01621459.1975.10479864, for shrinkage.
///
/// - Complexity: O(subjects · origins · methods · weeks), on all cores.
public struct DemandForecasting: Estimator {
  /// The settings.
  public struct Configuration: Sendable, Codable, Equatable {
    /// How many weeks are forecast, 1 to 26.
    public var horizon: Int
    /// How many items, those of most units; 0 to 20,000.
    public var items: Int
    /// From how many weeks each subject is forecast to see how good that was, 1 to 52.
    public var origins: Int
    /// How many origins of evidence alike subjects weigh in the choice of a method; at least 0.
    public var shrinkage: Double

    /// Settings; on a year of weekly grocery sales the choice was the better the more alike subjects weighed.
    public init(horizon: Int = 8, items: Int = 1_000, origins: Int = 16, shrinkage: Double = 200) {
      (self.horizon, self.items, self.origins, self.shrinkage) = (horizon, items, origins, shrinkage)
    }
  }

  /// The settings.
  public let configuration: Configuration

  /// Forecasting with these settings.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Of more items whose stock is known no further ones are forecast beside those sold most.
  static let mostWanted = 5_000
  private static let step = 2
  private static let reportSize = 64

  /// Forecasts.
  ///
  /// - Throws: `DemandError.invalidParameter`, `.notEnoughData` without a full week of purchases; `CancellationError`.
  public func fit(_ data: DemandDataset, context: FitContext) async throws -> DemandForecasts {
    try validate()
    let history = data.history
    guard history.count > 0, history.weeks(of: .shop) != nil else {
      throw DemandError.notEnoughData(needed: "a full week of purchases", found: "\(history.count) weeks")
    }
    let started = ContinuousClock.now
    let chosen = subjects(data)
    let origins = origins(history.count)
    var readings: [DemandReading] = []
    for start in Swift.stride(from: 0, to: chosen.count, by: Self.reportSize) {
      let end = min(chosen.count, start + Self.reportSize)
      readings += parallelBlocks(end - start, blockSize: 1) { block in
        DemandReading(
          chosen[start + block.lowerBound], data, origins: origins, horizon: configuration.horizon)
      }
      try context.checkpoint(step: end, of: chosen.count)
    }
    var forecasts = DemandAssembly(readings, origins: origins, configuration: configuration)
      .forecasts(history, asOf: data.asOf)
    forecasts.report.seconds = (ContinuousClock.now - started).inSeconds
    return forecasts
  }

  private func validate() throws {
    let limits: [(String, Int, ClosedRange<Int>)] = [
      ("horizon", configuration.horizon, 1...26), ("items", configuration.items, 0...20_000),
      ("origins", configuration.origins, 1...52),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw DemandError.invalidParameter(
        name: name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    guard configuration.shrinkage >= 0, configuration.shrinkage.isFinite else {
      throw DemandError.invalidParameter(
        name: "shrinkage", value: "\(configuration.shrinkage)", expected: "a number of at least 0")
    }
  }

  private func subjects(_ data: DemandDataset) -> [DemandSubject] {
    let history = data.history
    let wide: [DemandSubject] = [.shop] + history.subjects(.department) + history.subjects(.category)
    let items = history.subjects(.item).prefix(configuration.items)
    let known = Set(items.map(\.id))
    let wanted = data.wanted.filter { !known.contains($0) && history.items.index(of: $0) != nil }
    return wide + items + wanted.prefix(Self.mostWanted).map { DemandSubject(.item, $0) }
  }

  /// The weeks that subjects are forecast from, the earliest first.
  private func origins(_ weeks: Int) -> [Int] {
    (1...configuration.origins).map { weeks - Self.step * $0 }.filter { $0 >= SubjectFolds.fewest }.reversed()
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
