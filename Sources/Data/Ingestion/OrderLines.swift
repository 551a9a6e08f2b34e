import Commerce

/// An order that comes as one event with its lines in `products`, as "Order Completed" of the Segment e-commerce
/// specification does.
///
/// ```swift
/// let order = try EventJSON.decode(event: body).get()            // "Order Completed" with two products, id m1
/// let lines = try OrderLines.events(of: order, currency: .usd)   // m1#1, m1#2
/// ```
/// One event is one line everywhere else, so the order becomes as many events. Their ids are the order's with the number
/// of the line behind it: the same order sent again is the same events.
public enum OrderLines {
  /// The lines of an order as events; nil when the event is not an order with lines.
  ///
  /// A line is an object with `product_id` (or `item_id`, or `sku`), and `quantity` and `price` of one unit when there
  /// are any; its other members become properties of the line. What else was said of the order is the property `order`
  /// of its first line.
  ///
  /// - Parameter currency: the currency of prices when the order names none.
  /// - Throws: why a line cannot be taken in; then none of the order is.
  public static func events(of event: Event, currency: Currency?) throws(RowRejection) -> [Event]? {
    guard event.kind == .purchase || event.kind == .refund, event.itemID == nil,
      case .array(let products)? = event.properties["products"], !products.isEmpty
    else { return nil }
    do throws(RowRejection) {
      let currency = try self.currency(of: event) ?? currency
      var lines: [Event] = []
      for (index, product) in products.enumerated() {
        lines.append(try line(product, at: index, of: event, currency))
      }
      var order = event.properties
      order["products"] = nil
      order["currency"] = nil
      if !order.isEmpty { lines[0].properties["order"] = .object(order) }
      return lines
    } catch {
      var rejection = error
      rejection.eventID = event.eventID
      rejection.raw = event.jsonValue.json
      throw rejection
    }
  }

  private static func currency(of event: Event) throws(RowRejection) -> Currency? {
    if let amount = event.amount { return amount.currency }
    guard let code = event.properties["currency"]?.string else { return nil }
    guard let currency = Currency.known(code) else {
      throw RowRejection(
        field: "currency", reason: "'\(code.prefix(64))' is not an ISO 4217 currency code such as USD")
    }
    return currency
  }

  private static func line(
    _ product: JSONValue, at index: Int, of order: Event, _ currency: Currency?
  ) throws(RowRejection) -> Event {
    let place = "products[\(index)]"
    guard case .object(var members) = product else {
      throw RowRejection(field: place, reason: "expected an object with product_id, quantity and price")
    }
    guard let key = ["product_id", "item_id", "sku"].first(where: { identifier(members[$0]) != nil }) else {
      throw RowRejection(field: "\(place).product_id", reason: "is missing; expected the item's id")
    }
    var line = order
    line.eventID = "\(order.eventID)#\(index + 1)"
    line.itemID = identifier(members[key])
    line.orderID = order.orderID ?? order.eventID
    let quantity = try number(members["quantity"], "\(place).quantity") ?? 1
    line.quantity = quantity
    line.amount = nil
    if let price = try number(members["price"], "\(place).price") {
      guard let currency else {
        throw RowRejection(
          field: "currency", reason: "is missing; expected the currency of the prices, such as USD")
      }
      guard let amount = Money(price * quantity, currency: currency) else {
        throw RowRejection(field: "\(place).price", reason: "the amount \(price * quantity) is too large")
      }
      line.amount = amount
    }
    for name in [key, "quantity"] { members[name] = nil }
    line.properties = members
    do throws(RowRejection) {
      try EventRules.check(line)
    } catch {
      var rejection = error
      rejection.field = "\(place).\(error.field ?? "product_id")"
      throw rejection
    }
    return line
  }

  private static func identifier(_ value: JSONValue?) -> String? {
    switch value {
    case .string(let text)?: text.isEmpty ? nil : text
    case .number(let number)?: Int64(exactly: number).map(String.init)
    default: nil
    }
  }

  private static func number(_ value: JSONValue?, _ field: String) throws(RowRejection) -> Double? {
    switch value {
    case nil, .null?: return nil
    case .number(let number)?: return number
    case .string(let text)?:
      if let number = Double(text) { return number }
      fallthrough
    default: throw RowRejection(field: field, reason: "expected a number")
    }
  }
}
