import Commerce
import CustomerValue
import Customers
import Features
import Foundation
import Learning
import Storage

/// What customers are worth.
extension Shop {
  /// Queues a valuation of all customers.
  public nonisolated func submitValuation(_ terms: ValueTerms = ValueTerms()) async throws -> Job {
    try terms.validate()
    return try await jobs.submit(.value, input: try JSONValue(encoding: terms), isShared: true)
  }

  nonisolated func runValuation(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    let terms = try JSONDecoder().decode(ValueTerms.self, from: Data(job.input.serialized))
    let valuation = try await valueCustomers(terms, progress: progress)
    let chosen = valuation.check?.chosen
    let bias: Double? = chosen?.totalBias.value
    return [
      "customers": JSONValue(valuation.ids.count), "sufficient": JSONValue(valuation.isSufficient),
      "model": JSONValue(chosen?.name), "value": JSONValue(valuation.total?.value), "bias": JSONValue(bias),
    ]
  }

  /// Values all customers and takes that into use.
  ///
  /// - Throws: `CustomerValueError` where nobody has bought yet, `CancellationError`.
  @concurrent @discardableResult
  public nonisolated func valueCustomers(
    _ terms: ValueTerms = ValueTerms(), progress: @escaping @Sendable (JobProgress) -> Void = { _ in }
  ) async throws -> CustomerValuation {
    @Sendable func tell(_ stage: String, _ step: Int, _ fraction: Double) {
      progress(JobProgress(stage: stage, step: step, totalSteps: 3, fraction: fraction))
    }
    tell("Counting customers' purchases", 1, 0)
    let started = ContinuousClock.now
    let (frame, calendar, moment) = try await valueSource()
    let log = try TransactionLog(frame, until: moment) { calendar.day(ofMilliseconds: $0) }
    let data = ValueDataset(log: log, endDay: calendar.day(of: moment), currency: frame.currency)
    let stages = ["Choosing a model on the weeks before the last", "Learning from all weeks", "Forecasting"]
    let valuation = try await CustomerValuing(terms).fit(
      data,
      context: FitContext { step in
        tell(
          stages[min(step.step, stages.count - 1)], 2,
          0.1 + 0.8 * Double(step.step) / Double(max(1, step.totalSteps ?? 1)))
      })
    try Task.checkCancellation()
    tell("Saving", 3, 0.95)
    try await save(valuation, events: frame.count, since: started)
    return valuation
  }

  private func valueSource() throws -> (EventFrame, ShopCalendar, Timestamp) {
    try requireReady()
    return (frame, calendar, asOf)
  }

  private nonisolated func save(
    _ valuation: CustomerValuation, events: Int, since started: ContinuousClock.Instant
  ) async throws {
    var metrics: [String: Double] = [:]
    if let chosen = valuation.check?.chosen {
      metrics["mae"] = chosen.meanAbsoluteError.value
      metrics["rmse"] = chosen.rootMeanSquareError.value
      metrics["total_bias"] = chosen.totalBias.value
    }
    metrics["coverage_80"] = valuation.check?.coverage
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let envelope = try ModelEnvelope(
      valuation, configuration: try JSONValue(encoding: valuation.terms), trainedAt: clock(),
      dataFingerprint: "\(valuation.ids.count) customers through \(ValueScene.date(valuation.endDay))",
      metrics: metrics,
      report: [
        "events": JSONValue(events), "seconds": JSONValue(seconds),
        "baselines": .array(
          (valuation.check?.forecasters ?? []).map { row in
            Self.baseline(
              row.name,
              ["mae": row.meanAbsoluteError.value ?? 0, "rmse": row.rootMeanSquareError.value ?? 0])
          }),
      ])
    try await keep(envelope, as: ModelName.value)
  }

  /// Saves a model, makes it the live version and takes it into use.
  nonisolated func keep(_ envelope: ModelEnvelope, as name: String) async throws {
    let version = try await store.save(envelope, name: name)
    try await store.promote(name: name, version: version)
    try await readModels()
    do {
      _ = try await sweepModels(keeping: try await currentSettings().modelVersionsKept)
    } catch {
      // The model is in use all the same.
      await note(error, in: .housekeeping)
    }
  }

  // MARK: Answers

  /// The values as they are shown; sorted when first asked for.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first valuation.
  func currentValues() async throws -> ValueScene {
    try requireReady()
    guard let live = value else { throw missing("customer valuation", ModelName.value) }
    if let scene = valueScene, scene.version == live.version { return await scene.task.value }
    let task = Task(executorPreference: BackgroundExecutor.shared) { ValueScene(live) }
    valueScene = (live.version, task)
    return await task.value
  }

  /// What all customers are worth, how that is spread, and how good such forecasts were.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first valuation.
  public nonisolated func value() async throws -> JSONValue { try await currentValues().summary }

  /// One page of the customers with what they are worth.
  ///
  /// - Throws: `ApplicationError.notTrained` before the first valuation.
  public nonisolated func values(_ filter: ValueFilter, page: PageRequest) async throws -> Page {
    let scene = try await currentValues()
    var answer = try Page.slice(scene.chosen(filter), name: "customer-values", page) {
      scene.row(Int($0))
    }
    answer.extra = scene.facts
    return answer
  }

  /// What one customer is worth.
  ///
  /// - Throws: `ApplicationError.notFound` for a customer who is not known, `.conflict` for one who has not bought yet.
  public nonisolated func value(ofCustomer id: String) async throws -> JSONValue {
    let scene = try await currentValues()
    guard let place = scene.valuation.index(of: id) else {
      _ = try await state(ofCustomer: id)
      let reason =
        scene.valuation.isSufficient
        ? "The customer '\(id)' had bought nothing when values were last reckoned."
        : "There is too little data for the value of customers yet."
      throw ApplicationError.conflict(reason: reason)
    }
    return scene.detail(place)
  }
}
