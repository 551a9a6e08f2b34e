import Learning

/// Pareto/NBD: customers buy at rates that differ from one to the next, and leave at a moment of their own.
///
/// ```swift
/// let model = try await ParetoNBD().fit(base, context: FitContext())
/// model.expectedPurchases(after: base.histories[0], within: 39)
/// ```
/// The input is a `CustomerBase`: for each customer the number of repeat purchases, the time of the last one and the time of
/// observation, both since the first. Covariates act as `PurchaseModel` says. Maximum likelihood by BFGS with analytic
/// gradients in the logarithms of the parameters, from several starts.
///
/// Source: Schmittlein, Morrison and Colombo (1987), https://doi.org/10.1287/mnsc.33.1.1; its likelihood is integrated numerically, which keeps
/// the digits that the difference of two hypergeometric functions loses. Covariates: Fader and Hardie (2007), http://brucehardie.com/notes/019/
public struct ParetoNBD: Estimator, Equatable {
  /// The settings.
  public typealias Configuration = PurchaseFitting

  /// The settings.
  public var configuration: Configuration

  /// An estimator.
  public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

  /// Learns the parameters.
  ///
  /// - Complexity: O(customers) an evaluation, some fifty evaluations a start.
  /// - Throws: `CustomerValueError`; `CancellationError`.
  public func fit(_ data: CustomerBase, context: FitContext) async throws -> PurchaseModel {
    try configuration.fit(.pareto, data, context: context)
  }
}
