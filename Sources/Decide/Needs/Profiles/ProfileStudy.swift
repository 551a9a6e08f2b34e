import Features
import Foundation
import Learning
import MathKernels

/// Whether fused profiles tell the boosting of needs anything that its own features do not.
///
/// ```swift
/// let study = try await ProfileStudy().run(
///   data, windows: windows, fusions: [ProfileConcatenation()], context: context)
/// study.differences["test"]?["ndcg@10"]          // with the profiles' scores less without, over the same customers
/// ```
/// The head's log-odds for the pair becomes one more column for each fusion. In the training windows a customer's column comes
/// from a fusion and head that were fitted without that customer (cross-fitting, as in stacked generalisation, Wolpert 1992,
/// https://doi.org/10.1016/S0893-6080(05)80023-1); on validation and test from those fitted on all customers of the
/// training windows. Everything else of both ensembles is equal: samples, seeds, early stop, calibration.
public struct ProfileStudy: Sendable {
  /// What was found.
  public struct Report: Sendable, Codable, Equatable {
    /// The figures by ensemble (`without`, `with`) and window (`validation`, `test`), as `with.test`.
    public var metrics: [String: [String: Double]]
    /// The 95 % intervals of the mean difference by window.
    public var differences: [String: [String: ConfidenceInterval]]
    /// How many trees each ensemble has.
    public var rounds: [String: Int]
  }

  private let mining: NeedMining
  private let folds: Int

  /// A study with the settings of a mining; customers are split into so many parts.
  public init(_ mining: NeedMining = NeedMining(), folds: Int = 3) {
    (self.mining, self.folds) = (mining, folds)
  }

  /// Fits both ensembles.
  ///
  /// - Parameters:
  ///   - windows: of the same data, with all the training windows of the mining.
  /// - Throws: what mining, the fusions and the head throw.
  public func run(
    _ data: NeedDataset, windows: ProfileWindows, fusions: [any ProfileFusion], context: FitContext
  ) async throws -> Report {
    var columns: [[Int32: [Float]]] = []
    for fusion in fusions {
      columns.append(try await scores(fusion, windows: windows, context: context))
    }
    var progress = NeedProgress(total: mining.configuration.windows + 60)
    let needs = try mining.windows(of: data, context: context, progress: &progress)
    let last = needs.validation.day - MarketTimeline.windowDays
    let samples = needs.samples.filter { window in
      window.day <= last && columns.allSatisfy { $0.keys.contains(window.day) }
    }
    var report = Report(metrics: [:], differences: [:], rounds: [:])
    var kept: [String: CustomerFigures] = [:]
    for (name, extra) in [("without", []), ("with", columns)] {
      let names = NeedFeature.names + extra.indices.map { "profile_\($0)" }
      let held = widened(needs.validation, extra)
      let trained = try await mining.train(
        samples.map { widened($0, extra) }, stopping: held, categories: needs.space.count, names: names,
        context: context)
      report.rounds[name] = trained.rounds
      let margins = try mining.margins(of: trained, held, width: names.count)
      let calibration = LevelCalibration(margins: margins, labels: held.labels)
      for (window, found) in [
        ("validation", margins),
        ("test", try mining.margins(of: trained, widened(needs.test, extra), width: names.count)),
      ] {
        let labels = window == "test" ? needs.test.labels : held.labels
        let figures = CustomerFigures(
          scores: found, predictions: found.map { calibration(Double($0)) }, bought: labels,
          categories: needs.space.count, resamples: 0, seed: context.seed)
        report.metrics["\(name).\(window)"] = figures.metrics
        if let other = kept[window] {
          report.differences[window] = figures.difference(from: other, seed: context.seed)
        } else {
          kept[window] = figures
        }
      }
    }
    return report
  }

  /// The rows of a window with a column more for each fusion.
  private func widened(_ window: NeedWindow, _ columns: [[Int32: [Float]]]) -> NeedWindow {
    guard !columns.isEmpty else { return window }
    let (width, extra) = (NeedFeatures.width, columns.map { $0[window.day] ?? [] })
    var result = window
    result.rows = []
    result.rows.reserveCapacity(window.firstDays.count * (width + extra.count))
    for row in window.firstDays.indices {
      result.rows.append(contentsOf: window.rows[row * width..<(row + 1) * width])
      let pair = window.pairs.isEmpty ? row : Int(window.pairs[row])
      for scores in extra { result.rows.append(scores[pair]) }
    }
    return result
  }

  /// The head's log-odds of all pairs by the day of their window.
  private func scores(
    _ fusion: some ProfileFusion, windows: ProfileWindows, context: FitContext
  ) async throws -> [Int32: [Float]] {
    let data = windows.dataset
    let categories = data.categories.count
    var scores: [Int32: [Float]] = [:]
    let whole = try await FusedHead.fit(fusion, data: data, context: context)
    for window in [data.validation, windows.test] {
      scores[window.modes.day] = try whole.margins(of: window.modes)
    }
    for window in data.training {
      scores[window.modes.day] = [Float](repeating: 0, count: window.bought.count)
    }
    for fold in 0..<folds {
      let others = data.training.map { $0.selecting { $0 % folds != fold } }
      let fitted = try await FusedHead.fit(
        fusion,
        data: ProfileDataset(training: others, validation: data.validation, categories: data.categories),
        context: context)
      for window in data.training {
        let found = try fitted.margins(of: window.modes)
        for customer in stride(from: fold, to: window.modes.customers.count, by: folds) {
          for index in customer * categories..<(customer + 1) * categories {
            scores[window.modes.day]?[index] = found[index]
          }
        }
      }
    }
    return scores
  }
}

extension ProfileWindow {
  /// The window of the customers at some rows alone.
  func selecting(_ isKept: (Int) -> Bool) -> ProfileWindow {
    let rows = (0..<modes.customers.count).filter(isKept)
    let categories = categories
    return ProfileWindow(
      modes: modes.selecting(rows),
      bought: rows.flatMap { bought[$0 * categories..<($0 + 1) * categories] })
  }
}
