import Learning

/// MBG/NBD: as BG/NBD, but customers may also leave right after the first purchase, so that one-time buyers need not be alive.
///
/// ```swift
/// let model = try await ModifiedBetaGeometricNBD().fit(base, context: FitContext())
/// model.expectedPurchases(after: base.histories[0], within: 39)
/// ```
/// The input is a `CustomerBase`: for each customer the number of repeat purchases, the time of the last one and the time of
/// observation, both since the first. Covariates act as `PurchaseModel` says. Maximum likelihood by BFGS with analytic
/// gradients in the logarithms of the parameters, from several starts.
///
/// Source: Batislam, Denizel and Filiztekin (2007), https://doi.org/10.1016/j.ijresmar.2006.12.005; Hoppe and Wagner (2007),
/// https://doi.org/10.15358/0344-1369-2007-JRM-2-75 Covariates: Fader and Hardie (2007), http://brucehardie.com/notes/019/
public struct ModifiedBetaGeometricNBD: Estimator, Equatable {
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
    try configuration.fit(.modifiedBetaGeometric, data, context: context)
  }
}
