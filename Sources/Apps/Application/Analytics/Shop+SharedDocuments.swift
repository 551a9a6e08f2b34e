import Analytics
import Commerce
import Foundation

/// What a shop's people keep of its analyses: definitions, boards, cohorts.
extension Shop {
  private nonisolated static var mostCards: Int { 24 }
  private nonisolated static var mostListed: Int { 200_000 }
  /// Cohorts by rule may rest on cohorts; so deep and no deeper.
  private nonisolated static var deepest: Int { 4 }

  /// All documents of a kind as a list, the last saved first.
  public nonisolated func shared(_ kind: SharedDocument.Kind, page: PageRequest) async throws -> Page {
    let all = try await sharedDocuments.all(kind)
    return try Page.slice(all, name: "\(kind.rawValue)s", page) { $0.json(without: Self.hidden) }
  }

  /// The ids in a cohort may be very many, and are read page by page.
  private nonisolated static var hidden: Set<String> { ["customers"] }

  /// One document.
  public nonisolated func shared(_ kind: SharedDocument.Kind, id: String) async throws -> JSONValue {
    try await sharedDocuments.one(kind, id: id).json(without: Self.hidden)
  }

  /// The versions of a document, the present one first.
  public nonisolated func sharedVersions(
    _ kind: SharedDocument.Kind, id: String, page: PageRequest
  ) async throws -> Page {
    let all = try await sharedDocuments.versions(kind, id: id)
    return try Page.slice(all, name: "versions", page) { $0.json(without: Self.hidden) }
  }

  /// Keeps a new document, or with an id the next version of one.
  ///
  /// - Throws: `AnalyticsError` or `ApplicationError.invalidParameter` naming the part at fault; `.conflict` when another
  ///   version was saved meanwhile.
  public nonisolated func share(
    _ kind: SharedDocument.Kind, id: String? = nil, _ body: JSONValue
  ) async throws -> JSONValue {
    let title = try Self.title(of: body)
    let members =
      switch kind {
      case .definition: try Self.definitionMembers(body)
      case .board: try Self.boardMembers(body)
      case .cohort: try await cohortMembers(body)
      }
    guard let id else {
      return try await sharedDocuments.add(kind, title: title, members: members).json(without: Self.hidden)
    }
    let saved = try await sharedDocuments.replace(
      kind, id: id, title: title, members: members, from: body["version"]?.integer)
    return saved.json(without: Self.hidden)
  }

  /// Removes a document.
  public nonisolated func unshare(_ kind: SharedDocument.Kind, id: String) async throws {
    try await sharedDocuments.remove(kind, id: id)
  }

  private nonisolated static func title(of body: JSONValue) throws -> String {
    guard let title = body["title"]?.string else {
      throw ApplicationError.invalidParameter(name: "title", value: nil, expected: "a name")
    }
    return title
  }

  // MARK: Definitions and boards

  private nonisolated static func definitionMembers(_ body: JSONValue) throws -> [String: JSONValue] {
    let definition = try definition(in: body, "definition")
    return ["definition": definition.jsonValue, "note": .string(body["note"]?.string ?? "")]
  }

  /// Reads a definition that stands in a larger body; what is at fault is named by its path in it.
  nonisolated static func definition(in body: JSONValue, _ name: String) throws -> AnalysisDefinition {
    guard let json = body[name.split(separator: ".").last.map(String.init) ?? name], json.object != nil else {
      throw ApplicationError.invalidParameter(
        name: name, value: nil, expected: "the definition of an analysis")
    }
    do {
      return try AnalysisDefinition(json: json)
    } catch AnalyticsError.invalid(let field, let found, let expected) {
      throw AnalyticsError.invalid(
        field: field.isEmpty ? name : "\(name).\(field)", found: found, expected: expected)
    }
  }

