import Commerce
import Foundation

/// How the columns of a shop's file become the fields of events, items or customers.
///
/// ```yaml
/// kind: events
/// currency: USD
/// time_zone: America/New_York
/// fields:
///   event_id: "{basket_id}-{product_id}"       # a template: columns in braces
///   kind: {constant: purchase}                 # the same for every row
///   customer_id: household_id                  # a column
///   timestamp: {column: sold_at, format: "yyyy-MM-dd HH:mm:ss"}
///   amount: {column: unit_price, times: quantity}
/// properties:
///   discount: {sum: [retail_disc, coupon_disc]}
/// ```
public struct Mapping: Sendable, Equatable {
  /// What the rows become.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Events, one or (with `lines`) several to a row.
    case events
    /// Items of the catalogue.
    case items
    /// Customers.
    case customers
  }

  /// Where a field's value comes from.
  public struct Source: Sendable, Equatable {
    /// The value itself.
    public enum Value: Sendable, Equatable {
      /// A column of this name.
      case column(String)
      /// The same text for every row.
      case constant(String)
      /// Text around columns: `"{basket_id}-{product_id}"`.
      case template([Piece])
      /// The sum of columns; an empty one counts as 0.
      case sum([String])
    }

    /// A part of a template.
    public enum Piece: Sendable, Equatable {
      /// Text as it stands.
      case text(String)
      /// The value of a column, with its words capitalised when asked for (`{name:title}`).
      case column(String, isTitle: Bool)
    }

    /// The value itself.
    public var value: Value
    /// A number that numeric values are multiplied with, such as 0.01 for cents.
    public var scale: Double?
    /// A column that numeric values are multiplied with, such as the quantity for a unit price.
    public var times: String?
    /// Whether a negative number counts as positive.
    public var isAbsolute: Bool
    /// The file's words for values, each with its meaning.
    public var values: [String: String]
    /// How a time is written; nil accepts ISO 8601 and seconds or milliseconds since 1970.
    public var timeFormat: TimeFormat?
    /// Whether a property or attribute is a number; text otherwise.
    public var isNumber: Bool
    /// The line of the mapping that says so, for messages; 0 when there is none.
    public var line: Int

    /// A source; without further arguments the value as it stands.
    public init(
      _ value: Value, scale: Double? = nil, times: String? = nil, isAbsolute: Bool = false,
      values: [String: String] = [:], timeFormat: TimeFormat? = nil, isNumber: Bool = false, line: Int = 0
    ) {
      self.value = value
      self.scale = scale
      self.times = times
      self.isAbsolute = isAbsolute
      self.values = values
      self.timeFormat = timeFormat
      self.isNumber = isNumber
      self.line = line
    }

    /// The columns that the value is made of.
    public var columns: [String] {
      let own: [String] =
        switch value {
        case .column(let name): [name]
        case .constant: []
        case .template(let pieces):
          pieces.compactMap { if case .column(let name, _) = $0 { name } else { nil } }
        case .sum(let names): names
        }
      return own + (times.map { [$0] } ?? [])
    }
  }

  /// Several order lines in one column: `"A1:2|B7:1"`.
  public struct Lines: Sendable, Equatable {
    /// The column.
    public var column: String
    /// What stands between lines.
    public var separator: String
    /// What stands between the parts of a line.
    public var partSeparator: String
    /// The names of the parts; fields refer to them like columns.
    public var parts: [String]

    /// Lines of a column.
    public init(column: String, separator: String, partSeparator: String, parts: [String]) {
      self.column = column
      self.separator = separator
      self.partSeparator = partSeparator
      self.parts = parts
    }
  }

  /// What the rows become.
  public var kind: Kind
  /// The file's format, when it is not to be found out.
  public var format: FileFormat?
  /// The file's encoding, when it is not to be found out.
  public var encoding: TextEncoding?
  /// What stands between values, when it is not to be found out.
  public var separator: String?
  /// The currency of amounts and prices that name none.
  public var currency: Currency?
  /// The time zone of times that name none.
  public var timeZone: String
  /// The fields of the event, item or customer.
  public var fields: [String: Source]
  /// The columns of an item's category path, broad to narrow.
  public var categoryPath: [String]
  /// Properties of events, attributes of items and customers.
  public var properties: [String: Source]
  /// Several order lines in one row.
  public var lines: Lines?
  /// Columns that are filled in only on the first row of an order: an empty one takes the value of the row before.
  public var fillDown: [String]
  /// The column that must not have changed for that.
  public var fillDownWithin: String?

  /// A mapping; only the kind and the fields are required.
  public init(
    kind: Kind, fields: [String: Source], categoryPath: [String] = [], properties: [String: Source] = [:],
    currency: Currency? = nil, timeZone: String = "UTC", format: FileFormat? = nil,
    encoding: TextEncoding? = nil,
    separator: String? = nil, lines: Lines? = nil, fillDown: [String] = [], fillDownWithin: String? = nil
  ) {
    self.kind = kind
    self.fields = fields
    self.categoryPath = categoryPath
    self.properties = properties
    self.currency = currency
    self.timeZone = timeZone
    self.format = format
    self.encoding = encoding
    self.separator = separator
    self.lines = lines
    self.fillDown = fillDown
    self.fillDownWithin = fillDownWithin
  }

  /// The fields that a mapping of each kind may name.
  public static func fieldNames(of kind: Kind) -> [String] {
    switch kind {
    case .events:
      [
        "event_id", "kind", "customer_id", "session_id", "item_id", "timestamp", "quantity", "amount",
        "currency",
        "rating", "text", "query", "dwell_ms", "order_id", "decision_id", "channel", "device",
      ]
    case .items:
      ["item_id", "title", "category", "category_path", "brand", "price", "currency", "available_from"]
    case .customers: ["customer_id", "joined_at"]
    }
  }

  /// The fields without which a mapping of each kind cannot work.
  public static func requiredFields(of kind: Kind) -> [String] {
    switch kind {
    case .events: ["kind", "timestamp"]
    case .items: ["item_id"]
    case .customers: ["customer_id"]
    }
  }

  /// The columns that the mapping reads, in order of name, each with a field that reads it.
  var columnsRead: [(column: String, field: String)] {
    var found: [String: String] = [:]
    for (field, source) in fields.merging(properties, uniquingKeysWith: { first, _ in first }) {
      for column in source.columns { found[column] = min(found[column] ?? field, field) }
    }
    for column in categoryPath { found[column] = found[column] ?? "category_path" }
    for column in fillDown + [fillDownWithin].compactMap({ $0 }) {
      found[column] = found[column] ?? "fill_down"
    }
    if let lines {
      for part in lines.parts { found[part] = nil }
      found[lines.column] = "lines"
    }
    return found.sorted { $0.key < $1.key }.map { (column: $0.key, field: $0.value) }
  }
}
