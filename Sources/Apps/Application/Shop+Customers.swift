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

/// What a unit of each category usually costs, with the state of the log it was computed of.
struct UnitPrices: Sendable {
  var events = -1
  var rebuilds = -1
  var byCategory: [Int32: Double] = [:]
}

/// Which customers to list.
public struct CustomerFilter: Sendable, Hashable {
  /// Only those whose id contains this text, in any case.
  public var text: String?
  /// Only those with at least so many orders.
  public var minOrders: Int
  /// Only those whose last order lies so many whole days back; nil for all, also those without an order.
  public var daysSinceLastOrder: ClosedRange<Int>?
  /// Only those of this segment; nil for all.
  public var segment: String?

  /// A filter that lets everyone through unless told otherwise.
  public init(
    text: String? = nil, minOrders: Int = 0, daysSinceLastOrder: ClosedRange<Int>? = nil,
    segment: String? = nil
  ) {
    self.text = text
    self.segment = segment
    self.minOrders = minOrders
    self.daysSinceLastOrder = daysSinceLastOrder
  }
}

extension Shop {
  /// One page of the customers that a filter lets through, sorted. A page holds its place while events arrive: see
  /// `CustomerDirectory.Place`.
  public nonisolated func customers(
    _ filter: CustomerFilter = CustomerFilter(), by order: CustomerOrder, page: PageRequest
  ) async throws -> Page {
    let place = try page.cursor.map { try CustomerDirectory.Place(cursor: $0) }
    let (directory, moment) = try await directoryNow()
    var members: Set<String>?
    if let segment = filter.segment { members = try await self.members(ofSegment: segment) }
    let (found, total, hasMore) = directory.page(
      by: order, of: filter, among: members, asOf: moment, after: place, limit: page.limit)
    let facts = await facts(of: found)
    return Page(
      name: "customers", items: zip(found, facts).map { Self.summary(directory.entries[Int($0)], $1) },
      nextCursor: hasMore ? found.last.map { directory.place(of: $0, by: order).cursor } : nil, total: total)
  }

  /// What a list shows of customers, by their places in the directory.
  nonisolated func summaries(of customers: [Int32]) async -> [JSONValue] {
    let directory = await self.customers
    let facts = await facts(of: customers)
    return zip(customers, facts).map { Self.summary(directory.entries[Int($0)], $1) }
  }

  /// What a list shows of customers by their ids, in this order; those of whom no event has come are left out.
  nonisolated func summaries(of ids: [String]) async throws -> [JSONValue] {
    try await requireReady()
    let known = await frame.customers
    return await summaries(of: ids.compactMap { known.index(of: $0) })
  }

  private func directoryNow() throws -> (CustomerDirectory, asOf: Timestamp) {
    try requireReady()
    return (customers, asOf)
  }

  /// What a customer's line shows beside what the directory holds.
  private struct Facts: Sendable {
    let state: CustomerState?
    let categories: Vocabulary
    let attributes: [String: JSONValue]
    let segments: JSONValue
    let currency: Currency
    let asOf: Timestamp
  }

  private func facts(of customers: [Int32]) -> [Facts] {
    let (moment, scene) = (asOf, try? segmentScene())
    return customers.map { customer in
      let id = frame.customers[customer]
      return Facts(
        state: states.state(of: id), categories: states.catalogue.categories,
        attributes: describedCustomers[id]?.attributes ?? [:],
        segments: scene?.json(ofCustomer: id) ?? nil, currency: frame.currency, asOf: moment)
    }
  }

  private nonisolated static func summary(_ entry: CustomerDirectory.Entry, _ facts: Facts) -> JSONValue {
    [
      "customer_id": .string(entry.id), "orders": JSONValue(entry.orders),
      "spend": JSONValue(Money(minorUnits: entry.spend, currency: facts.currency)),
      "first_event_at": JSONValue(Timestamp(milliseconds: entry.first)),
      "last_event_at": JSONValue(Timestamp(milliseconds: entry.last)),
      "days_since_last_order": JSONValue(entry.daysSinceLastOrder(asOf: facts.asOf).map(Double.init)),
      "top_categories": JSONValue(topCategories(facts, count: 3)),
      "attributes": .object(facts.attributes), "segments": facts.segments,
    ]
  }

