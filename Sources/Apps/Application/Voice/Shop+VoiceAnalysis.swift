import Commerce
import Foundation
import Needs
import Storage
import TextAnalysis

/// Aspects, comparisons, words, topics, searches: what customers say, beside its needs.
extension Shop {
  /// How aspects are sorted.
  public enum AspectOrder: String, Sendable, CaseIterable {
    /// Most mentioned first.
    case mentions
    /// Worst first, among those that at least five people speak of.
    case worst
    /// Best first, among those that at least five people speak of.
    case best
  }

  /// What is thought of aspects.
  public nonisolated func voiceAspects(
    ofItem item: String?, category: String?, containing text: String?, by order: AspectOrder,
    page: PageRequest
  ) async throws -> Page {
    let scene = try await voiceScene()
    let ofCategory = category.map { scene.items(ofCategory: $0) }
    let items: Set<String>? =
      item.map { item in ofCategory.map { $0.intersection([item]) } ?? [item] } ?? ofCategory
    var found = scene.view.aspects(of: items)
    if let needle = text?.lowercased() { found = found.filter { $0.aspect.lowercased().contains(needle) } }
    switch order {
    case .mentions: break
    case .worst:
      // By the better end of the interval: what is bad for sure comes before what few have called bad.
      found = found.filter { $0.customers >= 5 }
        .sorted { $0.sentimentInterval.upper < $1.sentimentInterval.upper }
    case .best:
      found = found.filter { $0.customers >= 5 }
        .sorted { $0.sentimentInterval.lower > $1.sentimentInterval.lower }
    }
    return try Page.slice(found, name: "aspects", page) { (try? JSONValue(encoding: $0)) ?? .null }
  }

  /// What is thought of two to five products, or categories, side by side.
  public nonisolated func compareVoice(items: [String], categories: [String]) async throws -> JSONValue {
    let ids = items.isEmpty ? categories : items
    guard items.isEmpty != categories.isEmpty, (2...5).contains(ids.count), Set(ids).count == ids.count else {
      throw ApplicationError.invalidParameter(
        name: items.isEmpty ? "category" : "item_id", value: ids.joined(separator: ", "),
        expected: "two to five different items, or as many categories")
    }
    let scene = try await voiceScene()
    let subjects = items.isEmpty ? categories.map { scene.items(ofCategory: $0) } : items.map { [$0] }
    let labels = await labels(ofItems: items)
    let rows = scene.view.comparison(of: subjects).prefix(100)
    return [
      "subjects": .array(
        zip(ids, subjects).map { id, items in
          let texts = scene.view.reading.texts.indices.filter {
            scene.view.reading.texts[$0].itemID.map(items.contains) ?? false
          }
          let sentences = scene.view.sentences(VoiceFilter(items: items))
            .map { scene.view.reading.sentences[$0].quote.polarity }
          let stars = texts.compactMap { scene.view.reading.texts[$0].rating }
          return [
            "id": .string(id), "label": .string(labels[id]?.title ?? id), "texts": JSONValue(texts.count),
            "sentiment": sentences.isEmpty
              ? .null : JSONValue(sentences.reduce(0, +) / Double(sentences.count)),
            "rating": stars.isEmpty ? .null : JSONValue(stars.reduce(0, +) / Double(stars.count)),
          ]
        }),
      "aspects": .array(
        try rows.map { row in
          [
            "aspect": .string(row.aspect),
            "cells": .array(try row.cells.map { try $0.map { try JSONValue(encoding: $0) } ?? .null }),
            "p_value": JSONValue(row.pValue), "q_value": JSONValue(row.qValue),
          ]
        }),
    ]
  }

  /// How words are sorted.
  public enum WordOrder: String, Sendable, CaseIterable {
    /// Most used first.
    case frequency
    /// Those that belong to good sentences first.
    case good
    /// Those that belong to bad sentences first.
    case bad
    /// Those that are used more than before first.
    case rising
  }

  /// The words that customers use in at least three texts.
  public nonisolated func voiceWords(
    containing text: String?, by order: WordOrder, page: PageRequest
  ) async throws -> Page {
    var words = await (try await currentVoice()).words.value.filter { $0.texts >= 3 }
    if let needle = text?.lowercased() { words = words.filter { $0.word.lowercased().contains(needle) } }
    switch order {
    case .frequency: break
    case .good: words.sort { ($0.liftBad, $0.word) < ($1.liftBad, $1.word) }
    case .bad: words.sort { ($1.liftBad, $0.word) < ($0.liftBad, $1.word) }
    case .rising:
      words = words.filter { $0.trend?.direction == .rising }
        .sorted { ($0.trend?.pValue ?? 1, $0.word) < ($1.trend?.pValue ?? 1, $1.word) }
    }
    return try Page.slice(words, name: "words", page) { word in
      var json = (try? JSONValue(encoding: word)) ?? .null
      if word.trend == nil { json["trend"] = .some(.null) }
      return json
    }
  }

