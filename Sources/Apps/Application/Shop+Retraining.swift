import Commerce
import Customers
import Demand
import Foundation
import Learning
import MathKernels
import Storage

/// Why models are trained again by themselves.
public enum RetrainingReason: Sendable, Equatable {
  /// So many days have passed with new events.
  case schedule(days: Int)
  /// What is bought has changed: the population stability index of the shares of categories.
  case drift(index: Double)
}

extension Shop {
  /// Beyond this index shares have changed clearly, by the usual reading of it.
  private static let mostDrift = 0.25
  private static let fewestPurchases = 1000

  /// Queues a training when one is due, and tells why; nil when none is.
  ///
  /// One is due when the live models are older than the shop wants and a hundredth of the events is new, or when, after a day
  /// at least, what is bought differs clearly from what was bought in the four weeks before they were trained.
  public nonisolated func retrainIfDue() async throws -> RetrainingReason? {
    let settings = try await currentSettings()
    // Whatever became of it: a version that was held back is not made again every hour.
    // What is made anew each week by itself says nothing of the others' age.
    let newest = try await store.modelRecords()
      .filter { $0.name != ModelName.complements && !ModelName.weekly.contains($0.name) }.map(\.header)
      .max { $0.trainedAt < $1.trainedAt }
    guard settings.retrainDays > 0, let newest,
      let reason = await retrainingReason(settings.retrainDays, since: newest)
    else { return nil }
    _ = try await submitTraining()
    return reason
  }

  /// Queues a forecasting when demand is forecast in this shop, models are trained by themselves, and a full week has passed that the
  /// forecasts do not know; answers whether it did.
  public nonisolated func forecastIfDue() async throws -> Bool {
    guard try await currentSettings().retrainDays > 0, await hasUnknownWeek else { return false }
    _ = try await submitDemandForecasting()
    return true
  }

  /// Queues a valuation of the customers when there is one already, models are trained by themselves, and seven days have passed that
  /// it does not know; answers whether it did.
  public nonisolated func valueIfDue() async throws -> Bool {
    guard try await currentSettings().retrainDays > 0, await hasUnvaluedWeek else { return false }
    _ = try await submitValuation(await value?.model.terms ?? ValueTerms())
    return true
  }

  /// Queues a search for patterns when there was one already, models are trained by themselves, and seven days have passed that it
  /// does not know; answers whether it did.
  public nonisolated func minePatternsIfDue() async throws -> Bool {
    guard try await currentSettings().retrainDays > 0, await hasUnminedWeek else { return false }
    _ = try await submitPatternMining()
    return true
  }

  private var hasUnminedWeek: Bool {
    guard phase == .ready, let patterns, clock().days(since: patterns.header.trainedAt) >= 1 else {
      return false
    }
    return calendar.day(of: asOf) >= patterns.model.endDay + 7
  }

  private var hasUnvaluedWeek: Bool {
    guard phase == .ready, let value, clock().days(since: value.header.trainedAt) >= 1 else { return false }
    return calendar.day(of: asOf) >= value.model.endDay + 7
  }

  private var hasUnknownWeek: Bool {
    guard phase == .ready, let demand, clock().days(since: demand.header.trainedAt) >= 1 else { return false }
    // The day that the moment falls in is over at its last millisecond.
    let today = calendar.day(ofMilliseconds: asOf.milliseconds + 1)
    return today >= demand.model.firstMonday + Int32(7 * (demand.model.weeks + 1))
  }

  private func retrainingReason(_ days: Int, since last: ModelEnvelope.Header) -> RetrainingReason? {
    guard phase == .ready else { return nil }
    let trained = last.trainedAt
    let age = clock().days(since: trained)
    // What arrived since, by the order of arrival: a file of last year's orders is news too.
    let known = Int((last.report["events"] ?? recommender?.header.report["events"])?.number ?? 0)
    let new = known > 0 ? max(0, weighedEvents - known) : 0
    if age >= Double(days), new * 100 >= max(1, known) { return .schedule(days: Int(age)) }
    guard age >= 1, new > 0 else { return nil }
    let shares = categoryShares(around: trained)
    guard shares.since.reduce(0, +) >= Double(Self.fewestPurchases) else { return nil }
    let index = Statistics.populationStabilityIndex(shares.before, shares.since)
    return index > Self.mostDrift ? .drift(index: index) : nil
  }

  /// How many events recommenders learn from.
  private var weighedEvents: Int {
    var isWeighed = [Bool](repeating: false, count: 256)
    for kind in EventKind.allCases where kind.defaultWeight != 0 { isWeighed[Int(kind.code)] = true }
    return (0..<frame.count).count {
      isWeighed[Int(frame.kind[$0])] && frame.customer[$0] >= 0 && frame.item[$0] >= 0
    }
  }

  /// Purchases by category in the four weeks before a moment and since it.
  private func categoryShares(around moment: Timestamp) -> (before: [Double], since: [Double]) {
    let (start, end) = (moment.adding(days: -28).milliseconds, moment.milliseconds)
    var counts: [String: (before: Double, since: Double)] = [:]
    for row in 0..<frame.count
    where frame.timestamp[row] >= start && EventKind(code: frame.kind[row]) == .purchase
      && frame.item[row] >= 0
    {
      guard let category = catalogue.category(of: frame.items[frame.item[row]]) else { continue }
      if frame.timestamp[row] < end {
        counts[category, default: (0, 0)].before += 1
      } else {
        counts[category, default: (0, 0)].since += 1
      }
    }
    let ordered = counts.sorted { $0.key < $1.key }.map(\.value)
    return (ordered.map(\.before), ordered.map(\.since))
  }
}
