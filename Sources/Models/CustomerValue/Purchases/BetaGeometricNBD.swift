import Learning

/// BG/NBD: customers buy at rates that differ from one to the next, and may leave after each repeat purchase.
///
/// ```swift
/// let model = try await BetaGeometricNBD().fit(base, context: FitContext())
/// model.expectedPurchases(after: base.histories[0], within: 39)
/// ```
/// The input is a `CustomerBase`: for each customer the number of repeat purchases, the time of the last one and the time of
/// observation, both since the first. Covariates act as `PurchaseModel` says. Maximum likelihood by BFGS with analytic
/// gradients in the logarithms of the parameters, from several starts.
///
/// Source: Fader, Hardie and Lee (2005), https://doi.org/10.1287/mksc.1040.0098; its expectations are summed after Euler's transformation of
/// the hypergeometric function, which has no pole at a = 1. Covariates: Fader and Hardie (2007), http://brucehardie.com/notes/019/
public struct BetaGeometricNBD: Estimator, Equatable {
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
    try configuration.fit(.betaGeometric, data, context: context)
  }
}
