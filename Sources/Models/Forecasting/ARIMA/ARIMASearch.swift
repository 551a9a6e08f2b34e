import Foundation
import Learning

/// The search for the best orders of one series.
final class ARIMASearch {
  private struct Candidate: Hashable {
    var order: ARIMAOrder
    var constant: Bool
  }

  private let input: ARIMAInput
  private let largest: ARIMAOrder
  private let configuration: AutoARIMA.Configuration
  private let context: FitContext
  private let allowsConstant: Bool
  private let approximates: Bool
  private let fitter: ARIMAFitter
  /// Fits the final model where the search saw interpolated values.
  private let exactFitter: ARIMAFitter?
  private var tried: [(candidate: Candidate, criterion: Double)] = []
  private var seen: Set<Candidate> = []
  /// Whether the neighbours being tried have a constant. As in R it stays when the model without one wins at the start.
  private var constant: Bool
  private var best: (candidate: Candidate, fit: ARIMAFit?, errors: [Double], criterion: Double)

  /// Nil where the regressors are collinear.
  init?(
    _ input: ARIMAInput, largest: ARIMAOrder, configuration: AutoARIMA.Configuration, allowsConstant: Bool,
    context: FitContext
  ) {
    (self.input, self.largest, self.configuration) = (input, largest, configuration)
    (self.allowsConstant, self.context) = (allowsConstant, context)
    constant = allowsConstant
    approximates = configuration.approximates ?? (input.values.count > 150 || input.seasonLength > 12)
    let make = { (values: [Double]) in
      ARIMAFitter(
        values: values, regressors: input.columns, largest: largest, seasonLength: input.seasonLength,
        constants: allowsConstant ? [true, false] : [false])
    }
    let filled = approximates && input.known < input.values.count
    guard
      let fitter = make(
        filled
          ? TimeSeries(values: input.values, seasonLength: input.seasonLength).filled().values : input.values)
    else {
      return nil
    }
    self.fitter = fitter
    exactFitter = filled ? make(input.values) : nil
    let none = Candidate(
      order: ARIMAOrder(0, largest.d, 0, seasonal: (0, largest.seasonalD, 0)), constant: false)
    best = (none, nil, [], .infinity)
    if approximates { fitter.offset = offset(none.order) }
  }

  /// What makes the criterion of the conditional sum of squares comparable with the exact one, by the model of the
  /// differences alone.
  private func offset(_ order: ARIMAOrder) -> Double {
    let plain = order.d + order.seasonalD == 0 && allowsConstant
    guard let fit = fitter.fit(order, constant: plain) else { return 0 }
    let used = Double(fitter.data.used)
    let free = Double(fit.regression.count)
    let likely = fit.variance * (used - free) / used
    return -2 * fit.logLikelihood - Double(input.values.count) * log(likely)
  }

  /// Tries a model; whether it is the best so far.
  private func attempt(_ candidate: Candidate) throws -> Bool {
    seen.insert(candidate)
    try context.checkpoint(step: tried.count + 1, of: nil)
    let fit = fitter.fit(
      candidate.order, constant: candidate.constant, approximate: approximates, demanding: true)
    guard let fit, case let value = criterion(fit), value.isFinite,
      ARIMAFitter.isFarFromUnitRoots(fit, seasonLength: input.seasonLength)
    else {
      tried.append((candidate, .infinity))
      return false
    }
    // The curvature is looked at only of a model that would win: it costs as much as the search for it.
    guard value < best.criterion else {
      tried.append((candidate, value))
      return false
    }
    guard let errors = fitter.standardErrors(fit) else {
      tried.append((candidate, .infinity))
      return false
    }
    tried.append((candidate, value))
    best = (candidate, fit, errors, value)
    return true
  }

  private func criterion(_ fit: ARIMAFit) -> Double {
    if input.known <= 3 { return fit.aic }
    return switch configuration.criterion {
    case .aicc: fit.aicc
    case .aic: fit.aic
    case .bic: fit.bic
    }
  }

  // MARK: - Stepwise

