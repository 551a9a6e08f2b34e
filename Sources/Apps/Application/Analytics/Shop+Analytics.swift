import Analytics
import Commerce
import Foundation

/// Questions about what customers do.
extension Shop {
  /// The answer to a question, as JSON.
  ///
  /// - Throws: `AnalyticsError` naming the part of the definition that cannot be used, `ApplicationError.tooSlow`.
  public nonisolated func analyse(_ question: JSONValue) async throws -> [UInt8] {
    let definition = try AnalysisDefinition(json: question)
    let text = definition.jsonValue.json
    let isPlain = definition.cohortIDs.isEmpty
    if isPlain, let key = try await analytics.currentKey(of: self),
      let known = await analytics.answer(to: text, key: key)
    {
      return known
    }
    let cohorts = try await cohorts(of: definition)
    let (key, bytes) = try await analytics.ask(self) { scene in
      let result = try Self.run(definition, on: scene.data, cohorts: cohorts)
      return (scene.key, result.jsonValue.serialized)
    }
    if isPlain { await analytics.keep(bytes, for: text, key: key) }
    return bytes
  }

  /// A table of an answer as CSV; the first without a name.
  public nonisolated func analyseAsCSV(_ question: JSONValue, table: String?) async throws -> String {
    let definition = try AnalysisDefinition(json: question)
    let cohorts = try await cohorts(of: definition)
    let result = try await analytics.ask(self) { scene in
      try Self.run(definition, on: scene.data, cohorts: cohorts)
    }
    guard let csv = result.csv(table: table) else {
      let names = result.tables.map(\.name).joined(separator: ", ")
      throw ApplicationError.invalidParameter(name: "table", value: table, expected: "one of \(names)")
    }
    return csv
  }

  private nonisolated static func run(
    _ definition: AnalysisDefinition, on data: AnalyticsData, cohorts: [String: [String]]
  ) throws -> AnalysisResult {
    let result = try definition.run(on: cohorts.isEmpty ? data : data.with(cohorts: cohorts))
    let rows = result.tables.reduce(0) { $0 + $1.rows.count }
    guard rows <= AnalyticsDesk.mostRows else {
      throw AnalyticsError.invalid(
        field: "interval", found: "so fine that the answer has \(rows) rows",
        expected: "at most \(AnalyticsDesk.mostRows): a coarser interval, a shorter span or fewer groups")
    }
    return result
  }

  // MARK: Customers behind a point

  /// The customers behind a point of an answer, most money first.
  ///
  /// - Parameter point: as the answer gave it.
  public nonisolated func customers(
    at point: JSONValue, of question: JSONValue, page: PageRequest
  ) async throws -> Page {
    let definition = try AnalysisDefinition(json: question)
    let text = definition.jsonValue.json + point.json
    if let key = try await analytics.currentKey(of: self), definition.cohortIDs.isEmpty,
      let known = await analytics.people(behind: text, key: key)
    {
      return try await customers(ids: known, name: "customers", page: page)
    }
    let ids = try await customerIDs(at: point, of: definition)
    let sorted = await bySpend(ids.ids)
    if definition.cohortIDs.isEmpty { await analytics.keep(sorted, behind: text, key: ids.key) }
    return try await customers(ids: sorted, name: "customers", page: page)
  }

  /// The ids of the customers behind a point, in no order of worth.
  nonisolated func customerIDs(
    at point: JSONValue, of definition: AnalysisDefinition, depth: Int = 0
  ) async throws -> (ids: [String], key: AnalyticsDesk.Key) {
    let cohorts = try await cohorts(of: definition, depth: depth)
    return try await analytics.ask(self) { scene in
      let data = cohorts.isEmpty ? scene.data : scene.data.with(cohorts: cohorts)
      let found = try definition.customers(at: point, on: data)
      return (found.map { data.frame.customers[$0] }, scene.key)
    }
  }

  func bySpend(_ ids: [String]) -> [String] {
    let known = ids.compactMap { id in
      frame.customers.index(of: id).map { (id: id, spend: customers.entries[Int($0)].spend) }
    }
    return known.sorted { ($0.spend, $1.id) > ($1.spend, $0.id) }.map(\.id)
  }

  /// One page of customers named, as customers are listed.
  nonisolated func customers(ids: [String], name: String, page: PageRequest) async throws -> Page {
    let range = try page.slice(of: ids)
    return Page(
      name: name, items: try await summaries(of: Array(ids[range])),
      nextCursor: range.upperBound < ids.count ? String(range.upperBound) : nil, total: ids.count)
  }

  // MARK: What there is to ask about

  /// What the shop has sent: kinds of events, properties that have values, the span.
  public nonisolated func analyticsFacts() async throws -> JSONValue { try await analytics.facts(self).json }

  /// The values of a property, those of most events first.
  ///
  /// - Parameter query: only those that contain this text.
  public nonisolated func analyticsValues(
    of property: String, containing query: String?, limit: Int
  ) async throws -> Page {
    var question: JSONValue = [
      "analysis": "trends", "interval": "month",
      "trends": ["series": [["event": [:], "measure": "customers"]]],
      "breakdown": ["property": .string(property), "top": JSONValue(limit)],
    ]
    if let query {
      question["filter"] = ["property": .string(property), "op": "contains", "value": .string(query)]
    }
    let result = try JSONValue(json: await analyse(question))
    let totals = result["tables"]?.array?.first { $0["name"] == "totals" }?["rows"]?.array ?? []
    let rows = totals.filter { $0["group_kind"] == "value" }.map { row -> JSONValue in
      [
        "value": row["group"] ?? .null, "events": row["events"] ?? .null,
        "customers": row["customers"] ?? .null,
      ]
    }
    return Page(name: "values", items: rows, nextCursor: nil, total: rows.count)
  }
}
