import Commerce
import Customers
import Foundation
import MathKernels
import Patterns

/// Patterns as the API shows them.
extension PatternScene {
  /// What stands beside every list of patterns.
  var facts: [String: JSONValue] {
    [
      "model": live.json(named: ModelName.patterns), "mined_at": JSONValue(live.header.trainedAt),
      "currency": .string(currency.code),
      "found_in": span(patterns.firstDay, patterns.splitDay, patterns.earlierOrders),
      "tried_on": span(patterns.splitDay + 1, patterns.endDay, patterns.laterOrders),
      "window_days": JSONValue(patterns.windowDays),
    ]
  }

  private func span(_ from: Int32, _ to: Int32, _ orders: Int) -> JSONValue {
    [
      "from": .string(ValueScene.date(from)), "to": .string(ValueScene.date(to)),
      "orders": JSONValue(orders),
    ]
  }

  /// How many patterns there are, in numbers and words.
  var summary: JSONValue {
    var json = JSONValue.object(facts)
    func counts(_ all: Int, _ holding: Int) -> JSONValue {
      ["found": JSONValue(all), "validated": JSONValue(holding)]
    }
    json["rules"] = counts(patterns.rules.count, patterns.rules.count(where: \.holds))
    for kind in ItemRelations.Relation.Kind.allCases {
      let own = patterns.relations.filter { $0.kind == kind }
      json[kind.rawValue] = counts(own.count, own.count(where: \.holds))
    }
    json["sequences"] = counts(patterns.sequences.count, patterns.sequences.count(where: \.holds))
    json["bundles"] = JSONValue(bundles.count)
    json["summary"] = PatternWords.summary(self).json
    return json
  }

  private func thing(_ name: String, _ level: OrderTable.Level) -> JSONValue {
    [
      "id": .string(name), "label": .string(label(name, level)),
      "category": level == .item ? JSONValue(items[name]?.category) : .string(name),
    ]
  }

  func row(_ rule: ShopPatterns.Rule) -> JSONValue {
    [
      "level": .string(rule.level.rawValue),
      "if": .array(rule.antecedent.map { thing($0, rule.level) }),
      "then": .array(rule.consequent.map { thing($0, rule.level) }),
      "orders": JSONValue(rule.earlier.both), "antecedent_orders": JSONValue(rule.earlier.antecedent),
      "support": JSONValue(rule.earlier.support), "confidence": JSONValue(rule.earlier.confidence),
      "lift": JSONValue(rule.earlier.lift), "leverage": JSONValue(rule.earlier.leverage),
      "conviction": JSONValue(rule.earlier.conviction), "q_value": JSONValue(rule.earlier.qValue),
      "later": [
        "orders": JSONValue(rule.later.both), "antecedent_orders": JSONValue(rule.later.antecedent),
        "confidence": JSONValue(rule.later.confidence), "lift": JSONValue(rule.later.lift),
        "confidence_range": range(rule.laterConfidence), "q_value": JSONValue(rule.later.qValue),
      ],
      "validated": .bool(rule.holds), "words": PatternWords.words(of: rule, in: self).json,
    ]
  }

  private func range(_ interval: ConfidenceInterval?) -> JSONValue {
    guard let interval else { return .null }
    return ["lower": JSONValue(interval.lower), "upper": JSONValue(interval.upper)]
  }

  func row(_ relation: ShopPatterns.Relation) -> JSONValue {
    let later: Double? = relation.laterCount.flatMap { count in
      relation.laterExpected.map { $0 > 0 ? Double(count) / $0 : .nan }
    }
    return [
      "level": .string(relation.level.rawValue), "kind": .string(relation.kind.rawValue),
      "things": .array(relation.names.map { thing($0, relation.level) }),
      "orders": JSONValue(relation.count), "expected": JSONValue(relation.expected),
      "ratio": JSONValue(relation.expected > 0 ? Double(relation.count) / relation.expected : nil),
      "similarity": JSONValue(relation.similarity), "q_value": JSONValue(relation.qValue),
      "later": [
        "orders": JSONValue(relation.laterCount), "expected": JSONValue(relation.laterExpected),
        "ratio": JSONValue(later),
      ],
      "validated": .bool(relation.holds),
    ]
  }

  func row(_ sequence: ShopPatterns.Sequence) -> JSONValue {
    [
      "level": .string(sequence.level.rawValue), "first": thing(sequence.first, sequence.level),
      "next": thing(sequence.next, sequence.level), "orders": JSONValue(sequence.orders),
      "followed": JSONValue(sequence.followed), "share": JSONValue(sequence.share),
      "usual_share": JSONValue(sequence.usualShare), "customers": JSONValue(sequence.customers),
      "difference": JSONValue(sequence.meanDifference), "difference_range": range(sequence.difference),
      "median_days": JSONValue(sequence.medianDays), "q_value": JSONValue(sequence.qValue),
      "later_difference": JSONValue(sequence.laterDifference), "validated": .bool(sequence.holds),
      "words": PatternWords.words(of: sequence, in: self).json,
    ]
  }

  /// An order that holds what a pattern is of.
  func row(order: Int) -> JSONValue {
    let customer = orders.customers[order]
    let lines = orders[order]
    return [
      "day": .string(ValueScene.date(orders.days[order])),
      "customer_id": customer >= 0 ? .string(customers[customer]) : .null,
      "lines": JSONValue(lines.count),
      "items": .array(Set(lines).sorted().map { .string(orders.items[$0]) }),
    ]
  }
}
