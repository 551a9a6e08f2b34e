import Application
import ArgumentParser
import Commerce
import Foundation

/// Trains what the shop serves.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Train recommenders and needs on the shop's events, measure them on held-out data, take them into use.")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (workspace, shop) = try await store.loadShop()
    let report = try await shop.train { Console.progress($0.stage, fraction: $0.fraction) }
    Console.clearProgress()
    await workspace.close()
    if output.json {
      output.write(json: try report.json)
    } else {
      report.show()
    }
  }
}

extension TrainingReport {
  /// Prints what came of the training as tables.
  func show() {
    if let needs {
      print(
        "Needs: \(needs.customers) customers × \(needs.categories) categories, next 28 days, on held-out data"
      )
      Console.table(
        ["model", "NDCG@10", "AUC", "Brier", "ECE"],
        needs.table.map { row in
          [row.name] + ["ndcg@10", "auc", "brier", "ece"].map { Self.figure(row.metrics[$0]) }
        })
    }
    if !recommenders.isEmpty {
      print("Recommendation: items never bought before, last 28 days; the first is in use")
      Console.table(
        ["model", "NDCG@10", "HR@10", "coverage", "fit s"],
        recommenders.map { row in
          [row.name] + ["ndcg@10", "hr@10", "coverage@10"].map { Self.figure(row.metrics[$0]) }
            + [String(format: "%.1f", row.seconds)]
        })
    }
    for reason in skipped { Console.note("Not trained: \(reason)") }
    Console.note("Trained in \(Int(seconds)) s.")
  }

  private static func figure(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }
}
