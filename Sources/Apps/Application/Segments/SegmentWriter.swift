import Commerce
import Customers
import Features
import Foundation
import Segmentation

/// Segments as the API shows them.
struct SegmentWriter {
  let model: ShopSegments

  /// A day as it stands in answers.
  static func date(_ day: Int32) -> String {
    String(Timestamp(milliseconds: Int64(day) * Timestamp.day).description.prefix(10))
  }

  static func words(_ wording: Segmentation.Wording) -> JSONValue {
    ["zh": .string(wording.zh), "en": .string(wording.en)]
  }

  static func words(_ text: BilingualText) -> JSONValue { ["zh": .string(text.zh), "en": .string(text.en)] }

  private func money(_ minorUnits: Int64) -> JSONValue {
    JSONValue(Money(minorUnits: minorUnits, currency: model.currency))
  }

  private func number(_ value: Double) -> JSONValue { value.isFinite ? JSONValue(value) : .null }

  /// A line of the list.
  func row(_ segment: ShopSegments.Segment, kind: String, place: Int?) -> JSONValue {
    let mean = segment.size > 0 ? segment.spend / Int64(segment.size) : 0
    var row: JSONValue = [
      "id": .string(segment.id), "kind": .string(kind), "name": Self.words(segment.name),
      "description": Self.words(segment.description), "size": JSONValue(segment.size),
      "share": JSONValue(segment.share), "spend": money(segment.spend),
      "spend_share": JSONValue(segment.spendShare), "spend_per_customer": money(mean),
      "silhouette": JSONValue(segment.silhouette), "stability": JSONValue(segment.stability), "rule": nil,
      "traits": .array(segment.traits.prefix(3).map(trait)), "series": [],
    ]
    if let place { row["series"] = series(place) }
    return row
  }

  /// How many customers a segment had at the days looked back to, and has now.
  private func series(_ place: Int) -> JSONValue {
    let past = model.snapshots.map { (day: $0.day, size: $0.sizes[place]) }
    let all = past + [(day: model.day, size: model.segments[place].size)]
    return .array(all.map { ["date": .string(Self.date($0.day)), "customers": JSONValue($0.size)] })
  }

  func trait(_ trait: ShopSegments.Trait) -> JSONValue {
    let feature = SegmentFeature(column: trait.feature)
    return [
      "feature": .string(trait.feature), "label": feature.map { Self.words($0.label) } ?? nil,
      "unit": .string(feature?.unit.rawValue ?? SegmentFeature.Unit.count.rawValue),
      "inside": number(trait.inside), "outside": number(trait.outside), "effect": number(trait.effect),
      "q_value": number(trait.qValue),
    ]
  }

  /// Each feature's mean in the segment and over all.
  func features(_ segment: ShopSegments.Segment) -> JSONValue {
    .array(
      model.features.indices.map { index in
        let feature = SegmentFeature(column: model.features[index])
        return [
          "feature": .string(model.features[index]), "label": feature.map { Self.words($0.label) } ?? nil,
          "unit": .string(feature?.unit.rawValue ?? SegmentFeature.Unit.count.rawValue),
          "mean": number(segment.means[index]), "overall": number(model.means[index]),
        ]
      })
  }

  func need(_ need: ShopSegments.Need) -> JSONValue {
    let margin = 1.96 * need.error
    return [
      "subject_id": .string(need.category), "label": .string(need.category),
      "strength": JSONValue(need.strength), "overall": JSONValue(need.overall),
      "lift": need.overall > 0 ? number(need.strength / need.overall) : .null,
      "interval": [
        "lower": JSONValue(max(0, need.strength - margin)),
        "upper": JSONValue(min(1, need.strength + margin)),
      ], "customers": JSONValue(need.customers),
    ]
  }

  /// What only the segment's own page shows.
  func detail(_ segment: ShopSegments.Segment, kind: String, place: Int?) -> JSONValue {
    var detail = row(segment, kind: kind, place: place)
    detail["traits"] = .array(segment.traits.map(trait))
    detail["features"] = features(segment)
    detail["needs"] = .array(segment.needs.map(need))
    detail["migration"] = place.map { migration(of: $0) } ?? nil
    return detail
  }

