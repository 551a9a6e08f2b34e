import Learning

/// Something that says how often customers will buy, learned from their histories alone: a model, or a rule of thumb to beat.
public enum PurchaseForecaster: String, Sendable, Codable, CaseIterable {
  /// BG/NBD.
  case betaGeometric = "BetaGeometricNBD"
  /// MBG/NBD.
  case modifiedBetaGeometric = "ModifiedBetaGeometricNBD"
  /// Pareto/NBD.
  case pareto = "ParetoNBD"
  /// Each customer goes on at their own rate so far.
  case ownRate = "OwnRate"
  /// Every customer buys at the mean rate of all.
  case meanRate = "MeanRate"
  /// Each customer goes on at their own rate, unless away for longer than twice the mean time between their purchases.
  case recencyFrequency = "RecencyFrequency"

  /// The process behind it; nil for a rule of thumb.
  public var process: PurchaseProcess? {
    switch self {
    case .betaGeometric: .betaGeometric
    case .modifiedBetaGeometric: .modifiedBetaGeometric
    case .pareto: .pareto
    default: nil
    }
  }

  /// The model of this process.
  ///
  /// - Throws: `CustomerValueError`, also for a rule of thumb, which has none.
  public func fit(
    _ base: CustomerBase, fitting: PurchaseFitting = PurchaseFitting(), context: FitContext
  ) throws -> PurchaseModel {
    guard let process else {
      throw CustomerValueError.invalidParameter(name: "model", value: rawValue, expected: "a model")
    }
    return try fitting.fit(process, base, context: context)
  }

  /// The purchases of each customer of a base within `horizon`.
  ///
  /// - Throws: `CustomerValueError`.
  public func forecast(
    _ base: CustomerBase, horizon: Double, fitting: PurchaseFitting = PurchaseFitting(), context: FitContext
  ) throws -> [Double] {
    if process != nil {
      let model = try fit(base, fitting: fitting, context: context)
      return base.histories.indices.map { index in
        model.expectedPurchases(
          after: base.histories[index], within: horizon, covariates: base.covariates?.row(index) ?? [])
      }
    }
    let time = base.histories.reduce(0) { $0 + $1.age }
    let mean = time > 0 ? Double(base.histories.reduce(0) { $0 + $1.frequency }) / time : 0
    return base.histories.map { history in
      let own = history.age > 0 ? Double(history.frequency) / history.age : mean
      switch self {
      case .meanRate: return mean * horizon
      case .recencyFrequency:
        let gap = history.frequency > 0 ? history.recency / Double(history.frequency) : 0
        return history.age - history.recency <= 2 * gap ? own * horizon : 0
      default: return own * horizon
      }
    }
  }
}
