import Commerce
import Customers
import Demand
import Foundation
import Learning
import Needs
import Recommendation
import Storage

/// A version that is live in the store and cannot be read.
struct ModelFault: Sendable {
  let version: Int
  let reason: String
  var backoff = Backoff()
}

extension Shop {
  /// Brings the models that are live in the store into memory; a version already there is not read again.
  ///
  /// Of a version that cannot be read an earlier one takes the place, and of a recommender without one what is popular;
  /// answers then name the reason. It is read again after a while, and another version as soon as it is live.
  ///
  /// Readings follow one another, so that the last one sees what is live last.
  nonisolated func readModels() async throws {
    try await modelChanges.run { [self] in
      let records = try await store.modelRecords()
      try await takeUpRecommender(records)
      try await takeUpComplements(records)
      try await takeUpNeeds(records)
      try await takeUpDemand(records)
      try await takeUpSegments(records)
      try await takeUpValue(records)
      try await takeUpChurn(records)
      try await takeUpPatterns(records)
      await prepareWhenReady()
    }
  }

  /// Once the shop answers, what pages are made of is made anew before the next one is asked for.
  private func prepareWhenReady() {
    if phase == .ready { prepareForPages() }
  }

  private func takeUpComplements(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.complements, in: records, now: complements, AnyRecommender.saved)
    if let found { complements = found }
  }

  private func takeUpRecommender(_ records: [ModelRecord]) async throws {
    let name = ModelName.recommendation
    guard let live = try await find(name, in: records, now: recommender, AnyRecommender.saved) else {
      if modelFaults[name] != nil, recommender == nil { recommender = try await popularItems() }
      return
    }
    recommender = live
  }

  private func takeUpDemand(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.demand, in: records, now: demand) {
      try $0.model(as: DemandForecasts.self)
    }
    guard let found else { return }
    demand = found
    demandScenes = nil
  }

  private func takeUpSegments(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.segments, in: records, now: segments) {
      try $0.model(as: ShopSegments.self)
    }
    if let found { segments = found }
  }

  private func takeUpValue(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.value, in: records, now: value) {
      try $0.model(as: CustomerValuation.self)
    }
    guard let found else { return }
    value = found
    valueScene = nil
  }

  private func takeUpChurn(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.churn, in: records, now: churn) {
      try $0.model(as: LapseForecast.self)
    }
    guard let found else { return }
    churn = found
    churnScene = nil
  }

  private func takeUpPatterns(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.patterns, in: records, now: patterns) {
      try $0.model(as: ShopPatterns.self)
    }
    guard let found else { return }
    patterns = found
    patternScene = nil
  }

  private func takeUpNeeds(_ records: [ModelRecord]) async throws {
    let found = try await find(ModelName.needs, in: records, now: needModel) {
      try $0.model(as: NeedModel.self)
    }
    guard let found else { return }
    needModel = found
    bindNeeds()
  }

  /// The version to take into use; nil when the present one, if any, is to stay.
  private func find<Model: Sendable>(
    _ name: String, in records: [ModelRecord], now: Live<Model>?,
    _ decode: @escaping @Sendable (ModelEnvelope) throws -> Model
  ) async throws -> Live<Model>? {
    let versions = records.filter { $0.name == name }
    guard let live = versions.first(where: { $0.state == .live }) else { return nil }
    if now?.version == live.version {
      if modelFaults.removeValue(forKey: name) != nil { solved(.model(name)) }
      return nil
    }
    if let fault = modelFaults[name], fault.version == live.version, !fault.backoff.isDue(at: clock()) {
      return nil
    }
    do {
      let model = try await read(live, decode)
      modelFaults[name] = nil
      solved(.model(name))
      return model
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      noteFault(error, of: live)
    }
    if now != nil { return nil }
    for earlier in versions.filter({ $0.state == .retired }).sorted(by: { $0.version > $1.version }) {
      // Why the live version does not answer is known already; of the others the first that can be read will do.
      if let model = try? await read(earlier, decode) { return model }
    }
    return nil
  }

  private func noteFault(_ error: any Error, of record: ModelRecord) {
    let known = modelFaults[record.name].flatMap { $0.version == record.version ? $0 : nil }
    var fault =
      known ?? ModelFault(version: record.version, reason: "version \(record.version): \(error)")
    fault.backoff.fail(at: clock())
    modelFaults[record.name] = fault
    note(ModelUnreadable(reason: fault.reason), in: .model(record.name))
  }

  // Away from the actor: a model may have a hundred megabytes.
  private nonisolated func read<Model: Sendable>(
    _ record: ModelRecord, _ decode: @Sendable (ModelEnvelope) throws -> Model
  ) async throws -> Live<Model> {
    if let fault = record.fault { throw LearningError.corruptModel(reason: fault) }
    guard let envelope = try await store.model(named: record.name, version: record.version) else {
      throw LearningError.unknownModel(name: record.name, version: record.version)
    }
    return Live(model: try decode(envelope), version: record.version, header: record.header)
  }

  /// A recommender of what is popular in the shop's events, in place of one that cannot be read; nil without events.
  private func popularItems() async throws -> Live<any Recommender>? {
    let (frame, now) = (frame, clock())
    return try await Self.popularItems(of: frame, now)
  }

  private nonisolated static func popularItems(
    of frame: EventFrame, _ now: Timestamp
  ) async throws -> Live<any Recommender>? {
    let interactions = Interactions(frame)
    guard interactions.count > 0 else { return nil }
    let model = try await Popularity().fit(interactions, context: FitContext())
    let envelope = try ModelEnvelope(
      model, trainedAt: now, dataFingerprint: interactions.fingerprint, metrics: [:])
    return Live(model: model, version: 0, header: envelope.header)
  }

  /// Why the live version of a model does not answer; nil when it does.
  func fault(ofModel name: String) -> String? { modelFaults[name]?.reason }

  /// The error for an answer that needs a model which is not there.
  func missing(_ what: String, _ name: String) -> ApplicationError {
    guard let reason = fault(ofModel: name) else { return .notTrained(what: what) }
    return .conflict(
      reason: "The \(what) cannot be read (\(reason)); train again, or make another version live.")
  }

  /// Makes a version the live one and takes it into use at once.
  ///
  /// - Throws: `LearningError`, and the version before stays live, when the version cannot be read.
  public nonisolated func promote(model name: String, version: Int) async throws -> JSONValue {
    try await checkReadable(name, version)
    try await store.promote(name: name, version: version)
    try await readModels()
    return ["name": .string(name), "version": JSONValue(version), "state": "live"]
  }

  private nonisolated func checkReadable(_ name: String, _ version: Int) async throws {
    guard let envelope = try await store.model(named: name, version: version) else {
      throw LearningError.unknownModel(name: name, version: version)
    }
    switch name {
    case ModelName.recommendation, ModelName.complements: _ = try AnyRecommender.saved(in: envelope)
    case ModelName.needs: _ = try envelope.model(as: NeedModel.self)
    default: break
    }
  }

  /// Goes back to the version that was live before.
  public nonisolated func rollBack(model name: String) async throws -> JSONValue {
    let version: Int
    do {
      version = try await store.rollBack(name: name)
    } catch LearningError.unknownModel(name, nil) {
      guard try await store.modelRecords().contains(where: { $0.name == name }) else {
        throw LearningError.unknownModel(name: name, version: nil)
      }
      throw ApplicationError.conflict(
        reason: "No version of the model '\(name)' was live before: there is none to go back to.")
    }
    try await readModels()
    return ["name": .string(name), "version": JSONValue(version), "state": "live"]
  }
}

/// Why a model does not answer, in words.
private struct ModelUnreadable: Error, CustomStringConvertible {
  let reason: String
  var description: String { "the live model cannot be read (\(reason))" }
}
