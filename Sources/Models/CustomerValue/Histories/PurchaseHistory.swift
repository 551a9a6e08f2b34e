/// What the models need to know of a customer's purchases.
///
/// ```swift
/// let history = PurchaseHistory(frequency: 2, recency: 30.43, age: 38.86, monetaryValue: 22.35)    // in weeks
/// ```
/// All times are in one unit that the caller chooses, the same for all customers of a base.
public struct PurchaseHistory: Sendable, Codable, Equatable {
  /// How many days with purchases came after the first (x).
  public var frequency: Int
  /// From the first purchase to the last (t_x); 0 for a customer without a repeat purchase.
  public var recency: Double
  /// From the first purchase to the end of observation (T).
  public var age: Double
  /// The mean amount of the repeat purchases, in major units of the currency; nil where there is none.
  public var monetaryValue: Double?

  /// A history.
  public init(frequency: Int, recency: Double, age: Double, monetaryValue: Double? = nil) {
    (self.frequency, self.recency, self.age) = (frequency, recency, age)
    self.monetaryValue = monetaryValue
  }

  /// Throws when the history cannot be.
  ///
  /// - Throws: `CustomerValueError.invalidHistory`.
  public func validate(customer: String) throws {
    func check(_ holds: Bool, _ field: String, _ value: Double, _ expected: String) throws {
      guard holds else {
        throw CustomerValueError.invalidHistory(
          customer: customer, field: field, value: "\(value)", expected: expected)
      }
    }
    try check(frequency >= 0, "frequency", Double(frequency), "a whole number of at least 0")
    try check(age >= 0 && age.isFinite, "age", age, "a number of at least 0")
    try check(recency >= 0 && recency.isFinite, "recency", recency, "a number of at least 0")
    try check(recency <= age, "recency", recency, "at most the age, \(age)")
    try check(
      frequency > 0 || recency == 0, "recency", recency, "0 where there is no repeat purchase")
    try check(
      frequency == 0 || recency > 0, "recency", recency, "more than 0 where there are repeat purchases")
    if let monetaryValue {
      try check(monetaryValue.isFinite, "monetary value", monetaryValue, "a finite number")
    }
  }
}
