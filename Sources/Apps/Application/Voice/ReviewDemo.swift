import Commerce
import Foundation
import Learning
import Needs

/// What customers say, on real data: some 17,000 Chinese reviews of books, computers, hotels and others, read and mined into a
/// shop of their own.
///
/// The reviews say nothing of who wrote them, when, or about which article: each stands for a customer of its own, all are dated to
/// the moment of the import, and there is nothing to tell a trend by. Good ones count as five stars, bad ones as one.
public struct ReviewDemo: Sendable {
  /// The models that texts are read with, and where the reviews lie.
  public let models: TextModels

  /// A demonstration over the fetched reviews.
  public init(models: TextModels) { self.models = models }

  private static let batch = 1_000
  private static let (collection, key) = ("demo", "reviews")

  /// Imports and mines what has not been yet.
  ///
  /// - Throws: `TextError.missingFile` when the reviews have not been fetched or the models not been trained.
  public func run(
    _ shop: Shop, now: Timestamp, progress: @escaping @Sendable (JobProgress) -> Void
  ) async throws -> VoiceBoard {
    let isImported = try await shop.store.document(collection: Self.collection, key: Self.key) != nil
    let isEmpty = try await shop.store.eventCount() == 0
    guard isImported || isEmpty else {
      throw ApplicationError.conflict(
        reason: "The shop has events of its own; give the reviews another data directory.")
    }
    if try await ShopSettings.load(from: shop.store) == nil {
      try await ShopSettings(
        name: "Reviews", currency: .usd, timeZone: "Asia/Shanghai", categoryLabel: "category"
      ).save(to: shop.store)
    }
    if !isImported { try await importReviews(into: shop, now, progress) }
    try await shop.load()
    if let board = try await shop.voiceBoard() { return board }
    return try await shop.mineVoice(
      models,
      context: FitContext { step in
        progress(
          JobProgress(
            stage: "Mining what customers wrote", step: 2, totalSteps: 2,
            fraction: step.totalSteps.map { Double(step.step) / Double($0) }))
      })
  }

  private func importReviews(
    into shop: Shop, _ now: Timestamp, _ progress: @Sendable (JobProgress) -> Void
  ) async throws {
    let reviews = try TextTraining(models).shoppingReviews()
    let events = reviews.enumerated().map { number, review in
      Event(
        eventID: "review-\(number + 1)", kind: .review, customerID: "reviewer-\(number + 1)", timestamp: now,
        rating: review.label == "positive" ? 5 : 1, text: review.text)
    }
    for start in stride(from: 0, to: events.count, by: Self.batch) {
      let part = events[start..<min(start + Self.batch, events.count)]
      _ = try await shop.ingest(part.map { .success($0) }, source: "lode demo --reviews")
      progress(
        JobProgress(
          stage: "Importing reviews", step: 1, totalSteps: 2,
          fraction: Double(start + part.count) / Double(events.count)))
    }
    // Noted only when all are in: an import that was broken off is run again, and stores nothing twice.
    try await shop.store.put(
      ["rows": JSONValue(events.count)], collection: Self.collection, key: Self.key)
  }
}
