import Commerce
import Features
import Foundation
import Learning
import MathKernels
import Needs

/// How much customers' needs should weigh beside the series of sales, and how much better both together foretell the units of
/// categories over four weeks.
///
/// ```swift
/// let found = try await NeedDemandEvaluation().run(
///   frame, catalogue: index, history: history, calendar: .utc, context: FitContext())
/// print(found.weight, found.backtest.improvement)
/// ```
/// Needs are mined from what was known twelve weeks before the end. With that model, and customers as they were, the units of four
/// weeks are foretold twelve, eight and four weeks before the end. The weight that was best from the first two origins is judged on
/// the last. Errors are scaled by each category's units, so that no category outweighs the rest.
///
/// - Complexity: that of `NeedMining` and of scoring all customers three times.
public struct NeedDemandEvaluation: Sendable {
  /// What was found.
  public struct Result: Sendable, Equatable {
    /// How much the needs weigh, 0 to 1.
    public var weight: Double
    /// How far off the needs usually were, as a share of what they said.
    public var needsError: Double
    /// How good both together were.
    public var backtest: NeedDemand.Backtest
  }

  /// How needs are mined for it; coarser than those that are served.
  public var mining: NeedMining.Configuration

  private static let origins = [12, 8, 4]
  private static let window = 4
  private static let draws = 2_000

  /// An evaluation.
  public init(
    mining: NeedMining.Configuration = .init(
      windows: 6, sampleShares: .init(bought: 0.1, never: 0.03),
      boosting: .init(
        rounds: 200, learningRate: 0.15, maxDepth: 6, minChildWeight: 40, subsample: 0.8, columnSample: 0.6,
        regularization: 5, maxBins: 128, earlyStoppingRounds: 15))
  ) {
    self.mining = mining
  }

  /// One category at one origin.
  private struct Pair {
    var origin: Int
    var needs: Double
    var series: Double
    var actual: Double
    var scale: Double
    func error(_ weight: Double) -> Double {
      abs(weight * needs + (1 - weight) * series - actual) / scale
    }
  }

  /// Evaluates.
  ///
  /// - Throws: `NeedError` where there is too little to mine needs from, `DemandError.notEnoughData`, `CancellationError`.
  public func run(
    _ frame: EventFrame, catalogue: CatalogueIndex, history: DemandHistory, calendar: ShopCalendar,
    context: FitContext
  ) async throws -> Result {
    guard let first = Self.origins.max(), history.count > first + 2 * SubjectFolds.fewest else {
      throw DemandError.notEnoughData(needed: "28 weeks", found: "\(history.count) weeks")
    }
    func moment(_ origin: Int) -> Timestamp {
      // The last millisecond before the Monday.
      let start = calendar.start(ofDay: history.monday(ofWeek: history.count - origin))
      return Timestamp(milliseconds: start.milliseconds - 1)
    }
    var settings = mining
    settings.features = FeatureSettings(calendar: calendar)
    let known = frame.through(moment(first))
    let model = try await NeedMining(settings).fit(
      NeedDataset(frame: known, catalogue: catalogue), context: context)
    let predictor = NeedPredictor(model: model, catalogue: catalogue)
    var pairs: [Pair] = []
    for origin in Self.origins {
      try Task.checkCancellation()
      pairs += try self.pairs(
        origin, frame, predictor, catalogue, history, calendar, asOf: moment(origin), settings.features)
    }
    return try Self.result(pairs, seed: context.seed)
  }

  private func pairs(
    _ origin: Int, _ frame: EventFrame, _ predictor: NeedPredictor, _ catalogue: CatalogueIndex,
    _ history: DemandHistory, _ calendar: ShopCalendar, asOf: Timestamp, _ features: FeatureSettings
  ) throws -> [Pair] {
    var states = CustomerStates(settings: features, catalogue: catalogue, currency: frame.currency)
    states.replay(frame, before: Timestamp(milliseconds: asOf.milliseconds + 1))
    let strengths = try predictor.strengths(of: states.states, asOf: asOf)
    let names = predictor.space.categories.ids
    var expected = [Double](repeating: 0, count: names.count)
    for (index, strength) in strengths.enumerated() { expected[index % names.count] += Double(strength) }
    let pace = BuyingPace(frame, catalogue: catalogue, calendar: calendar, asOf: asOf)
    let week = history.count - origin
    return names.indices.compactMap { index in
      guard let perBuyer = pace.unitsPerBuyer[names[index]],
        let units = history.weeks(of: DemandSubject(.category, names[index]))?.map(\.units),
        let start = units.firstIndex(where: { $0 > 0 }), week - start >= SubjectFolds.fewest
      else { return nil }
      let said = DemandMethods(weeks: week - start, isWide: true)
        .forecasts(Array(units[start..<week]), horizon: Self.window)
      let scale = Statistics.mean(units[start..<week]) * Double(Self.window)
      guard let series = said.last ?? nil, scale > 0 else { return nil }
      return Pair(
        origin: origin, needs: expected[index] * perBuyer, series: series.reduce(0, +),
        actual: units[week..<week + Self.window].reduce(0, +), scale: scale)
    }
  }

  private static func result(_ pairs: [Pair], seed: UInt64) throws -> Result {
    let (learned, judged) = (pairs.filter { $0.origin != 4 }, pairs.filter { $0.origin == 4 })
    guard !learned.isEmpty, !judged.isEmpty else {
      throw DemandError.notEnoughData(needed: "categories with needs", found: "none")
    }
    func mean(_ pairs: [Pair], _ weight: Double) -> Double { Statistics.mean(pairs.map { $0.error(weight) }) }
    let weights = (0...20).map { Double($0) / 20 }
    let weight = weights.min { mean(learned, $0) < mean(learned, $1) } ?? NeedDemand.usualWeight
    let (series, combined) = (mean(judged, 0), mean(judged, weight))
    var random = RandomSource(seed: seed, stream: 0xEED5)
    let gains = (0..<draws).map { _ -> Double in
      var (own, other) = (0.0, 0.0)
      for _ in judged.indices {
        let pair = judged[random.index(below: judged.count)]
        own += pair.error(weight)
        other += pair.error(0)
      }
      return other > 0 ? 1 - own / other : 0
    }
    let ends = Statistics.quantiles(gains, at: [0.025, 0.975])
    let relative = pairs.filter { $0.needs > 0 }.map { abs($0.actual - $0.needs) / $0.needs }
    return Result(
      // Half of the errors are smaller than the median; a normal spread is 1.48 times that.
      weight: weight, needsError: relative.isEmpty ? 1 : 1.4826 * Statistics.median(relative),
      backtest: NeedDemand.Backtest(
        learned: learned.count, judged: judged.count, series: series, needs: mean(judged, 1),
        combined: combined, improvement: series > 0 ? 1 - combined / series : 0, lower: ends[0],
        upper: ends[1]))
  }
}
