/// A property of events, of their items or of their customers that filters and breakdowns look at.
///
/// ```swift
/// AnalyticsProperty("item.attribute.colour")?.text   // "item.attribute.colour"
/// ```
public enum AnalyticsProperty: Sendable, Hashable {
  /// A column of events that holds words.
  public enum EventWord: String, Sendable, CaseIterable {
    /// What happened, where, on what, and which item, visit, order, search words and campaign it was about.
    case kind, channel, device, query, campaign, item, session, order
  }
  /// A column of events that holds numbers; money is in major units.
  public enum EventNumber: String, Sendable, CaseIterable {
    /// What was paid, what was taken off, how many units, how many points.
    case amount, discount, quantity, rating
  }
  /// What the shop's clock shows.
  public enum Clock: String, Sendable, CaseIterable {
    /// The hour from 0 to 23, and the day of the week from 1 (Monday) to 7.
    case hour, weekday
  }
  /// A field of the catalogue.
  public enum ItemField: String, Sendable, CaseIterable {
    /// The item's category, brand, title and undiscounted price.
    case category, brand, title, price
  }

  /// Words of an event.
  case word(EventWord)
  /// A number of an event.
  case number(EventNumber)
  /// The local time of an event.
  case clock(Clock)
  /// A field of the event's item.
  case item(ItemField)
  /// An attribute of the event's item.
  case itemAttribute(String)
  /// The event's customer.
  case customer
  /// An attribute of the event's customer.
  case customerAttribute(String)

  /// A property from its name, such as `event.channel`; nil when there is none.
  public init?(_ text: String) {
    if text == "customer.id" {
      self = .customer
    } else if let name = Self.rest(text, "item.attribute.") {
      self = .itemAttribute(name)
    } else if let name = Self.rest(text, "customer.attribute.") {
      self = .customerAttribute(name)
    } else if let field = Self.rest(text, "item.").flatMap(ItemField.init(rawValue:)) {
      self = .item(field)
    } else if let name = Self.rest(text, "event.") {
      if let word = EventWord(rawValue: name) {
        self = .word(word)
      } else if let number = EventNumber(rawValue: name) {
        self = .number(number)
      } else if let clock = Clock(rawValue: name) {
        self = .clock(clock)
      } else {
        return nil
      }
    } else {
      return nil
    }
  }

  private static func rest(_ text: String, _ start: String) -> String? {
    text.hasPrefix(start) && text.utf8.count > start.utf8.count ? String(text.dropFirst(start.count)) : nil
  }

  /// The name, such as `event.channel`.
  public var text: String {
    switch self {
    case .word(let word): "event.\(word.rawValue)"
    case .number(let number): "event.\(number.rawValue)"
    case .clock(let clock): "event.\(clock.rawValue)"
    case .item(let field): "item.\(field.rawValue)"
    case .itemAttribute(let name): "item.attribute.\(name)"
    case .customer: "customer.id"
    case .customerAttribute(let name): "customer.attribute.\(name)"
    }
  }

  /// Whether the property belongs to the customer, so that all events of one have the same.
  public var isOfCustomer: Bool {
    switch self {
    case .customer, .customerAttribute: true
    default: false
    }
  }

  /// What names of properties look like, for messages.
  static let expected =
    "a property: event.(\(EventWord.allCases.map(\.rawValue).joined(separator: ", ")), "
    + "\(EventNumber.allCases.map(\.rawValue).joined(separator: ", ")), hour, weekday), "
    + "item.(category, brand, title, price, attribute.NAME) or customer.(id, attribute.NAME)"
}

extension DefinitionReader {
  func property() throws -> AnalyticsProperty {
    guard let property = AnalyticsProperty(try text(AnalyticsProperty.expected)) else {
      throw fault(AnalyticsProperty.expected)
    }
    return property
  }

  /// A property whose values are few and told apart as words.
  func wordProperty() throws -> AnalyticsProperty {
    let property = try property()
    if case .number = property { throw fault("a property of words; \(property.text) is a number") }
    return property
  }
}
