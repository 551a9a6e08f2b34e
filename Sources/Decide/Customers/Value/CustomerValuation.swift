import Commerce
import CustomerValue
import Learning
import MathKernels

/// What a shop's customers are worth: the model that a shop saves.
///
/// ```swift
/// let valuation = try await CustomerValuing().fit(dataset, context: FitContext())
/// let best = valuation.customer(valuation.indices.max { valuation.customer($0).value ?? 0 < valuation.customer($1).value ?? 0 }!)
/// ```
/// Where the data are too few it holds what is missing and nobody's value.
public struct CustomerValuation: FittedModel, Equatable {
  /// See `FittedModel`.
  public static let formatVersion = 1

  /// What was reckoned with.
  public var terms: ValueTerms
  /// The last day that was observed, as a day since 1970-01-01.
  public var endDay: Int32
  /// The day of the first purchase.
  public var firstDay: Int32
  /// The currency of amounts, which are in its major units.
  public var currency: Currency
  /// What is asked of the data, and how it stands.
  public var gates: [DataSufficiency.Gate]
  /// How customers buy and leave; nil where the data are too few.
  public var purchases: PurchaseModel?
  /// What they spend; nil where there are no amounts, or amounts without a mean.
  public var spend: GammaGammaModel?
  /// Why there is no model of spending; nil when there is one.
  public var spendProblem: String?
  /// How good such forecasts were; nil where the history is too short to look back.
  public var check: ValueCheck?
  /// What all customers together will be worth and buy; nil where the data are too few.
  public var total: Total?
  /// The customers' ids.
  public var ids: Vocabulary
  /// Days with purchases after the first.
  @Packed var frequency: [Int32]
  /// Weeks from the first purchase to the last.
  @Packed var recency: [Float]
  /// Weeks from the first purchase to the end.
  @Packed var age: [Float]
  @Packed var probabilityAlive: [Float]
  @Packed var expectedPurchases: [Float]
  @Packed var purchasesLower: [Float]
  @Packed var purchasesUpper: [Float]
  /// NaN where spending is not known.
  @Packed var expectedSpend: [Float]
  @Packed var value: [Float]
  @Packed var valueLower: [Float]
  @Packed var valueUpper: [Float]

  /// Sums over all customers.
  public struct Total: Sendable, Codable, Equatable {
    /// The purchases within the horizon.
    public var purchases: Double
    /// Where they will lie.
    public var purchasesRange: ConfidenceInterval
    /// The value; nil where spending is not known.
    public var value: Double?
    /// Where it will lie.
    public var valueRange: ConfidenceInterval?
  }

  /// One customer.
  public struct Customer: Sendable, Equatable {
    /// The customer's id.
    public var id: String
    /// On how many days the customer bought.
    public var purchaseDays: Int
    /// Days since the last purchase, at the end.
    public var daysSinceLast: Int
    /// Days since the first purchase, at the end.
    public var daysSinceFirst: Int
    /// The probability that the customer still buys.
    public var probabilityAlive: Double
    /// The purchases expected within the horizon.
    public var expectedPurchases: Double
    /// Where they will lie.
    public var purchasesRange: ConfidenceInterval
    /// What a purchase is expected to bring; nil where spending is not known.
    public var expectedSpend: Double?
    /// What the customer is worth; nil where spending is not known.
    public var value: Double?
    /// Where that will lie.
    public var valueRange: ConfidenceInterval?

    /// What the customer is worth if they still buy.
    public var valueIfStaying: Double? {
      value.map { probabilityAlive > 0 ? $0 / probabilityAlive : 0 }
    }
    /// What is lost, on average, because the customer may have left already.
    public var atRisk: Double? { value.flatMap { own in valueIfStaying.map { $0 - own } } }
  }

  /// Whether the data were enough.
  public var isSufficient: Bool { purchases != nil }

  /// The places of the customers.
  public var indices: Range<Int> { 0..<ids.count }

  /// The customer at a place.
  public func customer(_ index: Int) -> Customer {
    let hasValue = value[index].isFinite
    func range(_ lower: Float, _ upper: Float) -> ConfidenceInterval {
      ConfidenceInterval(lower: Double(lower), upper: Double(upper), level: terms.level)
    }
    return Customer(
      id: ids[Int32(index)], purchaseDays: Int(frequency[index]) + 1,
      daysSinceLast: Int(((age[index] - recency[index]) * 7).rounded()),
      daysSinceFirst: Int((age[index] * 7).rounded()),
      probabilityAlive: Double(probabilityAlive[index]), expectedPurchases: Double(expectedPurchases[index]),
      purchasesRange: range(purchasesLower[index], purchasesUpper[index]),
      expectedSpend: expectedSpend[index].isFinite ? Double(expectedSpend[index]) : nil,
      value: hasValue ? Double(value[index]) : nil,
      valueRange: hasValue ? range(valueLower[index], valueUpper[index]) : nil)
  }

  /// The place of a customer; nil for one who had not bought by the end.
  public func index(of id: String) -> Int? { ids.index(of: id).map(Int.init) }

  /// Each customer's value, 0 where it is not known.
  public var values: [Float] { value.map { $0.isFinite ? $0 : 0 } }

  /// Each customer's probability of still buying.
  public var aliveProbabilities: [Float] { probabilityAlive }

  /// The purchases expected of each customer.
  public var purchasesExpected: [Float] { expectedPurchases }

  /// Nobody's value: what is missing alone.
  init(_ data: ValueDataset, _ terms: ValueTerms, gates: [DataSufficiency.Gate]) {
    (self.terms, self.gates) = (terms, gates)
    (endDay, currency) = (data.endDay, data.currency)
    firstDay = Int32(clamping: data.log.firstDay.milliseconds / Timestamp.day)
    (ids, frequency, recency, age) = (Vocabulary(), [], [], [])
    (probabilityAlive, expectedPurchases, expectedSpend) = ([], [], [])
    (purchasesLower, purchasesUpper, value, valueLower, valueUpper) = ([], [], [], [], [])
  }

  mutating func take(_ forecast: LifetimeForecast) {
    ids = Vocabulary(forecast.customers.map(\.id))
    let customers = forecast.customers
    frequency = customers.map { Int32(clamping: $0.history.frequency) }
    recency = customers.map { Float($0.history.recency) }
    age = customers.map { Float($0.history.age) }
    probabilityAlive = customers.map { Float($0.probabilityAlive) }
    expectedPurchases = customers.map { Float($0.expectedPurchases) }
    expectedSpend = customers.map { $0.expectedSpend.map(Float.init) ?? .nan }
    value = customers.map { $0.lifetimeValue.map(Float.init) ?? .nan }
    let ranges = customers.map { $0.intervals.first }
    purchasesLower = ranges.map { Float($0?.purchases.lower ?? .nan) }
    purchasesUpper = ranges.map { Float($0?.purchases.upper ?? .nan) }
    valueLower = ranges.map { Float($0?.value.lower ?? .nan) }
    valueUpper = ranges.map { Float($0?.value.upper ?? .nan) }
    total = forecast.totalIntervals.first.map {
      Total(
        purchases: forecast.totalPurchases, purchasesRange: $0.purchases, value: forecast.totalValue,
        valueRange: forecast.totalValue == nil ? nil : $0.value)
    }
  }
}