  /// Who came into a segment and who left it since the day before the last, by the four-week steps.
  private func migration(of place: Int) -> JSONValue {
    guard let last = model.snapshots.last else { return nil }
    let (into, out) = (last.flows.filter { $0.to == place }, last.flows.filter { $0.from == place })
    return [
      "from_date": .string(Self.date(last.day)), "to_date": .string(Self.date(model.day)),
      "before": JSONValue(last.sizes[place]), "now": JSONValue(model.segments[place].size),
      "in": .array(into.map(flow)), "out": .array(out.map(flow)),
    ]
  }

  func flow(_ flow: ShopSegments.Flow) -> JSONValue {
    [
      "from": reference(flow.from), "to": reference(flow.to), "customers": JSONValue(flow.customers),
      "share": JSONValue(flow.share),
      "changes": .array(
        flow.changes.map { change in
          let feature = SegmentFeature(column: change.column)
          return [
            "feature": .string(change.column), "label": feature.map { Self.words($0.label) } ?? nil,
            "unit": .string(feature?.unit.rawValue ?? SegmentFeature.Unit.count.rawValue),
            "before": number(change.before), "after": number(change.after), "effect": number(change.effect),
          ]
        }),
    ]
  }

  func reference(_ place: Int) -> JSONValue { Self.reference(model.segments[place]) }

  static func reference(_ segment: ShopSegments.Segment) -> JSONValue {
    ["id": .string(segment.id), "name": words(segment.name)]
  }

  /// What the whole list says: days, quality, why so many.
  func facts() -> [String: JSONValue] {
    [
      "as_of": JSONValue(model.asOf), "date": .string(Self.date(model.day)), "days": JSONValue(model.days),
      "customers": JSONValue(model.count), "summary": Self.words(summary),
      "quality": [
        "silhouette": JSONValue(model.quality.silhouette), "stability": JSONValue(model.quality.stability),
        "calinski_harabasz": number(model.quality.calinskiHarabasz),
        "davies_bouldin": number(model.quality.daviesBouldin),
        "customers_measured": JSONValue(model.quality.customersMeasured),
      ],
      "choice": choice ?? nil, "centered_at": JSONValue(model.centeredAt),
      "seconds": JSONValue(model.seconds),
    ]
  }

  private var choice: JSONValue? {
    guard let choice = model.choice else { return nil }
    let criteria = Dictionary(
      model.criteria.map { ($0.segments, $0.bic) }, uniquingKeysWith: { first, _ in first })
    return [
      "segments": JSONValue(choice.count), "by_gap": JSONValue(choice.countByGap),
      "by_bic": model.criteria.filter { $0.bic != nil }.max { ($0.bic ?? 0) < ($1.bic ?? 0) }
        .map { JSONValue($0.segments) } ?? nil, "reason": Self.words(choice.reason),
      "customers": JSONValue(choice.rowsMeasured),
      "candidates": .array(
        choice.candidates.map { candidate in
          [
            "segments": JSONValue(candidate.segments), "silhouette": JSONValue(candidate.silhouette),
            "gap": JSONValue(candidate.gap), "gap_error": JSONValue(candidate.gapError),
            "stability": JSONValue(candidate.stability),
            "bic": JSONValue(criteria[candidate.segments] ?? nil),
          ]
        }),
    ]
  }

  /// What the segmentation says in a few sentences.
  var summary: BilingualText {
    let count = model.segments.count
    guard let best = model.segments.max(by: { $0.spendShare < $1.spendShare }) else {
      return BilingualText(en: "There are no segments.", zh: "没有分群。")
    }
    func percent(_ share: Double) -> String { String(format: "%.0f%%", 100 * share) }
    var text = BilingualText(
      en:
        "The \(model.count) customers who bought in the last \(model.days) days fall into \(count) segments. "
        + "“\(best.name.en)” are \(percent(best.share)) of them and bring \(percent(best.spendShare)) of the spend.",
      zh: "最近 \(model.days) 天内购买过的 \(model.count) 位客户分为 \(count) 群。"
        + "“\(best.name.zh)”占客户的 \(percent(best.share))，贡献了消费的 \(percent(best.spendShare))。")
    if let last = model.snapshots.last {
      let moved = last.flows.reduce(0) { $0 + $1.customers }
      text.zh += "近四周有 \(moved) 位客户换了群。"
      text.en += " In the last four weeks \(moved) customers changed segment."
    }
    return text
  }
}
