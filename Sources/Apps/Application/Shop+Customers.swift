import Commerce
import Features
import Foundation
import Storage

/// How a list of customers is sorted.
public enum CustomerOrder: String, Sendable, CaseIterable {
  /// Most money first.
  case spend
  /// Latest purchase first.
  case recency
  /// Most orders first.
  case frequency
  /// By id.
  case id
}

extension Shop {
  /// One page of the customers whose id contains `text`, sorted.
  public func customers(containing text: String?, by order: CustomerOrder, page: PageRequest) throws -> Page {
    try requireReady()
    var found = customers.customers(by: order, ids: frame.customers)
    if let text {
      let needle = text.lowercased()
      found = found.filter { frame.customers[$0].lowercased().contains(needle) }
    }
    return try Page.slice(found, name: "customers", page) { summary(of: $0) }
  }

  private func summary(of customer: Int32) -> JSONValue {
    let entry = customers.entries[Int(customer)]
    let id = frame.customers[customer]
    return [
      "customer_id": .string(id), "orders": JSONValue(entry.orders),
      "spend": JSONValue(Money(minorUnits: entry.spend, currency: frame.currency)),
      "first_event_at": JSONValue(Timestamp(milliseconds: entry.first)),
      "last_event_at": JSONValue(Timestamp(milliseconds: entry.last)),
      "days_since_last_order": entry.lastPurchase == .min
        ? nil
        : JSONValue(max(0, asOf.days(since: Timestamp(milliseconds: entry.lastPurchase)).rounded(.down))),
      "top_categories": JSONValue(topCategories(of: customer, count: 3)),
      "attributes": .object(describedCustomers[id]?.attributes ?? [:]),
    ]
  }

  /// The categories the customer bought on most rows.
  private func topCategories(of customer: Int32, count: Int) -> [String] {
    var lines: [String: Int] = [:]
    for row in rows.rows(of: customer) where frame.kind[Int(row)] == EventKind.purchase.code {
      let item = frame.item[Int(row)]
      if item >= 0, let category = catalogue.category(of: frame.items[item]) {
        lines[category, default: 0] += 1
      }
    }
    return lines.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(count).map(\.key)
  }

  /// What is known of a customer: attributes and a profile in words and numbers.
  public func customer(_ id: String) throws -> JSONValue {
    _ = try customerIndex(id)
    guard let state = states.state(of: id) else { throw ApplicationError.notFound(what: "customer", id: id) }
    // What a unit usually costs moves slowly: it is taken anew only when the log has grown by a hundredth.
    if frame.count > unitPrices.events + unitPrices.events / 100 {
      unitPrices = (frame.count, states.unitPrices())
    }
    let profile = CustomerProfile(
      state, catalogue: states.catalogue, unitPrices: unitPrices.byCategory, settings: states.settings,
      currency: frame.currency, asOf: asOf)
    return [
      "customer_id": .string(id), "attributes": .object(describedCustomers[id]?.attributes ?? [:]),
      "profile": try JSONValue(encoding: profile),
    ]
  }

  /// The index of a customer known from events.
  func customerIndex(_ id: String) throws -> Int32 {
    try requireReady()
    guard let index = frame.customers.index(of: id) else {
      throw ApplicationError.notFound(what: "customer", id: id)
    }
    return index
  }

  /// What a search box finds: customers, items and categories whose names contain the text.
  public func search(_ text: String) async throws -> JSONValue {
    try requireReady()
    let needle = text.lowercased()
    let people = customers.customers(by: .spend, ids: frame.customers).lazy
      .map { self.frame.customers[$0] }.filter { $0.lowercased().contains(needle) }
      .sorted { ($0.count, $0) < ($1.count, $1) }.prefix(8)
    let goods = try await store.items(containing: text, category: nil, afterID: nil, limit: 8)
    let subjects = Set(catalogue.items.values.compactMap(\.category))
      .filter { $0.lowercased().contains(needle) }.sorted().prefix(8)
    return [
      "customers": .array(people.map { ["customer_id": .string($0)] }),
      "items": .array(
        goods.map {
          [
            "item_id": .string($0.itemID), "title": .string(catalogue.title(of: $0.itemID)),
            "category": JSONValue($0.category),
          ]
        }),
      "needs": .array(subjects.map { ["subject_id": .string($0), "label": .string($0)] }),
    ]
  }
}
