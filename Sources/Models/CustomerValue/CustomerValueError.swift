/// Why lifetime values could not be learned or forecast.
public enum CustomerValueError: Error, Equatable, CustomStringConvertible {
  /// A setting is outside its range.
  case invalidParameter(name: String, value: String, expected: String)
  /// A customer's history cannot be.
  case invalidHistory(customer: String, field: String, value: String, expected: String)
  /// There are too few data to learn from.
  case notEnoughData(needed: String, found: String)
  /// No start of the search led to a maximum.
  case didNotConverge(model: String, starts: Int, gradient: Double)
  /// Spend per order has no mean: the orders' amounts differ too much from customer to customer.
  case infiniteMean(shape: Double)
  /// Covariates do not fit the model.
  case covariates(expected: String, found: String)
  /// A table of customers cannot be read as it should.
  case table(column: String, found: String, expected: String)

  /// The error in one sentence.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let expected):
      "The parameter '\(name)' is \(value); expected \(expected)."
    case .invalidHistory(let customer, let field, let value, let expected):
      "The customer '\(customer)' has the \(field) \(value); expected \(expected)."
    case .notEnoughData(let needed, let found):
      "There is not enough data: needed \(needed), found \(found)."
    case .didNotConverge(let model, let starts, let gradient):
      "\(model) did not converge from any of \(starts) starts (the gradient is \(gradient) at the best); a penalty may help."
    case .infiniteMean(let shape):
      "The mean spend of a new customer is infinite: the shape q of the gamma-gamma model is \(shape), not above 1."
    case .covariates(let expected, let found):
      "The covariates do not fit: expected \(expected), found \(found)."
    case .table(let column, let found, let expected):
      "The column '\(column)' does not fit: expected \(expected), found \(found)."
    }
  }
}
