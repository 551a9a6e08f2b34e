import CustomerValue
import Learning
import MathKernels

/// Values a shop's customers: chooses how they buy on weeks held out, checks that on later ones, forecasts from all.
///
/// ```swift
/// let valuation = try await CustomerValuing(ValueTerms(horizonMonths: 6)).fit(dataset, context: FitContext())
/// print(valuation.total?.value ?? 0, valuation.check?.chosen?.name ?? "unchecked")
/// ```
/// Where the data are too few (`DataSufficiency`) the valuation holds what is missing and no values. Of the processes the one
/// with the smallest squared error is taken, since the mean is what is forecast; ParetoNBD where the history is too short to
/// look back.
///
/// - Complexity: O(customers · (evaluations of six likelihoods + draws · purchases)), on all cores.
public struct CustomerValuing: Estimator {
  /// What counts as value.
  public var terms: ValueTerms
  /// What is asked of the data.
  public var sufficiency: DataSufficiency

  /// Values on these terms.
  public init(_ terms: ValueTerms = ValueTerms(), sufficiency: DataSufficiency = DataSufficiency()) {
    (self.terms, self.sufficiency) = (terms, sufficiency)
  }

  private static let steps = 3

  /// Values the customers.
  ///
  /// - Throws: `CustomerValueError`, `CancellationError`.
  public func fit(_ data: ValueDataset, context: FitContext) async throws -> CustomerValuation {
    try terms.validate()
    let gates = sufficiency.gates(for: data.log, at: ValueDataset.moment(data.endDay))
    var valuation = CustomerValuation(data, terms, gates: gates)
    guard terms.ignoresGates || gates.allSatisfy(\.isMet) else { return valuation }
    try context.checkpoint(step: 0, of: Self.steps)
    valuation.check = try ValueChecking(data: data, terms: terms, context: context).run()
    try context.checkpoint(step: 1, of: Self.steps)
    let base = try data.log.customerBase(until: ValueDataset.moment(data.endDay))
    let forecaster =
      valuation.check?.chosen.flatMap { PurchaseForecaster(rawValue: $0.name) } ?? .pareto
    let purchases = try forecaster.fit(base, context: FitContext(seed: terms.seed))
    do {
      valuation.spend = try Self.spending(of: base, seed: terms.seed)
    } catch let error as CustomerValueError {
      valuation.spendProblem = error.description
    }
    try context.checkpoint(step: 2, of: Self.steps)
    let value = try LifetimeValue(
      purchases: purchases, spend: valuation.spend,
      horizon: terms.horizonMonths * purchases.unit.perMonth, monthlyDiscount: terms.monthlyDiscount,
      margin: terms.margin)
    valuation.take(
      try value.forecast(
        base, levels: [terms.level], draws: Self.draws(for: base.count), seed: terms.seed))
    valuation.purchases = purchases
    try context.checkpoint(step: Self.steps, of: Self.steps)
    return valuation
  }

  /// Fewer futures where there are many customers.
  static func draws(for customers: Int) -> Int { max(100, min(500, 30_000_000 / max(1, customers))) }

  /// What customers spend on a purchase.
  ///
  /// - Throws: `CustomerValueError`, also where amounts have no mean.
  static func spending(of base: CustomerBase, seed: UInt64) throws -> GammaGammaModel {
    let model = try GammaGamma().model(of: base, context: FitContext(seed: seed))
    guard model.q > 1 else { throw CustomerValueError.infiniteMean(shape: model.q) }
    return model
  }
}