  private nonisolated static func boardMembers(_ body: JSONValue) throws -> [String: JSONValue] {
    guard let cards = body["cards"]?.array, cards.count <= mostCards else {
      throw ApplicationError.invalidParameter(
        name: "cards", value: body["cards"]?.array.map { "\($0.count) cards" },
        expected: "a list of at most \(mostCards) cards")
    }
    let kept = try cards.enumerated().map { place, card -> JSONValue in
      guard let title = card["title"]?.string, (1...120).contains(title.unicodeScalars.count) else {
        throw ApplicationError.invalidParameter(
          name: "cards[\(place)].title", value: nil, expected: "a name of 1 to 120 characters")
      }
      let definition = try definition(in: card, "cards[\(place)].definition")
      return ["title": .string(title), "definition": definition.jsonValue]
    }
    return ["cards": .array(kept)]
  }

  // MARK: Cohorts

  /// A cohort's members: `customers`, a list; or a `definition` with a `point`, whose customers of now are the list
  /// (`kind` fixed) or whose customers are found anew whenever they are asked for (`kind` rule).
  private nonisolated func cohortMembers(_ body: JSONValue) async throws -> [String: JSONValue] {
    if let list = body["customers"] { return try Self.fixedMembers(list) }
    let definition = try Self.definition(in: body, "definition")
    guard let point = body["point"], point.object != nil else {
      throw ApplicationError.invalidParameter(name: "point", value: nil, expected: "a point of the answer")
    }
    let kind = body["kind"]?.string ?? "fixed"
    guard ["fixed", "rule"].contains(kind) else {
      throw ApplicationError.invalidParameter(name: "kind", value: kind, expected: "fixed or rule")
    }
    let ids = try await customerIDs(at: point, of: definition).ids
    var members: [String: JSONValue] = [
      "kind": .string(kind), "definition": definition.jsonValue, "point": point, "size": JSONValue(ids.count),
    ]
    if kind == "fixed" {
      try Self.requireFew(ids.count)
      members["customers"] = JSONValue(ids)
    }
    return members
  }

  private nonisolated static func fixedMembers(_ list: JSONValue) throws -> [String: JSONValue] {
    guard let values = list.array else {
      throw ApplicationError.invalidParameter(
        name: "customers", value: nil, expected: "a list of customer ids")
    }
    try requireFew(values.count)
    let ids = try values.enumerated().map { place, value in
      guard let id = value.string, (1...512).contains(id.utf8.count) else {
        throw ApplicationError.invalidParameter(
          name: "customers[\(place)]", value: nil, expected: "a customer's id")
      }
      return id
    }
    let unique = Array(Set(ids)).sorted()
    return ["kind": "fixed", "customers": JSONValue(unique), "size": JSONValue(unique.count)]
  }

  private nonisolated static func requireFew(_ count: Int) throws {
    guard count <= mostListed else {
      throw ApplicationError.invalidParameter(
        name: "kind", value: "fixed",
        expected: "rule, for a cohort of more than \(mostListed) customers (this one has \(count))")
    }
  }

  /// One page of a cohort's customers, most money first.
  public nonisolated func customers(ofCohort id: String, page: PageRequest) async throws -> Page {
    let ids = try await members(of: try await sharedDocuments.one(.cohort, id: id), depth: 0)
    return try await customers(ids: await bySpend(ids), name: "customers", page: page)
  }

  /// The members of the cohorts that a definition names.
  nonisolated func cohorts(of definition: AnalysisDefinition, depth: Int = 0) async throws -> [String:
    [String]]
  {
    var found: [String: [String]] = [:]
    for id in definition.cohortIDs {
      do {
        found[id] = try await members(of: try await sharedDocuments.one(.cohort, id: id), depth: depth)
      } catch ApplicationError.notFound {
        throw AnalyticsError.unknownCohort(field: "filter", id: id)
      }
    }
    return found
  }

  private nonisolated func members(of cohort: SharedDocument, depth: Int) async throws -> [String] {
    if let list = cohort.members["customers"]?.array { return list.compactMap(\.string) }
    guard depth < Self.deepest else {
      throw ApplicationError.conflict(
        reason:
          "The cohort '\(cohort.title)' rests on a chain of more than \(Self.deepest) cohorts, or on itself.")
    }
    let definition = try Self.definition(in: .object(cohort.members), "definition")
    return try await customerIDs(
      at: cohort.members["point"] ?? .null, of: definition, depth: depth + 1
    ).ids
  }
}