  /// The changes of (P, Q) and of (p, q) that make a neighbour, in the order in which they are tried.
  private static let moves = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]

  /// From simple models to better neighbours until there is none.
  func stepwise() throws {
    let short = input.values.count < 10
    let (season, plain) = (input.seasonLength > 1, short ? 1 : 2)
    _ = try attempt(
      order(
        min(plain, largest.p), min(plain, largest.q), short ? 0 : min(1, largest.seasonalP),
        short ? 0 : min(1, largest.seasonalQ)),
      allowsConstant)
    _ = try attempt(order(0, 0, 0, 0), allowsConstant)
    if largest.p + largest.seasonalP > 0 {
      _ = try attempt(order(min(1, largest.p), 0, season ? min(1, largest.seasonalP) : 0, 0), allowsConstant)
    }
    if largest.q + largest.seasonalQ > 0 {
      _ = try attempt(order(0, min(1, largest.q), 0, season ? min(1, largest.seasonalQ) : 0), allowsConstant)
    }
    if allowsConstant { _ = try attempt(order(0, 0, 0, 0), false) }
    while try improve() {}
  }

  private func order(_ p: Int, _ q: Int, _ seasonalP: Int, _ seasonalQ: Int) -> ARIMAOrder {
    ARIMAOrder(p, largest.d, q, seasonal: (seasonalP, largest.seasonalD, seasonalQ))
  }

  private func attempt(_ order: ARIMAOrder, _ constant: Bool) throws -> Bool {
    try attempt(Candidate(order: order, constant: constant))
  }

  /// Tries the neighbours of the best model; true as soon as one is better, false when none is or the limit is reached.
  private func improve() throws -> Bool {
    let center = best.candidate
    for seasonal in [true, false] {
      for (a, b) in Self.moves {
        var order = center.order
        if seasonal {
          (order.seasonalP, order.seasonalQ) = (order.seasonalP + a, order.seasonalQ + b)
        } else {
          (order.p, order.q) = (order.p + a, order.q + b)
        }
        let candidate = Candidate(order: order, constant: constant)
        guard isWithinLimits(order), !seen.contains(candidate) else { continue }
        guard tried.count < configuration.maxModels else { return false }
        if try attempt(candidate) { return true }
      }
    }
    let other = Candidate(order: center.order, constant: !constant)
    guard allowsConstant, !seen.contains(other), tried.count < configuration.maxModels else { return false }
    guard try attempt(other) else { return false }
    constant.toggle()
    return true
  }

  private func isWithinLimits(_ order: ARIMAOrder) -> Bool {
    (0...largest.p).contains(order.p) && (0...largest.q).contains(order.q)
      && (0...largest.seasonalP).contains(order.seasonalP)
      && (0...largest.seasonalQ).contains(order.seasonalQ)
  }

  // MARK: - Full

  /// All models up to the limits.
  func full() throws {
    for p in 0...largest.p {
      for q in 0...largest.q {
        for seasonalP in 0...largest.seasonalP {
          for seasonalQ in 0...largest.seasonalQ where p + q + seasonalP + seasonalQ <= configuration.maxOrder
          {
            for constant in allowsConstant ? [false, true] : [false] {
              _ = try attempt(order(p, q, seasonalP, seasonalQ), constant)
            }
          }
        }
      }
    }
  }

  // MARK: - Result

  /// The best model; after an approximate search, the first of the models in their order that the exact likelihood
  /// accepts. Nil where there is none.
  func refined() throws -> (fit: ARIMAFit, errors: [Double])? {
    guard approximates else { return best.fit.map { ($0, best.errors) } }
    let fitter = exactFitter ?? self.fitter
    let order = tried.indices.filter { tried[$0].criterion < .infinity }
      .sorted { (tried[$0].criterion, $0) < (tried[$1].criterion, $1) }
    for index in order {
      try context.checkpoint(step: tried.count, of: nil)
      let candidate = tried[index].candidate
      guard let fit = fitter.fit(candidate.order, constant: candidate.constant, demanding: true),
        criterion(fit).isFinite, ARIMAFitter.isFarFromUnitRoots(fit, seasonLength: input.seasonLength),
        let errors = fitter.standardErrors(fit)
      else { continue }
      return (fit, errors)
    }
    return nil
  }
}
