import Commerce
import Demand
import Features
import Foundation
import MathKernels

/// What plans of launches are made of, at one count of the shop's weeks.
struct LaunchStudy: Sendable {
  /// A study that is made or being made.
  struct Making: Sendable {
    let number: Int
    let task: Task<LaunchStudy, any Error>
  }

  /// A product that was launched lately and what was to be expected of it.
  struct Recent: Sendable {
    let launch: PastLaunch
    let curve: LaunchCurve
    let sold: Double

    var verdict: String {
      sold > curve.total.upper ? "above" : sold < curve.total.lower ? "below" : "as_expected"
    }
  }

  let snapshot: DemandSnapshot
  let planner: LaunchPlanner
  /// How well earlier launches would have been foretold; nil when they are too few.
  let backtest: LaunchBacktest?
  /// What was launched within half a year, latest first.
  let recent: [Recent]

  private static let recentWeeks = 26
  private static let horizon = 12

  /// Learns from a shop's log.
  ///
  /// - Throws: `DemandError.notEnoughWeeks`, `CancellationError`.
  init(_ snapshot: DemandSnapshot, frame: EventFrame) throws {
    let library = try LaunchLibrary(
      frame, history: snapshot.history, items: snapshot.items, calendar: snapshot.calendar,
      asOf: snapshot.asOf)
    try Task.checkCancellation()
    let forecaster = LaunchForecaster(library)
    self.snapshot = snapshot
    planner = LaunchPlanner(forecaster, history: snapshot.history)
    do {
      backtest = try LaunchBacktest(forecaster)
    } catch is DemandError {
      backtest = nil
    }
    let late = (library.launches + library.young)
      .filter { $0.firstWeek >= snapshot.history.count - Self.recentWeeks }
      .sorted { ($1.firstWeek, $0.itemID) < ($0.firstWeek, $1.itemID) }
    recent = parallelBlocks(late.count, blockSize: 8) { block in
      block.map { index in
        let sold = late[index].units.prefix(Self.horizon)
        return Recent(
          launch: late[index],
          curve: forecaster.curve(
            of: late[index].product, launchedIn: late[index].firstWeek, horizon: sold.count),
          sold: sold.reduce(0, +))
      }
    }.flatMap { $0 }
  }
}

extension Shop {
  /// What plans are made of as the shop is now. Callers at the same time share one study, which runs away from the actor.
  func currentLaunchStudy() async throws -> LaunchStudy {
    var snapshot = try await demandSnapshot()
    // The shop may have been read anew while its weeks were counted; then its frame is another one.
    while snapshot.generation != generation { snapshot = try await demandSnapshot() }
    if let launchStudy, launchStudy.number >= snapshot.number { return try await launchStudy.task.value }
    let (frame, counted) = (frame, snapshot)
    let task = Task(executorPreference: BackgroundExecutor.shared) {
      try LaunchStudy(counted, frame: frame)
    }
    launchStudy = LaunchStudy.Making(number: snapshot.number, task: task)
    return try await task.value
  }
}
