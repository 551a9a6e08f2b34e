import MathKernels

/// Facts about customers that do not change, such as the channel that brought them.
public struct Covariates: Sendable, Equatable {
  /// What the columns are.
  public let names: [String]
  /// A row for each customer.
  public let values: Matrix<Double>

  /// Facts about customers: as many columns as names.
  ///
  /// - Throws: `CustomerValueError.covariates`.
  public init(names: [String], values: Matrix<Double>) throws {
    guard names.count == values.columns else {
      throw CustomerValueError.covariates(
        expected: "a column for each of \(names.count) names", found: "\(values.columns) columns")
    }
    guard values.elements.allSatisfy(\.isFinite) else {
      throw CustomerValueError.covariates(expected: "finite numbers", found: "some that are not")
    }
    (self.names, self.values) = (names, values)
  }

  /// The row of one customer.
  public func row(_ index: Int) -> [Double] {
    Array(values.elements[index * names.count..<(index + 1) * names.count])
  }
}

/// The customers of a shop with their histories: what lifetime values are learned from.
public struct CustomerBase: Sendable, Equatable {
  /// The customers' ids.
  public let ids: [String]
  /// Each customer's history.
  public let histories: [PurchaseHistory]
  /// The unit of all times.
  public let unit: TimeUnit
  /// What else is known of each customer, if anything.
  public let covariates: Covariates?

  /// Customers with their histories.
  ///
  /// - Complexity: O(customers).
  /// - Throws: `CustomerValueError` for the first history that cannot be, or for lists of different lengths.
  public init(
    ids: [String], histories: [PurchaseHistory], unit: TimeUnit = .week, covariates: Covariates? = nil
  ) throws {
    guard ids.count == histories.count else {
      throw CustomerValueError.notEnoughData(
        needed: "a history for each of \(ids.count) customers", found: "\(histories.count)")
    }
    if let covariates, covariates.values.rows != ids.count {
      throw CustomerValueError.covariates(
        expected: "a row for each of \(ids.count) customers", found: "\(covariates.values.rows) rows")
    }
    for (id, history) in zip(ids, histories) { try history.validate(customer: id) }
    (self.ids, self.histories, self.unit, self.covariates) = (ids, histories, unit, covariates)
  }

  /// How many customers there are.
  public var count: Int { ids.count }

  /// The same customers with other covariates.
  ///
  /// - Throws: `CustomerValueError.covariates`.
  public func with(_ covariates: Covariates?) throws -> CustomerBase {
    try CustomerBase(ids: ids, histories: histories, unit: unit, covariates: covariates)
  }
}