  /// The categories of which the customer bought and kept most order lines.
  private nonisolated static func topCategories(_ facts: Facts, count: Int) -> [String] {
    guard let state = facts.state else { return [] }
    let lines = zip(state.categories, state.histories).map { category, history in
      (name: facts.categories[category], lines: history.days.reduce(0) { $0 + $1.lines })
    }
    return lines.filter { $0.lines > 0 }
      .sorted { ($0.lines, $1.name) > ($1.lines, $0.name) }.prefix(count).map(\.name)
  }

  /// What is known of a customer: attributes and a profile in words and numbers. Of a customer whom the shop has
  /// described and of whom no event has come yet the profile is empty.
  public nonisolated func customer(_ id: String) async throws -> JSONValue {
    try await refreshUnitPrices()
    let known = try await profileSource(id)
    let profile = CustomerProfile(
      known.state, catalogue: known.catalogue, unitPrices: known.unitPrices, settings: known.settings,
      currency: known.currency, asOf: known.asOf)
    return [
      "customer_id": .string(id), "attributes": .object(known.attributes),
      "profile": try JSONValue(encoding: profile),
      "segments": try await segments(ofCustomer: id),
    ]
  }

  /// What a profile is made of, all of one moment.
  private struct ProfileSource: Sendable {
    let state: CustomerState
    let catalogue: CatalogueIndex
    let unitPrices: [Int32: Double]
    let settings: FeatureSettings
    let currency: Currency
    let asOf: Timestamp
    let attributes: [String: JSONValue]
  }

  private func profileSource(_ id: String) throws -> ProfileSource {
    let state = try state(ofCustomer: id)
    // After the states were made anew, categories may have other numbers: the next request has the prices again.
    return ProfileSource(
      state: state, catalogue: states.catalogue,
      unitPrices: unitPrices.rebuilds == rebuilds ? unitPrices.byCategory : [:], settings: states.settings,
      currency: frame.currency, asOf: asOf, attributes: describedCustomers[id]?.attributes ?? [:])
  }

  /// The state of a customer; an empty one for a customer whom the shop has described and of whom no event has come.
  ///
  /// - Throws: `ApplicationError.notFound` when nothing is known of the customer.
  func state(ofCustomer id: String) throws -> CustomerState {
    try requireReady()
    if let state = states.state(of: id) { return state }
    guard describedCustomers[id] != nil else { throw ApplicationError.notFound(what: "customer", id: id) }
    return CustomerState()
  }

  /// What a unit usually costs moves slowly: it is taken anew only when the log has grown by a hundredth.
  private func refreshUnitPrices() async throws {
    try requireReady()
    let known = unitPrices
    if known.rebuilds == rebuilds, known.events >= 0, frame.count <= known.events + known.events / 100 {
      return
    }
    let (states, events, revision, started) = (states, frame.count, rebuilds, generation)
    let made = UnitPrices(
      events: events, rebuilds: revision, byCategory: await Self.unitPrices(of: states))
    if generation == started, revision == rebuilds { unitPrices = made }
  }

  private nonisolated static func unitPrices(of states: CustomerStates) async -> [Int32: Double] {
    states.unitPrices()
  }

  /// What a search box finds: customers, items and categories whose names contain the text.
  public nonisolated func search(_ text: String) async throws -> JSONValue {
    let (directory, _) = try await directoryNow()
    let needle = text.lowercased()
    var people: [String] = []
    directory.entries.forEach { _, entry in
      if entry.id.lowercased().contains(needle) { people.append(entry.id) }
    }
    people.sort { ($0.count, $0) < ($1.count, $1) }
    let goods = try await store.items(containing: text, category: nil, afterID: nil, limit: 8)
    let about = await labels(ofItems: goods.map(\.itemID))
    let subjects = await categoryNames.filter { $0.lowercased().contains(needle) }.sorted()
    return [
      "customers": .array(people.prefix(8).map { ["customer_id": .string($0)] }),
      "items": .array(
        goods.map {
          [
            "item_id": .string($0.itemID), "title": .string(about[$0.itemID]?.title ?? $0.itemID),
            "category": JSONValue($0.category),
          ]
        }),
      "needs": .array(subjects.prefix(8).map { ["subject_id": .string($0), "label": .string($0)] }),
    ]
  }

  private var categoryNames: [String] { Array(catalogue.categories.keys) }
}
