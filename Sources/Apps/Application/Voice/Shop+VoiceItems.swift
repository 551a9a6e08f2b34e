import Commerce
import Foundation
import MathKernels
import Needs
import Storage

/// Items for a need that customers put in words.
extension Shop {
  private static let mostWords = 3
  private static let mostMatches = 200

  /// What to offer those who have a need: items that others who speak of it praise, then items whose names answer it.
  ///
  /// Praise counts by the lower end of the share's interval, so that one good word does not outweigh fifty.
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated func items(forVoiceNeed id: String, limit: Int) async throws -> JSONValue {
    let scene = try await voiceScene()
    let need = try Self.need(id, in: scene.view)
    let mentioned = scene.items(in: scene.sentencesOfNeeds[need.needID] ?? [])
    let praised = mentioned.compactMap { item -> (item: ShopItem, score: Double)? in
      guard item.good > item.bad, item.good > 0 else { return nil }
      let score = Statistics.wilsonInterval(successes: item.good, of: item.good + item.bad).lower
      return (
        ShopItem(
          id: item.itemID, title: item.title, statements: item.statements, sentiment: item.sentiment,
          reason: [
            "en": .string("\(item.good) of \(item.good + item.bad) opinions on this are good."),
            "zh": .string("谈到这一点的 \(item.good + item.bad) 条评价中 \(item.good) 条为好评。"),
          ]), score
      )
    }.sorted { ($1.score, $0.item.id) < ($0.score, $1.item.id) }
    let blamed = Set(mentioned.filter { $0.bad >= $0.good }.map(\.itemID))
    let known = Set(praised.map(\.item.id)).union(blamed)
    let named = try await named(by: need.words.prefix(Self.mostWords).map { $0 })
      .filter { !known.contains($0.item.id) }
    return [
      "need_id": .string(need.needID), "label": .string(need.label),
      "items": .array((praised + named).prefix(limit).map { $0.item.json(score: $0.score) }),
    ]
  }

  private struct ShopItem {
    let id: String
    let title: String
    var statements = 0
    var sentiment: Double?
    let reason: JSONValue

    func json(score: Double) -> JSONValue {
      [
        "item_id": .string(id), "title": .string(title), "score": JSONValue(score), "reason": reason,
        "statements": JSONValue(statements), "sentiment": JSONValue(sentiment),
      ]
    }
  }

  /// Items of the catalogue whose titles name the words of a need; the score is the share of the words named.
  private nonisolated func named(by words: [String]) async throws -> [(item: ShopItem, score: Double)] {
    var hits: [String: (item: Item, words: [String])] = [:]
    for word in words {
      let found = try await store.items(
        containing: word, category: nil, afterID: nil, limit: Self.mostMatches)
      for item in found { hits[item.itemID, default: (item, [])].words.append(word) }
    }
    return hits.values.map { item, hit in
      (
        ShopItem(
          id: item.itemID, title: item.title ?? item.category ?? item.itemID,
          reason: [
            "en": .string("Its name answers: \(hit.joined(separator: ", "))."),
            "zh": .string("名称相符：\(hit.joined(separator: "、"))。"),
          ]),
        Double(hit.count) / Double(max(1, words.count))
      )
    }.sorted { ($1.score, $0.item.id) < ($0.score, $1.item.id) }
  }
}
