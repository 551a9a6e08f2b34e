import Features
import Foundation
import Learning
import MathKernels

/// How well fused profiles alone foretell the purchases of the last 28 days of a log.
///
/// ```swift
/// var evaluation = ProfileEvaluation(windows, seed: 42)
/// try evaluation.addBaselines()
/// try await evaluation.add(ProfileConcatenation(), context: context)
/// try await evaluation.add(LearnedFusion(), modes: [.behaviour], context: context)    // one mode alone
/// evaluation.table
/// ```
/// Each fusion learns from the training windows; one and the same kind of head (`PurchaseHead`) learns purchases from its vectors,
/// chooses its penalty and its calibration on validation, and is measured on the test window.
public struct ProfileEvaluation: Sendable {
  /// The figures of one fusion.
  public struct Row: Sendable, Codable, Equatable {
    /// What was measured.
    public var name: String
    /// The modes that it saw.
    public var modes: [String]
    /// How many numbers a profile has; nil for a baseline.
    public var width: Int?
    /// `ndcg@10`, `auc`, `brier`, `ece` on the test window.
    public var metrics: [String: Double]
    /// Their 95 % bootstrap intervals over customers.
    public var intervals: [String: ConfidenceInterval]
    /// The same figures on the validation window, which has chosen settings.
    public var validation: [String: Double]
    /// How long fitting took.
    public var seconds: Double
  }

  /// The rows so far.
  public private(set) var table: [Row] = []
  /// The windows.
  public let windows: ProfileWindows
  private let seed: UInt64

  /// An evaluation without rows.
  public init(_ windows: ProfileWindows, seed: UInt64) { (self.windows, self.seed) = (windows, seed) }

  /// What was tested on what, for people.
  public var protocolDescription: String {
    "Test: the last 28 days; validation (penalty, early stop, calibration): the 28 before; training: "
      + "\(windows.dataset.training.count) windows that ended before those. "
      + "\(windows.test.modes.customers.count) customers × \(windows.space.count) categories, all pairs, foretold from the profile "
      + "alone by one logistic head; intervals by bootstrap over customers."
  }

  /// Adds popularity, personal frequency and the other simple baselines, calibrated by isotonic regression on validation.
  public mutating func addBaselines() throws {
    let (earlier, later) = windows.baselines
    for (validation, test) in zip(earlier, later) {
      let truth = windows.dataset.validation.bought
      let curve = try IsotonicRegression(
        scores: validation.scores.map(Double.init), labels: truth.map(Double.init))
      func figures(_ scores: [Float], _ bought: [Float]) -> CustomerFigures {
        CustomerFigures(
          scores: scores, predictions: scores.map { curve(Double($0)) }, bought: bought,
          categories: windows.space.count, seed: seed)
      }
      let measured = figures(test.scores, windows.test.bought)
      table.append(
        Row(
          name: test.name, modes: [], width: nil, metrics: measured.metrics, intervals: measured.intervals,
          validation: figures(validation.scores, truth).metrics, seconds: 0))
    }
  }

  /// Adds a fusion of all modes or of some.
  ///
  /// - Throws: what fitting the fusion and the head throws.
  public mutating func add(
    _ fusion: any ProfileFusion, name: String? = nil, modes: Set<ProfileMode>? = nil, context: FitContext
  ) async throws {
    table.append(try await row(fusion, name: name, modes: modes, context: context))
  }

  private func row(
    _ fusion: some ProfileFusion, name: String?, modes: Set<ProfileMode>?, context: FitContext
  ) async throws -> Row {
    let kept = modes ?? Set(windows.test.modes.modes)
    let data = windows.dataset.mapModes { $0.only(kept) }
    let test = windows.test.modes.only(kept)
    let started = ContinuousClock.now
    let scored = try await FusedHead.fit(fusion, data: data, context: context)
    let span = (ContinuousClock.now - started).components
    let validation = try scored.margins(of: data.validation.modes)
    let margins = try scored.margins(of: test)
    let calibration = LevelCalibration(margins: validation, labels: data.validation.bought)
    func figures(_ margins: [Float], _ bought: [Float]) -> CustomerFigures {
      CustomerFigures(
        scores: margins, predictions: margins.map { calibration(Double($0)) }, bought: bought,
        categories: windows.space.count, seed: seed)
    }
    let measured = figures(margins, windows.test.bought)
    return Row(
      name: name ?? fusion.name, modes: test.modes.map(\.rawValue), width: scored.fusion.width,
      metrics: measured.metrics, intervals: measured.intervals,
      validation: figures(validation, data.validation.bought).metrics,
      seconds: Double(span.seconds) + Double(span.attoseconds) / 1e18)
  }
}

/// A fusion with the head that foretells purchases from its vectors.
public struct FusedHead: Sendable {
  /// The fusion.
  public let fusion: any FusedProfiles
  /// The head.
  public let head: PurchaseHeadModel

  /// Fits a fusion, then the head on its vectors.
  ///
  /// - Throws: what fitting the two throws.
  public static func fit(
    _ fusion: some ProfileFusion, head: PurchaseHead = PurchaseHead(), data: ProfileDataset,
    context: FitContext
  ) async throws -> FusedHead {
    let model = try await fusion.fit(data, context: context)
    var rows: [Float] = []
    for window in data.training { rows += try model.vectors(of: window.modes).elements }
    let vectors = Matrix(rows: rows.count / model.width, columns: model.width, rows)
    let held = try model.vectors(of: data.validation.modes)
    return FusedHead(
      fusion: model,
      head: try head.fit(
        vectors, bought: data.training.flatMap(\.bought), validation: (held, data.validation.bought)))
  }

  /// The log-odds of a purchase of each category for each customer.
  ///
  /// - Throws: `NeedError.invalidParameter` for modes of other widths than those learned from.
  public func margins(of modes: ProfileModes) throws -> [Float] {
    head.margins(try fusion.vectors(of: modes))
  }
}
