import Commerce
import Features
import Foundation
import Learning
import MathKernels

/// Rows of one window in which it is known what was bought.
struct NeedWindow: Sendable {
  /// The first day of the window.
  var day: Int32
  /// The features, `NeedFeatures.width` numbers a row.
  var rows: [Float]
  /// For each row, how many days into the window the category was first bought, or `PurchaseOutcomes.never`.
  var firstDays: [UInt8]
  /// How many rows each row stands for; empty when each stands for itself.
  var weights: [Float] = []
  /// Which pair of a customer and a category each row is; empty in whole windows, where it is the row's number.
  var pairs: [Int32] = []
  /// For each customer and category, what was paid; only of whole windows.
  var spend: [Int64] = []
  /// The market as of the window's first day; only of whole windows.
  var snapshot: MarketSnapshot?
  /// The scores of the baselines; only of whole windows.
  var baselines: [BaselineScores] = []

  var labels: [Float] { firstDays.map { $0 == PurchaseOutcomes.never ? 0 : 1 } }
}

/// All windows of a log, from one replay.
struct NeedWindows: Sendable {
  /// Samples of windows, by ascending day.
  var samples: [NeedWindow] = []
  /// The window before the last, whole.
  var validation: NeedWindow
  /// The last window, whole.
  var test: NeedWindow
  /// The market as of the end of the log.
  var snapshot: MarketSnapshot
  /// The customers as of the end of the log.
  var states: [CustomerState]
  var space: CategorySpace
  var outcomes: PurchaseOutcomes
}

extension NeedMining {
  /// Replays the log once and stops every `stepDays` to take samples.
  func windows(of data: NeedDataset, context: FitContext, progress: inout NeedProgress) throws -> NeedWindows
  {
    let calendar = configuration.features.calendar
    let space = CategorySpace(categories: data.boughtCategories(), catalogue: data.catalogue)
    guard space.count > 0, data.frame.customers.count > 0 else {
      throw NeedError.notEnoughData(needed: "purchases of items with a category", found: "none")
    }
    let outcomes = PurchaseOutcomes(data.frame, catalogue: data.catalogue, space: space, calendar: calendar)
    let window = MarketTimeline.windowDays
    let (origin, end) = (outcomes.originDay, outcomes.endDay)
    // One event dated wrongly must not stretch the windows over millennia.
    guard Int64(end) - Int64(origin) <= 36_525 else {
      throw NeedError.notEnoughData(
        needed: "events within one hundred years",
        found: "\((Int64(end) - Int64(origin)) / 365) years from first to last")
    }
    let (testDay, validationDay) = (end - window, end - 2 * window)
    guard Int64(end) - Int64(origin) >= 4 * Int64(window) else {
      throw NeedError.notEnoughData(
        needed: "\(4 * window) days of purchases", found: "\(max(0, end - origin)) days")
    }
    var replay = LogReplay(data.frame, catalogue: data.catalogue, settings: configuration.features)
    var timeline = MarketTimeline(space: space, outcomes: outcomes)
    var (samples, whole): ([NeedWindow], [Int32: NeedWindow]) = ([], [:])
    let earliest = max(
      origin + window, end - 3 * window - Int32(configuration.stepDays * (configuration.windows - 1)))
    let steps = stride(from: end, through: origin + window, by: -configuration.stepDays).reversed()
    for day in steps {
      replay.advance(before: calendar.start(ofDay: day))
      let snapshot = try timeline.snapshot(of: replay.states, day: day)
      try progress.step(context)
      if day == end {
        guard let validation = whole[validationDay], let test = whole[testDay] else { break }
        return NeedWindows(
          samples: samples, validation: validation, test: test, snapshot: snapshot, states: replay.states,
          space: space,
          outcomes: outcomes)
      }
      guard day <= testDay, day >= earliest else { continue }
      let features = NeedFeatures(snapshot: snapshot, space: space, settings: configuration.features)
      let firstDays = outcomes.firstDays(from: day, to: day + window)
      samples.append(
        sample(replay.states, features: features, firstDays: firstDays, day: day, seed: context.seed))
      if day == validationDay || day == testDay {
        let states = replay.states
        let rows = parallelBlocks(states.count, blockSize: 64) { features.rows(for: states[$0], day: day) }
        whole[day] = NeedWindow(
          day: day, rows: joined(rows), firstDays: firstDays,
          spend: outcomes.spend(from: day, to: day + window),
          snapshot: snapshot,
          baselines: Baselines(states: replay.states, space: space, day: day, origin: origin).scores())
      }
    }
    throw NeedError.notEnoughData(needed: "\(4 * window) days of purchases", found: "\(end - origin) days")
  }

  private func joined(_ parts: [[Float]]) -> [Float] {
    var all: [Float] = []
    all.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { all.append(contentsOf: part) }
    return all
  }

  /// A share of the pairs, those with purchases more densely than those without; weights make up for it.
  private func sample(
    _ states: [CustomerState], features: NeedFeatures, firstDays: [UInt8], day: Int32, seed: UInt64
  ) -> NeedWindow {
    let (width, categories) = (NeedFeatures.width, features.space.count)
    let shares = configuration.sampleShares
    let parts = parallelBlocks(states.count, blockSize: 64) { block in
      let rows = features.rows(for: states[block], day: day)
      var random = RandomSource(
        seed: seed, stream: UInt64(UInt32(bitPattern: day)) << 32 | UInt64(block.lowerBound))
      var part = NeedWindow(day: day, rows: [], firstDays: [])
      for index in 0..<block.count * categories {
        let bought = rows[index * width + NeedFeature.purchases.rawValue] > 0
        let share = bought ? shares.bought : shares.never
        guard random.uniform() < share else { continue }
        part.rows.append(contentsOf: rows[index * width..<(index + 1) * width])
        part.firstDays.append(firstDays[block.lowerBound * categories + index])
        part.weights.append(Float(1 / share))
        part.pairs.append(Int32(block.lowerBound * categories + index))
      }
      return part
    }
    return parts.reduce(into: NeedWindow(day: day, rows: [], firstDays: [])) { all, part in
      all.rows.append(contentsOf: part.rows)
      all.firstDays.append(contentsOf: part.firstDays)
      all.weights.append(contentsOf: part.weights)
      all.pairs.append(contentsOf: part.pairs)
    }
  }
}

/// Counts the steps of a training run, whose parts report one after the other.
struct NeedProgress {
  var step = 0
  var total: Int

  mutating func step(_ context: FitContext, metrics: [String: Double] = [:]) throws {
    step = min(step + 1, total)
    try context.checkpoint(step: step, of: total, metrics: metrics)
  }
}
