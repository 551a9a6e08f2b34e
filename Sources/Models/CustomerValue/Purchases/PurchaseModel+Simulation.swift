import MathKernels

extension PurchaseModel {
  /// Histories that customers of this model might have had, after these times of observation.
  ///
  /// Each customer draws a rate of buying and a way of leaving, buys and leaves accordingly. The same seed gives the same base
  /// on any number of cores.
  ///
  /// - Parameters:
  ///   - ages: how long each customer is observed after the first purchase.
  ///   - covariates: a row for each customer, when the model has covariates.
  /// - Complexity: O(customers + purchases).
  /// - Throws: `CustomerValueError.covariates` when they are not those of the model.
  public func simulatedBase(ages: [Double], covariates: Covariates? = nil, seed: UInt64) throws
    -> CustomerBase
  {
    guard (covariates?.names ?? []) == covariateNames else {
      throw CustomerValueError.covariates(
        expected: "\(covariateNames)", found: "\(covariates?.names ?? [])")
    }
    let blocks = parallelBlocks(ages.count, blockSize: 1024) { block in
      block.map { index -> PurchaseHistory in
        var random = RandomSource(seed: seed, stream: UInt64(index) + 1)
        var (count, last) = (0, 0.0)
        let traits = process.newCustomer(own(covariates?.row(index) ?? []), using: &random)
        process.purchases(of: traits, within: ages[index], using: &random) {
          count += 1
          last = $0
        }
        return PurchaseHistory(frequency: count, recency: last, age: ages[index])
      }
    }
    return try CustomerBase(
      ids: ages.indices.map(String.init), histories: blocks.flatMap { $0 }, unit: unit, covariates: covariates
    )
  }
}

/// What a customer does, as far as nobody can see it.
struct CustomerTraits {
  /// How often the customer buys in a unit of time.
  var rate: Double
  /// The probability of leaving after a purchase, or the rate of leaving.
  var leaving: Double
  /// Whether the customer is there at all.
  var isHere: Bool
}

extension PurchaseProcess {
  /// The traits of a new customer.
  func newCustomer(_ p: SIMD4<Double>, using random: inout RandomSource) -> CustomerTraits {
    let rate = random.gamma(shape: p[0]) / p[1]
    if self == .pareto {
      return CustomerTraits(rate: rate, leaving: random.gamma(shape: p[2]) / p[3], isHere: true)
    }
    let leaving = random.beta(p[2], p[3])
    return CustomerTraits(
      rate: rate, leaving: leaving, isHere: self == .betaGeometric || random.uniform() >= leaving)
  }

  /// The traits of a customer with this history, drawn from what it leaves open.
  func customer(
    with history: PurchaseHistory, _ p: SIMD4<Double>, using random: inout RandomSource
  ) -> CustomerTraits {
    guard random.uniform() < probabilityAlive(history, p) else {
      return CustomerTraits(rate: 0, leaving: 1, isHere: false)
    }
    let x = Double(history.frequency)
    let rate = random.gamma(shape: p[0] + x) / (p[1] + history.age)
    switch self {
    case .pareto:
      return CustomerTraits(
        rate: rate, leaving: random.gamma(shape: p[2]) / (p[3] + history.age), isHere: true)
    case .betaGeometric:
      return CustomerTraits(rate: rate, leaving: random.beta(p[2], p[3] + x), isHere: true)
    case .modifiedBetaGeometric:
      return CustomerTraits(rate: rate, leaving: random.beta(p[2], p[3] + x + 1), isHere: true)
    }
  }

  /// Hands over the time of each purchase that a customer makes within `horizon`.
  func purchases(
    of customer: CustomerTraits, within horizon: Double, using random: inout RandomSource,
    _ purchase: (Double) -> Void
  ) {
    guard customer.isHere, customer.rate > 0 else { return }
    let end =
      self == .pareto && customer.leaving > 0
      ? min(horizon, random.exponential(rate: customer.leaving)) : horizon
    var time = random.exponential(rate: customer.rate)
    while time <= end {
      purchase(time)
      if self != .pareto, random.uniform() < customer.leaving { return }
      time += random.exponential(rate: customer.rate)
    }
  }
}
