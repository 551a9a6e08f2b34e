extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A Boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; a repeated key keeps its last value.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }

  /// A string, or `null`.
  public init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
  /// A whole number.
  public init(_ value: some BinaryInteger) { self = .number(Double(value)) }
  /// A number; null when there is none.
  public init(_ value: Int?) { self = value.map { .number(Double($0)) } ?? .null }
  /// A number; `null` when there is none or it is not finite.
  public init(_ value: Double?) { self = value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
  /// A Boolean.
  public init(_ value: Bool) { self = .bool(value) }
  /// An array.
  public init(_ values: [JSONValue]) { self = .array(values) }
  /// An array of strings.
  public init(_ values: [String]) { self = .array(values.map(JSONValue.string)) }
  /// A moment as RFC 3339 text, or `null`.
  public init(_ value: Timestamp?) { self = value.map { .string($0.description) } ?? .null }
  /// An amount as `{"amount", "currency"}`, or `null`.
  public init(_ value: Money?) {
    self = value.map { ["amount": .number($0.amount), "currency": .string($0.currency.code)] } ?? .null
  }

  /// The value of a key, when this is an object that has it.
  public subscript(key: String) -> JSONValue? {
    get { if case .object(let object) = self { object[key] } else { nil } }
    set {
      guard case .object(var object) = self else { return }
      object[key] = newValue
      self = .object(object)
    }
  }

  /// The elements, when this is an array.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The members, when this is an object.
  public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

  /// The Boolean, when this is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The whole number, when this is one.
  public var integer: Int? { number.flatMap(Int.init(exactly:)) }
}
