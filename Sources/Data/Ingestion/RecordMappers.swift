import Commerce

/// Makes items of a file's rows by a mapping.
final class ItemMapper {
  private let itemID: CompiledSource
  private let title, category, brand, price, currency, availableFrom: CompiledSource?
  private let path: [(column: Int, name: String)]
  private let attributes: [(name: String, source: CompiledSource)]
  private let defaultCurrency: Currency?
  private var clock: LocalClock

  init(_ compiler: MappingCompiler) throws {
    itemID = try compiler.required("item_id")
    title = try compiler.source("title")
    category = try compiler.source("category")
    brand = try compiler.source("brand")
    price = try compiler.source("price")
    currency = try compiler.source("currency")
    availableFrom = try compiler.source("available_from")
    path = try compiler.mapping.categoryPath.map {
      (column: try compiler.index($0, "category_path"), name: $0)
    }
    attributes = try compiler.properties()
    defaultCurrency = compiler.mapping.currency
    clock = compiler.clock
  }

  /// The item of a row.
  func item(_ row: RowView) throws(RowRejection) -> Item {
    guard let id = try itemID.text(row, whole: true) else {
      throw RowRejection(field: "item_id", reason: "is missing; expected the shop's id of the item")
    }
    try EventRules.check(id, "item_id")
    var item = Item(itemID: id, title: try title?.text(row), category: try category?.text(row))
    for (column, _) in path {
      if let name = try row.text(column, "category_path") { item.categoryPath.append(name) }
    }
    // A mapping that names the category's own column means it: an empty cell is no category then.
    if category == nil { item.category = item.categoryPath.last }
    item.brand = try brand?.text(row)
    item.price = try money(row)
    item.availableFrom = try availableFrom?.time(row, &clock)
    for (name, source) in attributes { item.attributes[name] = try source.property(row) }
    return item
  }

  private func money(_ row: RowView) throws(RowRejection) -> Money? {
    guard let value = try price?.number(row) else { return nil }
    guard value >= 0 else {
      throw RowRejection(field: "price", reason: "\(value) is negative; a price is not")
    }
    let code = try currency?.text(row)
    guard let currency = code.map(Currency.known) ?? defaultCurrency else {
      throw RowRejection(field: "currency", reason: "is missing or unknown; expected a code such as USD")
    }
    guard let money = Money(value, currency: currency) else {
      throw RowRejection(field: "price", reason: "the price \(value) is too large")
    }
    return money
  }
}

/// Makes customers of a file's rows by a mapping.
final class CustomerMapper {
  private let customerID: CompiledSource
  private let joinedAt: CompiledSource?
  private let attributes: [(name: String, source: CompiledSource)]
  private var clock: LocalClock

  init(_ compiler: MappingCompiler) throws {
    customerID = try compiler.required("customer_id")
    joinedAt = try compiler.source("joined_at")
    attributes = try compiler.properties()
    clock = compiler.clock
  }

  /// The customer of a row.
  func customer(_ row: RowView) throws(RowRejection) -> Customer {
    guard let id = try customerID.text(row, whole: true) else {
      throw RowRejection(field: "customer_id", reason: "is missing; expected the shop's id of the customer")
    }
    try EventRules.check(id, "customer_id")
    var customer = Customer(customerID: id, joinedAt: try joinedAt?.time(row, &clock))
    for (name, source) in attributes { customer.attributes[name] = try source.property(row) }
    return customer
  }
}
