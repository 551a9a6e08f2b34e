import Commerce
import Foundation
import Needs
import TextAnalysis

/// What the API shows of a reading, with what the catalogue says of its items.
struct VoiceJSON {
  let view: VoiceView
  let labels: [String: (title: String, category: String?)]

  /// A sentence with what is known of it; `hits` are further words to be marked in it.
  func quote(_ index: Int, marking query: String? = nil) -> JSONValue {
    let sentence = view.reading.sentences[index]
    let quote = sentence.quote
    var marks: [Range<Int>] = []
    if let cue = quote.cue {
      marks.append(cue.lowerBound - quote.range.lowerBound..<cue.upperBound - quote.range.lowerBound)
    }
    for opinion in sentence.aspects {
      marks += [opinion.aspectRange, opinion.opinionRange].map { $0.lowerBound..<$0.upperBound }
    }
    if let query { marks += Self.places(of: query, in: quote.text) }
    return [
      "event_id": .string(quote.key.eventID), "start": JSONValue(quote.key.start),
      "text": .string(quote.text),
      "range": ["lower": JSONValue(quote.range.lowerBound), "upper": JSONValue(quote.range.upperBound)],
      "cue": quote.cue.map { ["lower": JSONValue($0.lowerBound), "upper": JSONValue($0.upperBound)] } ?? nil,
      "highlight": .array(Self.sixteenBitRanges(marks, in: quote.text)),
      "kind": JSONValue(quote.kind?.rawValue), "polarity": JSONValue(quote.polarity),
      "customer_id": JSONValue(quote.customerID), "item_id": JSONValue(quote.itemID),
      "item_title": JSONValue(quote.itemID.map { labels[$0]?.title ?? $0 }),
      "timestamp": JSONValue(quote.timestamp), "need_id": JSONValue(view.needID(ofSentence: index)),
      "aspects": .array(
        sentence.aspects.map {
          [
            "aspect": .string($0.aspect), "opinion": .string($0.opinion), "polarity": JSONValue($0.polarity),
          ]
        }),
    ]
  }

  /// A quote that a need or a topic names.
  func quote(_ key: StatementKey, among places: [StatementKey: Int]) -> JSONValue? {
    places[key].map { quote($0) }
  }

  private static func places(of query: String, in text: String) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var rest = text.startIndex..<text.endIndex
    while !rest.isEmpty, found.count < 20,
      let hit = text.range(of: query, options: .caseInsensitive, range: rest)
    {
      found.append(
        text.utf8.distance(
          from: text.startIndex, to: hit.lowerBound)..<text.utf8.distance(
            from: text.startIndex, to: hit.upperBound))
      rest = hit.upperBound..<text.endIndex
    }
    return found
  }

  /// Places in UTF-8 bytes as places in UTF-16 units, which browsers count: joined where they touch, in order.
  static func sixteenBitRanges(_ ranges: [Range<Int>], in text: String) -> [JSONValue] {
    var joined: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    let utf8 = text.utf8
    func units(_ offset: Int) -> Int? {
      guard offset >= 0, let index = utf8.index(utf8.startIndex, offsetBy: offset, limitedBy: utf8.endIndex)
      else { return nil }
      return text.utf16.distance(from: text.startIndex, to: index)
    }
    return joined.compactMap { range in
      guard let from = units(range.lowerBound), let to = units(range.upperBound) else { return nil }
      return [JSONValue(from), JSONValue(to)]
    }
  }

  // MARK: Needs

  /// A need as the board shows it.
  func need(
    _ need: VoiceNeed, _ join: NeedJoin.Match?, _ purchase: NeedBoard.Row?, sentences: [Int]
  ) throws -> JSONValue {
    var json = try JSONValue(encoding: need)
    json["members"] = nil
    json["status"] = JSONValue(need.status?.rawValue)
    for name in ["trend", "kano", "at_stake"] where json[name] == nil { json[name] = .some(.null) }
    let chosen = Set(need.quotes.map(\.key))
    json["quotes"] = .array(
      sentences.filter { chosen.contains(view.reading.sentences[$0].quote.key) }.map { quote($0) })
    json["categories"] = .array(
      (join?.categories ?? []).prefix(3).map {
        ["id": .string($0.id), "label": .string($0.id), "statements": JSONValue($0.statements)]
      })
    json["purchase_need"] =
      try purchase.map { row in
        [
          "subject_id": .string(row.subject.id), "label": .string(row.subject.label),
          "expected_customers": JSONValue(row.expectedCustomers),
          "share_of_customers": JSONValue(row.shareOfCustomers),
          "at_stake": try JSONValue(encoding: row.atStake),
          "why": JSONValue(join?.reason.rawValue),
        ]
      } ?? .null
    return json
  }
}