  /// A word with the company it keeps and sentences that use it.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated func voiceWord(_ word: String) async throws -> JSONValue {
    let scene = try await voiceScene()
    let words = await scene.current.words.value
    guard let own = words.first(where: { $0.word == word }),
      let portrait = scene.view.portrait(of: word)
    else { throw ApplicationError.notFound(what: "word in what customers wrote", id: word) }
    var json = try JSONValue(encoding: own)
    if own.trend == nil { json["trend"] = .some(.null) }
    json["series"] = try JSONValue(encoding: portrait.series)
    json["neighbours"] = try JSONValue(encoding: portrait.neighbours)
    let quotes = scene.view.sentences(VoiceFilter(word: word)).prefix(5)
    json["quotes"] = .array(quotes.map { scene.json.quote($0, marking: word) })
    return json
  }

  /// What the texts are about as a whole.
  public nonisolated func voiceTopics() async throws -> JSONValue {
    let scene = try await voiceScene()
    let topics = scene.view.reading.model.topics
    let wanted = Set(topics.flatMap(\.quotes))
    var places: [StatementKey: Int] = [:]
    for (index, sentence) in scene.view.reading.sentences.enumerated()
    where wanted.contains(sentence.quote.key) {
      places[sentence.quote.key] = index
    }
    return [
      "method": "lda", "mined_at": JSONValue(scene.current.minedAt),
      "topics": .array(
        try topics.enumerated().map { number, topic in
          var json = try JSONValue(encoding: topic)
          json["topic"] = JSONValue(number)
          json["quotes"] = .array(topic.quotes.compactMap { scene.json.quote($0, among: places) })
          return json
        }),
    ]
  }

  /// What a customer said, and the needs it belongs to.
  public nonisolated func voice(ofCustomer id: String) async throws -> JSONValue {
    let scene = try await voiceScene()
    let reading = scene.view.reading
    let own = scene.view.sentences(VoiceFilter(customerID: id))
    var byNeed: [String: Int] = [:]
    for index in own where reading.sentences[index].isStatement {
      if let need = scene.view.needID(ofSentence: index) { byNeed[need, default: 0] += 1 }
    }
    let needs = byNeed.compactMap { id, count in scene.view.need(id).map { ($0, count) } }
      .filter { $0.0.status != .rejected }
      .sorted { ($1.1, $0.0.needID) < ($0.1, $1.0.needID) }
    let polarities = own.map { reading.sentences[$0].quote.polarity }
    return [
      "customer_id": .string(id), "texts": JSONValue(reading.texts.count { $0.customerID == id }),
      "sentiment": polarities.isEmpty
        ? .null : JSONValue(polarities.reduce(0, +) / Double(polarities.count)),
      "needs": .array(
        needs.map { need, count in
          [
            "need_id": .string(need.needID), "label": .string(need.label),
            "kind": .string(need.kind.rawValue),
            "statements": JSONValue(count),
          ]
        }),
      "statements": .array(own.prefix(50).map { scene.json.quote($0) }),
    ]
  }

  /// The needs of texts about each category of purchases.
  nonisolated func voiceNeedsByCategory() async -> [String: JSONValue] {
    guard let current = await voiceInPassing() else { return [:] }
    let scene = await scene(of: current)
    let sentences = scene.sentencesOfNeeds
    var result: [String: [JSONValue]] = [:]
    for need in scene.view.board.needs {
      guard let subject = scene.match(need, sentences[need.needID] ?? []).subjectID else { continue }
      result[subject, default: []].append([
        "need_id": .string(need.needID), "label": .string(need.label), "kind": .string(need.kind.rawValue),
        "customers": JSONValue(need.customers), "sentiment": JSONValue(need.sentiment),
        "position": .string(need.position.rawValue),
      ])
    }
    return result.mapValues { .array($0) }
  }

  // MARK: Searches

  /// What customers search for and do not find, and what they look at while it is out of stock: of the newest searches and views,
  /// as of at most a minute ago.
  public nonisolated func unmetSearches(page: PageRequest) async throws -> Page {
    let unmet = try await voice.unmetSearches(through: try await readyThrough())
    let labels = await labels(ofItems: unmet.filter { $0.reason == .outOfStock }.map(\.query))
    return try Page.slice(unmet, name: "unmet-searches", page) { search in
      var json = (try? JSONValue(encoding: search)) ?? .null
      if search.trend == nil { json["trend"] = .some(.null) }
      if search.reason == .outOfStock {
        json["item_title"] = .string(labels[search.query]?.title ?? search.query)
      }
      return json
    }
  }
}

extension SearchRecord {
  /// A search, or the view of an item that was out of stock; nil for another event.
  ///
  /// The properties `results` (how many were found), `clicked` and `in_stock` say how it went.
  init?(_ event: Event) {
    switch event.kind {
    case .search:
      guard let query = event.query, !query.isEmpty else { return nil }
      self.init(
        eventID: event.eventID, query: query, customerID: event.customerID, timestamp: event.timestamp,
        results: event.properties["results"]?.integer, clicked: event.properties["clicked"]?.bool)
    case .view:
      guard let item = event.itemID, event.properties["in_stock"]?.bool == false else { return nil }
      self.init(
        eventID: event.eventID, query: item, customerID: event.customerID, timestamp: event.timestamp,
        outOfStockItemID: item)
    default: return nil
    }
  }
}
