import Commerce
import Foundation
import Learning
import Needs
import Storage
import TextAnalysis

/// Needs that customers put in words, from a shop's reviews and messages.
extension Shop {
  /// Mines what customers wrote, after what people decided, and takes what it finds into use.
  ///
  /// - Parameter models: the models of texts; those of the workspace unless given.
  /// - Throws: `TextError.missingFile` where models have not been trained, `NeedError.notEnoughData`, `CancellationError`.
  @discardableResult
  public nonisolated func mineVoice(
    _ models: TextModels? = nil, configuration: VoiceOfCustomer.Configuration = .init(), context: FitContext
  ) async throws -> VoiceBoard {
    try await voice.mine(
      configuration, models: models, through: try await readyThrough(), now: clock(), context: context)
    return try await currentVoice().view.board
  }

  /// Queues a mining of what customers wrote.
  public nonisolated func submitVoiceMining() async throws -> Job {
    try await jobs.submit(.voice, input: [:], isShared: true)
  }

  nonisolated func runVoiceMining(
    _ job: Job, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> JSONValue {
    let stages = [
      "Finding what is spoken of", "Reading what customers wrote", "Comparing sentences",
      "Grouping them into needs", "Finding topics",
    ]
    progress(JobProgress(stage: stages[0], step: 1, totalSteps: stages.count, fraction: 0))
    let context = FitContext { step in
      let next = min(step.step, stages.count - 1)
      progress(
        JobProgress(
          stage: stages[next], step: next + 1, totalSteps: stages.count,
          fraction: Double(step.step) / Double(stages.count), metrics: step.metrics))
    }
    let board = try await mineVoice(context: context)
    return [
      "needs": JSONValue(board.needs.count), "texts": JSONValue(board.texts),
      "statements": JSONValue(board.statements),
    ]
  }

  /// What was read, with all texts that are stored.
  nonisolated func currentVoice() async throws -> VoiceDesk.Current {
    try await voice.current(through: try await readyThrough()) { await self.spending() }
  }

  /// What was read, where it is a side dish: what is there already, brought up to date behind the answer.
  nonisolated func voiceInPassing() async -> VoiceDesk.Current? {
    guard let sequence = try? await readyThrough() else { return nil }
    return await voice.inPassing(through: sequence) { await self.spending() }
  }

  func readyThrough() throws -> Int64 {
    try requireReady()
    return appliedThrough
  }

  /// The board as of now; nil before the first mining.
  public nonisolated func voiceBoard() async throws -> VoiceBoard? {
    do {
      return try await currentVoice().view.board
    } catch ApplicationError.notTrained {
      return nil
    }
  }

  /// What people decide about a need.
  public enum VoiceVerdict: Sendable {
    /// It is a need.
    case confirm
    /// It is none.
    case reject
    /// It is called so.
    case rename(String)
    /// These needs are the same as it.
    case merge([String])
    /// These sentences are needs of their own.
    case split([(label: String, statements: Set<StatementKey>)])
    /// Whatever was said of it no longer holds: neither verdict nor name.
    case reopen
  }

  /// Notes what a person decided about a need; it holds at once and in every later run.
  ///
  /// - Returns: the need's id: another one when it had been merged.
  /// - Throws: `ApplicationError.notFound` for a need that is not on the board, `.invalidParameter`.
  @discardableResult
  public nonisolated func decide(
    onVoiceNeed id: String, _ verdict: VoiceVerdict, by person: String? = nil
  ) async throws -> String {
    try await voice.decide(
      through: try await readyThrough(), { await self.spending() }, by: person, at: clock(), on: id
    ) { view in try Self.action(verdict, on: id, view) }
  }

  private nonisolated static func action(
    _ verdict: VoiceVerdict, on id: String, _ view: VoiceView
  ) throws -> AnalystDecision.Action {
    switch verdict {
    case .confirm: return .confirm
    case .reject: return .reject
    case .reopen: return .reopen
    case .rename(let label):
      let name = label.trimmingCharacters(in: .whitespacesAndNewlines)
      guard (1...200).contains(name.unicodeScalars.count) else {
        throw ApplicationError.invalidParameter(
          name: "label", value: String(name.prefix(40)), expected: "1 to 200 characters")
      }
      return .rename(label: name)
    case .merge(let others):
      guard !others.isEmpty, !others.contains(id) else {
        throw ApplicationError.invalidParameter(
          name: "others", value: others.joined(separator: ", "), expected: "other needs than this one")
      }
      return .merge(
        others: try others.map {
          let need = try Self.need($0, in: view)
          return AnalystDecision.Source(needID: need.needID, members: need.members)
        })
    case .split(let parts):
      let members = try Self.need(id, in: view).members
      let own = Set(members.map(\.key))
      let chosen = parts.map { part in
        AnalystDecision.Part(label: part.label, members: members.filter { part.statements.contains($0.key) })
      }
      guard !chosen.isEmpty, parts.allSatisfy({ $0.statements.isSubset(of: own) }),
        chosen.allSatisfy({ !$0.members.isEmpty && !$0.label.isEmpty }),
        chosen.flatMap(\.members).count < members.count
      else {
        throw ApplicationError.invalidParameter(
          name: "parts", value: nil,
          expected: "parts with a label and some, not all, of the sentences that state the need")
      }
      return .split(parts: chosen)
    }
  }

  /// A need of the board, rejected ones too.
  ///
  /// - Throws: `ApplicationError.notFound`.
  nonisolated static func need(_ id: String, in view: VoiceView) throws -> VoiceNeed {
    guard let need = view.need(id) else {
      throw ApplicationError.notFound(what: "need in what customers wrote", id: id)
    }
    return need
  }

  func spending() -> Spending { Spending(frame) }
}
