import Commerce
import CustomerValue
import Customers
import Features
import Foundation
import Learning
import Storage

/// Who stops buying.
extension Shop {
  /// Queues a forecast of lapses.
  ///
  /// - Throws: `ApplicationError.invalidParameter` for a definition out of range.
  public nonisolated func submitChurn(
    _ definition: LapseFeatures.Configuration = .init()
  ) async throws -> Job {
    for (name, days) in [("horizon_days", definition.horizonDays), ("active_days", definition.activeDays)]
    where !(7...365).contains(days) {
      throw ApplicationError.invalidParameter(name: name, value: "\(days)", expected: "7 to 365")
    }
    return try await jobs.submit(.churn, input: try JSONValue(encoding: definition), isShared: true)
  }

  nonisolated func runChurn(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    let definition = try JSONDecoder().decode(
      LapseFeatures.Configuration.self, from: Data(job.input.serialized))
    let forecast = try await forecastChurn(definition, progress: progress)
    let figures = ChurnScene.checked(forecast)?.figures
    return [
      "customers": JSONValue(forecast.count), "model": .string(forecast.model.family.rawValue),
      "auc": JSONValue(figures?.areaUnderROC), "brier": JSONValue(figures?.brierScore),
      "ece": JSONValue(figures?.calibrationError),
    ]
  }

  /// Learns which customers stop buying, measures that on the last weeks, and takes it into use.
  ///
  /// - Throws: `CustomerValueError` where there is too little to learn from, `CancellationError`.
  @concurrent @discardableResult
  public nonisolated func forecastChurn(
    _ definition: LapseFeatures.Configuration = .init(),
    progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) async throws -> LapseForecast {
    @Sendable func tell(_ stage: String, _ step: Int, _ fraction: Double) {
      progress(JobProgress(stage: stage, step: step, totalSteps: 3, fraction: fraction))
    }
    tell("Counting customers' purchases", 1, 0)
    let started = ContinuousClock.now
    let source = try await churnSource()
    let day = source.calendar.day(of: source.asOf)
    let data = LapseDataset(
      history: source.history(), currency: source.frame.currency, asOf: day + 1)
    let stages = [
      "Measuring on the last weeks", "Learning who stops buying", "Reckoning everyone's risk",
    ]
    let forecast = try await LapseForecasting(definition).fit(
      data,
      context: FitContext { step in
        let share = Double(step.step) / Double(max(1, step.totalSteps ?? 1))
        tell(stages[min(step.step, stages.count - 1)], 2, 0.05 + 0.9 * share)
      })
    try Task.checkCancellation()
    tell("Saving", 3, 0.97)
    try await save(forecast, events: source.frame.count, since: started)
    return forecast
  }

  /// What lapse is learned from: a snapshot, so that events that arrive meanwhile do not matter.
  struct ChurnSource: Sendable {
    let frame: EventFrame
    let catalogue: CatalogueIndex
    let calendar: ShopCalendar
    let asOf: Timestamp

    func history() -> LapseHistory {
      LapseHistory(
        frame, day: { calendar.day(ofMilliseconds: $0) },
        categories: catalogue.columns(for: frame.items).category)
    }

    /// The history of one customer alone.
    func history(of id: String) -> LapseHistory.Customer? {
      guard let index = frame.customers.index(of: id) else { return nil }
      let own = frame.selecting { $0 == index }
      return LapseHistory(
        own, day: { calendar.day(ofMilliseconds: $0) },
        categories: catalogue.columns(for: own.items).category
      ).customers.first { $0.id == id }
    }
  }

  private func churnSource() throws -> ChurnSource {
    try requireReady()
    return ChurnSource(frame: frame, catalogue: states.catalogue, calendar: calendar, asOf: asOf)
  }

  private nonisolated func save(
    _ forecast: LapseForecast, events: Int, since started: ContinuousClock.Instant
  ) async throws {
    let figures = ChurnScene.checked(forecast)?.figures
    var metrics: [String: Double] = [:]
    if let figures {
      metrics = [
        "auc": figures.areaUnderROC, "brier": figures.brierScore, "ece": figures.calibrationError,
        "log_loss": figures.logLoss, "lift_10": figures.lift(at: 0.1),
      ]
    }
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let envelope = try ModelEnvelope(
      forecast, configuration: try JSONValue(encoding: forecast.definition), trainedAt: clock(),
      dataFingerprint: "\(forecast.count) customers as of \(ChurnScene.date(forecast.asOf))",
      metrics: metrics,
      report: [
        "events": JSONValue(events), "seconds": JSONValue(seconds),
        "baselines": .array(
          (forecast.check?.results ?? []).map {
            Self.baseline(
              $0.method.rawValue,
              [
                "auc": $0.figures.areaUnderROC, "brier": $0.figures.brierScore,
                "ece": $0.figures.calibrationError,
              ])
          }),
      ])
    try await keep(envelope, as: ModelName.churn)
  }

  /// Queues a forecast of lapses when there is one already, models are trained by themselves, and seven days have passed that it does
  /// not know; answers whether it did.
  public nonisolated func churnIfDue() async throws -> Bool {
    guard try await currentSettings().retrainDays > 0, let definition = await dueChurn else { return false }
    _ = try await submitChurn(definition)
    return true
  }

  private var dueChurn: LapseFeatures.Configuration? {
    guard phase == .ready, let churn, clock().days(since: churn.header.trainedAt) >= 1,
      calendar.day(of: asOf) >= churn.model.asOf + 6
    else { return nil }
    return churn.model.definition
  }

  // MARK: Answers

  /// The risks as they are shown; sorted when first asked for.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first forecast.
  func currentChurn() async throws -> ChurnScene {
    try requireReady()
    guard let live = churn else { throw missing("forecast of churn", ModelName.churn) }
    if let scene = churnScene, scene.version == live.version { return await scene.task.value }
    let task = Task(executorPreference: BackgroundExecutor.shared) { ChurnScene(live) }
    churnScene = (live.version, task)
    return await task.value
  }

  /// Who stops buying: what counts as such, how good the forecast was, how risks are spread.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first forecast.
  public nonisolated func churn() async throws -> JSONValue { try await currentChurn().summary }

  /// One page of the customers with their risks.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first forecast.
  public nonisolated func churn(_ filter: ChurnFilter, page: PageRequest) async throws -> Page {
    let scene = try await currentChurn()
    var answer = try Page.slice(scene.chosen(filter), name: "churn", page) { scene.row(Int($0)) }
    answer.extra = scene.facts
    return answer
  }

  /// One customer's risk, what moves it, what would lower it, and what they bought week by week.
  ///
  /// - Throws: `ApplicationError.notFound` for a customer who is not known, `.conflict` for one who has not bought lately.
  public nonisolated func churn(ofCustomer id: String) async throws -> JSONValue {
    let scene = try await currentChurn()
    guard let place = scene.forecast.index(of: id) else {
      _ = try await state(ofCustomer: id)
      throw ApplicationError.conflict(
        reason:
          "The customer '\(id)' had bought nothing in the \(scene.forecast.definition.activeDays) days before risks were last reckoned."
      )
    }
    let source = try await churnSource()
    return try scene.detail(place, history: source.history(of: id))
  }
}
