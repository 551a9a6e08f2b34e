import Commerce
import Foundation

/// Customers' own attributes as numbers: one column for each number, one for each value of a word.
///
/// ```swift
/// let columns = AttributeColumns(customers)        // learns which values there are
/// let block = columns.block(customers, in: vocabulary)
/// ```
/// An attribute all of whose values are numbers is one column, with a second that says whether it is known; any other has a
/// column for each of its `mostValues` most frequent values and one for the rest. A customer with none of the attributes
/// lacks the mode.
public struct AttributeColumns: Sendable, Codable, Equatable {
  /// How many values of an attribute get a column of their own.
  public static let mostValues = 32

  struct Attribute: Sendable, Codable, Equatable {
    var name: String
    /// The values that have columns; empty for a number.
    var values: [String]
  }
  let attributes: [Attribute]

  /// The columns that these customers' attributes ask for.
  public init(_ customers: [Customer]) {
    var found: [String: [String: Int]] = [:]
    var numeric: [String: Bool] = [:]
    for customer in customers {
      for (name, value) in customer.attributes {
        guard let text = Self.text(value) else { continue }
        found[name, default: [:]][text, default: 0] += 1
        numeric[name] = (numeric[name] ?? true) && Self.number(value) != nil
      }
    }
    attributes = found.keys.sorted().map { name in
      if numeric[name] == true { return Attribute(name: name, values: []) }
      let counts = found[name] ?? [:]
      let values = counts.keys.sorted {
        let (a, b) = (counts[$0] ?? 0, counts[$1] ?? 0)
        return a != b ? a > b : $0 < $1
      }
      return Attribute(name: name, values: Array(values.prefix(Self.mostValues)))
    }
  }

  /// How many numbers a customer has.
  public var width: Int { attributes.reduce(0) { $0 + ($1.values.isEmpty ? 2 : $1.values.count + 1) } }

  /// The names of the columns: `income=50-74K`, `age`, …
  public var names: [String] {
    attributes.flatMap { attribute in
      attribute.values.isEmpty
        ? [attribute.name, "\(attribute.name) known"]
        : (attribute.values + ["other"]).map { "\(attribute.name)=\($0)" }
    }
  }

  /// The block of the customers of a vocabulary.
  public func block(_ customers: [Customer], in vocabulary: Vocabulary) -> ModeBlock {
    let width = width
    var values = [Float](repeating: 0, count: vocabulary.count * width)
    var present = [Bool](repeating: false, count: vocabulary.count)
    for customer in customers {
      guard let row = vocabulary.index(of: customer.customerID).map(Int.init) else { continue }
      var column = row * width
      for attribute in attributes {
        let value = customer.attributes[attribute.name]
        if attribute.values.isEmpty {
          if let number = value.flatMap(Self.number) {
            (values[column], values[column + 1], present[row]) = (Float(number), 1, true)
          }
          column += 2
        } else {
          if let text = value.flatMap(Self.text) {
            values[column + (attribute.values.firstIndex(of: text) ?? attribute.values.count)] = 1
            present[row] = true
          }
          column += attribute.values.count + 1
        }
      }
    }
    return ModeBlock(mode: .attributes, width: width, values: values, present: present)
  }

  private static func number(_ value: JSONValue) -> Double? {
    let number: Double? =
      switch value {
      case .string(let text): Double(text)
      default: value.number
      }
    return number.flatMap { $0.isFinite ? $0 : nil }
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text.isEmpty ? nil : text
    case .bool(let flag): flag ? "true" : "false"
    default: value.number.map { "\($0)" }
    }
  }
}
