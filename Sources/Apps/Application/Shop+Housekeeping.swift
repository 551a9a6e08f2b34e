import Commerce
import Foundation
import Storage
import Synchronization

/// What a shop no longer keeps and has removed.
public struct Swept: Sendable, Equatable {
  /// Decisions older than the shop keeps them.
  public var decisions = 0
  /// Old versions of models.
  public var modelVersions = 0
  /// Uploaded files that no import waits for.
  public var uploads = 0
}

/// The folders of uploads that this process is still writing or has just handed to a job.
final class UploadsUnderWay: Sendable {
  private let names = Mutex<Set<String>>([])

  func begin(_ name: String) { names.withLock { _ = $0.insert(name) } }

  func end(_ name: String) { names.withLock { _ = $0.remove(name) } }

  func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}

extension Shop {
  private static let sweepInterval = Duration.seconds(3600)
  /// Decisions are removed so many at a time, with a pause in between: whoever posts events should not wait for it.
  private static let sweepBatch = 500
  private static let sweepPause = Duration.milliseconds(20)

  /// Removes every hour what is kept no longer, and trains again when that is due; the first time at once.
  nonisolated func keepHouse() -> Task<Void, Never> {
    Task(executorPreference: BackgroundExecutor.shared) { [weak self] in
      while !Task.isCancelled {
        do {
          _ = try await self?.sweep()
          _ = try await self?.retrainIfDue()
          _ = try await self?.forecastIfDue()
          _ = try await self?.segmentIfDue()
          _ = try await self?.valueIfDue()
          _ = try await self?.churnIfDue()
          _ = try await self?.minePatternsIfDue()
          await self?.solved(.housekeeping)
        } catch is CancellationError {
          return
        } catch {
          await self?.note(error, in: .housekeeping)
        }
        try? await Task.sleep(for: Self.sweepInterval)
      }
    }
  }

  /// Removes decisions that are older than the shop keeps them, old versions of models, and uploaded files that no import
  /// waits for.
  public nonisolated func sweep() async throws -> Swept {
    let settings = try await currentSettings()
    var swept = Swept()
    let limit = clock().adding(days: -Double(settings.decisionRetentionDays))
    while true {
      let removed = try await store.removeDecisions(madeBefore: limit, limit: Self.sweepBatch)
      swept.decisions += removed
      if removed < Self.sweepBatch { break }
      try await Task.sleep(for: Self.sweepPause)
    }
    swept.modelVersions = try await sweepModels(keeping: settings.modelVersionsKept)
    swept.uploads = try await sweepUploads()
    await sweepMemory()
    return swept
  }

  /// Forgets visits and impressions that no page looks at any more.
  private func sweepMemory() {
    visits.sweep()
    impressions.sweep(at: clock())
  }

  /// Removes old versions of all models.
  nonisolated func sweepModels(keeping kept: Int) async throws -> Int {
    var removed = 0
    for name in Set(try await store.modelRecords().map(\.name)).sorted() {
      removed += try await store.removeVersions(ofModel: name, keeping: kept).count
    }
    return removed
  }

  /// Removes the uploaded files that no job waits for: those of a process that ended while they came in.
  private nonisolated func sweepUploads() async throws -> Int {
    guard FileManager.default.fileExists(atPath: uploads.path) else { return 0 }
    let names = try FileManager.default.contentsOfDirectory(atPath: uploads.path)
    let waiting = Set(
      try await jobs.unfinished().filter { $0.kind == .import }.map {
        URL(fileURLWithPath: try ImportInput($0).path).deletingLastPathComponent().lastPathComponent
      })
    var removed = 0
    for name in names where !waiting.contains(name) && !uploadsUnderWay.contains(name) {
      try FileManager.default.removeItem(at: uploads.appendingPathComponent(name))
      removed += 1
    }
    return removed
  }

  /// Removes the file of an import that has ended.
  nonisolated func cleanUp(after job: Job) async {
    guard job.kind == .import else { return }
    do {
      let folder = URL(fileURLWithPath: try ImportInput(job).path).deletingLastPathComponent()
      // Only what was uploaded: nothing else is the shop's to remove.
      guard folder.deletingLastPathComponent().standardizedFileURL == uploads.standardizedFileURL,
        FileManager.default.fileExists(atPath: folder.path)
      else { return }
      try FileManager.default.removeItem(at: folder)
    } catch {
      await note(error, in: .housekeeping)
    }
  }
}
